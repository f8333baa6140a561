//! Hides names from a template that is brought in without context.
//!
//! MiniJinja shows such a template every name. Therefore each name to which the
//! templates before it may have given a value is removed at its beginning: there it
//! has the value of a name that was never set.

use std::collections::BTreeSet;

use super::tokens::{ExpressionTokenKind, tokens};

/// Statements that give values to names.
const ASSIGNING: &[&str] = &[
    "set", "for", "macro", "call", "with", "import", "from", "block",
];

/// Words that are not variables, or that no statement may set.
pub(super) const WORDS: &[&str] = &[
    "and",
    "as",
    "else",
    "if",
    "import",
    "in",
    "is",
    "not",
    "or",
    "context",
    "without",
    "with",
    "recursive",
    "scoped",
    "required",
    "true",
    "True",
    "false",
    "False",
    "none",
    "None",
    "loop",
    "self",
    "super",
];

/// Adds the names to which a statement may give a value: all names in it.
pub(super) fn note(word: &str, rest: &str, assigned: &mut BTreeSet<String>) {
    if !ASSIGNING.contains(&word) {
        return;
    }
    let mut add = |name: &str| {
        if !WORDS.contains(&name) && !name.starts_with("__") {
            assigned.insert(name.to_owned());
        }
    };
    match tokens(rest) {
        Ok(tokens) => tokens
            .iter()
            .filter(|token| token.kind == ExpressionTokenKind::Name)
            .for_each(|token| add(&rest[token.start..token.end])),
        Err(_) => rest
            .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
            .filter(|word| super::unknown::is_name(word))
            .for_each(add),
    }
}

/// Whether a statement brings in a template without context.
pub(super) fn is_isolated(word: &str, tail: &str) -> bool {
    let words: Vec<&str> = tail.split_whitespace().collect();
    match words.as_slice() {
        [.., "without", "context"] => true,
        [.., "with", "context"] => false,
        _ => matches!(word, "import" | "from"),
    }
}

/// Returns the beginning of a template that removes these names.
pub(super) fn without<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names
        .map(|name| format!("{{% set {name} = __absent(\"{name}\") %}}"))
        .collect()
}
