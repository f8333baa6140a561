//! Finds entries that tie: neither is more specific than the other.
//!
//! They have the same name, or are two globs that are equally specific and match the
//! same name.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::glob::NamePattern;
use super::lookup::{ColumnIndex, IndexedName, NameForm, TableIndex, table_rank};
use super::{ColumnEntry, TableEntry};
use crate::source::{SourceText, Span};
use crate::toml_text::TomlError;

/// Maximum number of steps to compare the names of a registry.
///
/// A step takes some nanoseconds.
const MAX_STEPS: usize = 50_000_000;

/// Maximum number of pairs of globs that begin in the same way.
const MAX_GLOB_PAIRS: usize = 5_000_000;

/// The steps that remain.
struct StepBudget(usize);

impl StepBudget {
    /// Subtracts some steps; returns `false` if too few remain.
    fn take(&mut self, steps: usize) -> bool {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// Returns the mistake for a registry with too many names to compare.
fn too_many_names(span: Span, name: &str) -> TomlError {
    TomlError::new(
        span,
        format!("up to `{name}`, there are too many names to compare"),
        "write fewer names, or names and tables with different prefixes",
    )
}

/// Finds column entries that tie with an earlier one, and reports each once.
///
/// Only names of the same form, and globs of the same length and with or without a
/// dot, can tie; only these are compared.
pub(super) fn columns(
    entries: &[ColumnEntry],
    index: &ColumnIndex,
    source: &SourceText,
) -> Vec<TomlError> {
    let mut plain: FxHashMap<&str, Vec<&IndexedName>> = FxHashMap::default();
    let mut globs: BTreeMap<(usize, bool), Vec<&IndexedName>> = BTreeMap::new();
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
    let mut found: BTreeMap<usize, TomlError> = BTreeMap::new();
    let mut left = StepBudget(MAX_STEPS);
    for (rows, is_glob) in plain
        .values()
        .map(|rows| (rows, false))
        .chain(globs.values().map(|rows| (rows, true)))
    {
        let before = |at: usize| (0..at).map(move |earlier| (earlier, at));
        let pairs: Box<dyn Iterator<Item = (usize, usize)>> = match is_glob {
            false => Box::new((0..rows.len()).flat_map(before)),
            true => match pairs_by_beginning(rows) {
                Some(pairs) => Box::new(pairs.into_iter()),
                None => {
                    let last = rows.last().map(|row| &entries[row.entry]);
                    found.extend(
                        last.map(|entry| (usize::MAX, too_many_names(entry.span, &entry.name))),
                    );
                    break;
                }
            },
        };
        for (earlier, later) in pairs {
            let (earlier, later) = (rows[earlier], rows[later]);
            if !left.take(steps(index, earlier, later)) {
                let entry = &entries[later.entry];
                found.insert(usize::MAX, too_many_names(entry.span, &entry.name));
                return found.into_values().collect();
            }
            if earlier.entry != later.entry
                && !found.contains_key(&later.entry)
                && let Some(error) = column_tie(entries, index, earlier, later, source)
            {
                found.insert(later.entry, error);
            }
        }
    }
    found.into_values().collect()
}

/// Returns the pairs of globs that may match the same name.
///
/// The text of one glob before its first `*` is a prefix of that of the other; no
/// other globs can match the same name. `None` if there are more than [`MAX_GLOB_PAIRS`].
fn pairs_by_beginning(rows: &[&IndexedName]) -> Option<Vec<(usize, usize)>> {
    let head = |at: usize| rows[at].pattern.head();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| (head(*at), *at));
    // The globs whose heads are prefixes of the current one, each a prefix of the
    // next.
    let mut open: Vec<usize> = Vec::new();
    let mut pairs = Vec::new();
    for at in order {
        while open
            .pop_if(|last| !head(at).starts_with(head(*last)))
            .is_some()
        {}
        pairs.extend(open.iter().map(|other| (at.min(*other), at.max(*other))));
        if pairs.len() > MAX_GLOB_PAIRS {
            return None;
        }
        open.push(at);
    }
    pairs.sort_by_key(|(earlier, later)| (*later, *earlier));
    Some(pairs)
}

/// Returns the steps that it takes to compare two names, with their tables.
fn steps(index: &ColumnIndex, earlier: &IndexedName, later: &IndexedName) -> usize {
    let same_name = earlier.pattern.text() == later.pattern.text();
    let names = match same_name {
        true => 1,
        false => earlier.pattern.steps(&later.pattern),
    };
    if names == 1 && !same_name {
        return names;
    }
    let tables = &index.tables[earlier.entry];
    let others = &index.tables[later.entry];
    let pairs = tables
        .iter()
        .flat_map(|table| others.iter().map(move |other| (table, other)));
    // For a long list, the first 16 pairs and the length give a good estimate.
    let first = pairs
        .clone()
        .take(16)
        .map(|(table, other)| table.steps(other));
    let all = tables.len().saturating_mul(others.len());
    let of_tables = first.fold(0, usize::saturating_add);
    names
        .saturating_add(of_tables.saturating_mul(all.div_ceil(16).max(1)))
        .saturating_add(all)
}

fn column_tie(
    entries: &[ColumnEntry],
    index: &ColumnIndex,
    earlier: &IndexedName,
    later: &IndexedName,
    source: &SourceText,
) -> Option<TomlError> {
    let same_name = earlier.pattern.text() == later.pattern.text();
    if !same_name && !earlier.pattern.overlaps(&later.pattern) {
        return None;
    }
    let bound = find_table_tie(&index.tables[earlier.entry], &index.tables[later.entry])?;
    let (first, second) = (&entries[earlier.entry], &entries[later.entry]);
    let line = line(source, first.span);
    let name = second.names().nth(later.nth).unwrap_or(&second.name);
    let other = first.names().nth(earlier.nth).unwrap_or(&first.name);
    Some(if same_name && bound == TableTie::Same {
        TomlError::new(
            second.span,
            format!("column `{name}` is registered twice; the first entry is on line {line}"),
            "keep one of the two, or distinguish them with `tables`",
        )
    } else {
        TomlError::new(
            second.span,
            format!(
                "`{name}` and `{other}` on line {line} match the same columns and are equally specific"
            ),
            "make one of the two more specific, in its name or its `tables`, or remove one of them",
        )
    })
}

/// How two lists of tables meet at equal specificity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TableTie {
    /// Both name the same table, or neither names any.
    Same,
    /// Two globs match the same table.
    Overlapping,
}

