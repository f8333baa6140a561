//! Replaces constructs by rows derived from `t` about which nothing is known. They
//! are `t MATCH_RECOGNIZE(…)`, and a PIVOT of anything but plain calls.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{call_of, closing, is, is_word, items, keyword, made, marker, name, sign, until};

pub(super) const WORDS: [&str; 2] = ["MATCH_RECOGNIZE", "PIVOT"];

/// Writes it as a PIVOT that the binder recognizes, in the same place.
pub(super) fn as_pivot(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let span = tokens[at].span;
        let word = WORDS.into_iter().find(|word| is(tokens.get(at), word));
        if let Some(word) = word
            && sign(&tokens, at + 1, &Token::LParen)
            && let Some(close) = closing(&tokens, at + 1)
            && (word == "MATCH_RECOGNIZE" || !of_calls(&tokens[at + 2..close]))
        {
            out.push(keyword("PIVOT", span));
            out.push(made(Token::LParen, span));
            out.extend(call_of(marker::OPAQUE, Some(word), span));
            out.push(made(Token::RParen, span));
            out.push(keyword("FOR", span));
            out.push(name(marker::NONE, span.union(&tokens[close].span)));
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

/// Whether all aggregates of a PIVOT are calls of plain names.
fn of_calls(tokens: &[TokenWithSpan]) -> bool {
    let end = until(tokens, 0, |tokens, here| is(tokens.get(here), "FOR"));
    items(&tokens[..end]).into_iter().all(|item| {
        let alias = match closing(item, 1) {
            Some(close) => &item[close + 1..],
            None => return false,
        };
        let alias = if is(alias.first(), "AS") {
            &alias[1..]
        } else {
            alias
        };
        is_word(item.first())
            && sign(item, 1, &Token::LParen)
            && (alias.is_empty() || (alias.len() == 1 && is_word(alias.first())))
    })
}
