//! Errors in a TOML file, and the reasons why a file cannot be loaded.

use crate::source::encoding::Utf16;
use crate::source::{SourceText, Span};
use std::path::PathBuf;
use thiserror::Error;

/// An error at its place in the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct TomlError {
    /// The place of the error.
    pub span: Span,
    /// The found and the expected value.
    pub message: String,
    /// The edit that corrects it.
    pub help: Option<String>,
}

impl TomlError {
    /// Creates an error with the edit that corrects it.
    pub fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// The reason why a file could not be loaded. `what` is the kind of file:
/// `registry`.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("the {what} {} cannot be read: {error}", path.display())]
    Unreadable {
        /// The kind of file.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the system.
        #[source]
        error: std::io::Error,
    },
    /// The policy is less strict than that of a registry above it.
    #[error("the registry {}: its [policy] is less strict than that of {}, above it: {why}; remove it, or use the values of the registry above", path.display(), above.display())]
    Laxer {
        /// The registry.
        path: PathBuf,
        /// The registry above it.
        above: PathBuf,
        /// The setting that is less strict.
        why: String,
    },
    /// The file is not UTF-8.
    #[error("the {what} {} is not UTF-8: invalid byte at offset {offset}", path.display())]
    NotUtf8 {
        /// The kind of file.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Offset of the first byte that is not part of a character.
        offset: usize,
    },
    /// The file is UTF-16.
    #[error("the {what} {}: {found}", path.display())]
    Utf16 {
        /// The kind of file.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// By what it was recognized.
        found: Utf16,
    },
    /// The file has errors.
    #[error("the {what} {} has {}", source_text.path(), count(errors.len()))]
    Invalid {
        /// The kind of file.
        what: &'static str,
        /// The text, for showing the places of the errors.
        source_text: Box<SourceText>,
        /// The errors, in the order of the text.
        errors: Vec<TomlError>,
    },
}

fn count(errors: usize) -> String {
    match errors {
        1 => "1 error".to_owned(),
        more if more > super::MOST_REPORTED => format!("more than {} errors", super::MOST_REPORTED),
        more => format!("{more} errors"),
    }
}
