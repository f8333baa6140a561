//! Rewrites the modes of set operations, which determine the output columns. The
//! forms are `LEFT UNION ALL BY NAME`, `UNION ALL BY NAME ON (a)` and
//! `CORRESPONDING`. An arm between the two inputs, which the binder recognizes,
//! expresses the mode.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{anywhere, are, call_of, closing, is, is_any, keyword, made, marker, sign, string};

/// Writes the modes as arms.
pub(super) fn marked(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let to_do = anywhere(&tokens, |tokens, at| {
        let mode = ["OUTER", "FULL", "LEFT", "INNER"];
        is_operator(tokens, at)
            && (is_any(tokens.get(at.wrapping_sub(1)), &mode)
                || is_any(tokens.get(at + 2), &["STRICT", "CORRESPONDING", "BY"]))
    });
    if !to_do {
        return tokens;
    }
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if !is_operator(&tokens, at) {
            out.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let (operator, quantifier) = (&tokens[at], &tokens[at + 1]);
        let span = operator.span;
        let outer = taken(&mut out);
        let mut end = at + 2;
        let strict = is(tokens.get(end), "STRICT");
        end += usize::from(strict);
        let corresponding = is(tokens.get(end), "CORRESPONDING");
        let by_name = are(&tokens, end, &["BY", "NAME"]);
        let mut list = None;
        if corresponding {
            end += 1;
            list = is(tokens.get(end), "BY").then_some(end + 1);
        } else if by_name {
            end += 2;
            list = is(tokens.get(end), "ON").then_some(end + 1);
        }
        let mut names = Vec::new();
        if let Some(open) = list.filter(|open| sign(&tokens, *open, &Token::LParen))
            && let Some(close) = closing(&tokens, open)
        {
            names.extend(
                tokens[open + 1..close]
                    .iter()
                    .filter_map(|token| match &token.token {
                        Token::Word(word) => Some(string(&word.value, token.span)),
                        _ => None,
                    }),
            );
            end = close + 1;
        }
        let mode = match outer {
            Some(mode) => Some(mode),
            None if corresponding && !strict => Some("INNER"),
            None if !names.is_empty() => Some("STRICT"),
            None => None,
        };
        let words = |out: &mut Vec<TokenWithSpan>| {
            out.extend([operator.clone(), quantifier.clone()]);
            if corresponding || by_name || mode.is_some() {
                out.extend([keyword("BY", span), keyword("NAME", span)]);
            }
        };
        let piped = out
            .last()
            .is_some_and(|last| last.token == Token::VerticalBarRightAngleBracket);
        words(&mut out);
        if let Some(mode) = mode {
            if piped {
                out.push(made(Token::LParen, span));
            }
            out.push(keyword("SELECT", span));
            out.extend(call_of(marker::COLUMNS, Some(mode), span));
            for name in names {
                out.push(made(Token::Comma, span));
                out.push(name);
            }
            out.push(made(Token::RParen, span));
            if piped {
                out.push(made(Token::RParen, span));
                out.push(made(Token::Comma, span));
            } else {
                words(&mut out);
            }
        }
        at = end;
    }
    out
}

/// Whether a set operator begins here.
fn is_operator(tokens: &[TokenWithSpan], at: usize) -> bool {
    is_any(tokens.get(at), &["UNION", "INTERSECT", "EXCEPT"])
        && is_any(tokens.get(at + 1), &["ALL", "DISTINCT"])
}

/// Removes FULL, LEFT or INNER from the end of the tokens.
fn taken(out: &mut Vec<TokenWithSpan>) -> Option<&'static str> {
    let outer = usize::from(is(out.last(), "OUTER"));
    let word = out.len().checked_sub(outer + 1)?;
    let mode = ["FULL", "LEFT", "INNER"]
        .into_iter()
        .find(|mode| is(out.get(word), mode))?;
    out.truncate(word);
    Some(mode)
}
