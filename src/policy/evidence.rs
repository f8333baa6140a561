//! The evidence for the questions and for the rules about columns.
//!
//! It lists each published column, hidden key and filter with its base columns.

use std::rc::Rc;
use std::sync::Arc;

use crate::facts::ordered::OrderedMap;
use rustc_hash::{FxHashMap, FxHashSet};

use super::BaseColumn;
use crate::facts::{
    BaseColumnId, ColumnFacts, Facts, FilterUse, Flow, IdentityForm, RelationFacts, Rows, Source,
    SourceForm,
};
use crate::plan::{ColId, Grafted, Plan, RelId};
use crate::registry::RegisteredRole;
use crate::source::Span;

/// The reason why a base column matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UseKind {
    /// A published column that labels rows.
    Dimension,
    /// A published measured value.
    Metric,
    /// A group key that is not published.
    HiddenKey,
    /// A condition on which a label or key depends without deriving from it.
    ///
    /// Examples are the condition of a CASE and the index of an array member.
    Condition,
    /// A filter, join, conditional aggregate, or condition of a metric that compares
    /// it.
    Filter,
    /// A filter in another file that creates a table which is read: it selects the
    /// population.
    Upstream,
}

impl UseKind {
    /// Whether this use divides the rows or the people in them.
    ///
    /// All uses do, except measured values.
    pub fn divides(self) -> bool {
        self != Self::Metric
    }
}

/// A base column with the place where it matters.
#[derive(Debug, Clone)]
pub struct ColumnUse {
    /// The base column.
    pub source: BaseColumnId,
    /// Why it matters.
    pub part: UseKind,
    /// The name of the published column or key, or the keyword of the clause.
    pub name: Rc<str>,
    /// The place of the use.
    pub span: Span,
}

/// All base columns that matter for one dataset, with their uses.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The uses: published columns first, then keys, then filters.
    pub uses: Vec<ColumnUse>,
    known: OrderedMap<BaseColumnId, UsedColumn>,
    /// A number for each pair of part and name that occurs in `uses`.
    parts: FxHashMap<(UseKind, Rc<str>), usize>,
    /// The base columns that are recorded, each with the number of its part and
    /// name.
    recorded: FxHashSet<(BaseColumnId, usize)>,
    /// Names of columns and fields in which a used field lies.
    used_inside: FxHashSet<String>,
    /// Place of the first published columns that no schema declares.
    pub unknown_columns: Option<Span>,
    /// Whether a part of the query is not understood.
    pub not_understood: bool,
    /// Names that filters compare, read as variables of the script: a table that nothing
    /// is known of is assumed to have no columns of these names.
    pub assumed_variables: Vec<Arc<str>>,
}

/// What is known about a used base column.
#[derive(Debug, Clone)]
pub(super) struct UsedColumn {
    pub(super) source: BaseColumnId,
    name: Arc<str>,
    /// The greatest category over its uses; `None` if unknown.
    pub(super) category: Option<u8>,
    pub(super) sensitive: Option<String>,
    pub(super) registered: bool,
    pub(super) reviewed: bool,
    /// Whether a published label, a key or a condition uses it.
    pub(super) dimension: bool,
    /// Whether it counts as included in the published data.
    ///
    /// A column that only filters of other files compare is not included, if it is
    /// known to be of category 1 or 2 and not sensitive.
    pub(super) included: bool,
    /// Whether it stands for the records of a table, not for one column.
    records: bool,
}

impl UsedColumn {
    fn of(id: BaseColumnId, source: &Source<'_>, category: Option<u8>) -> Self {
        Self {
            source: id,
            name: Arc::clone(&source.name),
            category,
            sensitive: source
                .entries_of_its_table()
                .chain(source.hinted.iter().copied())
                .find_map(|entry| entry.sensitive.clone()),
            registered: source.is_registered(),
            reviewed: source.is_reviewed(),
            dimension: false,
            included: false,
            records: source.is_records(),
        }
    }

