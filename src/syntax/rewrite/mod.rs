//! What the parser has no words for is written in words that it has. A rewrite
//! says the same; where none can, the statement fails as a whole (HC001).

mod model;
mod outer_union;
mod path_offset;
mod pipe;
mod privacy;
mod table_copy;
mod typed_array;
mod view;

use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use super::script::SelectClause;
use super::words::is;
use crate::source::SourceText;

/// All rewrites of a statement's tokens, without white space. Privacy clauses
/// are taken out and returned beside them.
pub(super) fn statement(
    source: &SourceText,
    tokens: &[TokenWithSpan],
) -> (Vec<TokenWithSpan>, Vec<SelectClause>) {
    let mut tokens = typed_array::to_casts(tokens);
    view::without_clauses(&mut tokens);
    table_copy::as_clone(&mut tokens);
    outer_union::as_union(&mut tokens);
    let tokens = path_offset::as_unnest(tokens);
    let tokens = model::arguments(tokens);
    let tokens = pipe::operators(tokens);
    privacy::take_out(source, tokens)
}

/// Whether these words stand at a place.
fn are(tokens: &[TokenWithSpan], at: usize, words: &[&str]) -> bool {
    words
        .iter()
        .enumerate()
        .all(|(nth, word)| is(tokens.get(at + nth), word))
}

/// A word or sign that stands for others, at their place.
fn made(token: Token, span: Span) -> TokenWithSpan {
    TokenWithSpan::new(token, span)
}

/// A plain name.
fn name(text: &str, span: Span) -> TokenWithSpan {
    made(Token::make_word(text, None), span)
}

/// The token that closes the parenthesis at `open`.
pub(super) fn closing(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The token after a dotted name that begins at `at`.
fn after_path(tokens: &[TokenWithSpan], mut at: usize) -> Option<usize> {
    loop {
        if !matches!(tokens.get(at)?.token, Token::Word(_)) {
            return None;
        }
        if tokens.get(at + 1).map(|next| &next.token) != Some(&Token::Period) {
            return Some(at + 1);
        }
        at += 2;
    }
}
