//! `x IN (FROM t |> …)`: the parser sees a query there only after WITH.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{is, keyword, made, marker, name};

/// Puts a CTE that nothing reads before the query.
pub(super) fn after_in(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let span = token.span;
        let begins = at > 1
            && is(Some(token), "FROM")
            && tokens[at - 1].token == Token::LParen
            && is(tokens.get(at - 2), "IN");
        if begins {
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
