//! Rewrites `CAST(x AS T FORMAT f AT TIME ZONE z)` if a format is not a literal. It
//! becomes a call of the cast and its formats.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{are, closing, is, is_any, made, marker, name, sign, until};

/// Writes such casts as calls.
pub(super) fn as_calls(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        match formatted(&tokens, at) {
            Some((format, close)) => {
                let (first, last) = (tokens[at].span, tokens[close].span);
                out.push(name(marker::FORMATTED, first));
                out.push(made(Token::LParen, first));
                out.extend(as_calls(tokens[at..format].to_vec()));
                out.push(made(Token::RParen, last));
                let zone = until(&tokens, format + 1, |tokens, here| {
                    are(tokens, here, &["AT", "TIME", "ZONE"])
                });
                let zone = Some(zone).filter(|zone| {
                    zone + 3 <= close && are(&tokens, *zone, &["AT", "TIME", "ZONE"])
                });
                out.push(made(Token::Comma, last));
                out.extend_from_slice(&tokens[format + 1..zone.unwrap_or(close)]);
                if let Some(zone) = zone {
                    out.push(made(Token::Comma, last));
                    out.extend_from_slice(&tokens[zone + 3..close]);
                }
                out.push(made(Token::RParen, last));
                at = close + 1;
            }
            None => {
                out.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    out
}

/// Returns the FORMAT of a cast that begins here, and its closing parenthesis.
/// `None` if the format is a literal.
fn formatted(tokens: &[TokenWithSpan], at: usize) -> Option<(usize, usize)> {
    if !is_any(tokens.get(at), &["CAST", "SAFE_CAST"]) || !sign(tokens, at + 1, &Token::LParen) {
        return None;
    }
    let close = closing(tokens, at + 1)?;
    let after_as = until(tokens, at + 2, |tokens, here| is(tokens.get(here), "AS"));
    let format = until(tokens, after_as, |tokens, here| {
        is(tokens.get(here), "FORMAT")
    });
    // A closing bracket that was never opened also ends the search.
    if format >= close || !is(tokens.get(format), "FORMAT") {
        return None;
    }
    let plain = tokens[format + 1..close].iter().all(|token| {
        matches!(token.token, Token::SingleQuotedString(_))
            || is_any(Some(token), &["AT", "TIME", "ZONE"])
    });
    (!plain).then_some((format, close))
}
