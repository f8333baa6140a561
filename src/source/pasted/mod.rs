//! Cleans a query that was pasted from a bug report or a chat. Such a text has
//! fences, quotation marks, surrounding prose, and characters that no keyboard
//! types.
//!
//! Text that is certainly not SQL is removed and reported. Doubtful text stays; it
//! then fails to parse, and that is reported at its place. So cleaning never hides a
//! part of a query. The map translates all places back to the pasted text.

mod attempts;
mod characters;
mod chat;
mod fences;
mod lines;
mod markers;
mod prompts;
mod prose;
mod quotes;
mod remarks;
mod sentences;
#[cfg(test)]
mod tests;
mod words;

use super::map::MapPiece;
use super::{SourceMap, SourceText, Span};
use lines::Line;

/// A pasted text after cleaning.
#[derive(Debug, Clone)]
pub struct CleanedPaste {
    /// The query.
    pub text: String,
    /// Maps places back to the pasted text.
    pub map: SourceMap,
    /// Descriptions of what was removed or replaced.
    pub taken: Vec<String>,
}

/// Cleans a pasted text. One that needs none of it stays as it is. `parses` says whether
/// all of a text is SQL: what looks like SQL by how it begins, and what a chat or a page
/// writes, goes only where that is so without it.
pub fn clean(source: &SourceText, parses: &dyn Fn(&str) -> bool) -> CleanedPaste {
    let text = source.text();
    let mut taken = Vec::new();
    let mut lines = lines::split(text);
    sentences::replies(text, &mut lines, &mut taken);
    quotes::strip(text, &mut lines, &mut taken);
    if !fences::strip(text, &mut lines, &mut taken) {
        prompts::strip(text, &mut lines, &mut taken);
        prose::strip(text, &mut lines, &mut taken);
    }
    let read = attempts::best(source, lines, parses);
    taken.extend(read.taken);
    let lines = MappedText::of(text, &read.lines);
    let written = characters::plain(source, lines, read.reading, &mut taken);
    if taken.is_empty() {
        return CleanedPaste {
            text: text.to_owned(),
            map: SourceMap::identity(text.len()),
            taken,
        };
    }
    CleanedPaste {
        map: SourceMap::new(text.len(), written.pieces),
        text: written.text,
        taken,
    }
}

/// A text under construction, with the origin of its bytes.
#[derive(Debug, Default)]
struct MappedText {
    text: String,
    pieces: Vec<MapPiece>,
}

impl MappedText {
    /// Collects what remains of the lines.
    fn of(text: &str, lines: &[Line]) -> Self {
        let mut written = Self::default();
        for line in lines {
            written.line(text, line);
        }
        written
    }

    fn line(&mut self, text: &str, line: &Line) {
        if line.ends_statement {
            self.made("\n;\n", Span::new(line.start, line.start));
        }
        if line.kept {
            self.exact(text, line.start, line.next);
        }
    }

    /// Adds written bytes.
    fn exact(&mut self, source: &str, from: usize, to: usize) {
        let Some(part) = source.get(from..to).filter(|part| !part.is_empty()) else {
            return;
        };
        let start = self.text.len();
        self.text.push_str(part);
        if let Some(last) = self.pieces.last_mut()
            && last.exact
            && last.written.end as usize == from
        {
            last.end = self.text.len();
            last.written = last.written.join(Span::new(from, to));
            return;
        }
        self.pieces.push(MapPiece {
            start,
            end: self.text.len(),
            written: Span::new(from, to),
            exact: true,
        });
    }

    /// Adds a text that replaces written bytes.
    fn made(&mut self, text: &str, written: Span) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(MapPiece {
            start,
            end: self.text.len(),
            written,
            exact: false,
        });
    }
}
