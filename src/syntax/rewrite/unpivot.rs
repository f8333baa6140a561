//! Rewrites the labels in `UNPIVOT(v FOR n IN (a AS 'x', b 2))`. They are strings or
//! numbers, but the parser accepts only names.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, is, is_any, keyword, made, quoted, sign, until};

/// Writes the labels as quoted names.
pub(super) fn labels(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if let Some((open, close)) = list(&tokens, at) {
            out.extend_from_slice(&tokens[at..=open]);
            out.extend(list_labels(&tokens[open + 1..close]));
            at = close;
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}

/// Returns the parentheses of the list of an UNPIVOT that begins here.
fn list(tokens: &[TokenWithSpan], at: usize) -> Option<(usize, usize)> {
    if !is(tokens.get(at), "UNPIVOT") {
        return None;
    }
    let mut open = at + 1;
    if is_any(tokens.get(open), &["INCLUDE", "EXCLUDE"]) {
        open += 2;
    }
    let list = until(tokens, open + 1, |tokens, here| is(tokens.get(here), "IN")) + 1;
    if !(sign(tokens, open, &Token::LParen) && sign(tokens, list, &Token::LParen)) {
        return None;
    }
    closing(tokens, list).map(|close| (list, close))
}

fn list_labels(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match &token.token {
            Token::SingleQuotedString(text) | Token::Number(text, _) => {
                if !is(out.last(), "AS") {
                    out.push(keyword("AS", token.span));
                }
                out.push(quoted(text, token.span));
            }
            other => out.push(made(other.clone(), token.span)),
        }
    }
    out
}
