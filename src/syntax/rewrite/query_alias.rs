//! Rewrites the alias in `(query) AS q |> …` to a pipe operator.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, is, is_word, made, sign};

/// Inserts a pipe sign before the alias.
pub(super) fn piped(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !sign(&tokens, 0, &Token::LParen) {
        return tokens;
    }
    if let Some(close) = closing(&tokens, 0)
        && is(tokens.get(close + 1), "AS")
        && is_word(tokens.get(close + 2))
        && (close + 3 == tokens.len()
            || sign(&tokens, close + 3, &Token::VerticalBarRightAngleBracket))
    {
        let span = tokens[close + 1].span;
        tokens.insert(close + 1, made(Token::VerticalBarRightAngleBracket, span));
    }
    tokens
}
