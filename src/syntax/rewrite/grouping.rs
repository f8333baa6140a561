//! Rewrites `GROUPING SETS (ROLLUP(a, b), (c), ())` to a call, so that sets nest.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{anywhere, are, is, made, marker, name, sign};

/// Writes GROUPING SETS and `()` as calls that the binder recognizes.
pub(super) fn sets(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let to_do = anywhere(&tokens, |tokens, at| {
        is(tokens.get(at), "GROUPING")
            || (sign(tokens, at, &Token::LParen) && sign(tokens, at + 1, &Token::RParen))
                && at
                    .checked_sub(1)
                    .is_some_and(|before| is_listed(&tokens[before]))
    });
    if !to_do {
        return tokens;
    }
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let span = tokens[at].span;
        if are(&tokens, at, &["GROUPING", "SETS"]) && sign(&tokens, at + 2, &Token::LParen) {
            out.push(name(
                marker::GROUPING_SETS,
                span.union(&tokens[at + 1].span),
            ));
            at += 2;
            continue;
        }
        let listed = out.last().is_some_and(is_listed) || begins_sets(&out);
        if listed && tokens[at].token == Token::LParen && sign(&tokens, at + 1, &Token::RParen) {
            out.push(name(marker::NOTHING, span.union(&tokens[at + 1].span)));
        }
        out.push(made(tokens[at].token.clone(), span));
        at += 1;
    }
    out
}

/// Whether a token precedes an item of GROUP BY.
fn is_listed(before: &TokenWithSpan) -> bool {
    before.token == Token::Comma || is(Some(before), "BY")
}

/// Whether the tokens end with `GROUPING SETS (`.
fn begins_sets(out: &[TokenWithSpan]) -> bool {
    let Some(before) = out.len().checked_sub(2) else {
        return false;
    };
    is(out.get(before), marker::GROUPING_SETS) && sign(out, before + 1, &Token::LParen)
}
