//! Where each token of the text stands, for the true ends of expressions.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::source::{SourceText, Span};

/// What a token is to the search for an expression's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Open,
    Close,
    Over,
    Other,
}

/// The bytes of every token that is no white space.
#[derive(Debug, Default)]
pub(super) struct TokenIndex {
    tokens: Vec<(Span, Mark)>,
    /// For each token, the position of the parenthesis that belongs to it.
    partner: Vec<usize>,
}

impl TokenIndex {
    pub(super) fn new(source: &SourceText, tokens: &[TokenWithSpan]) -> Self {
        let mut index = Self::default();
        let mut open = Vec::new();
        for token in tokens {
            let mark = match &token.token {
                Token::Whitespace(_) | Token::EOF => continue,
                Token::LParen => Mark::Open,
                Token::RParen => Mark::Close,
                Token::Word(word) if word.value.eq_ignore_ascii_case("over") => Mark::Over,
                _ => Mark::Other,
            };
            let at = index.tokens.len();
            index.tokens.push((bytes(source, token.span), mark));
            index.partner.push(at);
            match mark {
                Mark::Open => open.push(at),
                Mark::Close => {
                    if let Some(start) = open.pop() {
                        index.partner[start] = at;
                        index.partner[at] = start;
                    }
                }
                Mark::Over | Mark::Other => {}
            }
        }
        index
    }

    /// The first token that begins at a byte or after it.
    fn at(&self, byte: u32) -> usize {
        self.tokens.partition_point(|(span, _)| span.start < byte)
    }

    /// A call's place from the place of its name: its parentheses and OVER.
    pub(super) fn call(&self, name: Span) -> Span {
        let mut at = self.at(name.end);
        let mut span = name;
        if self.mark(at) == Some(Mark::Open) {
            at = self.partner[at];
            span = span.join(self.tokens[at].0);
            at += 1;
        }
        if self.mark(at) == Some(Mark::Over) {
            at += 1;
            if self.mark(at) == Some(Mark::Open) {
                at = self.partner[at];
            }
            if let Some((last, _)) = self.tokens.get(at) {
                span = span.join(*last);
            }
        }
        span
    }

    /// The parentheses around a place, and the word before them.
    pub(super) fn around(&self, inner: Span, with_word: bool) -> Span {
        let mut at = self.at(inner.start);
        while at > 0 {
            at -= 1;
            match self.mark(at) {
                Some(Mark::Close) => at = self.partner[at],
                Some(Mark::Open) => {
                    let close = self.tokens[self.partner[at]].0;
                    let start = if with_word && at > 0 { at - 1 } else { at };
                    return self.tokens[start].0.join(close);
                }
                Some(Mark::Over | Mark::Other) | None => {}
            }
        }
        inner
    }

    fn mark(&self, at: usize) -> Option<Mark> {
        self.tokens.get(at).map(|(_, mark)| *mark)
    }
}

/// A parser's place as bytes.
pub(super) fn bytes(source: &SourceText, span: sqlparser::tokenizer::Span) -> Span {
    if span.start.line == 0 {
        return Span::default();
    }
    Span {
        start: source.offset(span.start.line, span.start.column),
        end: source.offset(span.end.line, span.end.column),
    }
}
