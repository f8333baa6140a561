//! Indexes the places of tokens, which give the exact ends of expressions.

use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use crate::source::Span;

/// The role of a token in the search for an expression's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Open,
    Close,
    Pipe,
    Semicolon,
    Other,
}

/// The places of all tokens except white space.
#[derive(Debug, Default)]
pub(super) struct TokenIndex {
    tokens: Vec<(Span, Mark)>,
    /// For each token, the index of its matching bracket; for others, their own
    /// index.
    partner: Vec<usize>,
}

impl TokenIndex {
    pub(super) fn new(tokens: &[TokenWithSpan]) -> Self {
        let mut index = Self {
            tokens: Vec::with_capacity(tokens.len()),
            partner: Vec::with_capacity(tokens.len()),
        };
        let mut open = Vec::new();
        for token in tokens {
            let mark = match &token.token {
                Token::Whitespace(_) | Token::EOF => continue,
                Token::LParen | Token::LBracket | Token::LBrace => Mark::Open,
                Token::RParen | Token::RBracket | Token::RBrace => Mark::Close,
                Token::VerticalBarRightAngleBracket => Mark::Pipe,
                Token::SemiColon => Mark::Semicolon,
                _ => Mark::Other,
            };
            let at = index.tokens.len();
            index.tokens.push((bytes(token.span), mark));
            index.partner.push(at);
            match mark {
                Mark::Open => open.push(at),
                Mark::Close => {
                    if let Some(start) = open.pop() {
                        index.partner[start] = at;
                        index.partner[at] = start;
                    }
                }
                Mark::Pipe | Mark::Semicolon | Mark::Other => {}
            }
        }
        index
    }

    /// Returns the index of the first token that begins at or after a byte.
    fn at(&self, byte: u32) -> usize {
        self.tokens.partition_point(|(span, _)| span.start < byte)
    }

    /// Returns the token after a place.
    pub(super) fn next(&self, place: Span) -> Option<Span> {
        self.tokens.get(self.at(place.end)).map(|(span, _)| *span)
    }

    /// Returns the token before a place.
    pub(super) fn before(&self, place: Span) -> Option<Span> {
        let at = self.at(place.start).checked_sub(1)?;
        self.tokens.get(at).map(|(span, _)| *span)
    }

    /// Extends a place to the brackets right after it, if there are any.
    pub(super) fn bracketed(&self, place: Span) -> Span {
        let at = self.at(place.end);
        match self.mark(at) {
            Some(Mark::Open) => place.join(self.tokens[self.partner[at]].0),
            Some(Mark::Close | Mark::Pipe | Mark::Semicolon | Mark::Other) | None => place,
        }
    }

    /// Extends a place to the end of the next brackets, if there are any.
    pub(super) fn to_brackets(&self, place: Span) -> Span {
        let start = self.at(place.end);
        for at in start..self.tokens.len() {
            match self.mark(at) {
                Some(Mark::Open) => return place.join(self.tokens[self.partner[at]].0),
                Some(Mark::Other) => {}
                Some(Mark::Close | Mark::Pipe | Mark::Semicolon) | None => break,
            }
        }
        place
    }

    /// Returns the innermost brackets around a place.
    pub(super) fn around(&self, inner: Span) -> Option<Span> {
        let mut at = self.at(inner.start);
        while at > 0 {
            at -= 1;
            match self.mark(at) {
                Some(Mark::Close) if self.partner[at] != at => at = self.partner[at],
                Some(Mark::Open) => {
                    let close = self.tokens[self.partner[at]].0;
                    return Some(self.tokens[at].0.join(close));
                }
                Some(Mark::Semicolon) => return None,
                Some(Mark::Close | Mark::Pipe | Mark::Other) | None => {}
            }
        }
        None
    }

    /// Returns the pipe operator around a place, from its sign to its last token.
    pub(super) fn pipe(&self, inner: Span) -> Span {
        let mut start = self.at(inner.start);
        while start > 0 {
            match self.mark(start) {
                Some(Mark::Pipe | Mark::Semicolon) => break,
                Some(Mark::Open) if self.tokens[start].0.start < inner.start => break,
                Some(Mark::Close) => start = self.partner[start],
                Some(Mark::Open | Mark::Other) | None => {}
            }
            start = start.saturating_sub(1);
        }
        let mut end = start;
        let mut at = start + 1;
        while let Some(mark) = self.mark(at) {
            match mark {
                Mark::Pipe | Mark::Close | Mark::Semicolon => break,
                Mark::Open => at = self.partner[at].max(at),
                Mark::Other => {}
            }
            end = at;
            at += 1;
        }
        match (self.tokens.get(start), self.tokens.get(end)) {
            (Some((first, Mark::Pipe)), Some((last, _))) => first.join(*last),
            _ => inner,
        }
    }

    /// Iterates over the tokens after a place, outside of all brackets.
    pub(super) fn outside(&self, place: Span) -> impl Iterator<Item = Span> {
        let mut at = self.at(place.end);
        std::iter::from_fn(move || {
            let span = match self.mark(at)? {
                Mark::Open => {
                    at = self.partner[at].max(at);
                    self.tokens[at].0
                }
                Mark::Close | Mark::Semicolon => return None,
                Mark::Pipe | Mark::Other => self.tokens[at].0,
            };
            at += 1;
            Some(span)
        })
    }

    fn mark(&self, at: usize) -> Option<Mark> {
        self.tokens.get(at).map(|(_, mark)| *mark)
    }
}

/// Converts a byte to the parser's location, whose column counts bytes of one line.
pub(super) fn location(byte: usize) -> Location {
    Location::new(1, byte as u64 + 1)
}

/// Converts the parser's span to bytes; the empty span stays empty.
pub(super) fn bytes(span: sqlparser::tokenizer::Span) -> Span {
    if span.start.line == 0 {
        return Span::default();
    }
    let byte = |location: Location| usize::try_from(location.column - 1).unwrap_or(usize::MAX);
    Span::new(byte(span.start), byte(span.end))
}
