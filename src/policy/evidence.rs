//! What the questions and the rules of columns look at: each published column,
//! hidden key and filter, with the base columns behind it.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use vecset::VecMap;

use super::BaseColumn;
use crate::facts::{ColumnFacts, Facts, Flow, Form, Rows, Source, SourceId};
use crate::plan::{Plan, RelId};
use crate::registry::RegisteredRole;
use crate::source::Span;

/// Why a base column matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A published column that labels rows.
    Dimension,
    /// A published measured value.
    Metric,
    /// A group key that is not published.
    HiddenKey,
    /// A filter or conditional aggregate that compares it.
    Filter,
}

/// A base column and where it matters.
#[derive(Debug, Clone)]
pub struct Use {
    /// The base column.
    pub source: SourceId,
    /// Why it matters.
    pub part: Part,
    /// The published column's name, the key's, or the clause.
    pub name: Rc<str>,
    /// Where.
    pub span: Span,
}

/// All base columns that matter for one dataset, with what they matter for.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// In the order of the published columns, then keys, then filters.
    pub uses: Vec<Use>,
    known: VecMap<SourceId, Known>,
    /// The parts and names of these uses, numbered.
    parts: FxHashMap<(Part, Rc<str>), usize>,
    /// Which base column is used for which of them.
    told: FxHashSet<(SourceId, usize)>,
    /// Where columns that no schema tells are published.
    pub unknown_columns: Option<Span>,
    /// A part that is not understood.
    pub not_understood: bool,
}

/// What is told of a base column.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) source: SourceId,
    name: Arc<str>,
    /// The greatest of its uses; `None` is unknown.
    pub(super) category: Option<u8>,
    pub(super) sensitive: Option<String>,
    pub(super) registered: bool,
    pub(super) reviewed: bool,
    /// Whether a published label, a key or a filter uses it.
    pub(super) dimension: bool,
    /// Whether it flows into the output, and is not only compared.
    pub(super) flows: bool,
}

impl Known {
    fn of(id: SourceId, source: &Source<'_>, category: Option<u8>) -> Self {
        let reviewed = source
            .entry
            .is_some_and(|entry| !entry.data_reviews.is_empty());
        Self {
            source: id,
            name: Arc::clone(&source.name),
            category,
            sensitive: source.entries().find_map(|entry| entry.sensitive.clone()),
            registered: source.is_registered(),
            reviewed: reviewed || !source.personal,
            dimension: false,
            flows: false,
        }
    }
}

impl Evidence {
    /// That of nothing.
    pub fn none() -> Self {
        Self {
            uses: Vec::new(),
            known: VecMap::new(),
            parts: FxHashMap::default(),
            told: FxHashSet::default(),
            unknown_columns: None,
            not_understood: false,
        }
    }

    /// Gathers them for the relation that is published.
    pub fn gather(plan: &Plan, facts: &Facts<'_>, root: RelId) -> Self {
        let mut evidence = Self::none();
        let rows = facts.relation(root);
        let published = &plan.relation(root).columns;
        for column in published {
            let value = facts.column(*column);
            let about = plan.column(*column);
            let part = if is_label(facts, value, rows.rows) {
                Part::Dimension
            } else {
                Part::Metric
            };
            evidence.add(facts, &value.sources, part, &about.name, about.span);
            evidence.unknown_columns = evidence.unknown_columns.or(value.rest);
            evidence.not_understood |= value.unknown || !value.opaque.is_empty();
        }
        for key in rows.keys.iter().flatten() {
            let number = facts.number(key.column);
            if !published
                .iter()
                .any(|column| facts.number(*column) == number)
            {
                evidence.add(
                    facts,
                    &key.facts.sources,
                    Part::HiddenKey,
                    &key.name,
                    key.span,
                );
            }
        }
        for filter in &rows.history.filters {
            let sources = filter
                .sources
                .iter()
                .map(|id| (*id, Flow::Direct))
                .collect();
            evidence.add(facts, &sources, Part::Filter, filter.word, filter.span);
        }
        if !rows.trained_on.is_empty() {
            let sources = rows
                .trained_on
                .iter()
                .map(|id| (*id, Flow::Aggregated))
                .collect();
            let span = plan.relation(root).origin.span;
            evidence.add(facts, &sources, Part::Metric, "the model", span);
        }
        evidence.not_understood |= !rows.history.opaque.is_empty();
        evidence
    }

