//! Rewrites arguments to calls that the binder recognizes. They are `MODEL d.m`,
//! `TABLE d.t` and `CONNECTION c`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{after_path, anywhere, is, made, marker, name, opens_call};

/// The words, and the names of the calls.
const CALLS: [(&str, &str); 3] = [
    ("MODEL", marker::MODEL),
    ("TABLE", marker::TABLE),
    ("CONNECTION", marker::CONNECTION),
];

/// Writes the arguments as calls.
pub(super) fn arguments(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !anywhere(&tokens, |tokens, at| call(tokens, at).is_some()) {
        return tokens;
    }
    let mut out = Vec::with_capacity(tokens.len());
    // For each open bracket, whether it contains a call's arguments.
    let mut calls = vec![false];
    // The columns of a created table are not arguments.
    let mut defines = is(tokens.first(), "CREATE");
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at].token {
            Token::LParen => calls.push(!defines && opens_call(&tokens, at)),
            Token::Lt if at > 0 && is_type(&tokens[at - 1]) => calls.push(false),
            Token::RParen => {
                calls.pop();
            }
            Token::Gt if calls.len() > 1 && closes_type(&tokens, at) => {
                calls.pop();
            }
            Token::Word(_) if is(tokens.get(at), "SELECT") || is(tokens.get(at), "FROM") => {
                defines = false;
            }
            _ => {}
        }
        if calls.last() == Some(&true)
            && let Some((call, end)) = call(&tokens, at)
        {
            let (first, last) = (tokens[at].span, tokens[end - 1].span);
            out.push(name(call, first));
            out.push(made(Token::LParen, first));
            out.extend_from_slice(&tokens[at + 1..end]);
            out.push(made(Token::RParen, last));
            at = end;
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}

/// Returns the call for an argument that begins here, and the index after it.
fn call(tokens: &[TokenWithSpan], at: usize) -> Option<(&'static str, usize)> {
    let (_, call) = CALLS.iter().find(|(word, _)| is(tokens.get(at), word))?;
    let before = &tokens[at.checked_sub(1)?].token;
    let end = after_path(tokens, at + 1)?;
    let after = &tokens.get(end)?.token;
    (matches!(before, Token::LParen | Token::Comma | Token::RArrow)
        && matches!(after, Token::RParen | Token::Comma))
    .then_some((*call, end))
}

fn is_type(token: &TokenWithSpan) -> bool {
    super::is_any(Some(token), &["ARRAY", "STRUCT", "RANGE", "TABLE"])
}

/// Whether a `>` closes a type, judged by the tokens before it.
fn closes_type(tokens: &[TokenWithSpan], at: usize) -> bool {
    let mut depth = 1_usize;
    for before in (0..at).rev() {
        match &tokens[before].token {
            Token::Gt => depth += 1,
            Token::Lt if before > 0 && is_type(&tokens[before - 1]) => {
                depth -= 1;
                if depth == 0 {
                    return true;
                }
            }
            Token::Word(_) | Token::Comma | Token::Number(..) | Token::LParen | Token::RParen => {}
            _ => return false,
        }
    }
    false
}
