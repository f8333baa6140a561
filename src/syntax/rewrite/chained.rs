//! Rewrites chained calls whose name has dots: `(a).(NET.HOST)()`,
//! `(a).SAFE.SUBSTR(1)`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{after_path, is, is_word, quoted, sign};

/// Writes the name after the dot as one word. SAFE is dropped, as the binder does in
/// any call.
pub(super) fn calls(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        out.push(tokens[at].clone());
        let chained = tokens[at].token == Token::Period
            && at > 0
            && matches!(tokens[at - 1].token, Token::RParen | Token::RBracket);
        at += 1;
        if tokens[at - 1].token == Token::Period
            && sign(&tokens, at, &Token::LParen)
            && let Some(close) = after_path(&tokens, at + 1)
            && sign(&tokens, close, &Token::RParen)
        {
            let name: Vec<&str> = tokens[at + 1..close]
                .iter()
                .filter_map(|token| match &token.token {
                    Token::Word(word) => Some(word.value.as_str()),
                    _ => None,
                })
                .collect();
            out.push(quoted(
                &name.join("."),
                tokens[at].span.union(&tokens[close].span),
            ));
            at = close + 1;
        } else if chained
            && is_safe(&tokens, at)
            && sign(&tokens, at + 1, &Token::Period)
            && is_word(tokens.get(at + 2))
            && sign(&tokens, at + 3, &Token::LParen)
        {
            at += 2;
        }
    }
    out
}

/// Every keyword after a dot is quoted.
fn is_safe(tokens: &[TokenWithSpan], at: usize) -> bool {
    is(tokens.get(at), "SAFE")
        || matches!(tokens.get(at).map(|token| &token.token), Some(Token::Word(word)) if word.value.eq_ignore_ascii_case("SAFE"))
}