    /// Whether the policy regards it as sensitive.
    ///
    /// That holds if it is registered as sensitive, or is of category 3 or 4. `None`
    /// if neither is known.
    pub(super) fn is_sensitive(&self) -> Option<bool> {
        match (&self.sensitive, self.category) {
            (Some(_), _) => Some(true),
            (None, category) => category.map(|category| category >= 3),
        }
    }
}

impl Evidence {
    /// Creates evidence without any use.
    pub fn none() -> Self {
        Self {
            uses: Vec::new(),
            known: OrderedMap::new(),
            parts: FxHashMap::default(),
            recorded: FxHashSet::default(),
            used_inside: FxHashSet::default(),
            unknown_columns: None,
            not_understood: false,
            assumed_variables: Vec::new(),
        }
    }

    /// Collects the evidence for the published relation.
    pub fn gather(plan: &Plan, facts: &Facts<'_>, root: RelId, grafted: &Grafted) -> Self {
        let mut evidence = Self::none();
        let rows = facts.relation(root);
        let published = &plan.relation(root).columns;
        for column in published {
            let value = facts.column(*column);
            let about = plan.column(*column);
            let part = if is_label(facts, *column, rows) {
                UseKind::Dimension
            } else {
                UseKind::Metric
            };
            let printed = |id| value.identities.iter().any(|found| found.source == id);
            let sources = value.sources.iter().map(|(id, flow)| {
                let flow = if printed(*id) { Flow::Derived } else { *flow };
                (*id, flow)
            });
            evidence.add(facts, sources, part, &about.name, about.span);
            evidence.unknown_columns = evidence.unknown_columns.or(value.rest);
            evidence.not_understood |= value.unknown || !value.opaque.is_empty();
        }
        for key in rows.keys.iter().flatten() {
            let number = facts.number(key.column);
            if !published
                .iter()
                .any(|column| facts.number(*column) == number)
            {
                let sources = key.facts.sources.iter().map(|(id, flow)| (*id, *flow));
                evidence.add(facts, sources, UseKind::HiddenKey, &key.name, key.span);
                evidence.conditions(facts, &key.facts, &key.name, key.span);
            }
        }
        for column in published {
            let value = facts.column(*column);
            let about = plan.column(*column);
            if is_label(facts, *column, rows) {
                evidence.conditions(facts, value, &about.name, about.span);
            } else {
                let name = format!("the metric `{}`", about.name);
                let sources = value.conditions.iter().copied();
                evidence.decide(facts, sources, UseKind::Filter, &name, about.span);
            }
        }
        if !rows.trained_on.is_empty() {
            let sources = rows.trained_on.iter().map(|id| (*id, Flow::Aggregated));
            let span = plan.relation(root).origin.span;
            evidence.add(facts, sources, UseKind::Metric, "the model", span);
        }
        let groups = grafted.texts_of(|table| facts.relation(table).rows != Rows::Individual);
        // What a file compares that makes groups is compared for the published values.
        let elsewhere = |filter: &&Rc<FilterUse>| {
            grafted.is_elsewhere(filter.span)
                && !groups.iter().any(|text| text.contains(filter.span))
        };
        let filters = &rows.history.filters;
        for id in filters.iter().flat_map(|filter| &filter.sources) {
            evidence.used_inside.extend(facts.sources.get(*id).around());
        }
        for filter in filters.iter().filter(|filter| !elsewhere(filter)) {
            evidence.filter(facts, filter, UseKind::Filter);
        }
        for filter in filters.iter().filter(elsewhere) {
            evidence.filter(facts, filter, UseKind::Upstream);
        }
        evidence.not_understood |= filters.iter().any(|filter| filter.unknown);
        evidence.not_understood |= !rows.history.opaque.is_empty();
        evidence.not_understood |= !rows.history.unread.is_empty();
        evidence
    }

    /// Records the conditions on which a label depends without deriving from them.
    fn conditions(&mut self, facts: &Facts<'_>, value: &ColumnFacts, name: &str, span: Span) {
        let sources = value.conditions.iter().copied();
        self.decide(facts, sources, UseKind::Condition, name, span);
    }

