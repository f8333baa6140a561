//! Pipe operators that the parser lacks.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{are, is, made, name};

/// Writes `|> DISTINCT` as a call that the binder knows, and `GROUP AND ORDER
/// BY` as GROUP BY: the order of rows tells nothing.
pub(super) fn operators(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let piped = at > 0 && tokens[at - 1].token == Token::VerticalBarRightAngleBracket;
        let span = tokens[at].span;
        if piped && is(tokens.get(at), "DISTINCT") {
            out.push(made(Token::make_keyword("CALL"), span));
            out.push(name("__headcount_distinct", span));
            out.push(made(Token::LParen, span));
            out.push(made(Token::RParen, span));
            at += 1;
        } else if are(&tokens, at, &["GROUP", "AND", "ORDER", "BY"]) {
            out.push(tokens[at].clone());
            at += 3;
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}
