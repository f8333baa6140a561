//! A script's statements, split at the semicolons between them.

use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Ranges of tokens, one a statement; empty ones are left out. A block from
/// BEGIN to its END is one statement, since its semicolons are its own; so are
/// IF, CASE and the loops of a script.
pub(super) fn statements(tokens: &[TokenWithSpan]) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut blocks = 0_usize;
    let mut words: Vec<String> = Vec::new();
    let mut empty = true;
    // The word before, upper case; empty for anything that is no word.
    let mut before = String::new();
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::SemiColon => {
                if blocks == 0 {
                    if !empty {
                        ranges.push(start..at);
                    }
                    start = at + 1;
                    empty = true;
                    words.clear();
                }
                before = ";".to_owned();
                continue;
            }
            Token::Word(word) if word.quote_style.is_none() => {
                let text = word.value.to_uppercase();
                let begins = empty
                    || (blocks > 0
                        && matches!(
                            before.as_str(),
                            ";" | "THEN" | "ELSE" | "BEGIN" | "DO" | "LOOP" | "REPEAT"
                        ));
                let procedure = words.iter().any(|word| word == "PROCEDURE");
                match text.as_str() {
                    "BEGIN"
                        if (begins || (procedure && blocks == 0)) && !transaction(tokens, at) =>
                    {
                        blocks += 1;
                    }
                    "IF" | "LOOP" | "WHILE" | "REPEAT" | "FOR" if begins => blocks += 1,
                    "CASE" if (blocks > 0 || begins) && before != "END" => blocks += 1,
                    "END" => blocks = blocks.saturating_sub(1),
                    _ => {}
                }
                if words.len() < 5 {
                    words.push(text.clone());
                }
                before = text;
            }
            _ => before.clear(),
        }
        empty = false;
    }
    if !empty {
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
