//! How the writer writes: case of words, lines, indentation.

use std::ops::Range;

use super::outline::{Clause, Outline, Part, Select};
use crate::syntax::LexemeKind;

/// Functions by whose case one tells how the writer writes functions.
const AGGREGATES: [&str; 7] = ["COUNT", "SUM", "AVG", "MIN", "MAX", "COUNTIF", "ANY_VALUE"];
/// Where nothing shows how far a body stands in.
const STEP: &str = "  ";

/// How a part of the text is written.
pub(super) struct Style {
    lower_words: bool,
    lower_functions: bool,
    /// How its lines end.
    pub(super) line_end: &'static str,
}

impl Style {
    /// Of tokens that begin with a word (`at`).
    pub(super) fn of(outline: &Outline<'_>, at: usize, tokens: &Range<usize>) -> Self {
        let is_lower = |at: usize| outline.text(at).chars().all(|c| !c.is_ascii_uppercase());
        let lower_words = is_lower(at);
        let lower_functions = tokens
            .clone()
            .find(|at| {
                outline.kind(*at + 1) == LexemeKind::Open
                    && AGGREGATES.iter().any(|name| outline.is(*at, name))
            })
            .map_or(lower_words, is_lower);
        let line_end = if outline.source.text().contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        Self {
            lower_words,
            lower_functions,
            line_end,
        }
    }

    /// A keyword.
    pub(super) fn word(&self, upper: &str) -> String {
        if self.lower_words {
            upper.to_lowercase()
        } else {
            upper.to_owned()
        }
    }

    /// The count of distinct people.
    pub(super) fn count(&self, unit: &str) -> String {
        let name = if self.lower_functions {
            "count"
        } else {
            "COUNT"
        };
        format!("{name}({} {unit})", self.word("DISTINCT"))
    }
}

impl Outline<'_> {
    /// The white space before the first token of a token's line.
    pub(super) fn indent(&self, at: usize) -> &str {
        let start = self.line_start(at);
        let line = &self.source.text()[start..];
        let blank = line
            .find(|c: char| c != ' ' && c != '\t')
            .unwrap_or(line.len());
        &line[..blank]
    }

    fn line_start(&self, at: usize) -> usize {
        let start = self.span(at).start as usize;
        self.source.text()[..start]
            .rfind('\n')
            .map_or(0, |newline| newline + 1)
    }

    /// Whether a token is the first of its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.line_start(at) + self.indent(at).len() == self.span(at).start as usize
    }

    /// Whether two tokens stand on one line.
    pub(super) fn same_line(&self, a: usize, b: usize) -> bool {
        self.line_start(a) == self.line_start(b)
    }

    /// The byte after a token and, where nothing but a comment stands after it on
    /// its line, after the comment; and whether there is one.
    pub(super) fn after(&self, at: usize) -> (usize, bool) {
        let end = self.span(at).end as usize;
        let rest = &self.source.text()[end..];
        let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
        let said = line.trim_start();
        let comment = said.starts_with("--")
            || said.starts_with('#')
            || said.starts_with("/*") && line.trim_end().ends_with("*/");
        if comment {
            (end + line.len(), true)
        } else {
            (end, false)
        }
    }

    /// How many characters stand before a token on its line.
    fn column(&self, at: usize) -> usize {
        let (start, end) = (self.line_start(at), self.span(at).start as usize);
        self.source.text()[start..end].chars().count()
    }

    /// A clause that is put in, written as another one is: on lines of its own or
    /// in the same line.
    pub(super) fn clause_like(
        &self,
        select: &Select,
        model: &Part,
        style: &Style,
        keyword: &str,
        items: &[String],
        on_new_line: bool,
    ) -> String {
        let word = style.word(keyword);
        let end = style.line_end;
        if !self.begins_line(model.word) {
            let before = if on_new_line {
                format!("{end}{}", self.indent(model.word))
            } else {
                " ".to_owned()
            };
            return format!("{before}{word} {}", items.join(", "));
        }
        let indent = self.keyword_indent(select, model, keyword);
        let first = model.body.start;
        if model.body.is_empty() || self.same_line(first, first - 1) {
            return format!("{end}{indent}{word} {}", items.join(", "));
        }
        let inner = if self.begins_line(first) {
            self.indent(first).to_owned()
        } else {
            format!("{indent}{STEP}")
        };
        let items = items.join(&format!(",{end}{inner}"));
        format!("{end}{indent}{word}{end}{inner}{items}")
    }

    /// The white space before a new clause's word. Some writers end the words of
    /// all clauses in one column.
    fn keyword_indent(&self, select: &Select, model: &Part, keyword: &str) -> String {
        let first = keyword.split(' ').next().unwrap_or(keyword).len();
        if let Some(head) = select.part(Clause::Select)
            && self.column(model.word) != self.column(head.word)
        {
            let edge = self.column(head.word) + "SELECT".len();
            let ends = self.column(model.word) + self.text(model.word).len();
            if ends == edge {
                return " ".repeat(edge.saturating_sub(first));
            }
        }
        self.indent(model.word).to_owned()
    }
}
