//! What the questions and the rules of columns look at: each published column,
//! hidden key and filter, with the base columns behind it.

use std::rc::Rc;
use std::sync::Arc;

use crate::facts::ordered::OrderedMap;
use rustc_hash::{FxHashMap, FxHashSet};

use super::BaseColumn;
use crate::facts::{
    ColumnFacts, Facts, FilterUse, Flow, Form, RelationFacts, Rows, Source, SourceForm, SourceId,
};
use crate::plan::{ColId, Grafted, Plan, RelId};
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
    /// What a label or key depends on without being made of it: the condition of a
    /// CASE, the place of a member.
    Condition,
    /// A filter, join, conditional aggregate or condition of a metric that compares
    /// it.
    Filter,
    /// The same, in the query of another file that makes a table which is read: it
    /// finds the population.
    Upstream,
}

impl Part {
    /// Whether what is used so divides the rows, or the people in them: measured
    /// values do not.
    pub fn divides(self) -> bool {
        self != Self::Metric
    }
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
    known: OrderedMap<SourceId, Known>,
    /// The parts and names of these uses, numbered.
    parts: FxHashMap<(Part, Rc<str>), usize>,
    /// Which base column is used for which of them.
    told: FxHashSet<(SourceId, usize)>,
    /// Names of the columns and fields of which a field is used.
    used_inside: FxHashSet<String>,
    /// Where columns that no schema tells are published.
    pub unknown_columns: Option<Span>,
    /// A part that is not understood.
    pub not_understood: bool,
    /// Names that filters compare, read as variables of the script: a table that nothing
    /// is known of is assumed to have no columns of these names.
    pub assumed_variables: Vec<Arc<str>>,
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
    /// Whether it is included in what is published. A filter far upstream is not,
    /// where it compares what is of category 1 or 2 and not sensitive.
    pub(super) included: bool,
    /// Whether it stands for the records of a table.
    records: bool,
}

impl Known {
    fn of(id: SourceId, source: &Source<'_>, category: Option<u8>) -> Self {
        Self {
            source: id,
            name: Arc::clone(&source.name),
            category,
            sensitive: source
                .entries_of_its_table()
                .find_map(|entry| entry.sensitive.clone()),
            registered: source.is_registered(),
            reviewed: source.is_reviewed(),
            dimension: false,
            included: false,
            records: source.is_records(),
        }
    }

    /// Whether the policy calls it sensitive: it is registered so, or of category 3
    /// or 4. `None` where its category is unknown.
    pub(super) fn is_sensitive(&self) -> Option<bool> {
        match (&self.sensitive, self.category) {
            (Some(_), _) => Some(true),
            (None, category) => category.map(|category| category >= 3),
        }
    }
}

impl Evidence {
    /// That of nothing.
    pub fn none() -> Self {
        Self {
            uses: Vec::new(),
            known: OrderedMap::new(),
            parts: FxHashMap::default(),
            told: FxHashSet::default(),
            used_inside: FxHashSet::default(),
            unknown_columns: None,
            not_understood: false,
            assumed_variables: Vec::new(),
        }
    }

    /// Gathers them for the relation that is published.
    pub fn gather(plan: &Plan, facts: &Facts<'_>, root: RelId, grafted: &Grafted) -> Self {
        let mut evidence = Self::none();
        let rows = facts.relation(root);
        let published = &plan.relation(root).columns;
        for column in published {
            let value = facts.column(*column);
            let about = plan.column(*column);
            let part = if is_label(facts, *column, rows) {
                Part::Dimension
            } else {
                Part::Metric
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
                evidence.add(facts, sources, Part::HiddenKey, &key.name, key.span);
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
                evidence.decide(facts, sources, Part::Filter, &name, about.span);
            }
        }
        if !rows.trained_on.is_empty() {
            let sources = rows.trained_on.iter().map(|id| (*id, Flow::Aggregated));
            let span = plan.relation(root).origin.span;
            evidence.add(facts, sources, Part::Metric, "the model", span);
        }
        let elsewhere = |filter: &&Rc<FilterUse>| grafted.is_elsewhere(filter.span);
        let filters = &rows.history.filters;
        for id in filters.iter().flat_map(|filter| &filter.sources) {
            evidence.used_inside.extend(facts.sources.get(*id).around());
        }
        for filter in filters.iter().filter(|filter| !elsewhere(filter)) {
            evidence.filter(facts, filter, Part::Filter);
        }
        for filter in filters.iter().filter(elsewhere) {
            evidence.filter(facts, filter, Part::Upstream);
        }
        evidence.not_understood |= filters.iter().any(|filter| filter.unknown);
        evidence.not_understood |= !rows.history.opaque.is_empty();
        evidence.not_understood |= !rows.history.unread.is_empty();
        evidence
    }

