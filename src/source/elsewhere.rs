//! Places in other files than the one that is assessed.

use super::Position;

/// A place in another file: one that makes a table that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The file, as messages show it.
    pub path: String,
    /// The first byte.
    pub start: Position,
    /// The first byte behind it.
    pub end: Position,
}

impl std::fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, start, .. } = self;
        write!(f, "{path}:{}:{}", start.line, start.column)
    }
}
