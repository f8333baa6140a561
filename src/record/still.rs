//! Detection of texts that may still write the table of an entry.
//!
//! They yield no dataset of that name, because the table is written in a statement
//! or a procedure that is not followed.

use crate::source::{SourceText, Span};
use crate::syntax::{LexemeKind, lexemes};

/// Keywords that precede the name of a written table.
const BEFORE: &[&str] = &[
    "TABLE",
    "VIEW",
    "INTO",
    "INSERT",
    "MERGE",
    "EXISTS",
    "OVERWRITE",
];

/// Returns the position at which a text names a table as a target.
pub(super) fn find_table_write(text: &SourceText, dataset: &str) -> Option<Span> {
    let wanted: Vec<String> = dataset.split('.').map(str::to_lowercase).collect();
    let last = wanted.last()?;
    // Most texts do not contain the name at all.
    if wanted.len() < 2 || !text.text().to_lowercase().contains(last.as_str()) {
        return None;
    }
    let all = lexemes(text);
    let word = |at: usize| all.get(at).map_or("", |found| text.slice(found.span));
    let mut begin = 0;
    for at in 0..all.len() {
        if word(at) == ";" {
            begin = at + 1;
        }
        let before = BEFORE
            .iter()
            .any(|known| word(at).eq_ignore_ascii_case(known));
        if !before || word(begin).eq_ignore_ascii_case("DROP") {
            continue;
        }
        let mut name = String::new();
        let mut end = at + 1;
        while let Some(part) = all.get(end) {
            let word = text.slice(part.span);
            match part.kind {
                LexemeKind::Period => name.push('.'),
                LexemeKind::Word | LexemeKind::Quoted if name.is_empty() || name.ends_with('.') => {
                    name.push_str(&word.replace('`', "").to_lowercase());
                }
                _ => break,
            }
            end += 1;
        }
        let parts: Vec<&str> = name.split('.').collect();
        let same = parts.len() > 1
            && parts
                .iter()
                .rev()
                .zip(wanted.iter().rev())
                .all(|(one, other)| one == other);
        if same {
            return Some(all[at + 1].span);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::find_table_write;
    use crate::source::SourceText;

    #[test]
    fn what_writes_the_table_is_seen_and_what_reads_or_drops_it_is_not() {
        let written =
            |text: &str| find_table_write(&SourceText::new("a.sql", text), "o.out").is_some();
        assert!(written(
            "CREATE EXTERNAL TABLE o.out OPTIONS (format = 'CSV')"
        ));
        assert!(written(
            "CREATE PROCEDURE o.p() BEGIN CREATE TABLE `p.o.out` AS SELECT 1; END"
        ));
        assert!(written("CREATE TABLE IF NOT EXISTS o.`out` CLONE o.other"));
        assert!(written("INSERT o.out SELECT 1"));
        assert!(!written("SELECT 1 FROM o.out"));
        assert!(!written("DROP TABLE IF EXISTS o.out"));
        assert!(!written("CREATE TABLE o.other CLONE o.out"));
        assert!(!written("-- CREATE TABLE o.out"));
    }
}
