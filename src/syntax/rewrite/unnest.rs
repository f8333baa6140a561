//! `UNNEST(a AS x, b, mode => 'PAD')`: several arrays in one.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, is, made, marker, name, until};

/// Writes the arrays as one call.
pub(super) fn zipped(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    // Where calls that were begun end.
    let mut ends = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if ends.last() == Some(&at) {
            ends.pop();
            out.push(made(Token::RParen, token.span));
        }
        out.push(token.clone());
        let open = at > 0 && is(tokens.get(at - 1), "UNNEST") && token.token == Token::LParen;
        if open && let Some(close) = closing(&tokens, at) {
            let several = until(&tokens, at + 1, |tokens, here| {
                matches!(tokens[here].token, Token::Comma | Token::RArrow)
                    || is(tokens.get(here), "AS")
            });
            if several < close {
                out.push(name(marker::ZIP, tokens[at - 1].span));
                out.push(made(Token::LParen, token.span));
                ends.push(close);
            }
        }
    }
    out
}
