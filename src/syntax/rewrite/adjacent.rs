//! `'a' "b"` is one literal, `'ab'`; and a string in double quotes is a string,
//! never a name.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::super::literal::text_of;

/// Strings beside each other as one.
pub(super) fn joined(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    for token in &mut tokens {
        if let Token::DoubleQuotedString(text) = &mut token.token {
            token.token = Token::SingleQuotedString(std::mem::take(text));
        }
    }
    tokens.dedup_by(|token, last| {
        let same = is_bytes(&last.token).is_some_and(|kind| is_bytes(&token.token) == Some(kind));
        if same
            && let Some(more) = text_of(&mut token.token)
            && let Some(text) = text_of(&mut last.token)
        {
            text.push_str(more);
            last.span = last.span.union(&token.span);
        }
        same
    });
    tokens
}

/// Whether a literal is bytes, not text; `None` for what is neither.
pub(super) fn is_bytes(token: &Token) -> Option<bool> {
    match token {
        Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_)
        | Token::TripleSingleQuotedByteStringLiteral(_)
        | Token::TripleDoubleQuotedByteStringLiteral(_) => Some(true),
        Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::TripleSingleQuotedString(_)
        | Token::TripleDoubleQuotedString(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::DoubleQuotedRawStringLiteral(_)
        | Token::TripleSingleQuotedRawStringLiteral(_)
        | Token::TripleDoubleQuotedRawStringLiteral(_) => Some(false),
        _ => None,
    }
}
