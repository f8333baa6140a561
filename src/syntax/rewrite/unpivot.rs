//! `UNPIVOT(v FOR n IN (a AS 'x', b 2))`: the labels are strings or numbers,
//! which the parser takes for names only.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, is, is_any, keyword, made, quoted, sign, until};

/// Writes the labels as quoted names.
pub(super) fn labels(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut at = 0;
    while at < tokens.len() {
        if is(tokens.get(at), "UNPIVOT") {
            let mut open = at + 1;
            if is_any(tokens.get(open), &["INCLUDE", "EXCLUDE"]) {
                open += 2;
            }
            let list = until(&tokens, open + 1, |tokens, here| is(tokens.get(here), "IN")) + 1;
            if sign(&tokens, open, &Token::LParen)
                && sign(&tokens, list, &Token::LParen)
                && let Some(close) = closing(&tokens, list)
            {
                let labelled = list_labels(&tokens[list + 1..close]);
                tokens.splice(list + 1..close, labelled);
            }
        }
        at += 1;
    }
    tokens
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
