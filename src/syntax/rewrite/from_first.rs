//! Rewrites `x IN (FROM t |> …)`: the parser detects a query there only after WITH.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{anywhere, is, keyword, made, marker, name};

/// Adds a CTE that nothing reads before the query.
pub(super) fn after_in(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !anywhere(&tokens, begins) {
        return tokens;
    }
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let span = token.span;
        if begins(&tokens, at) {
            out.extend([
                keyword("WITH", span),
                name(marker::NONE, span),
                keyword("AS", span),
            ]);
            out.extend([made(Token::LParen, span), keyword("SELECT", span)]);
            out.extend([
                made(Token::Number("1".to_owned(), false), span),
                made(Token::RParen, span),
            ]);
        }
        out.push(token.clone());
    }
    out
}

/// Whether the FROM of such a query is here.
fn begins(tokens: &[TokenWithSpan], at: usize) -> bool {
    is(tokens.get(at), "FROM")
        && at > 1
        && tokens[at - 1].token == Token::LParen
        && is(tokens.get(at - 2), "IN")
}