    fn filter(&mut self, facts: &Facts<'_>, filter: &FilterUse, part: UseKind) {
        // An array whose members are used is represented by their fields.
        let members = |id: &&BaseColumnId| {
            let name: &str = &facts.sources.get(**id).name;
            filter.word == "UNNEST" && self.used_inside.contains(name)
        };
        let sources: Vec<BaseColumnId> = filter
            .sources
            .iter()
            .filter(|id| !members(id))
            .copied()
            .collect();
        self.decide(facts, sources.into_iter(), part, filter.word, filter.span);
    }

    /// Records base columns that decide about rows or values.
    ///
    /// Those that already label or filter rows are not recorded again.
    fn decide(
        &mut self,
        facts: &Facts<'_>,
        sources: impl Iterator<Item = BaseColumnId>,
        part: UseKind,
        name: &str,
        span: Span,
    ) {
        let sources: Vec<BaseColumnId> = sources
            .filter(|id| !self.chooses_nothing_of_people(facts.sources.get(*id), part))
            .collect();
        let new: Vec<(BaseColumnId, Flow)> = sources
            .into_iter()
            .filter(|id| !self.known.get(id).is_some_and(|known| known.dimension))
            .map(|id| (id, Flow::Direct))
            .collect();
        self.add(facts, new.into_iter(), part, name, span);
    }

    /// Whether a filter compares what is no column of people: the name of a table or file,
    /// as FROM has it, or a variable of the script. BigQuery prefers a column of the
    /// variable's name, which a table that nothing is known of may have: that is assumed
    /// and said. A label or key keeps both readings.
    fn chooses_nothing_of_people(&mut self, source: &Source<'_>, part: UseKind) -> bool {
        if !matches!(part, UseKind::Filter | UseKind::Upstream) {
            return false;
        }
        if source.form == SourceForm::OrVariable {
            if !self.assumed_variables.contains(&source.name) {
                self.assumed_variables.push(Arc::clone(&source.name));
            }
            return true;
        }
        source.tells_what_is_read()
    }

    fn add(
        &mut self,
        facts: &Facts<'_>,
        sources: impl Iterator<Item = (BaseColumnId, Flow)>,
        part: UseKind,
        name: &str,
        span: Span,
    ) {
        let mut sources = sources.peekable();
        if sources.peek().is_none() {
            return;
        }
        let name: Rc<str> = name.into();
        let next = self.parts.len();
        let part_name = *self.parts.entry((part, Rc::clone(&name))).or_insert(next);
        for (id, flow) in sources {
            let source = facts.sources.get(id);
            if source.is_rest() {
                // Columns that no schema declares are among what is included.
                if source.personal && part != UseKind::Upstream {
                    self.unknown_columns = self.unknown_columns.or(Some(span));
                }
                continue;
            }
            if !self.recorded.insert((id, part_name)) {
                continue;
            }
            let category = category([(source, flow)].into_iter());
            let known = self
                .known
                .entry(id)
                .or_insert_with(|| UsedColumn::of(id, source, category));
            known.category = greatest(known.category, category);
            known.dimension |= part.divides();
            known.included |= part != UseKind::Upstream || known.is_sensitive() != Some(false);
            self.used_inside.extend(source.around());
            self.uses.push(ColumnUse {
                source: id,
                part,
                name: Rc::clone(&name),
                span,
            });
        }
    }

