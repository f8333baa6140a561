//! The places of the clauses of a text, found by its tokens.
//!
//! An edit is inserted between tokens of the author, which the syntax tree does not
//! keep.

use std::ops::Range;

use crate::source::{SourceText, Span};
use crate::syntax::{Lexeme, LexemeKind, lexemes};

/// The clauses of a SELECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    Select,
    From,
    Where,
    GroupBy,
    Having,
    Qualify,
    Window,
    OrderBy,
    Limit,
}

/// A clause: the token of its first keyword, and the tokens after its keywords.
#[derive(Debug, Clone)]
pub(super) struct ClauseTokens {
    pub(super) clause: Clause,
    pub(super) word: usize,
    pub(super) body: Range<usize>,
}

/// A SELECT with its clauses.
#[derive(Debug, Clone)]
pub(super) struct Select {
    pub(super) parts: Vec<ClauseTokens>,
    end: usize,
}

impl Select {
    /// Returns a clause, if the SELECT has it.
    pub(super) fn part(&self, clause: Clause) -> Option<&ClauseTokens> {
        self.parts.iter().find(|part| part.clause == clause)
    }

    /// Returns the tokens of the SELECT.
    pub(super) fn tokens(&self) -> Range<usize> {
        let start = self.parts.first().map_or(self.end, |part| part.word);
        start..self.end
    }
}

/// A pipe operator, from its symbol to its last token.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) tokens: Range<usize>,
}

/// The tokens of a text, with the SELECTs and pipe operators among them.
pub(super) struct Outline<'t> {
    pub(super) source: &'t SourceText,
    lexemes: Vec<Lexeme>,
    /// For each bracket, the position of its partner; for other tokens, their own.
    partner: Vec<usize>,
    pub(super) selects: Vec<Select>,
    pub(super) steps: Vec<Step>,
}

/// The constructs that are open at one level of brackets.
#[derive(Debug, Clone, Copy, Default)]
struct BracketLevel {
    select: Option<usize>,
    step: Option<usize>,
}

impl<'t> Outline<'t> {
    pub(super) fn new(source: &'t SourceText) -> Self {
        let lexemes = lexemes(source);
        let partner = partners(&lexemes);
        let mut outline = Self {
            source,
            lexemes,
            partner,
            selects: Vec::new(),
            steps: Vec::new(),
        };
        outline.read();
        outline
    }

    fn read(&mut self) {
        let mut levels = vec![BracketLevel::default()];
        for at in 0..self.lexemes.len() {
            let kind = self.lexemes[at].kind;
            let Some(mut level) = levels.pop() else { break };
            match kind {
                LexemeKind::Open => {
                    levels.push(level);
                    level = BracketLevel::default();
                }
                LexemeKind::Close => {
                    self.close(&mut level, at);
                    level = levels.pop().unwrap_or_default();
                }
                LexemeKind::Semicolon => self.close(&mut level, at),
                LexemeKind::Pipe => {
                    self.close(&mut level, at);
                    level.step = Some(self.steps.len());
                    self.steps.push(Step { tokens: at..at });
                }
                LexemeKind::Word if level.step.is_none() => self.word(&mut level, at),
                LexemeKind::Word
                | LexemeKind::Quoted
                | LexemeKind::Comma
                | LexemeKind::Period
                | LexemeKind::Comparison
                | LexemeKind::Other => {}
            }
            levels.push(level);
        }
        let end = self.lexemes.len();
        for mut level in levels {
            self.close(&mut level, end);
        }
    }

    fn close(&mut self, level: &mut BracketLevel, at: usize) {
        if let Some(select) = level.select.take() {
            let select = &mut self.selects[select];
            select.end = at;
            if let Some(last) = select.parts.last_mut() {
                last.body.end = at;
            }
        }
        if let Some(step) = level.step.take() {
            self.steps[step].tokens.end = at;
        }
    }

