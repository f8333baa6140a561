//! Removes a comma at the end of a list: `SELECT a, FROM t`, `|> SELECT a, |> …`.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{AFTER_FROM, is, is_any, remove, sign};

/// Removes trailing commas.
pub(super) fn without(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let last = |at: &usize| sign(&tokens, *at, &Token::Comma) && ends(tokens.get(*at + 1));
    let commas: Vec<usize> = (0..tokens.len()).filter(last).collect();
    remove(&mut tokens, &commas);
    tokens
}

/// Whether a list ends before a token.
pub(super) fn ends(next: Option<&TokenWithSpan>) -> bool {
    next.is_none_or(|next| match &next.token {
        Token::VerticalBarRightAngleBracket | Token::RParen => true,
        // Most words after a comma are names.
        Token::Word(word) => {
            word.keyword != Keyword::NoKeyword
                && (is(Some(next), "FROM") || is_any(Some(next), &AFTER_FROM))
        }
        _ => false,
    })
}
