//! A script's statements, split at the semicolons between them.

use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Ranges of tokens, one a statement; empty ones are left out. A block from
/// BEGIN to its END is one statement, since its semicolons are its own.
pub(super) fn statements(tokens: &[TokenWithSpan]) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut blocks = 0_usize;
    let mut first: Option<String> = None;
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::Whitespace(_) => {}
            Token::SemiColon if blocks == 0 => {
                if first.is_some() {
                    ranges.push(start..at);
                }
                start = at + 1;
                first = None;
            }
            Token::Word(word) if word.quote_style.is_none() => {
                let text = word.value.to_uppercase();
                let begins = first.is_none();
                match text.as_str() {
                    "BEGIN" | "LOOP" | "WHILE" | "REPEAT" | "FOR" if begins && !transaction(tokens, at) => {
                        blocks += 1;
                    }
                    "BEGIN" if blocks > 0 => blocks += 1,
                    "CASE" if blocks > 0 => blocks += 1,
                    "END" if blocks > 0 => blocks -= 1,
                    _ => {}
                }
                first.get_or_insert(text);
            }
            _ => {
                first.get_or_insert_with(String::new);
            }
        }
    }
    if first.is_some() {
        ranges.push(start..tokens.len());
    }
    ranges
}

/// `BEGIN TRANSACTION` and a bare `BEGIN;` open no block.
fn transaction(tokens: &[TokenWithSpan], at: usize) -> bool {
    tokens[at + 1..]
        .iter()
        .find(|token| !matches!(token.token, Token::Whitespace(_)))
        .is_none_or(|next| match &next.token {
            Token::SemiColon => true,
            Token::Word(word) => word.value.eq_ignore_ascii_case("transaction"),
            _ => false,
        })
}
