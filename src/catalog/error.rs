//! The error for a table declaration that could not be read.

use std::fmt;

/// An error in a file that declares tables, with its position if known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogError {
    /// The file.
    pub path: String,
    /// Line and column, both from 1.
    pub at: Option<(usize, usize)>,
    /// What was found, and what was expected.
    pub message: String,
    /// How to correct it.
    pub help: Option<String>,
}

impl CatalogError {
    pub(crate) fn new(path: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            at: None,
            message: message.into(),
            help: Some(help.into()),
        }
    }

    pub(crate) fn at(mut self, at: Option<(usize, usize)>) -> Self {
        self.at = at;
        self
    }
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CatalogError {}
