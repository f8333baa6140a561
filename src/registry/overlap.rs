//! Entries between which nothing decides: the same name twice, or two globs
//! that are equally specific and match the same name.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::glob::Pattern;
use super::lookup::{ColumnIndex, NameForm, NameRow, TableIndex, table_rank};
use super::{ColumnEntry, TableEntry};
use crate::source::{SourceText, Span};
use crate::toml_text::Mistake;

/// Pairs of columns that tie. Only names of the same form and length can, so
/// only these are compared.
pub(super) fn columns(
    entries: &[ColumnEntry],
    index: &ColumnIndex,
    source: &SourceText,
) -> Vec<Mistake> {
    let mut plain: FxHashMap<&str, Vec<&NameRow>> = FxHashMap::default();
    let mut globs: BTreeMap<(usize, bool), Vec<&NameRow>> = BTreeMap::new();
    for row in &index.rows {
        match row.form {
            NameForm::Path | NameForm::LastName => {
                plain.entry(row.pattern.text()).or_default().push(row);
            }
            NameForm::Glob => {
                let alike = (row.pattern.literal_characters(), row.pattern.is_dotted());
                globs.entry(alike).or_default().push(row);
            }
        }
    }
    let mut found: BTreeMap<usize, Mistake> = BTreeMap::new();
    for rows in plain.values().chain(globs.values()) {
        for (at, later) in rows.iter().enumerate() {
            for earlier in &rows[..at] {
                if earlier.entry != later.entry
                    && !found.contains_key(&later.entry)
                    && let Some(error) = column_pair(entries, index, earlier, later, source)
                {
                    found.insert(later.entry, error);
                }
            }
        }
    }
    found.into_values().collect()
}

fn column_pair(
    entries: &[ColumnEntry],
    index: &ColumnIndex,
    earlier: &NameRow,
    later: &NameRow,
    source: &SourceText,
) -> Option<Mistake> {
    let same_name = earlier.pattern.text() == later.pattern.text();
    if !same_name && !earlier.pattern.overlaps(&later.pattern) {
        return None;
    }
    let bound = tables_tie(&index.tables[earlier.entry], &index.tables[later.entry])?;
    let (first, second) = (&entries[earlier.entry], &entries[later.entry]);
    let line = line(source, first.span);
    let name = second.names().nth(later.nth).unwrap_or(&second.name);
    let other = first.names().nth(earlier.nth).unwrap_or(&first.name);
    Some(if same_name && bound == Tie::Same {
        Mistake::new(
            second.span,
            format!("column `{name}` is registered twice; the first entry is on line {line}"),
            "keep one of the two, or tell them apart with `tables`",
        )
    } else {
        Mistake::new(
            second.span,
            format!(
                "`{name}` and `{other}` on line {line} match the same columns and are equally specific"
            ),
            "make one of the two more specific, in its name or its `tables`, or take one of them out",
        )
    })
}

/// How two lists of tables meet at equal rank.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// Both name the same table, or both none.
    Same,
    /// Two globs that match the same table.
    Overlapping,
}

fn tables_tie(a: &[Pattern], b: &[Pattern]) -> Option<Tie> {
    if a.is_empty() || b.is_empty() {
        return (a.is_empty() && b.is_empty()).then_some(Tie::Same);
    }
    let pairs = || {
        a.iter()
            .flat_map(|left| b.iter().map(move |right| (left, right)))
            .filter(|(left, right)| table_rank(left) == table_rank(right))
    };
    if pairs().any(|(left, right)| left.text() == right.text()) {
        Some(Tie::Same)
    } else if pairs().any(|(left, right)| left.is_glob() && left.overlaps(right)) {
        Some(Tie::Overlapping)
    } else {
        None
    }
}

/// Pairs of tables that tie.
pub(super) fn tables(
    entries: &[TableEntry],
    index: &TableIndex,
    source: &SourceText,
) -> Vec<Mistake> {
    let mut errors = Vec::new();
    let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
    let mut globs: Vec<usize> = Vec::new();
    for (at, pattern) in index.patterns.iter().enumerate() {
        if let Some(first) = seen.get(pattern.text()) {
            errors.push(Mistake::new(
                entries[at].span,
                format!(
                    "table `{}` is registered twice; the first entry is on line {}",
                    entries[at].name,
                    line(source, entries[*first].span)
                ),
                "keep one of the two",
            ));
            continue;
        }
        seen.insert(pattern.text(), at);
        if !pattern.is_glob() {
            continue;
        }
        let tied = globs.iter().find(|other| {
            let other = &index.patterns[**other];
            table_rank(other) == table_rank(pattern) && other.overlaps(pattern)
        });
        if let Some(other) = tied {
            errors.push(Mistake::new(
                entries[at].span,
                format!(
                    "`{}` and `{}` on line {} match the same tables and are equally specific",
                    entries[at].name,
                    entries[*other].name,
                    line(source, entries[*other].span)
                ),
                "make one of the two names more specific, or take one of them out",
            ));
        }
        globs.push(at);
    }
    errors
}

fn line(source: &SourceText, span: Span) -> usize {
    source.position(span.start).line
}
