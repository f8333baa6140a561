//! A text with an index of its lines.

use super::{Position, Span};

/// A file's text, its name for messages, and the starts of its lines.
#[derive(Debug, Clone)]
pub struct SourceText {
    path: String,
    text: String,
    line_starts: Vec<u32>,
    /// Characters of more than one byte, in order.
    wide: Vec<Wide>,
    alone: bool,
}

/// A character of more than one byte, which counts as one column.
#[derive(Debug, Clone, Copy)]
struct Wide {
    /// The first byte.
    byte: u32,
    /// The number of bytes by which it and all wide characters before it exceed one
    /// byte each.
    extra: u32,
}

impl SourceText {
    /// Creates a text with the name that messages show.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        // As GoogleSQL counts: a CR without a following LF ends a line, too.
        let bytes = text.as_bytes();
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
        line_starts.extend(ends.map(|at| small(at + 1)));
        let mut wide = Vec::new();
        if !text.is_ascii() {
            let mut extra = 0;
            for (byte, c) in text.char_indices() {
                if c.len_utf8() > 1 {
                    extra += c.len_utf8() - 1;
                    wide.push(Wide {
                        byte: small(byte),
                        extra: small(extra),
                    });
                }
            }
        }
        Self {
            path: path.into(),
            text,
            line_starts,
            wide,
            alone: false,
        }
    }

    /// Marks the text so that no neighboring file is read for it, whatever its name.
    #[must_use]
    pub fn alone(self) -> Self {
        Self {
            alone: true,
            ..self
        }
    }

    /// Whether no neighboring file is read for this text.
    pub fn is_alone(&self) -> bool {
        self.alone
    }

    /// Returns the name that messages show.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether each character is one byte.
    pub fn is_ascii(&self) -> bool {
        self.wide.is_empty()
    }

    /// Returns the text as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text of a span; empty if the span is not on character boundaries.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Iterates over the lines in order, each with its line end.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = Span> + ExactSizeIterator {
        (0..self.line_starts.len()).map(|at| self.line(at + 1))
    }

    /// Returns a line, counted from 1, with its line end; empty if there is no such
    /// line.
    pub fn line(&self, line: usize) -> Span {
        let end = small(self.text.len());
        let start = |line: usize| self.line_starts.get(line).copied().unwrap_or(end);
        Span {
            start: start(line.saturating_sub(1)),
            end: start(line),
        }
    }

    /// Returns the position of a byte; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self
            .line_starts
            .partition_point(|start| *start as usize <= offset);
        let start = self.line_starts[line - 1];
        Position {
            offset,
            line,
            column: (self.character(small(offset)) - self.character(start)) as usize + 1,
        }
    }

    /// Returns the number of characters before a byte that begins one.
    fn character(&self, byte: u32) -> u32 {
        let passed = self.wide.partition_point(|wide| wide.byte < byte);
        let extra = passed
            .checked_sub(1)
            .map_or(0, |last| self.wide[last].extra);
        byte - extra
    }
}

/// Converts an offset to 32 bits: a longer text has no places beyond that.
fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::SourceText;
    use proptest::prelude::*;

    proptest! {
        /// Positions agree with a naive count for any characters.
        #[test]
        fn position_of_any_character_is_counted(text in "[aé\u{1F600}\n\r]{0,40}") {
            let source = SourceText::new("t.sql", text.clone());
            let (mut line, mut column) = (1, 1);
            for (at, c) in text.char_indices() {
                let place = source.position(u32::try_from(at).expect("a short text"));
                prop_assert_eq!((place.line, place.column, place.offset), (line, column, at));
                if c == '\n' || (c == '\r' && !text[at + 1..].starts_with('\n')) {
                    (line, column) = (line + 1, 1);
                } else {
                    column += 1;
                }
            }
        }
    }
}
