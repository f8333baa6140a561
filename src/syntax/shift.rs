//! Splits `>>` inside types: `ARRAY<STRUCT<a INT64>>` closes two of them.

use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan};

/// Splits each `>>` that closes two open types.
pub(super) fn split(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let shifts = tokens
        .iter()
        .filter(|token| matches!(token.token, Token::ShiftRight))
        .count();
    if shifts == 0 {
        return tokens;
    }
    let mut open = 0_usize;
    let mut after_type = false;
    let mut split = Vec::with_capacity(tokens.len() + shifts);
    for token in tokens {
        match &token.token {
            Token::Word(word) => {
                after_type = ["ARRAY", "STRUCT", "RANGE", "TABLE"]
                    .iter()
                    .any(|of| word.value.eq_ignore_ascii_case(of));
            }
            Token::Whitespace(_) => {}
            Token::Lt if after_type => {
                open += 1;
                after_type = false;
            }
            Token::Gt => open = open.saturating_sub(1),
            Token::ShiftRight if open >= 2 => {
                open -= 2;
                let Location { line, column } = token.span.start;
                let middle = Location::new(line, column + 1);
                split.push(TokenWithSpan::new(
                    Token::Gt,
                    Span::new(token.span.start, middle),
                ));
                split.push(TokenWithSpan::new(
                    Token::Gt,
                    Span::new(middle, token.span.end),
                ));
                continue;
            }
            _ => after_type = false,
        }
        split.push(token);
    }
    split
}
