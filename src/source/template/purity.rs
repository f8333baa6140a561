//! Which expressions give the same value wherever they stand.

/// Filters that give the same for the same.
const PURE: &[&str] = &[
    "abs",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
];

/// Whether an expression may give another value each time that it is asked: it
/// calls something, has a filter that is not known, or is what a loop meets.
pub(super) fn may_change(text: &str) -> bool {
    if text.contains("[]") {
        return true;
    }
    // Before a filter's arguments stands its name, before a call's another one.
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
        !PURE.contains(&name) || called(rest.strip_prefix('(').unwrap_or(rest))
    })
}