    /// What a label depends on without being made of it.
    fn conditions(&mut self, facts: &Facts<'_>, value: &ColumnFacts, name: &str, span: Span) {
        let sources = value.conditions.iter().copied();
        self.decide(facts, sources, Part::Condition, name, span);
    }

    fn filter(&mut self, facts: &Facts<'_>, filter: &FilterUse, part: Part) {
        // An array whose members are used is told by their fields.
        let members = |id: &&SourceId| {
            let name: &str = &facts.sources.get(**id).name;
            filter.word == "UNNEST" && self.used_inside.contains(name)
        };
        let sources: Vec<SourceId> = filter
            .sources
            .iter()
            .filter(|id| !members(id))
            .copied()
            .collect();
        self.decide(facts, sources.into_iter(), part, filter.word, filter.span);
    }

    /// Base columns decide about rows or values. Those that label rows already are
    /// told as that alone.
    fn decide(
        &mut self,
        facts: &Facts<'_>,
        sources: impl Iterator<Item = SourceId>,
        part: Part,
        name: &str,
        span: Span,
    ) {
        let sources: Vec<SourceId> = sources
            .filter(|id| !self.chooses_nothing_of_people(facts.sources.get(*id), part))
            .collect();
        let new: Vec<(SourceId, Flow)> = sources
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
    fn chooses_nothing_of_people(&mut self, source: &Source<'_>, part: Part) -> bool {
        if !matches!(part, Part::Filter | Part::Upstream) {
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
        sources: impl Iterator<Item = (SourceId, Flow)>,
        part: Part,
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
            if source.is_rest() || !self.told.insert((id, part_name)) {
                continue;
            }
            let category = category([(source, flow)].into_iter());
            let known = self
                .known
                .entry(id)
                .or_insert_with(|| Known::of(id, source, category));
            known.category = greatest(known.category, category);
            known.dimension |= part.divides();
            known.included |= part != Part::Upstream || known.is_sensitive() != Some(false);
            self.used_inside.extend(source.around());
            self.uses.push(Use {
                source: id,
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
            let filter = matches!(used.part, Part::Condition | Part::Filter | Part::Upstream);
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

    /// How a message calls it.
    pub fn called(&self, id: SourceId) -> String {
        let name = self.name(id);
        let records = self.known.get(&id).is_some_and(|known| known.records);
        if records {
            format!("the records of `{name}`")
        } else {
            format!("`{name}`")
        }
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

    /// Whether a base column is included in what is published, and not only compared
    /// far upstream.
    pub fn included(&self, id: SourceId) -> bool {
        self.known.get(&id).is_some_and(|known| known.included)
    }

    /// Whether a data review is linked for a base column.
    pub fn reviewed(&self, id: SourceId) -> bool {
        self.known.get(&id).is_some_and(|known| known.reviewed)
    }
}

/// The greatest category of several base columns; `None` where one that is unknown
/// may be greater. A count or a bucket of identifiers tells nobody's identifier: it is technical
/// data, as columns of tables without people are.
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
    }
    all_of
}

/// The greater of two categories: an unknown one may be any, so that it is known
/// only where the other is web activity or highly sensitive.
fn greatest(a: Option<u8>, b: Option<u8>) -> Option<u8> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (known, None) | (None, known) => known.filter(|known| *known >= 3),
    }
}

/// Whether a published value labels its row: it is not a measured one.
pub(super) fn is_label(facts: &Facts<'_>, column: ColId, rows: &RelationFacts) -> bool {
    let value = facts.column(column);
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
    // A measured value of a table of groups is one until it labels groups itself.
    let number = facts.number(column);
    let mut keys = rows.keys.iter().flatten();
    let of_groups = value.sources.keys().all(|id| {
        let table = facts.sources.get(*id).of;
        table.is_some_and(|table| matches!(table.level, Some(2..=4)))
    }) && !keys.any(|key| facts.number(key.column) == number);
    identified || !(measured && (aggregated || of_groups || rows.rows == Rows::Individual))
}