    fn word(&mut self, level: &mut BracketLevel, at: usize) {
        // A field may have the name of a clause.
        if at > 0 && self.lexemes[at - 1].kind == LexemeKind::Period {
            return;
        }
        if self.is(at, "SELECT") {
            self.close(level, at);
            level.select = Some(self.selects.len());
            self.selects.push(Select {
                parts: vec![ClauseTokens {
                    clause: Clause::Select,
                    word: at,
                    body: at + 1..at + 1,
                }],
                end: at,
            });
            return;
        }
        let Some(select) = level.select else { return };
        if self.is_set_operation(at) {
            self.close(level, at);
            return;
        }
        let (clause, words) = match self.text(at).to_ascii_uppercase().as_str() {
            "FROM" if !self.is_distinct_from(at) => (Clause::From, 1),
            "WHERE" => (Clause::Where, 1),
            "GROUP" if self.is(at + 1, "BY") => (Clause::GroupBy, 2),
            "HAVING" => (Clause::Having, 1),
            "QUALIFY" => (Clause::Qualify, 1),
            "WINDOW" => (Clause::Window, 1),
            "ORDER" if self.is(at + 1, "BY") => (Clause::OrderBy, 2),
            "LIMIT" => (Clause::Limit, 1),
            _ => return,
        };
        let select = &mut self.selects[select];
        if let Some(last) = select.parts.last_mut() {
            last.body.end = at;
        }
        select.parts.push(ClauseTokens {
            clause,
            word: at,
            body: at + words..at + words,
        });
    }

    /// Whether a token begins `UNION`, `EXCEPT DISTINCT`, `FULL OUTER UNION` and so
    /// on.
    fn is_set_operation(&self, at: usize) -> bool {
        let named = |at: usize| {
            self.is(at, "UNION")
                || self.is(at, "INTERSECT")
                || self.is(at, "EXCEPT") && (self.is(at + 1, "ALL") || self.is(at + 1, "DISTINCT"))
        };
        let moded = ["FULL", "LEFT", "INNER"]
            .iter()
            .any(|mode| self.is(at, mode));
        named(at) || moded && (named(at + 1) || self.is(at + 1, "OUTER") && named(at + 2))
    }

    /// Whether a FROM belongs to `IS DISTINCT FROM`.
    fn is_distinct_from(&self, at: usize) -> bool {
        at >= 2 && self.is(at - 1, "DISTINCT") && (self.is(at - 2, "IS") || self.is(at - 2, "NOT"))
    }

    /// Returns the number of tokens.
    pub(super) fn len(&self) -> usize {
        self.lexemes.len()
    }

    /// Returns the kind of a token; a semicolon past the end.
    pub(super) fn kind(&self, at: usize) -> LexemeKind {
        self.lexemes
            .get(at)
            .map_or(LexemeKind::Semicolon, |lexeme| lexeme.kind)
    }

    /// Returns the span of a token; the end of the text past the end.
    pub(super) fn span(&self, at: usize) -> Span {
        let end = self.source.text().len();
        self.lexemes
            .get(at)
            .map_or(Span::new(end, end), |lexeme| lexeme.span)
    }

    /// Returns the span of several tokens.
    pub(super) fn span_of(&self, tokens: &Range<usize>) -> Span {
        if tokens.is_empty() {
            let start = self.span(tokens.start).start as usize;
            return Span::new(start, start);
        }
        self.span(tokens.start).join(self.span(tokens.end - 1))
    }

