//! Statements that are recognised by their first words and have no tree.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::script::{Statement, Unmodelled};
use crate::catalog::TableName;

/// What a statement without a tree is; `None` for any other.
pub(super) struct Recognised {
    /// It, without its query.
    pub(super) unmodelled: Unmodelled,
    /// Where its query begins.
    pub(super) query: Option<usize>,
}

/// Recognises a statement by its first words.
pub(super) fn recognise(tokens: &[TokenWithSpan]) -> Option<Recognised> {
    let words: Vec<String> = tokens
        .iter()
        .take(8)
        .map_while(|token| match &token.token {
            Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_uppercase()),
            _ => None,
        })
        .filter(|word| !matches!(word.as_str(), "OR" | "REPLACE" | "TEMP" | "TEMPORARY"))
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["BEGIN"] | ["BEGIN", "TRANSACTION"] if tokens.len() <= 2 => None,
        ["BEGIN", ..] => Some(block("a BEGIN block")),
        ["IF", ..] => Some(block("an IF block")),
        ["LOOP" | "WHILE" | "REPEAT" | "FOR", ..] => Some(block("a loop")),
        ["CASE", ..] => Some(block("a CASE statement")),
        ["LOAD", "DATA", ..] => Some(block("LOAD DATA")),
        ["CREATE", "MODEL", ..] => Some(model(tokens)),
        ["CREATE", "AGGREGATE", "FUNCTION", ..] => Some(definition("CREATE AGGREGATE FUNCTION")),
        ["CREATE", "TABLE", "FUNCTION", ..] => Some(definition("CREATE TABLE FUNCTION")),
        ["CREATE", "PROCEDURE", ..] => Some(definition("CREATE PROCEDURE")),
        ["COMMIT", ..] | ["ROLLBACK", ..] => Some(definition("a transaction's end")),
        _ => None,
    }
}

fn block(word: &str) -> Recognised {
    Recognised {
        unmodelled: Unmodelled {
            word: word.to_owned(),
            publishes: true,
            target: None,
            query: None,
        },
        query: None,
    }
}

fn definition(word: &str) -> Recognised {
    Recognised {
        unmodelled: Unmodelled {
            word: word.to_owned(),
            publishes: false,
            target: None,
            query: None,
        },
        query: None,
    }
}

/// `CREATE MODEL d.m … AS SELECT …`; without a query (an imported or remote
/// model) no rows of the warehouse go in.
fn model(tokens: &[TokenWithSpan]) -> Recognised {
    let upper = |at: usize| match tokens.get(at).map(|token| &token.token) {
        Some(Token::Word(word)) => word.value.to_uppercase(),
        _ => String::new(),
    };
    let mut name = (0..tokens.len())
        .find(|at| upper(*at) == "MODEL")
        .map_or(0, |at| at + 1);
    if upper(name) == "IF" {
        name += 3;
    }
    let mut parts = Vec::new();
    while let Some(Token::Word(word)) = tokens.get(name).map(|token| &token.token) {
        parts.push(word.value.clone());
        if tokens.get(name + 1).map(|next| &next.token) != Some(&Token::Period) {
            break;
        }
        name += 2;
    }
    let mut depth = 0_usize;
    let mut query = None;
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Word(_) if depth == 0 && upper(at) == "AS" => {
                query = Some(at + 1);
                break;
            }
            _ => {}
        }
    }
    // `AS (training_data AS (…), …)` gives several queries, which are not told
    // apart here.
    let several = query.is_some_and(|at| {
        tokens.get(at).map(|token| &token.token) == Some(&Token::LParen) && upper(at + 2) == "AS"
    });
    Recognised {
        unmodelled: Unmodelled {
            word: "CREATE MODEL".to_owned(),
            publishes: query.is_some(),
            target: Some(TableName::new(parts.iter().map(String::as_str))),
            query: None,
        },
        query: query.filter(|_| !several),
    }
}

/// Puts the query of a recognised statement in.
pub(super) fn with_query(mut unmodelled: Unmodelled, query: Option<Statement>) -> Unmodelled {
    unmodelled.query = query.map(Box::new);
    unmodelled
}
