//! `CREATE MATERIALIZED VIEW v PARTITION BY … CLUSTER BY … OPTIONS (…) AS`:
//! how the rows are stored says nothing of them.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{are, is};

/// Takes the clauses between a view's name and its AS out.
pub(super) fn without_clauses(tokens: &mut Vec<TokenWithSpan>) {
    let head = tokens.len().min(6);
    let view = is(tokens.first(), "CREATE")
        && (0..head).any(|at| are(tokens, at, &["MATERIALIZED", "VIEW"]));
    if !view {
        return;
    }
    let mut depth = 0_usize;
    let mut from = None;
    let mut to = None;
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Word(_) if depth == 0 => {
                let clause = are(tokens, at, &["PARTITION", "BY"])
                    || are(tokens, at, &["CLUSTER", "BY"])
                    || is(tokens.get(at), "OPTIONS");
                if clause && from.is_none() {
                    from = Some(at);
                }
                if is(tokens.get(at), "AS") {
                    to = Some(at);
                    break;
                }
            }
            _ => {}
        }
    }
    if let (Some(from), Some(to)) = (from, to) {
        tokens.drain(from..to);
    }
}
