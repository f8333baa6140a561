//! Finds entries that no query uses.

use rustc_hash::FxHashSet;

use super::{QueryUsage, RegistryProblem, RegistryProblemKind};
use crate::registry::Registry;
use crate::source::{SourceText, Span};

pub(super) fn problems(
    registry: &Registry,
    source: &SourceText,
    against: &QueryUsage,
) -> Vec<RegistryProblem> {
    let meant: FxHashSet<Span> = against
        .columns
        .iter()
        .flat_map(|column| column.entries.iter().copied())
        .collect();
    // Entries that match, but are never the most specific, each with the winner.
    let mut beaten: Vec<(Span, Span)> = Vec::new();
    let mut seen = FxHashSet::default();
    for column in &against.columns {
        let path: Vec<&str> = column.path.iter().map(String::as_str).collect();
        if !seen.insert((&column.table, path.clone())) {
            continue;
        }
        let matches = registry.column_matches(Some(&column.table), &path);
        let Some((winner, others)) = matches.split_first() else {
            continue;
        };
        for other in others {
            if !meant.contains(&other.entry.span) {
                beaten.push((other.entry.span, winner.entry.span));
            }
        }
    }
    let mut found = Vec::new();
    for entry in registry.columns() {
        if meant.contains(&entry.span) {
            continue;
        }
        let by = beaten.iter().find(|(span, _)| *span == entry.span);
        let message = match by {
            Some((_, winner)) => format!(
                "`{}` never applies in {}: the entry on line {} is more specific",
                entry.name,
                against.shown,
                source.position(winner.start).line
            ),
            None => format!(
                "`{}` matches no column that {} reads",
                entry.name, against.shown
            ),
        };
        found.push(unused(&entry.name, entry.span, message));
    }
    let tables: FxHashSet<Span> = against
        .tables
        .iter()
        .filter_map(|table| registry.table(table))
        .map(|entry| entry.span)
        .collect();
    for entry in registry.tables() {
        if !tables.contains(&entry.span) {
            let message = format!(
                "`{}` matches no table that {} reads",
                entry.name, against.shown
            );
            found.push(unused(&entry.name, entry.span, message));
        }
    }
    found
}

fn unused(name: &str, span: Span, message: String) -> RegistryProblem {
    RegistryProblem {
        kind: RegistryProblemKind::Unmatched,
        span,
        entry: name.to_owned(),
        message,
        help: Some("check its spelling, or remove it".to_owned()),
    }
}
