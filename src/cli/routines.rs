//! Names of functions and procedures in SQL texts: a change of a routine reaches the
//! files that name it.

use std::collections::HashSet;

/// Splits SQL text into lower-case words. A qualified name with its dots is one
/// word.
fn words(text: &str) -> impl Iterator<Item = String> {
    let part = |c: char| c.is_alphanumeric() || "_-.`{}$@".contains(c);
    text.split(move |c: char| !part(c))
        .map(|word| word.trim_matches('`').to_lowercase())
        .filter(|word| !word.is_empty())
}

/// Returns the last part of a name.
fn last(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    name.trim_matches('`').to_owned()
}

/// Returns the last parts of the names that follow one of the given words.
fn names_after(text: &str, before: &[&str]) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut words = words(text).peekable();
    while let Some(word) = words.next() {
        if !before.contains(&word.as_str()) {
            continue;
        }
        for skipped in ["if", "not", "exists"] {
            words.next_if(|word| word == skipped);
        }
        found.extend(words.peek().map(|name| last(name)));
    }
    found
}

/// Returns the functions and procedures that a text defines.
pub(super) fn defined(text: &str) -> HashSet<String> {
    names_after(text, &["function", "procedure"])
}

/// Returns the procedures that a text calls.
pub(super) fn called(text: &str) -> HashSet<String> {
    names_after(text, &["call"])
}

/// Returns whether a text may name one of these routines. A name that a template or
/// a variable completes may be any name.
pub(super) fn names_one(text: &str, names: &HashSet<String>) -> bool {
    let open = |name: &String| name.contains(['{', '$', '@']);
    !names.is_empty()
        && (names.iter().any(open) || words(text).any(|word| names.contains(&last(&word))))
}

#[cfg(test)]
mod tests {
    use super::{called, defined, names_one};
    use std::collections::HashSet;

    #[test]
    fn routines_are_known_by_their_last_names() {
        let text = "CREATE OR REPLACE TABLE FUNCTION `p.d`.F(x INT64) AS (SELECT 1); CREATE PROCEDURE IF NOT EXISTS d.g() BEGIN CALL e.h(1); END";
        let set = |names: &[&str]| -> HashSet<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        assert_eq!(defined(text), set(&["f", "g"]));
        assert_eq!(called(text), set(&["h"]));
        assert!(names_one("SELECT * FROM `p.d.f`(1)", &set(&["f"])));
        assert!(names_one("SELECT d.F(1)", &set(&["f"])));
        assert!(!names_one("SELECT d.ff(1)", &set(&["f"])));
        assert!(!names_one("SELECT 1", &set(&[])));
        assert!(names_one("SELECT 1", &set(&["{x}"])));
    }
}
