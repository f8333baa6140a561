//! A text for reports, with active characters escaped and places moved accordingly.

use std::ops::Range;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::characters::{escape_line, is_active, write_visible};
use crate::source::SourceText;

/// A text without active characters, under an inert name.
#[derive(Debug, Clone)]
pub(crate) struct InertSource(Arc<EscapedText>);

#[derive(Debug)]
struct EscapedText {
    name: String,
    text: String,
    written: SourceText,
    /// The byte after each escaped character, in order. The pairs contain its offset
    /// in the original text and in the shown text.
    shifts: Vec<(usize, usize)>,
    /// Offsets of the lines of the shown text.
    lines: Vec<usize>,
}

/// Largest length of a drawn line, in bytes.
const LONGEST_LINE: usize = 2_000;
/// Largest length of the piece of text that is drawn for one finding, in bytes.
const LONGEST_PIECE: usize = 16_000;

impl InertSource {
    /// Escapes a text.
    pub(crate) fn new(written: &SourceText) -> Self {
        let all = written.text();
        let mut text = String::with_capacity(all.len());
        let mut shifts = Vec::new();
        let mut copied = 0;
        for (at, c) in all.char_indices().filter(|(_, c)| is_active(*c)) {
            let next = all.as_bytes().get(at + 1);
            if matches!(c, '\n' | '\t') || c == '\r' && next == Some(&b'\n') {
                continue;
            }
            text.push_str(&all[copied..at]);
            copied = at + c.len_utf8();
            write_visible(c, &mut text);
            // A CR alone ends a line, and lines keep their numbers.
            if c == '\r' {
                text.push('\n');
            }
            shifts.push((copied, text.len()));
        }
        text.push_str(&all[copied..]);
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(ends.map(|end| end + 1)).collect();
        Self(Arc::new(EscapedText {
            name: escape_line(written.path()),
            text,
            written: written.clone(),
            shifts,
            lines,
        }))
    }

    /// Returns whether a place of the original text can be drawn: its lines are
    /// neither too long to be read, nor too many.
    pub(crate) fn is_drawable(&self, written: Range<usize>) -> bool {
        let range = self.range(written);
        let (first, last) = (self.line(range.start), self.line(range.end));
        let piece = self.lines(first.saturating_sub(1), last + 1);
        let mut lines = (first.saturating_sub(1)..=last + 1).map(|line| self.lines(line, line));
        piece.len() <= LONGEST_PIECE && lines.all(|line| line.len() <= LONGEST_LINE)
    }

    /// Formats a place of the original text as `path:line:column`.
    pub(crate) fn place(&self, written: &Range<usize>) -> String {
        let start = u32::try_from(written.start).unwrap_or(u32::MAX);
        let at = self.0.written.position(start);
        format!("{}:{}:{}", self.0.name, at.line, at.column)
    }

    /// Returns the line of a byte of the shown text, from 0.
    fn line(&self, shown: usize) -> usize {
        let before = self.0.lines.partition_point(|start| *start <= shown);
        before.saturating_sub(1)
    }

    /// Returns the bytes from the beginning of one line to the end of another.
    fn lines(&self, first: usize, last: usize) -> Range<usize> {
        let end = self.0.text.len();
        let start = |line: usize| self.0.lines.get(line).copied().unwrap_or(end);
        start(first)..start(last + 1)
    }

    /// Returns the range in the shown text of a place in the original text.
    pub(crate) fn range(&self, written: Range<usize>) -> Range<usize> {
        self.shown(written.start)..self.shown(written.end)
    }

    fn shown(&self, written: usize) -> usize {
        let passed = self.0.shifts.partition_point(|(end, _)| *end <= written);
        passed.checked_sub(1).map_or(written, |last| {
            let (from, to) = self.0.shifts[last];
            to + (written - from)
        })
    }

    fn written(&self, shown: usize) -> usize {
        let passed = self.0.shifts.partition_point(|(_, end)| *end <= shown);
        passed.checked_sub(1).map_or(shown, |last| {
            let (from, to) = self.0.shifts[last];
            from + (shown - to)
        })
    }
}

impl SourceCode for InertSource {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Only the surrounding lines are searched, whatever comes before them.
        let end = span.offset().saturating_add(span.len());
        let first = self.line(span.offset()).saturating_sub(lines_before + 1);
        let around = self.lines(first, self.line(end) + lines_after + 1);
        let offset = span.offset().saturating_sub(around.start);
        // The first line is drawn completely even without lines before it.
        let whole = match lines_before {
            0 => self
                .lines(self.line(span.offset()), 0)
                .start
                .saturating_sub(around.start),
            _ => offset,
        };
        let until = match lines_after {
            0 => {
                let line = self.line(end);
                let line = &self.0.text[self.lines(line, line)];
                let start = self.lines(self.line(end), 0).start;
                let rest = (start + line.trim_end_matches(['\n', '\r']).len()).max(end);
                rest.saturating_sub(around.start)
            }
            _ => offset + span.len(),
        };
        let near = SourceSpan::new(whole.into(), until.saturating_sub(whole));
        let start = around.start;
        let piece = self.0.text.get(around).ok_or(MietteError::OutOfBounds)?;
        let found = piece.read_span(&near, lines_before, lines_after)?;
        let shown = found.span().offset() + start;
        let shown = SourceSpan::new(shown.into(), found.span().len());
        // Columns are those of the original text, as in all other formats.
        let column = if lines_before == 0 {
            let written = u32::try_from(self.written(span.offset())).unwrap_or(u32::MAX);
            self.0.written.position(written).column - 1
        } else {
            found.column()
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.name.clone(),
            found.data(),
            shown,
            found.line() + first,
            column,
            found.line_count() + first,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::InertSource;
    use crate::source::SourceText;

    #[test]
    fn places_move_with_what_is_escaped() {
        let written = SourceText::new("a\nb", "x\u{1b}[2J é\r'\u{202e}y' z\r\nw");
        let source = InertSource::new(&written);
        assert_eq!(source.0.name, "a\\nb");
        assert_eq!(source.0.text, "x\\u{1b}[2J é\\r\n'\\u{202e}y' z\r\nw");
        for word in ["x", "[2J", "é", "y' z", "w"] {
            let at = written.text().find(word).expect("it is there");
            let range = source.range(at..at + word.len());
            assert_eq!(&source.0.text[range.clone()], word);
            assert_eq!(source.written(range.start), at);
        }
    }
}
