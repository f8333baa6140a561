//! A TOML table that is read key by key; errors are collected, not fatal.

use super::TomlError;
use super::nearest::nearest;
use crate::source::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Description of the expected type in errors about lists of strings.
const STRINGS: &str = "a list of strings";

/// A value with its place in the text.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// Converts the range of a value to a span.
pub(crate) fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

/// A table with a known set of keys.
pub(crate) struct Fields<'t, 'i> {
    what: &'static str,
    table: &'t DeTable<'i>,
    span: Span,
    errors: &'t mut Vec<TomlError>,
}

impl<'t, 'i> Fields<'t, 'i> {
    /// Creates a reader of a table; a key that is not in `known` is an error.
    pub(crate) fn new(
        what: &'static str,
        table: &'t DeTable<'i>,
        place: Span,
        known: &[&str],
        errors: &'t mut Vec<TomlError>,
    ) -> Self {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let help = match nearest(name, known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("known keys: {}", quoted(known)),
                };
                errors.push(TomlError::new(
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

    /// Records an error.
    pub(crate) fn error(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.errors.push(TomlError::new(span, message, help));
    }

    /// Returns the value of a key without checking its type.
    pub(crate) fn value(&self, key: &str) -> Option<&'t Value<'i>> {
        self.table.get(key)
    }

    /// Returns the span of a key's value, or of the whole table if the key is
    /// missing.
    pub(crate) fn span_of(&self, key: &str) -> Span {
        self.value(key)
            .map_or(self.span, |value| span(value.span()))
    }

    /// Records an error because a key is missing.
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

    /// Returns a string; records an error if it is empty or of another type.
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

    /// Returns a boolean; records an error if it is of another type.
    pub(crate) fn boolean(&mut self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            let help = format!("write `{key} = true` or `{key} = false`, without quotes");
            self.wrong_type(key, value, "true or false", &help);
        }
        found
    }

    /// Returns a whole number; records an error if it is not from `least` to `most`.
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

    /// Returns the items of a list; records an error if the value is of another
    /// type.
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

    /// Returns the strings of a list with their spans; records an error for other
    /// items.
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

    /// Returns the non-empty strings of a list with their spans.
    ///
    /// The result is empty if the key is missing. Empty strings are errors.
    pub(crate) fn strings(&mut self, key: &str) -> Vec<(String, Span)> {
        match self.value(key) {
            Some(value) => self.strings_in(key, value),
            None => Vec::new(),
        }
    }

    /// Does the same as [`strings`](Self::strings) for a value inside a list.
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

    /// Returns the strings of a list, empty ones too; none if the key is missing.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<String> {
        let value = self.value(key);
        let found = value.map(|value| self.all_strings(key, value));
        let found = found.into_iter().flatten();
        found.map(|(text, _)| text).collect()
    }

    /// Returns a list of lists of strings; an empty inner list is an error.
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

    /// Returns the meaning of one of the known words; another word is an error.
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

/// Formats words as a list: "`a`, `b` and `c`".
fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// Names the type of a value with its article: "a string", "a list".
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
