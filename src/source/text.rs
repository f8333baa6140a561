//! A text with an index of its lines.

use super::{Position, Span};

/// A file's text, its name for messages, and the starts of its lines.
#[derive(Debug, Clone)]
pub struct SourceText {
    path: String,
    text: String,
    line_starts: Vec<u32>,
}

impl SourceText {
    /// Takes a text under the name that messages will show.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)),
        );
        Self {
            path: path.into(),
            text,
            line_starts,
        }
    }

    /// The name that messages show.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text, as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of a span; empty where it does not lie on character bounds.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The place of a byte; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self
            .line_starts
            .partition_point(|start| *start as usize <= offset);
        let start = self.line_starts[line - 1] as usize;
        Position {
            offset,
            line,
            column: self.text[start..offset].chars().count() + 1,
        }
    }

    /// The byte at a line and a column, both from 1, columns in Unicode scalar
    /// values; past the end of a line is the end of that line.
    pub fn offset(&self, line: u64, column: u64) -> u32 {
        let Some(index) = usize::try_from(line).ok().and_then(|l| l.checked_sub(1)) else {
            return 0;
        };
        let Some(&start) = self.line_starts.get(index) else {
            return u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        };
        let end = self
            .line_starts
            .get(index + 1)
            .map_or(self.text.len(), |next| *next as usize);
        let line = &self.text[start as usize..end];
        let skip = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        let within = if line.is_ascii() {
            skip.min(line.len())
        } else {
            line.char_indices()
                .nth(skip)
                .map_or(line.len(), |(at, _)| at)
        };
        start + u32::try_from(within).unwrap_or(0)
    }
}
