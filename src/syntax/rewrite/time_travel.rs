//! Rewrites `t AS x FOR SYSTEM_TIME AS OF ts`: the parser requires the alias last.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::super::keyword::is_reserved;
use super::{are, expression_end, is, is_any, keyword};

/// Moves the alias after the time.
pub(super) fn before_alias(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let time = if are(&tokens, at, &["FOR", "SYSTEM_TIME", "AS", "OF"]) {
            at + 4
        } else if are(&tokens, at, &["FOR", "SYSTEM", "TIME", "AS", "OF"]) {
            at + 5
        } else {
            out.push(tokens[at].clone());
            at += 1;
            continue;
        };
        let span = tokens[at].span;
        let end = expression_end(&tokens, time);
        let alias = alias(&mut out);
        for word in ["FOR", "SYSTEM_TIME", "AS", "OF"] {
            out.push(keyword(word, span));
        }
        out.extend_from_slice(&tokens[time..end]);
        if let Some(alias) = alias {
            out.push(keyword("AS", alias.span));
            out.push(alias);
        }
        at = end;
    }
    out
}

/// Removes the alias from the end of the tokens.
fn alias(out: &mut Vec<TokenWithSpan>) -> Option<TokenWithSpan> {
    let before = out.len().checked_sub(2)?;
    let with_as = is(out.get(before), "AS");
    let named = match &out[before].token {
        Token::RParen => true,
        Token::Word(word) => {
            word.quote_style.is_some()
                || !(is_reserved(word.keyword)
                    || is_any(
                        out.get(before),
                        &["CLONE", "COPY", "TABLE", "UPDATE", "DELETE"],
                    ))
        }
        _ => false,
    };
    if !(with_as || named) || !matches!(out.last()?.token, Token::Word(_)) {
        return None;
    }
    let alias = out.pop();
    if with_as {
        out.pop();
    }
    alias
}