    fn add(
        &mut self,
        facts: &Facts<'_>,
        sources: &VecMap<SourceId, Flow>,
        part: Part,
        name: &str,
        span: Span,
    ) {
        if sources.is_empty() {
            return;
        }
        let name: Rc<str> = name.into();
        let next = self.parts.len();
        let part_name = *self.parts.entry((part, Rc::clone(&name))).or_insert(next);
        for (id, flow) in sources {
            let source = facts.sources.get(*id);
            if source.is_rest() || !self.told.insert((*id, part_name)) {
                continue;
            }
            let category = category([(source, *flow)].into_iter());
            let known = self
                .known
                .entry(*id)
                .or_insert_with(|| Known::of(*id, source, category));
            known.category = known.category.max(category);
            known.dimension |= part != Part::Metric;
            known.flows |= part != Part::Filter;
            self.uses.push(Use {
                source: *id,
                part,
                name: Rc::clone(&name),
                span,
            });
        }
    }

    /// The base columns, each once, in the order of their first use.
    pub fn base_columns(&self) -> Vec<BaseColumn> {
        let mut found: Vec<BaseColumn> = Vec::new();
        let mut places: FxHashMap<SourceId, usize> = FxHashMap::default();
        for used in &self.uses {
            let measured = used.part == Part::Metric;
            let filter = used.part == Part::Filter;
            let place = *places.entry(used.source).or_insert(found.len());
            match found.get_mut(place) {
                Some(known) => {
                    known.measured &= measured;
                    known.filter &= filter;
                }
                None => found.push(BaseColumn {
                    name: self.name(used.source).into(),
                    measured,
                    category: self.category(used.source),
                    sensitive: self.sensitive(used.source).map(str::to_owned),
                    registered: self.registered(used.source),
                    reviewed: self.reviewed(used.source),
                    filter,
                    span: used.span,
                }),
            }
        }
        found
    }

    /// All that is told, in the order in which the base columns were met.
    pub(super) fn all(&self) -> impl Iterator<Item = &Known> {
        self.known.values()
    }

    /// `dataset.table.column`.
    pub fn name(&self, id: SourceId) -> &str {
        self.known.get(&id).map_or("", |known| &known.name)
    }

    /// A base column's category; `None` is unknown.
    pub fn category(&self, id: SourceId) -> Option<u8> {
        self.known.get(&id)?.category
    }

    /// Why a base column is sensitive, where it is.
    pub fn sensitive(&self, id: SourceId) -> Option<&str> {
        self.known.get(&id)?.sensitive.as_deref()
    }

    /// Whether the registry knows a base column.
    pub fn registered(&self, id: SourceId) -> bool {
        self.known.get(&id).is_some_and(|known| known.registered)
    }

    /// Whether a data review is linked for a base column.
    pub fn reviewed(&self, id: SourceId) -> bool {
        self.known.get(&id).is_some_and(|known| known.reviewed)
    }
}

/// The greatest category of several base columns; `None` where one is unknown. A
/// count or a bucket of identifiers tells nobody's identifier: it is technical
/// data, as columns of tables without people are.
pub(super) fn category<'s, 'r: 's>(
    all: impl Iterator<Item = (&'s Source<'r>, Flow)>,
) -> Option<u8> {
    let mut greatest = Some(1);
    for (source, flow) in all {
        let counted = flow == Flow::Aggregated
            && source
                .entry
                .is_some_and(|entry| entry.role == RegisteredRole::Identifier);
        if counted || !source.personal {
            continue;
        }
        let known = source.entries().map(|entry| entry.category).max().flatten();
        greatest = greatest.zip(known).map(|(a, b)| a.max(b));
    }
    greatest
}

/// Whether a published value labels its row: it is not a measured one.
pub(super) fn is_label(facts: &Facts<'_>, value: &ColumnFacts, rows: Rows) -> bool {
    if value.aggregated && value.single.is_none() {
        return false;
    }
    let aggregated = value.sources.values().all(|flow| *flow == Flow::Aggregated);
    let measured = !value.sources.is_empty()
        && value.sources.keys().all(|id| {
            let source = facts.sources.get(*id);
            source
                .entry
                .is_some_and(|entry| entry.role == RegisteredRole::Metric)
        });
    let identified = value
        .identities
        .iter()
        .any(|identity| identity.form >= Form::Pseudonym);
    identified || !(measured && (aggregated || rows == Rows::Individual))
}
