//! Joins adjacent literals: `'a' "b"` is one literal, `'ab'`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Joins adjacent literals of one kind.
pub(super) fn joined(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    tokens.dedup_by(|token, last| {
        let same = are_joined(&last.token, &token.token);
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

/// Whether two adjacent tokens are one literal: two strings or two bytes literals.
pub(super) fn are_joined(first: &Token, second: &Token) -> bool {
    matches!(
        (first, second),
        (Token::SingleQuotedString(_), Token::SingleQuotedString(_))
            | (
                Token::SingleQuotedByteStringLiteral(_),
                Token::SingleQuotedByteStringLiteral(_)
            )
    )
}

fn text_of(token: &mut Token) -> Option<&mut String> {
    match token {
        Token::SingleQuotedString(text) | Token::SingleQuotedByteStringLiteral(text) => Some(text),
        _ => None,
    }
}
