//! Rewrites `WITH RECURSIVE r AS (…) WITH DEPTH AS d BETWEEN 1 AND 3`. The clause
//! adds a column, and becomes a pipe operator at the end of the CTE.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{are, call_of, is, keyword, made, marker};

/// Writes the clause as a pipe operator.
pub(super) fn piped(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let mut span = tokens[at].span;
        let clause = are(&tokens, at, &["WITH", "DEPTH"])
            && out.last().is_some_and(|last| last.token == Token::RParen);
        if !clause {
            out.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += 2;
        let mut name = "depth".to_owned();
        if is(tokens.get(at), "AS")
            && let Some(Token::Word(word)) = tokens.get(at + 1).map(|next| &next.token)
        {
            name.clone_from(&word.value);
            at += 2;
        }
        if is(tokens.get(at), "BETWEEN") {
            at += 4;
        } else if is(tokens.get(at), "MAX") {
            at += 2;
        }
        span = span.union(&tokens[at.min(tokens.len()) - 1].span);
        let close = out.pop();
        out.push(made(Token::VerticalBarRightAngleBracket, span));
        out.push(keyword("CALL", span));
        out.extend(call_of(marker::DEPTH, Some(&name), span));
        out.push(made(Token::RParen, span));
        out.extend(close);
    }
    out
}
