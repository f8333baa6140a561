//! `t MATCH_RECOGNIZE(…)`: rows of which nothing is known, made of those of `t`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{call_of, closing, is, keyword, made, marker, name, sign};

/// Writes it as a PIVOT that the binder knows, which stands in the same place.
pub(super) fn as_pivot(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let span = tokens[at].span;
        if is(tokens.get(at), "MATCH_RECOGNIZE")
            && sign(&tokens, at + 1, &Token::LParen)
            && let Some(close) = closing(&tokens, at + 1)
        {
            out.push(keyword("PIVOT", span));
            out.push(made(Token::LParen, span));
            out.extend(call_of(marker::OPAQUE, Some("MATCH_RECOGNIZE"), span));
            out.push(made(Token::RParen, span));
            out.push(keyword("FOR", span));
            out.push(name(marker::NONE, span));
            out.push(keyword("IN", span));
            out.push(made(Token::LParen, span));
            out.push(made(Token::Number("1".to_owned(), false), span));
            out.push(made(Token::RParen, span));
            out.push(made(Token::RParen, tokens[close].span));
            at = close + 1;
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}
