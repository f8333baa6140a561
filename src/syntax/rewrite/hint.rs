//! Removes hints, `@{…}` and `@5`, which do not affect the rows.

use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Returns the tokens without hints. A hint that is not closed stays, so that the
/// parser rejects it.
pub(super) fn without(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        match after_hint(&tokens, at) {
            Some(after) => at = after,
            None => {
                out.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    out
}

/// Returns the index after the hint that begins here. The lexer writes `AtSign` only
/// before hints.
fn after_hint(tokens: &[TokenWithSpan], at: usize) -> Option<usize> {
    if tokens[at].token != Token::AtSign {
        return None;
    }
    match &tokens.get(at + 1)?.token {
        Token::Number(text, _) if text.bytes().all(|byte| byte.is_ascii_digit()) => Some(at + 2),
        Token::LBrace => {
            let close = tokens[at + 2..]
                .iter()
                .position(|token| matches!(token.token, Token::RBrace | Token::LBrace))?;
            (tokens[at + 2 + close].token == Token::RBrace).then_some(at + 3 + close)
        }
        _ => None,
    }
}
