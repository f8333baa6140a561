//! `ARRAY<T>[…]` is `CAST([…] AS ARRAY<T>)`: the parser knows only the latter.

use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Rewrites the typed array literals of a statement without white space.
pub(super) fn to_casts(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let literal = types_end(tokens, at).and_then(|end| {
            let close = closing(tokens, end + 1)?;
            Some((end, close))
        });
        let Some((end, close)) = literal else {
            out.push(tokens[at].clone());
            at += 1;
            continue;
        };
        let (first, last) = (tokens[at].span, tokens[close].span);
        out.push(TokenWithSpan::new(Token::make_keyword("CAST"), first));
        out.push(TokenWithSpan::new(Token::LParen, first));
        out.extend(to_casts(&tokens[end + 1..=close]));
        out.push(TokenWithSpan::new(Token::make_keyword("AS"), last));
        out.extend_from_slice(&tokens[at..=end]);
        out.push(TokenWithSpan::new(Token::RParen, last));
        at = close + 1;
    }
    out
}

/// The `>` that ends the type of a literal which begins here.
fn types_end(tokens: &[TokenWithSpan], at: usize) -> Option<usize> {
    let Token::Word(word) = &tokens[at].token else {
        return None;
    };
    let array = word.quote_style.is_none() && word.value.eq_ignore_ascii_case("ARRAY");
    if !array || tokens.get(at + 1)?.token != Token::Lt {
        return None;
    }
    let mut depth = 0_usize;
    for (end, token) in tokens.iter().enumerate().skip(at + 1) {
        match &token.token {
            Token::Lt => depth += 1,
            Token::Gt => {
                depth -= 1;
                if depth == 0 {
                    let literal = tokens.get(end + 1)?.token == Token::LBracket;
                    return literal.then_some(end);
                }
            }
            Token::Word(_)
            | Token::Comma
            | Token::LParen
            | Token::RParen
            | Token::Number(..)
            | Token::Period => {}
            _ => return None,
        }
    }
    None
}

/// The bracket that closes the one at `open`.
fn closing(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match &token.token {
            Token::LBracket => depth += 1,
            Token::RBracket => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
