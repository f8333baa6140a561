//! `CREATE TABLE a COPY b` holds the same rows as `CREATE TABLE a CLONE b`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::is;

/// Writes COPY as CLONE.
pub(super) fn as_clone(tokens: &mut [TokenWithSpan]) {
    if !is(tokens.first(), "CREATE") {
        return;
    }
    for at in 1..tokens.len() {
        if matches!(tokens[at].token, Token::LParen) || is(tokens.get(at), "AS") {
            return;
        }
        if at > 2 && is(tokens.get(at), "COPY") {
            tokens[at].token = Token::make_keyword("CLONE");
            return;
        }
    }
}
