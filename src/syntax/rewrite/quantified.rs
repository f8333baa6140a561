//! Rewrites the patterns of quantified LIKE to a call that the binder recognizes.
//! The forms are `LIKE ANY (…)`, `LIKE SOME (…)` and `LIKE ALL (…)`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{anywhere, begins_query, closing, is, is_any, made, marker, name, sign};

/// Writes the patterns as calls.
pub(super) fn as_calls(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !anywhere(&tokens, is_quantifier) {
        return tokens;
    }
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut ends = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let span = tokens[at].span;
        let unnest = usize::from(is(tokens.get(at + 1), "UNNEST"));
        let open = at + 1 + unnest;
        if is_quantifier(&tokens, at)
            && sign(&tokens, open, &Token::LParen)
            && let Some(close) = closing(&tokens, open)
        {
            let call = if is(tokens.get(at), "ALL") {
                marker::ALL
            } else {
                marker::ANY
            };
            out.push(name(call, span.union(&tokens[open - 1].span)));
            if unnest == 1 || begins_query(&tokens, open + 1) {
                out.push(made(Token::LParen, span));
                ends.push(close);
            }
        } else {
            out.push(tokens[at].clone());
        }
        if ends.last() == Some(&at) {
            ends.pop();
            out.push(made(Token::RParen, span));
        }
        at += 1;
    }
    out
}

/// Whether the word after LIKE is here.
fn is_quantifier(tokens: &[TokenWithSpan], at: usize) -> bool {
    is_any(tokens.get(at), &["ANY", "SOME", "ALL"]) && at > 0 && is(tokens.get(at - 1), "LIKE")
}
