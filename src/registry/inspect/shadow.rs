//! Finds entries that never apply, to any query.
//!
//! For each name and table of such an entry, another entry matches everything that
//! it matches, and is more specific.

use super::{RegistryProblem, RegistryProblemKind};
use crate::registry::Registry;
use crate::registry::glob::NamePattern;
use crate::registry::lookup::{ColumnIndex, IndexedName, NameForm, TableForm, table_form};
use crate::source::SourceText;

type SpecificityKey = (TableForm, NameForm, usize, usize, bool);

pub(super) fn problems(registry: &Registry, source: &SourceText) -> Vec<RegistryProblem> {
    let index = &registry.column_index;
    // Only an entry that is bound to tables can win over one whose name is equally
    // specific.
    let bound: Vec<&IndexedName> = index
        .rows
        .iter()
        .filter(|row| !index.tables[row.entry].is_empty())
        .collect();
    let mut shadows: Vec<Option<Vec<usize>>> = vec![Some(Vec::new()); registry.columns().len()];
    for row in &index.rows {
        let by = find_shadowing_entries(index, row, &bound);
        let own = &mut shadows[row.entry];
        match (own.as_mut(), by) {
            (Some(known), Some(by)) => known.extend(by),
            (Some(_), None) => *own = None,
            (None, _) => {}
        }
    }
    let mut found = Vec::new();
    for (at, by) in shadows.into_iter().enumerate() {
        let Some(first) = by.and_then(|by| by.first().copied()) else {
            continue;
        };
        let (entry, other) = (&registry.columns()[at], &registry.columns()[first]);
        let line = source.position(other.span.start).line;
        found.push(RegistryProblem {
            kind: RegistryProblemKind::Shadowed,
            span: entry.span,
            entry: entry.name.clone(),
            message: format!(
                "`{}` never applies: `{}` on line {line} is more specific for every match",
                entry.name, other.name
            ),
            help: Some("remove it, or name the tables that it applies to".to_owned()),
        });
    }
    found
}

/// Returns the entries that win over this name, one for each of its tables.
///
/// `None` if the name may itself win in one of them.
fn find_shadowing_entries(
    index: &ColumnIndex,
    row: &IndexedName,
    bound: &[&IndexedName],
) -> Option<Vec<usize>> {
    let own = &index.tables[row.entry];
    let places: Vec<Option<&NamePattern>> = if own.is_empty() {
        vec![None]
    } else {
        own.iter().map(Some).collect()
    };
    places
        .into_iter()
        .map(|table| {
            let mine = order(row, table);
            bound
                .iter()
                .filter(|other| other.entry != row.entry && covers(&other.pattern, &row.pattern))
                .find(|other| {
                    index.tables[other.entry]
                        .iter()
                        .any(|wider| order(other, Some(wider)) > mine && covers_table(wider, table))
                })
                .map(|other| other.entry)
        })
        .collect()
}

fn order(row: &IndexedName, table: Option<&NamePattern>) -> SpecificityKey {
    (
        table.map_or(TableForm::Anywhere, table_form),
        row.form,
        row.pattern.literal_characters(),
        table.map_or(0, NamePattern::literal_characters),
        row.pattern.is_dotted(),
    )
}

/// Whether a name matches everything that another does.
///
/// Of two globs, this is known only if they are equal, or if the wider one is `*`.
fn covers(wider: &NamePattern, name: &NamePattern) -> bool {
    if name.is_glob() {
        return wider.text() == name.text() || wider.text() == "*";
    }
    // A name without `*` also matches the ends of longer paths; a dotted glob does
    // not.
    wider.matches(name.text()) && (!wider.is_glob() || !wider.is_dotted())
}

/// Whether a pattern matches all tables that another does; `None` is every table.
fn covers_table(wider: &NamePattern, table: Option<&NamePattern>) -> bool {
    match table {
        None => wider.text() == "*",
        Some(table) if table.is_glob() => wider.text() == table.text() || wider.text() == "*",
        Some(table) => wider.matches(table.text()),
    }
}