    /// Returns the base columns, each once, in the order of their first use.
    pub fn base_columns(&self) -> Vec<BaseColumn> {
        let mut found: Vec<BaseColumn> = Vec::new();
        let mut places: FxHashMap<BaseColumnId, usize> = FxHashMap::default();
        for used in &self.uses {
            let measured = used.part == UseKind::Metric;
            let filter = matches!(
                used.part,
                UseKind::Condition | UseKind::Filter | UseKind::Upstream
            );
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

    /// Returns all used base columns, in the order of their first use.
    pub(super) fn all(&self) -> impl Iterator<Item = &UsedColumn> {
        self.known.values()
    }

    /// Returns the description of a base column in a message.
    pub fn called(&self, id: BaseColumnId) -> String {
        let name = self.name(id);
        let records = self.known.get(&id).is_some_and(|known| known.records);
        if records {
            format!("the records of `{name}`")
        } else {
            format!("`{name}`")
        }
    }

    /// Returns the name of a base column: `dataset.table.column`.
    pub fn name(&self, id: BaseColumnId) -> &str {
        self.known.get(&id).map_or("", |known| &known.name)
    }

    /// Returns the category of a base column; `None` if unknown.
    pub fn category(&self, id: BaseColumnId) -> Option<u8> {
        self.known.get(&id)?.category
    }

    /// Returns why a base column is sensitive; `None` if it is not registered so.
    pub fn sensitive(&self, id: BaseColumnId) -> Option<&str> {
        self.known.get(&id)?.sensitive.as_deref()
    }

    /// Whether the registry knows a base column.
    pub fn registered(&self, id: BaseColumnId) -> bool {
        self.known.get(&id).is_some_and(|known| known.registered)
    }

    /// Whether a base column counts as included in the published data.
    ///
    /// That is false if only filters of other files compare it, and it is known to
    /// be of category 1 or 2 and not sensitive.
    pub fn included(&self, id: BaseColumnId) -> bool {
        self.known.get(&id).is_some_and(|known| known.included)
    }

    /// Whether the registry links a data review for a base column.
    pub fn reviewed(&self, id: BaseColumnId) -> bool {
        self.known.get(&id).is_some_and(|known| known.reviewed)
    }
}

/// Returns the greatest category of several base columns.
///
/// `None` if one of unknown category may be greater. A count or a bucket of
/// identifiers discloses no identifier: it is technical data (category 1), like
/// columns of tables without people.
pub fn category<'s, 'r: 's>(all: impl Iterator<Item = (&'s Source<'r>, Flow)>) -> Option<u8> {
    let mut all_of = Some(1);
    for (source, flow) in all {
        let counted = flow == Flow::Aggregated
            && source
                .entry
                .is_some_and(|entry| entry.role == RegisteredRole::Identifier);
        if counted || source.is_records() || !source.personal {
            continue;
        }
        let mut entries = source.entries_of_its_table().map(|entry| entry.category);
        let first = entries.next().flatten();
        all_of = greatest(all_of, entries.fold(first, greatest));
        for other in source.entries_of_any_table() {
            all_of = greatest(all_of, other.category.filter(|category| *category < 3));
        }
        for hinted in &source.hinted {
            all_of = greatest(all_of, hinted.category);
        }
    }
    all_of
}

/// Returns the greater of two categories.
///
/// An unknown category may be any, so the result is known only if the other one is 3
/// (web activity) or 4 (highly sensitive).
fn greatest(a: Option<u8>, b: Option<u8>) -> Option<u8> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (known, None) | (None, known) => known.filter(|known| *known >= 3),
    }
}

/// Whether a published value is a label of its row, and not a measured value.
pub(super) fn is_label(facts: &Facts<'_>, column: ColId, rows: &RelationFacts) -> bool {
    let value = facts.column(column);
    let number = facts.number(column);
    let mut keys = rows.keys.iter().flatten();
    let is_key = keys.any(|key| facts.number(key.column) == number);
    // A value of single people that groups them labels the groups.
    let labels = is_key && value.coverage.measures().is_empty();
    if value.aggregated && value.single.is_none() && !labels {
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
        .any(|identity| identity.form >= IdentityForm::Pseudonym);
    // A metric of a table of groups is measured unless it is itself a group key.
    let of_groups = !is_key
        && value.sources.keys().all(|id| {
            let table = facts.sources.get(*id).of;
            table.is_some_and(|table| matches!(table.level, Some(2..=4)))
        });
    identified || !(measured && (aggregated || of_groups || rows.rows == Rows::Individual))
}
