//! Rewrites `FROM t, t.events AS e WITH OFFSET AS o` to `UNNEST(t.events) AS e WITH
//! …`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{anywhere, are, is, is_any, made};

/// Writes a path before WITH OFFSET as UNNEST of the path.
pub(super) fn as_unnest(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !anywhere(&tokens, is_offset) {
        return tokens;
    }
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for at in 0..tokens.len() {
        if is_offset(&tokens, at)
            && let Some((start, end)) = path_before(&out)
        {
            let (first, last) = (out[start].span, out[end - 1].span);
            out.insert(end, made(Token::RParen, last));
            out.insert(start, made(Token::LParen, first));
            out.insert(start, made(Token::make_keyword("UNNEST"), first));
        }
        out.push(tokens[at].clone());
    }
    out
}

fn is_offset(tokens: &[TokenWithSpan], at: usize) -> bool {
    are(tokens, at, &["WITH", "OFFSET"])
}

/// Returns the dotted path at the end of the tokens, before its alias.
fn path_before(tokens: &[TokenWithSpan]) -> Option<(usize, usize)> {
    let word = |at: usize| matches!(tokens[at].token, Token::Word(_));
    let mut end = tokens.len();
    // An alias, with or without AS.
    if end >= 2 && word(end - 1) && is(tokens.get(end - 2), "AS") {
        end -= 2;
    } else if end >= 2
        && word(end - 1)
        && word(end - 2)
        && !is_any(tokens.get(end - 2), &["JOIN", "FROM"])
    {
        end -= 1;
    }
    let mut start = end.checked_sub(1)?;
    while start >= 2 && word(start) && tokens[start - 1].token == Token::Period && word(start - 2) {
        start -= 2;
    }
    // A single name is an array only at the beginning of a FROM item.
    let alone = start > 0
        && (tokens[start - 1].token == Token::Comma
            || is_any(tokens.get(start - 1), &["FROM", "JOIN"]));
    (word(start) && (end - start >= 3 || alone)).then_some((start, end))
}
