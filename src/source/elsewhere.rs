//! Places in files other than the assessed one.

use super::Position;

/// A place in another file, which creates a table that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamPlace {
    /// The path of the file, as messages show it.
    pub path: String,
    /// The first byte.
    pub start: Position,
    /// The first byte after it.
    pub end: Position,
}

impl std::fmt::Display for UpstreamPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, start, .. } = self;
        write!(f, "{path}:{}:{}", start.line, start.column)
    }
}
