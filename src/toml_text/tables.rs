//! Tables, and lists of them.

use toml::de::DeTable;

use super::{Mistake, Value, span, with_article};
use crate::source::Span;

/// The table that a value is; anything else is a mistake, which names what the
/// value is called and how to write it.
pub(crate) fn table_of<'t, 'i>(
    what: &str,
    help: &str,
    value: &'t Value<'i>,
    errors: &mut Vec<Mistake>,
) -> Option<&'t DeTable<'i>> {
    let found = value.get_ref().as_table();
    if found.is_none() {
        errors.push(Mistake::new(
            span(value.span()),
            format!(
                "`{what}` must be a table, not {}",
                with_article(value.get_ref())
            ),
            help,
        ));
    }
    found
}

/// The tables of `[[key]]`, each with its place; anything else is a mistake.
pub(crate) fn tables<'t, 'i>(
    key: &str,
    help: &str,
    value: Option<&'t Value<'i>>,
    errors: &mut Vec<Mistake>,
) -> Vec<(&'t DeTable<'i>, Span)> {
    let Some(value) = value else {
        return Vec::new();
    };
    let mut wrong = |value: &Value<'i>| {
        errors.push(Mistake::new(
            span(value.span()),
            format!(
                "`{key}` must be a list of tables, not {}",
                with_article(value.get_ref())
            ),
            help,
        ));
    };
    let Some(items) = value.get_ref().as_array() else {
        wrong(value);
        return Vec::new();
    };
    let mut found = Vec::new();
    for item in items.iter() {
        match item.get_ref().as_table() {
            Some(table) => found.push((table, span(item.span()))),
            None => wrong(item),
        }
    }
    found
}
