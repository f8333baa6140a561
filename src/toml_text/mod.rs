//! Reading and writing of TOML files that people edit.
//!
//! Every error is reported at its place, with the edit that corrects it. The
//! registry and the configuration are read with this module.

mod fields;
mod load;
mod mistake;
mod nearest;
mod tables;
mod written;

pub(crate) use fields::{Fields, Value, span, with_article};
pub(crate) use load::{find_upward, read_text, read_text_from};
pub use mistake::{LoadError, TomlError};
pub(crate) use nearest::{distance, nearest};
pub(crate) use tables::{table_of, tables};
pub(crate) use written::written;

use crate::source::{SourceText, Span};
use toml::de::DeTable;

/// Parses a text as TOML; returns all syntax errors if there are any.
pub(crate) fn document(source: &SourceText) -> Result<DeTable<'_>, Vec<TomlError>> {
    let (document, syntax) = DeTable::parse_recoverable(source.text());
    let mut errors: Vec<TomlError> = syntax
        .into_iter()
        .map(|error| TomlError {
            span: error.span().map_or_else(Span::default, span),
            message: format!("not TOML: {}", error.message()),
            help: None,
        })
        .collect();
    if let Some(first) = errors.iter_mut().min_by_key(|error| error.span) {
        // The others mostly follow from it.
        first.help = Some(
            "write `key = \"text\"`, `key = 5` or `key = [\"a\", \"b\"]`, one on each line, and `[table]` before the keys of a table"
                .to_owned(),
        );
    }
    // After a syntax error, keys may be in the wrong table: further errors would be
    // misleading.
    if errors.is_empty() {
        Ok(document.into_inner())
    } else {
        errors.sort_by_key(|error| error.span);
        Err(told(errors))
    }
}

/// Largest number of errors that are reported for one file.
pub(crate) const MOST_REPORTED: usize = 100;

/// Returns the first errors, and one that counts the others if they are too many.
pub(crate) fn told(mut errors: Vec<TomlError>) -> Vec<TomlError> {
    let more = errors.len().saturating_sub(MOST_REPORTED);
    // A single error more takes no more room than the line that would count it.
    if more <= 1 {
        return errors;
    }
    errors.truncate(MOST_REPORTED);
    if let Some(last) = errors.last() {
        errors.push(TomlError {
            span: last.span,
            message: format!("and {more} more errors"),
            help: Some("fix the first errors: the others may follow from them".to_owned()),
        });
    }
    errors
}
