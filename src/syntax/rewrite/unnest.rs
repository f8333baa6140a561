//! Rewrites `UNNEST(a AS x, b, mode => 'PAD')`, which has several arrays.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, is, made, marker, name, sign, until};

/// Writes the arrays as one call.
pub(super) fn zipped(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let calls: Vec<(usize, usize)> = (1..tokens.len())
        .filter_map(|open| Some((open, several(&tokens, open)?)))
        .collect();
    if calls.is_empty() {
        return tokens;
    }
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len() + 3 * calls.len());
    let mut calls = calls.into_iter().peekable();
    // The ends of open calls.
    let mut ends = Vec::new();
    let mut before = None;
    for (at, token) in tokens.into_iter().enumerate() {
        let span = token.span;
        if ends.last() == Some(&at) {
            ends.pop();
            out.push(made(Token::RParen, span));
        }
        out.push(token);
        if let Some((_, close)) = calls.next_if(|(open, _)| *open == at) {
            out.push(name(marker::ZIP, before.unwrap_or(span)));
            out.push(made(Token::LParen, span));
            ends.push(close);
        }
        before = Some(span);
    }
    out
}

/// Returns the end of an UNNEST that opens here and has several arguments.
fn several(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    if !sign(tokens, open, &Token::LParen) || !is(tokens.get(open - 1), "UNNEST") {
        return None;
    }
    let close = closing(tokens, open)?;
    let first = until(tokens, open + 1, |tokens, here| {
        matches!(tokens[here].token, Token::Comma | Token::RArrow) || is(tokens.get(here), "AS")
    });
    (first < close).then_some(close)
}
