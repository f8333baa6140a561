//! Moves the statement at the end of a pipe to its beginning. This applies to `query
//! |> CREATE TABLE t` and `query |> INSERT INTO t`; `|> EXPORT DATA` is removed,
//! because it writes the rows unchanged.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{begins_query, is, is_any, keyword, sign};

/// Puts the statement before its query.
pub(super) fn first(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !(begins_query(&tokens, 0) || sign(&tokens, 0, &Token::LParen)) {
        return tokens;
    }
    let mut depth = 0_usize;
    let mut last = None;
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::VerticalBarRightAngleBracket if depth == 0 => last = Some(at),
            _ => {}
        }
    }
    let Some(pipe) = last else {
        return tokens;
    };
    let (query, output) = (&tokens[..pipe], &tokens[pipe + 1..]);
    if is(output.first(), "EXPORT") {
        return query.to_vec();
    }
    if !is_any(output.first(), &["CREATE", "INSERT"]) {
        return tokens;
    }
    let mut out = output.to_vec();
    if is(output.first(), "CREATE") {
        out.push(keyword("AS", tokens[pipe].span));
    }
    out.extend_from_slice(query);
    out
}
