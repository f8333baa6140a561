//! The author's style: case of words, lines and indentation.

use std::ops::Range;

use super::outline::{Clause, ClauseTokens, Outline, Select};
use crate::syntax::LexemeKind;

/// Functions whose case shows how the author writes functions.
const AGGREGATES: [&str; 7] = ["COUNT", "SUM", "AVG", "MIN", "MAX", "COUNTIF", "ANY_VALUE"];
/// The indentation of a body if the text shows none.
const STEP: &str = "  ";

/// The style of a part of the text.
pub(super) struct Style {
    lower_words: bool,
    lower_functions: bool,
    /// The line ending of the text.
    pub(super) line_end: &'static str,
}

impl Style {
    /// Detects the style of tokens; `at` is a keyword among them.
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

    /// Formats a keyword.
    pub(super) fn word(&self, upper: &str) -> String {
        if self.lower_words {
            upper.to_lowercase()
        } else {
            upper.to_owned()
        }
    }

    /// Formats the count of distinct people.
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
    /// Returns the white space before the first token of a token's line.
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

    /// Whether a token is the first on its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.line_start(at) + self.indent(at).len() == self.span(at).start as usize
    }

    /// Whether two tokens begin on the same line.
    pub(super) fn same_line(&self, a: usize, b: usize) -> bool {
        self.line_start(a) == self.line_start(b)
    }

    /// Returns the offset after a token, and whether a comment follows it.
    ///
    /// If only a comment follows the token on its line, the offset is after the
    /// comment.
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

    /// Returns the number of characters before a token on its line.
    fn column(&self, at: usize) -> usize {
        let (start, end) = (self.line_start(at), self.span(at).start as usize);
        self.source.text()[start..end].chars().count()
    }

    /// Formats a new clause in the layout of the clause `model`.
    ///
    /// The clause is either on lines of its own or on the same line.
    pub(super) fn clause_like(
        &self,
        select: &Select,
        model: &ClauseTokens,
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

    /// Returns the white space before the keyword of a new clause.
    ///
    /// Some authors align the ends of the keywords of all clauses in one column.
    fn keyword_indent(&self, select: &Select, model: &ClauseTokens, keyword: &str) -> String {
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
