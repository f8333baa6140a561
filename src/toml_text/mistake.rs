//! Mistakes in a file, and why one could not be read.

use crate::source::encoding::Utf16;
use crate::source::{SourceText, Span};
use std::path::PathBuf;
use thiserror::Error;

/// A mistake, at its place in the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Mistake {
    /// Where.
    pub span: Span,
    /// What was found, and what was required.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Mistake {
    /// A mistake with a way to mend it.
    pub fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// Why a file could not be loaded. `what` is the kind of file: `registry`.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file can't be read.
    #[error("the {what} {} cannot be read: {error}", path.display())]
    Unreadable {
        /// The kind of file.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// The policy is laxer than that of a registry above it.
    #[error("the registry {}: its [policy] is less strict than that of {}, above it: {why}; remove it, or use the values of the registry above", path.display(), above.display())]
    Laxer {
        /// The registry.
        path: PathBuf,
        /// The one above it.
        above: PathBuf,
        /// What is laxer.
        why: String,
    },
    /// The file is not text.
    #[error("the {what} {} is not UTF-8: invalid byte at offset {offset}", path.display())]
    NotUtf8 {
        /// The kind of file.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The first byte that is no part of a character.
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
    /// The file is not valid.
    #[error("the {what} {} has {}", source_text.path(), count(errors.len()))]
    Invalid {
        /// The kind of file.
        what: &'static str,
        /// The text, for showing the places.
        source_text: Box<SourceText>,
        /// The mistakes, in the order of the text.
        errors: Vec<Mistake>,
    },
}

fn count(errors: usize) -> String {
    match errors {
        1 => "1 error".to_owned(),
        more if more > super::TOLD => format!("more than {} errors", super::TOLD),
        more => format!("{more} errors"),
    }
}
