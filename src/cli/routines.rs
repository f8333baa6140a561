//! The functions and procedures of files, by their names: a change of one reaches
//! whoever names it.

use std::collections::HashSet;

/// The words of a text of SQL as far as names need them: names with their dots, in
/// lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    let part = |c: char| c.is_alphanumeric() || "_-.`{}$@".contains(c);
    text.split(move |c: char| !part(c))
        .map(|word| word.trim_matches('`').to_lowercase())
        .filter(|word| !word.is_empty())
}

/// The last part of a name.
fn last(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    name.trim_matches('`').to_owned()
}

/// The names behind these words.
fn behind(text: &str, before: &[&str]) -> HashSet<String> {
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

/// The functions and procedures that a text defines.
pub(super) fn defined(text: &str) -> HashSet<String> {
    behind(text, &["function", "procedure"])
}

/// The procedures that it calls.
pub(super) fn called(text: &str) -> HashSet<String> {
    behind(text, &["call"])
}

/// Whether a text names one of these. One of which a part is made elsewhere may be any.
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
