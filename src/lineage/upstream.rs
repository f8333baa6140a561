//! The tables from which a dataset derives, with their dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::plan::{Grafted, Operator, Plan, RelId, Segment};
use crate::source::Span;

/// A table of the dependency graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamTable {
    /// The files that create it; empty if no known file does.
    pub files: BTreeSet<String>,
    /// The tables that it reads.
    pub reads: BTreeSet<String>,
}

/// The dependency graph of a dataset: its tables by name, itself among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// The name of the dataset.
    pub of: String,
    /// The tables, by name.
    pub tables: BTreeMap<String, UpstreamTable>,
}

impl Upstream {
    /// Creates the graph of a dataset that reads nothing.
    pub(super) fn alone(name: &str) -> Self {
        Self {
            of: name.to_owned(),
            tables: [(name.to_owned(), UpstreamTable::default())].into(),
        }
    }

    pub(super) fn of(plan: &Plan, grafted: &Grafted, root: RelId, name: &str) -> Self {
        let mut upstream = Self::alone(name);
        for id in plan.below(root) {
            let relation = plan.relation(id);
            let (read, files) = match &relation.operator {
                Operator::Scan(table) => (table.name.to_string(), BTreeSet::new()),
                Operator::Reader { of, .. } => {
                    let mut tables = grafted.tables.iter();
                    let Some((definition, _)) = tables.find(|(_, rows)| rows == of) else {
                        continue;
                    };
                    let files = definition
                        .writers
                        .iter()
                        .map(|writer| writer.text.written.path().to_owned());
                    (definition.table.to_string(), files.collect())
                }
                _ => continue,
            };
            let reader = owner(grafted, relation.origin.span, name);
            upstream
                .tables
                .entry(reader)
                .or_default()
                .reads
                .insert(read.clone());
            upstream.tables.entry(read).or_default().files.extend(files);
        }
        upstream
    }
}

/// Returns the table whose text contains a span; the dataset itself if none does.
fn owner(grafted: &Grafted, span: Span, name: &str) -> String {
    let within = |segment: &&Segment| segment.start <= span.start && span.start < segment.end;
    let Some(segment) = grafted.segments.iter().find(within) else {
        return name.to_owned();
    };
    grafted
        .tables
        .iter()
        .find(|(definition, _)| {
            let mut writers = definition.writers.iter();
            writers.any(|writer| Arc::ptr_eq(&writer.text, &segment.text))
        })
        .map_or(name.to_owned(), |(definition, _)| {
            definition.table.to_string()
        })
}
