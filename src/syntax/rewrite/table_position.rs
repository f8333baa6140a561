//! Finds the places where the name of a table may begin.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{AFTER_FROM, is, is_any};

/// Words that precede the name of a table or a function.
const NAMED: [&str; 14] = [
    "INTO",
    "TABLE",
    "VIEW",
    "FUNCTION",
    "PROCEDURE",
    "MODEL",
    "MERGE",
    "UPDATE",
    "CLONE",
    "COPY",
    "CALL",
    "CONNECTION",
    "USING",
    "SCHEMA",
];

/// Computes for each token whether the name of a table may begin there. That is so
/// for a FROM item, and for a table or function that a statement writes.
pub(super) fn starts(tokens: &[TokenWithSpan]) -> Vec<bool> {
    let mut starts = vec![false; tokens.len()];
    // For each open parenthesis, whether a comma in it separates FROM items.
    let mut lists = vec![false];
    let mut next = false;
    for at in 0..tokens.len() {
        starts[at] = next;
        let begins = std::mem::take(&mut next);
        match &tokens[at].token {
            Token::LParen => {
                // `(a JOIN b)`
                lists.push(begins);
                next = begins;
            }
            Token::RParen if lists.len() > 1 => {
                lists.pop();
            }
            Token::Comma => next = lists.last().copied().unwrap_or(false),
            Token::VerticalBarRightAngleBracket | Token::SemiColon => set(&mut lists, false),
            Token::Word(_) => {
                let word = tokens.get(at);
                if is(word, "FROM") {
                    if !is(tokens.get(at.wrapping_sub(1)), "DISTINCT") && !in_extract(tokens, at) {
                        set(&mut lists, true);
                        next = true;
                    }
                } else if is(word, "JOIN") {
                    set(&mut lists, true);
                    next = true;
                } else if is_any(word, &NAMED) {
                    next = !begins;
                } else if is(word, "EXISTS") {
                    next = is(tokens.get(at.wrapping_sub(2)), "IF")
                        || is(tokens.get(at.wrapping_sub(1)), "IF");
                } else if is_any(word, &AFTER_FROM) || is_any(word, &["SELECT", "SET", "WHEN"]) {
                    set(&mut lists, false);
                }
            }
            _ => {}
        }
    }
    starts
}

fn set(lists: &mut [bool], list: bool) {
    if let Some(last) = lists.last_mut() {
        *last = list;
    }
}

/// Whether a FROM belongs to `EXTRACT(part FROM value)`.
fn in_extract(tokens: &[TokenWithSpan], from: usize) -> bool {
    let mut depth = 0_usize;
    for at in (0..from).rev() {
        match &tokens[at].token {
            Token::RParen => depth += 1,
            Token::LParen if depth == 0 => {
                return at > 0 && is_any(tokens.get(at - 1), &["EXTRACT"]);
            }
            Token::LParen => depth -= 1,
            Token::Word(_) if depth == 0 && is(tokens.get(at), "SELECT") => return false,
            _ => {}
        }
    }
    false
}
