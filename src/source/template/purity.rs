//! Decides which expressions have one value in all places of a rendering.

use super::names;

/// Functions that return one value throughout a rendering.
const CONSTANT: &[&str] = &[
    "is_init",
    "is_incremental",
    "should_full_refresh",
    "var",
    "env_var",
    "config.get",
    "config.meta_get",
    "adapter.get_relation",
    "load_relation",
    "load_cached_relation",
    "metrics.calculate",
    "metrics.data_source",
];

/// Replaces calls of constant functions by names, unless their arguments contain a
/// call.
fn without_constant_calls(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let before = &rest[..open];
        let name = before
            .rfind(|character: char| {
                !character.is_ascii_alphanumeric() && character != '_' && character != '.'
            })
            .map_or(before, |at| &before[at..])
            .trim_start_matches(|character: char| !character.is_ascii_alphabetic());
        let close = rest[open + 1..].find([')', '(']);
        let closed = close.filter(|close| rest.as_bytes()[open + 1 + close] == b')');
        match closed {
            Some(close) if CONSTANT.contains(&name) => {
                bare.push_str(before);
                rest = &rest[open + close + 2..];
            }
            Some(_) | None => {
                bare.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    bare.push_str(rest);
    bare
}

/// Whether an expression may have another value at each evaluation. That is so if it
/// contains a call, an unknown filter, or an element of an unknown sequence.
pub(super) fn may_change(text: &str) -> bool {
    if text.contains("[]") {
        return true;
    }
    let text = without_constant_calls(text);
    // A filter's name precedes its arguments; any other parenthesis is a call.
    let mut pieces = text.split('|');
    let called = |piece: &str| piece.contains('(');
    if pieces.next().is_some_and(called) {
        return true;
    }
    pieces.any(|piece| {
        let piece = piece.trim_start();
        let end = piece
            .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
            .unwrap_or(piece.len());
        let (name, rest) = piece.split_at(end);
        !names::is_pure(name) || called(rest.strip_prefix('(').unwrap_or(rest))
    })
}
