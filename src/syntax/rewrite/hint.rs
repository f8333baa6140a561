//! Hints, `@{…}` and `@5`, say nothing of the rows.

use sqlparser::tokenizer::{Token, TokenWithSpan};

/// The tokens without hints. One that is not closed stays, for the parser to reject.
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

/// The token after the hint that begins here. The lexer writes a sign of its own
/// before hints only.
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
