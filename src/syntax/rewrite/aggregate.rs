//! Orders the clauses inside of an aggregate's parentheses. Examples are
//! `ARRAY_AGG(x IGNORE NULLS WHERE c HAVING MAX y ORDER BY z LIMIT 3)` and
//! `SUM(AVG(x) GROUP BY y)`.

use std::ops::Range;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{are, call_of, closing, is, made, marker, opens_call, until};

/// The clauses, in the order in which the parser reads those that it supports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clause {
    Arguments,
    /// A clause that the parser lacks, written as an argument.
    Other(&'static str),
    Where,
    Nulls,
    OrderBy,
    Limit,
    HavingBound,
}

/// Puts the clauses into the order of the parser, and writes those that it lacks as
/// calls.
pub(super) fn clauses_in_order(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !has_clauses(&tokens) {
        return tokens;
    }
    let mut changed: Vec<(Range<usize>, Vec<TokenWithSpan>)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].token == Token::LParen
            && opens_call(&tokens, at)
            && let Some(close) = closing(&tokens, at)
            && let Some(ordered) = ordered(&tokens[at + 1..close])
        {
            changed.push((at + 1..close, clauses_in_order(ordered)));
            at = close;
            continue;
        }
        at += 1;
    }
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter();
    let mut at = 0;
    for (place, ordered) in changed {
        out.extend(tokens.by_ref().take(place.start - at));
        out.extend(ordered);
        tokens.by_ref().take(place.len()).for_each(drop);
        at = place.end;
    }
    out.extend(tokens);
    out
}

/// Whether a clause is directly inside the parentheses of a call.
fn has_clauses(tokens: &[TokenWithSpan]) -> bool {
    let mut calls = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen => calls.push(opens_call(tokens, at)),
            Token::RParen => {
                calls.pop();
            }
            Token::Word(_) if calls.last() == Some(&true) && begins(tokens, at).is_some() => {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// Returns the ordered arguments and clauses; `None` if nothing changes.
fn ordered(tokens: &[TokenWithSpan]) -> Option<Vec<TokenWithSpan>> {
    let mut parts: Vec<(Clause, &[TokenWithSpan])> = Vec::new();
    let mut start = 0;
    let mut clause = Clause::Arguments;
    loop {
        let from = if start == 0 { 0 } else { start + 1 };
        let next = until(tokens, from, |tokens, here| begins(tokens, here).is_some());
        parts.push((clause, &tokens[start..next]));
        match begins(tokens, next) {
            Some(other) => (clause, start) = (other, next),
            None if next < tokens.len() => return None,
            None => break,
        }
    }
    let known = parts.is_sorted_by_key(|(clause, _)| *clause)
        && !parts
            .iter()
            .any(|(clause, _)| matches!(clause, Clause::Other(_)));
    if known {
        return None;
    }
    parts.sort_by_key(|(clause, _)| *clause);
    let mut out = Vec::with_capacity(tokens.len());
    for (clause, part) in parts {
        if let (Clause::Other(word), Some(first)) = (clause, part.first()) {
            let span = first.span;
            if !out.is_empty() {
                out.push(made(Token::Comma, span));
            }
            out.extend(call_of(marker::CLAUSE, Some(word), span));
            if word == "GROUP BY" || word == "HAVING" {
                out.push(made(Token::Comma, span));
                let words = word.split(' ').count();
                out.extend_from_slice(&part[words..]);
            }
            out.push(made(Token::RParen, span));
        } else {
            out.extend_from_slice(part);
        }
    }
    Some(out)
}

/// Returns the clause that begins here.
fn begins(tokens: &[TokenWithSpan], at: usize) -> Option<Clause> {
    let Token::Word(word) = &tokens.get(at)?.token else {
        return None;
    };
    // Most words are names; of the first words of clauses, only CLAMPED is not a
    // keyword of the parser.
    let name = word.keyword == Keyword::NoKeyword && !is(tokens.get(at), "CLAMPED");
    if at == 0 || name {
        return None;
    }
    if are(tokens, at, &["IGNORE", "NULLS"]) || are(tokens, at, &["RESPECT", "NULLS"]) {
        Some(Clause::Nulls)
    } else if is(tokens.get(at), "WHERE") {
        Some(Clause::Where)
    } else if are(tokens, at, &["HAVING", "MAX"]) || are(tokens, at, &["HAVING", "MIN"]) {
        Some(Clause::HavingBound)
    } else if is(tokens.get(at), "HAVING") {
        Some(Clause::Other("HAVING"))
    } else if are(tokens, at, &["GROUP", "BY"]) {
        Some(Clause::Other("GROUP BY"))
    } else if are(tokens, at, &["CLAMPED", "BETWEEN"]) {
        Some(Clause::Other("CLAMPED"))
    } else if are(tokens, at, &["WITH", "REPORT"]) || are(tokens, at, &["WITH", "GROUP"]) {
        Some(Clause::Other("WITH"))
    } else if are(tokens, at, &["ORDER", "BY"]) {
        Some(Clause::OrderBy)
    } else if is(tokens.get(at), "LIMIT") {
        Some(Clause::Limit)
    } else {
        None
    }
}
