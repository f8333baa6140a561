//! Reading of tables and of lists of tables.

use toml::de::DeTable;

use super::{TomlError, Value, span, with_article};
use crate::source::Span;

/// Returns the table that a value is; records an error for any other value.
///
/// The error names the value as `what`, and `help` is the edit that corrects it.
pub(crate) fn table_of<'t, 'i>(
    what: &str,
    help: &str,
    value: &'t Value<'i>,
    errors: &mut Vec<TomlError>,
) -> Option<&'t DeTable<'i>> {
    let found = value.get_ref().as_table();
    if found.is_none() {
        errors.push(TomlError::new(
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

/// Returns the tables of `[[key]]` with their spans; any other value is an error.
pub(crate) fn tables<'t, 'i>(
    key: &str,
    help: &str,
    value: Option<&'t Value<'i>>,
    errors: &mut Vec<TomlError>,
) -> Vec<(&'t DeTable<'i>, Span)> {
    let Some(value) = value else {
        return Vec::new();
    };
    let mut wrong = |value: &Value<'i>| {
        errors.push(TomlError::new(
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
