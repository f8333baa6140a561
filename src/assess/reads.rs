//! The base columns that the datasets of a text read, for maintenance of the
//! registry.

use std::collections::BTreeSet;

use super::Surroundings;
use crate::catalog::TableName;
use crate::facts::BaseColumnId;
use crate::plan::bind::bind_with;
use crate::policy::{Evidence, UseKind};
use crate::source::template::Rendered;
use crate::source::{SourceText, Span};
use crate::syntax;

/// A base column that a dataset reads.
#[derive(Debug, Clone)]
pub struct ReadColumn {
    /// The table.
    pub table: TableName,
    /// Names from the top-level column down; `*` for columns that no schema
    /// declares.
    pub path: Vec<String>,
    /// Whether the registry declares the column, or its table contains no people.
    pub registered: bool,
    /// The part for which it is published; `None` if it is only read.
    pub part: Option<UseKind>,
    /// The registry entries that apply to the column and to the fields inside it.
    pub entries: Vec<Span>,
}

/// A dataset and the columns that it reads.
#[derive(Debug, Clone)]
pub struct Reads {
    /// The target's name, otherwise `path#ordinal`.
    pub dataset: String,
    /// The columns, once for each rendering of a template that reads them.
    pub columns: Vec<ReadColumn>,
    /// Whether the dataset publishes undeclared columns, or a part was not
    /// understood.
    pub unknown: bool,
}

/// Returns what the datasets of a text read, over all its renderings.
pub fn reads(source: &SourceText, rendered: &Rendered, around: &Surroundings<'_>) -> Vec<Reads> {
    let mut found: Vec<Reads> = Vec::new();
    for rendering in &rendered.renderings {
        let text = SourceText::new(source.path(), rendering.text.clone());
        let script = syntax::parse(&text);
        let bound = bind_with(&text, &script, around, around);
        for (at, dataset) in bound.iter().enumerate() {
            let name = super::identity(&text, dataset, at, around.target(&rendering.target));
            let Some(root) = dataset.plan.root() else {
                match found.iter_mut().find(|known| known.dataset == name) {
                    Some(known) => known.unknown = true,
                    None => found.push(Reads {
                        dataset: name,
                        columns: Vec::new(),
                        unknown: true,
                    }),
                }
                continue;
            };
            let facts =
                super::filled::facts(dataset, around.target(&rendering.target), around.registry);
            let evidence = Evidence::gather(&dataset.plan, &facts, root, &dataset.grafted);
            let unknown = evidence.unknown_columns.is_some() || evidence.not_understood;
            let part = |id: BaseColumnId| {
                let mut parts = evidence
                    .uses
                    .iter()
                    .filter(|used| used.source == id)
                    .map(|used| used.part);
                let first = parts.next()?;
                // The first use other than as a metric takes precedence.
                Some(parts.fold(
                    first,
                    |all, part| {
                        if all == UseKind::Metric { part } else { all }
                    },
                ))
            };
            let columns = facts.sources.iter().map(|(id, source)| {
                let entries = source.entries().filter(|entry| !entry.span.is_empty());
                let meant: BTreeSet<Span> = entries.map(|entry| entry.span).collect();
                ReadColumn {
                    table: source.table.clone(),
                    path: source.path.iter().map(|name| name.to_string()).collect(),
                    registered: source.is_registered(),
                    part: part(id),
                    entries: meant.into_iter().collect(),
                }
            });
            match found.iter_mut().find(|known| known.dataset == name) {
                Some(known) => {
                    known.columns.extend(columns);
                    known.unknown |= unknown;
                }
                None => found.push(Reads {
                    dataset: name,
                    columns: columns.collect(),
                    unknown,
                }),
            }
        }
    }
    found
}
