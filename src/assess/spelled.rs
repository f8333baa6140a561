//! Normalized source text of plan parts that have no other representation.

use crate::source::{SourceText, Span, digest};
use crate::syntax::{Lexeme, LexemeKind, lexemes};

/// Returns the call whose name is at a position, without its subqueries.
///
/// What subqueries compute is described by what they read. `None` if no parenthesis
/// follows the name.
pub(super) fn called(text: &SourceText, name: Span) -> Option<String> {
    let rest = from(text, name);
    let behind = name.end.saturating_sub(name.start);
    let all = lexemes(&rest);
    if all.is_empty() {
        return unread(&rest);
    }
    let open = all.iter().position(|lexeme| lexeme.span.start >= behind)?;
    if rest.slice(all[open].span) != "(" {
        return None;
    }
    let end = closing(&rest, &all, open);
    Some(words(&rest, &all[..end]))
}

/// Returns the first TABLESAMPLE after a position, with all its parentheses.
pub(super) fn sample(text: &SourceText, place: Span) -> Option<String> {
    let rest = from(text, place);
    let all = lexemes(&rest);
    if all.is_empty() {
        return unread(&rest);
    }
    let is = |at: usize, word: &str| {
        let lexeme = all.get(at);
        lexeme.is_some_and(|lexeme| rest.slice(lexeme.span).eq_ignore_ascii_case(word))
    };
    let first = (0..all.len()).find(|at| is(*at, "TABLESAMPLE"))?;
    let open = (first..all.len()).find(|at| is(*at, "("))?;
    let mut end = closing(&rest, &all, open);
    if is(end, "REPEATABLE") && is(end + 1, "(") {
        end = closing(&rest, &all, end + 1);
    }
    Some(words(&rest, &all[first..end]))
}

/// Returns a hash of a text without tokens, which contains something that is not
/// closed.
fn unread(rest: &SourceText) -> Option<String> {
    (!rest.text().is_empty()).then(|| digest(rest.text()))
}

/// Returns the text from a position to its end.
fn from(text: &SourceText, place: Span) -> SourceText {
    let rest = text.text().get(place.start as usize..).unwrap_or_default();
    // The lexer reads the text to its end.
    crate::budget::spend(rest.len() / 100);
    SourceText::new("", rest)
}

/// Returns the index after the parenthesis that closes the one at `open`.
fn closing(text: &SourceText, all: &[Lexeme], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, lexeme) in all.iter().enumerate().skip(open) {
        match text.slice(lexeme.span) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    all.len()
}

/// Joins lexemes by single blanks, with words in lower case and subqueries elided.
fn words(text: &SourceText, all: &[Lexeme]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(lexeme) = all.get(at) {
        let word = text.slice(lexeme.span);
        let query = word == "("
            && all.get(at + 1).is_some_and(|next| {
                let next = text.slice(next.span);
                ["SELECT", "WITH"]
                    .iter()
                    .any(|word| next.eq_ignore_ascii_case(word))
            });
        if query {
            words.push("(…)".to_owned());
            at = closing(text, all, at);
            continue;
        }
        words.push(if lexeme.kind == LexemeKind::Word {
            word.to_lowercase()
        } else {
            word.to_owned()
        });
        at += 1;
    }
    words.join(" ")
}
