//! Normalizes `TABLESAMPLE RESERVOIR (100 ROWS) REPEATABLE (5)`. The method of
//! sampling does not matter, only that rows are omitted.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{are, closing, is, is_word, keyword, made, sign};

/// Writes every sample in a form that the parser supports.
pub(super) fn plain(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let span = tokens[at].span;
        let sample = is(tokens.get(at), "TABLESAMPLE") && is_word(tokens.get(at + 1));
        let close = if sample && sign(&tokens, at + 2, &Token::LParen) {
            closing(&tokens, at + 2)
        } else {
            None
        };
        let Some(close) = close else {
            out.push(tokens[at].clone());
            at += 1;
            continue;
        };
        out.extend([
            keyword("TABLESAMPLE", span),
            keyword("SYSTEM", span),
            made(Token::LParen, span),
        ]);
        out.push(made(Token::Number("1".to_owned(), false), span));
        out.extend([
            keyword("PERCENT", span),
            made(Token::RParen, tokens[close].span),
        ]);
        at = close + 1;
        if are(&tokens, at, &["WITH", "WEIGHT"]) {
            at += 2;
            at += usize::from(is(tokens.get(at), "AS"));
            at += usize::from(is_word(tokens.get(at)) && !is(tokens.get(at), "REPEATABLE"));
        }
        if is(tokens.get(at), "REPEATABLE")
            && let Some(close) = closing(&tokens, at + 1)
        {
            at = close + 1;
        }
    }
    out
}
