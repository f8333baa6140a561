//! Quotes `FROM d.events_*` and a table whose name is TABLE.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{after_path, anywhere, is, is_any, quoted, remove, sign, table_position};

/// Includes the star in the table's name.
pub(super) fn joined(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    for at in 1..tokens.len() {
        if is(tokens.get(at), "TABLE")
            && is_any(tokens.get(at - 1), &["FROM", "JOIN"])
            && !sign(&tokens, at + 1, &Token::LParen)
        {
            tokens[at] = quoted("table", tokens[at].span);
        }
    }
    let to_do = anywhere(&tokens, |tokens, at| {
        sign(tokens, at, &Token::Mul)
            && at > 0
            && matches!(tokens[at - 1].token, Token::Word(_))
            && tokens[at - 1].span.end == tokens[at].span.start
    });
    if !to_do {
        return tokens;
    }
    let starts = table_position::starts(&tokens);
    let mut stars = Vec::new();
    for start in (0..tokens.len()).filter(|at| starts[*at]) {
        let Some(star) = after_path(&tokens, start) else {
            continue;
        };
        let last = star - 1;
        if sign(&tokens, star, &Token::Mul)
            && tokens[last].span.end == tokens[star].span.start
            && let Token::Word(word) = &tokens[last].token
        {
            let span = tokens[last].span.union(&tokens[star].span);
            tokens[last] = quoted(&format!("{}*", word.value), span);
            stars.push(star);
        }
    }
    remove(&mut tokens, &stars);
    tokens
}
