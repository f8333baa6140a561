//! A comma at the end of a list: `SELECT a, FROM t`, `|> SELECT a, |> …`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::is_any;

/// Words that begin no expression.
const ENDS: [&str; 11] = [
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "QUALIFY",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "UNION",
    "INTERSECT",
    "EXCEPT",
];

/// Takes it away.
pub(super) fn without(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let last = |at: usize| match tokens.get(at + 1) {
        None => true,
        Some(next) => {
            matches!(
                next.token,
                Token::VerticalBarRightAngleBracket | Token::RParen
            ) || is_any(Some(next), &ENDS)
        }
    };
    tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| token.token != Token::Comma || !last(*at))
        .map(|(_, token)| token.clone())
        .collect()
}