    /// Returns the text of a token.
    pub(super) fn text(&self, at: usize) -> &'t str {
        self.lexemes
            .get(at)
            .map_or("", |lexeme| self.source.slice(lexeme.span))
    }

    /// Whether a token is an unquoted word, in upper or lower case.
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.kind(at) == LexemeKind::Word && self.text(at).eq_ignore_ascii_case(word)
    }

    /// Returns the tokens that lie within a span.
    pub(super) fn within(&self, span: Span) -> Range<usize> {
        let start = self
            .lexemes
            .partition_point(|lexeme| lexeme.span.start < span.start);
        let end = self
            .lexemes
            .partition_point(|lexeme| lexeme.span.end <= span.end);
        start..end.max(start)
    }

    /// Returns the tokens of a range that are not inside its brackets.
    ///
    /// An opening bracket represents everything up to its partner.
    pub(super) fn outside(&self, tokens: &Range<usize>) -> impl Iterator<Item = usize> {
        let (mut at, end) = (tokens.start, tokens.end.min(self.len()));
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let here = at;
            at = self.partner[at].max(at) + 1;
            Some(here)
        })
    }

    /// Returns the bracket that closes the one at `at`; other tokens return
    /// themselves.
    pub(super) fn partner(&self, at: usize) -> usize {
        self.partner.get(at).copied().unwrap_or(at).max(at)
    }

    /// Splits tokens at those outside of brackets for which `splits` returns true.
    pub(super) fn split(
        &self,
        tokens: &Range<usize>,
        splits: impl Fn(usize) -> bool,
    ) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = tokens.start;
        for at in self.outside(tokens) {
            if splits(at) {
                parts.push(start..at);
                start = at + 1;
            }
        }
        parts.push(start..tokens.end);
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// Splits a list at its commas.
    pub(super) fn items(&self, tokens: &Range<usize>) -> Vec<Range<usize>> {
        self.split(tokens, |at| self.kind(at) == LexemeKind::Comma)
    }

    /// Returns the name of a list item in other clauses: its alias, or its own name.
    pub(super) fn name(&self, item: &Range<usize>) -> Option<String> {
        let last = item.end.checked_sub(1)?;
        let is_name = |at: usize| matches!(self.kind(at), LexemeKind::Word | LexemeKind::Quoted);
        if !is_name(last) {
            return None;
        }
        if item.len() > 1 && self.is(last - 1, "AS") {
            return Some(self.text(last).to_owned());
        }
        let path = item
            .clone()
            .all(|at| is_name(at) || self.kind(at) == LexemeKind::Period);
        let dotted = item
            .clone()
            .skip(1)
            .step_by(2)
            .all(|at| self.kind(at) == LexemeKind::Period);
        (path && dotted).then(|| self.source.slice(self.span_of(item)).to_owned())
    }

    /// Returns the innermost SELECT around a span.
    pub(super) fn select_around(&self, place: Span) -> Option<usize> {
        self.innermost(self.selects.iter().map(|select| select.tokens()), place)
    }

    /// Returns the innermost pipe operator around a span.
    pub(super) fn step_around(&self, place: Span) -> Option<usize> {
        self.innermost(self.steps.iter().map(|step| step.tokens.clone()), place)
    }

    fn innermost(&self, ranges: impl Iterator<Item = Range<usize>>, place: Span) -> Option<usize> {
        ranges
            .enumerate()
            .filter(|(_, tokens)| self.span_of(tokens).contains(place))
            .min_by_key(|(_, tokens)| tokens.len())
            .map(|(at, _)| at)
    }
}

fn partners(lexemes: &[Lexeme]) -> Vec<usize> {
    let mut partner: Vec<usize> = (0..lexemes.len()).collect();
    let mut open = Vec::new();
    for (at, lexeme) in lexemes.iter().enumerate() {
        match lexeme.kind {
            LexemeKind::Open => open.push(at),
            LexemeKind::Close => {
                if let Some(start) = open.pop() {
                    partner[start] = at;
                    partner[at] = start;
                }
            }
            LexemeKind::Word
            | LexemeKind::Quoted
            | LexemeKind::Comma
            | LexemeKind::Period
            | LexemeKind::Semicolon
            | LexemeKind::Pipe
            | LexemeKind::Comparison
            | LexemeKind::Other => {}
        }
    }
    partner
}
