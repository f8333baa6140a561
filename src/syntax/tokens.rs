//! The tokens of a text.

use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Tokenizer, TokenizerError, Whitespace};

use super::dialect::GoogleSql;
use super::directive::Comment;
use super::literal::Literals;
use super::plain::plain;
use crate::source::SourceText;

/// White space and words are seldom shorter on the average.
pub(super) const BYTES_PER_TOKEN: usize = 2;

/// What was read of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Tokens {
    /// All but white space.
    pub(super) tokens: Vec<TokenWithSpan>,
    /// The comments.
    pub(super) comments: Vec<Comment>,
    /// How many tokens there are, white space included.
    pub(super) count: usize,
    /// Where it could not be read further: why, and what was read last, white space
    /// included.
    pub(super) broken: Option<(TokenizerError, Option<Span>)>,
}

/// Reads a text. Room is made at once for no more tokens than `limit`.
pub(super) fn read(source: &SourceText, limit: usize) -> Tokens {
    plain(source.text(), limit).unwrap_or_else(|| whole(source, limit))
}

/// Reads it by the parser's tokenizer.
pub(super) fn whole(source: &SourceText, limit: usize) -> Tokens {
    let mut tokens = Vec::with_capacity((source.text().len() / BYTES_PER_TOKEN).min(limit));
    let literals = Literals::new(source.text());
    let broken = Tokenizer::new(&GoogleSql, literals.plain())
        .tokenize_with_location_into_buf(&mut tokens)
        .err()
        .map(|error| (error, tokens.last().map(|last| last.span)));
    literals.restore(source, &mut tokens);
    let count = tokens.len();
    let mut comments = Vec::new();
    tokens.retain_mut(|token| {
        let Token::Whitespace(space) = &mut token.token else {
            return true;
        };
        if let Whitespace::SingleLineComment { comment, .. }
        | Whitespace::MultiLineComment(comment) = space
        {
            comments.push((std::mem::take(comment), token.span));
        }
        false
    });
    Tokens {
        tokens,
        comments,
        count,
        broken,
    }
}
