//! Mistakes in a registry.

use crate::source::{SourceText, Span};
use std::path::PathBuf;
use thiserror::Error;

/// A mistake, at its place in the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct RegistryError {
    /// Where.
    pub span: Span,
    /// What was found, and what was required.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl RegistryError {
    /// A mistake with a way to mend it.
    pub fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// Why a registry could not be loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file can't be read.
    #[error("the registry {} can't be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// The file is not text.
    #[error("the registry {} is not UTF-8: the byte at offset {offset} belongs to no character", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first byte that is no part of a character.
        offset: usize,
    },
    /// The file is no valid registry.
    #[error("the registry {} has {}", source_text.path(), count(errors.len()))]
    Invalid {
        /// The text, for showing the places.
        source_text: Box<SourceText>,
        /// The mistakes, in the order of the text.
        errors: Vec<RegistryError>,
    },
}

fn count(errors: usize) -> String {
    match errors {
        1 => "1 mistake".to_owned(),
        more => format!("{more} mistakes"),
    }
}