fn find_table_tie(a: &[NamePattern], b: &[NamePattern]) -> Option<TableTie> {
    if a.is_empty() || b.is_empty() {
        return (a.is_empty() && b.is_empty()).then_some(TableTie::Same);
    }
    let pairs = || {
        a.iter()
            .flat_map(|left| b.iter().map(move |right| (left, right)))
            .filter(|(left, right)| table_rank(left) == table_rank(right))
    };
    if pairs().any(|(left, right)| left.text() == right.text()) {
        Some(TableTie::Same)
    } else if pairs().any(|(left, right)| left.is_glob() && left.overlaps(right)) {
        Some(TableTie::Overlapping)
    } else {
        None
    }
}

/// Finds table entries that tie with an earlier one.
pub(super) fn tables(
    entries: &[TableEntry],
    index: &TableIndex,
    source: &SourceText,
) -> Vec<TomlError> {
    let mut errors = Vec::new();
    let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
    let mut globs: Vec<usize> = Vec::new();
    let mut left = StepBudget(MAX_STEPS);
    for (at, pattern) in index.patterns.iter().enumerate() {
        if let Some(first) = seen.get(pattern.text()) {
            errors.push(TomlError::new(
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
        let steps = |other: &usize| index.patterns[*other].steps(pattern);
        let steps = globs.iter().map(steps).fold(0, usize::saturating_add);
        if !left.take(steps) {
            errors.push(too_many_names(entries[at].span, &entries[at].name));
            return errors;
        }
        let tied = globs.iter().find(|other| {
            let other = &index.patterns[**other];
            table_rank(other) == table_rank(pattern) && other.overlaps(pattern)
        });
        if let Some(other) = tied {
            errors.push(TomlError::new(
                entries[at].span,
                format!(
                    "`{}` and `{}` on line {} match the same tables and are equally specific",
                    entries[at].name,
                    entries[*other].name,
                    line(source, entries[*other].span)
                ),
                "make one of the two names more specific, or remove one of them",
            ));
        }
        globs.push(at);
    }
    errors
}

fn line(source: &SourceText, span: Span) -> usize {
    source.position(span.start).line
}
