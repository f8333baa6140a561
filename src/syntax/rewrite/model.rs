//! `MODEL d.m` and `TABLE d.t` as arguments become calls that the binder knows.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{after_path, is, made, name};

/// The calls' names.
const CALLS: [(&str, &str); 2] = [
    ("MODEL", "__headcount_model"),
    ("TABLE", "__headcount_table"),
];

/// Writes the arguments as calls.
pub(super) fn arguments(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let begins = at > 0 && matches!(tokens[at - 1].token, Token::LParen | Token::Comma);
        let call = CALLS.iter().find(|(word, _)| is(tokens.get(at), word));
        let end = after_path(&tokens, at + 1).filter(|end| {
            matches!(
                tokens.get(*end).map(|next| &next.token),
                Some(Token::RParen | Token::Comma)
            )
        });
        if let (true, Some((_, call)), Some(end)) = (begins, call, end) {
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
