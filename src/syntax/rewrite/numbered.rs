//! Names that begin with a digit after a dot, `t.1a`, `d.t.25`: the tokenizer
//! takes dot and digits for a number. And `0x1F` is a number, no bytes.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{made, quoted};

/// Writes the dot and the name apart.
pub(super) fn names(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        at += 1;
        if let Token::HexStringLiteral(digits) = &token.token {
            out.push(made(
                Token::Number(format!("0x{digits}"), false),
                token.span,
            ));
            continue;
        }
        let after_name = out.last().is_some_and(|last| {
            matches!(last.token, Token::Word(_) | Token::RParen | Token::RBracket)
                && last.span.end == token.span.start
        });
        let digits = match &token.token {
            Token::Number(text, _) if after_name => text.strip_prefix('.'),
            _ => None,
        };
        let Some(digits) = digits else {
            out.push(token.clone());
            continue;
        };
        out.push(made(Token::Period, token.span));
        let mut text = digits.trim_end_matches('.').to_owned();
        let mut span = token.span;
        if let Some(Token::Word(word)) = tokens.get(at).map(|next| &next.token)
            && word.quote_style.is_none()
            && tokens[at].span.start == span.end
            && text.len() == digits.len()
        {
            text.push_str(&word.value);
            span = span.union(&tokens[at].span);
            at += 1;
        }
        out.push(quoted(&text, span));
        if digits.ends_with('.') {
            out.push(made(Token::Period, token.span));
        }
    }
    out
}
