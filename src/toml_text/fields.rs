//! A TOML table read key by key, with what is wrong noted and not fatal.

use super::Mistake;
use super::nearest::nearest;
use crate::source::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a list of strings is called where it is none.
const STRINGS: &str = "a list of strings";

/// A value and its place.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// The place of a value.
pub(crate) fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

/// A table of which certain keys are expected.
pub(crate) struct Fields<'t, 'i> {
    what: &'static str,
    table: &'t DeTable<'i>,
    span: Span,
    errors: &'t mut Vec<Mistake>,
}

impl<'t, 'i> Fields<'t, 'i> {
    /// Takes a table; keys that are not among `known` are errors.
    pub(crate) fn new(
        what: &'static str,
        table: &'t DeTable<'i>,
        place: Span,
        known: &[&str],
        errors: &'t mut Vec<Mistake>,
    ) -> Self {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let help = match nearest(name, known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("known keys: {}", quoted(known)),
                };
                errors.push(Mistake::new(
                    span(key.span()),
                    format!("unknown key `{name}` in {what}"),
                    help,
                ));
            }
        }
        Self {
            what,
            table,
            span: place,
            errors,
        }
    }

    /// Notes a mistake.
    pub(crate) fn error(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.errors.push(Mistake::new(span, message, help));
    }

    /// A value as it is.
    pub(crate) fn value(&self, key: &str) -> Option<&'t Value<'i>> {
        self.table.get(key)
    }

    /// Where a key's value stands; the whole table where it has none.
    pub(crate) fn span_of(&self, key: &str) -> Span {
        self.value(key)
            .map_or(self.span, |value| span(value.span()))
    }

    /// Notes that a key is missing.
    pub(crate) fn missing(&mut self, key: &str, help: &str) {
        let message = format!("{} has no `{key}`", self.what);
        self.error(self.span, message, help);
    }

    fn wrong_type(&mut self, key: &str, value: &Value<'i>, wanted: &str, help: &str) {
        self.error(
            span(value.span()),
            format!(
                "`{key}` must be {wanted}, not {}",
                with_article(value.get_ref())
            ),
            help,
        );
    }

    /// A string that is not empty.
    pub(crate) fn string(&mut self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            let help = format!("write `{key} = \"…\"`");
            self.wrong_type(key, value, "a string", &help);
            return None;
        };
        if text.trim().is_empty() {
            self.error(
                span(value.span()),
                format!("`{key}` is empty"),
                format!("write a value, or remove `{key}`"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            let help = format!("write `{key} = true` or `{key} = false`, without quotes");
            self.wrong_type(key, value, "true or false", &help);
        }
        found
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn integer(&mut self, key: &str, least: u64, most: u64, help: &str) -> Option<u64> {
        let value = self.value(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(key, value, "a whole number", help);
            return None;
        };
        let found = u64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|found| (least..=most).contains(found));
        if found.is_none() {
            self.error(
                span(value.span()),
                format!("`{key}` is {number}, which is {}", range(least, most)),
                help,
            );
        }
        found
    }

    /// The items of a list; none where the key holds something else.
    fn list(
        &mut self,
        key: &str,
        value: &'t Value<'i>,
        wanted: &str,
        help: &str,
    ) -> &'t [Value<'i>] {
        match value.get_ref().as_array() {
            Some(items) => items,
            None => {
                self.wrong_type(key, value, wanted, help);
                &[]
            }
        }
    }

    /// The strings of a list, each with its place.
    fn all_strings(&mut self, key: &str, value: &'t Value<'i>) -> Vec<(String, Span)> {
        let help = format!("write `{key} = [\"…\"]`");
        let mut found = Vec::new();
        for item in self.list(key, value, STRINGS, &help) {
            match item.get_ref().as_str() {
                Some(text) => found.push((text.to_owned(), span(item.span()))),
                None => self.wrong_type(key, item, STRINGS, &help),
            }
        }
        found
    }

    /// A list of strings that are not empty, each with its place; an empty list
    /// where the key is missing.
    pub(crate) fn strings(&mut self, key: &str) -> Vec<(String, Span)> {
        match self.value(key) {
            Some(value) => self.strings_in(key, value),
            None => Vec::new(),
        }
    }

    /// The same for a value within a list.
    pub(crate) fn strings_in(&mut self, key: &str, value: &'t Value<'i>) -> Vec<(String, Span)> {
        let mut found = self.all_strings(key, value);
        found.retain(|(text, place)| {
            let empty = text.trim().is_empty();
            if empty {
                self.error(*place, format!("`{key}` holds an empty name"), "remove it");
            }
            !empty
        });
        found
    }

    /// A list of strings, whatever they are; an empty list where the key is missing.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<String> {
        let value = self.value(key);
        let found = value.map(|value| self.all_strings(key, value));
        let found = found.into_iter().flatten();
        found.map(|(text, _)| text).collect()
    }

    /// A list of lists of strings, none of them empty.
    pub(crate) fn string_lists(&mut self, key: &str) -> Vec<Vec<String>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let wanted = "a list of lists of columns";
        let help = format!("write `{key} = [[\"…\", \"…\"]]`, a list for each key");
        let mut found = Vec::new();
        for item in self.list(key, value, wanted, &help) {
            match item.get_ref().as_array() {
                None => self.wrong_type(key, item, wanted, &help),
                Some(list) if list.is_empty() => self.error(
                    span(item.span()),
                    format!("`{key}` holds an empty list"),
                    "name the columns that are unique together, or remove the list",
                ),
                Some(_) => {
                    let columns = self.strings_in(key, item);
                    // Members that are no texts were reported.
                    if !columns.is_empty() {
                        found.push(columns.into_iter().map(|(name, _)| name).collect());
                    }
                }
            }
        }
        found
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.string(key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = match nearest(&text, &names) {
                Some(meant) => format!("did you mean `{meant}`? Known values: {}", quoted(&names)),
                None => format!("write one of {}", quoted(&names)),
            };
            self.error(
                self.span_of(key),
                format!("unknown {key} `{text}` in {}", self.what),
                help,
            );
        }
        found.map(|(_, meaning)| *meaning)
    }
}

fn range(least: u64, most: u64) -> String {
    if least == most {
        format!("not {least}")
    } else if most == u64::MAX {
        format!("less than {least}")
    } else {
        format!("outside {least} to {most}")
    }
}

/// "`a`, `b` and `c`".
fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// "a string", "an array".
pub(crate) fn with_article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
