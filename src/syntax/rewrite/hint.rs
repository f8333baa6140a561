//! Hints, `@{…}` and `@5`, say nothing of the rows; and `` @`name` `` is `@name`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::name;

/// The tokens without hints.
pub(super) fn without(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        match &token.token {
            // The tokenizer takes the brace into the word.
            Token::Word(word) if word.quote_style.is_none() && word.value.starts_with("@{") => {
                at = after_brace(&tokens, at);
            }
            Token::AtSign
                if matches!(
                    tokens.get(at + 1).map(|next| &next.token),
                    Some(Token::LBrace)
                ) =>
            {
                at = after_brace(&tokens, at + 1);
            }
            Token::AtSign if quoted_name(&tokens, at + 1).is_some() => {
                let span = token.span.union(&tokens[at + 1].span);
                let named = quoted_name(&tokens, at + 1).unwrap_or_default();
                out.push(name(&format!("@{named}"), span));
                at += 2;
            }
            Token::Word(word)
                if word.quote_style.is_none()
                    && word.value.starts_with('@')
                    && word.value[1..].bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                at += 1;
            }
            _ => {
                out.push(token.clone());
                at += 1;
            }
        }
    }
    out
}

fn quoted_name(tokens: &[TokenWithSpan], at: usize) -> Option<&str> {
    match &tokens.get(at)?.token {
        Token::Word(word) if word.quote_style.is_some() => Some(&word.value),
        _ => None,
    }
}

/// The token after the brace that closes a hint.
fn after_brace(tokens: &[TokenWithSpan], open: usize) -> usize {
    tokens[open..]
        .iter()
        .position(|token| token.token == Token::RBrace)
        .map_or(tokens.len(), |close| open + close + 1)
}
