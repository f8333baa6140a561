//! The analysis: one pass over the relations of a plan, inputs first.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::alternatives::AlternativeConditions;
use super::cell::{Cell, PeopleSubset};
use super::column::{ColumnFacts, SharedFacts};
use super::coverage::{Adds, Coverage, Measure};
use super::dependency::Dependencies;
use super::hint::ColumnHints;
use super::history::History;
use super::lattice::{Flow, Populations, Rows};
use super::members::Members;
use super::mistake::{Fault, Mutation};
use super::numbering::{ConditionId, Number, Numbering};
use super::ordered::{OrderedMap, OrderedSet};
use super::own::{Earlier, OwnRead};
use super::presence::Presence;
use super::relation::{IndividualReason, Population, RelationFacts};
use super::source::{BaseColumnId, BaseColumns};
use crate::budget;
use crate::plan::{ColId, Expr, LiveColumns, Operator, Plan, RelId, ValueColumns};
use crate::registry::{Registry, names_person};
use crate::source::Span;

/// Facts about the relations and columns of a plan.
#[derive(Debug)]
pub struct Facts<'r> {
    /// The base columns that the plan reads.
    pub sources: BaseColumns<'r>,
    relations: Vec<RelationFacts>,
    columns: Vec<SharedFacts>,
    numbering: Numbering,
    filtering: FxHashMap<RelId, RelId>,
}

impl Facts<'_> {
    /// The number of a column's value; copies have the same number.
    pub fn number(&self, id: ColId) -> Number {
        self.numbering.column(id)
    }

    /// Whether rows of a relation that agree in the columns `by` also agree in
    /// `column`.
    pub fn determines(&self, rows: RelId, by: &[ColId], column: ColId) -> bool {
        let by = by.iter().map(|column| self.number(*column));
        self.relation(rows)
            .dependencies
            .closure(&self.numbering, by)
            .has(self.number(column))
    }

    /// Lower bound on the people of a row who are not in a part of it: those for
    /// whom a condition holds that excludes one of the part's conditions.
    pub fn beside_part(&self, rows: &RelationFacts, cell: &Cell) -> u64 {
        let PeopleSubset::Where(conditions) = &cell.among else {
            return 0;
        };
        let rest = rows.proven.iter().filter(|proven| {
            proven.conditions.iter().any(|other| {
                conditions
                    .iter()
                    .any(|own| self.numbering.excludes(*own, *other))
            })
        });
        rest.map(|proven| proven.k).max().unwrap_or(0)
    }

    /// Facts about a relation's rows.
    pub fn relation(&self, id: RelId) -> &RelationFacts {
        &self.relations[id.0 as usize]
    }

    /// The side of a join that is only a filter: the join's rows contain nothing of
    /// its people.
    pub fn filtering_side(&self, join: RelId) -> Option<RelId> {
        self.filtering.get(&join).copied()
    }

    /// Facts about a column's values.
    pub fn column(&self, id: ColId) -> &ColumnFacts {
        &self.columns[id.0 as usize]
    }
}

/// Computes the facts of a plan.
pub fn analyze<'r>(plan: &Plan, registry: &'r Registry) -> Facts<'r> {
    analyze_filled(plan, registry, Vec::new())
}

/// Finds out what is known of a plan in which tables are read by what fills them.
pub fn analyze_filled<'r>(plan: &Plan, registry: &'r Registry, own: Vec<OwnRead>) -> Facts<'r> {
    analyze_under(plan, registry, own, Fault::from_environment())
}

/// Computes the facts with one rule of the proof made wrong.
///
/// It serves the test that shows that wrong rules are detected.
#[cfg(feature = "faults")]
pub fn analyze_with<'r>(
    plan: &Plan,
    registry: &'r Registry,
    mistake: Option<Mutation>,
) -> Facts<'r> {
    analyze_under(plan, registry, Vec::new(), Fault::new(mistake))
}

fn analyze_under<'r>(
    plan: &Plan,
    registry: &'r Registry,
    own: Vec<OwnRead>,
    mistake: Fault,
) -> Facts<'r> {
    let (facts, hints) = analyze_once(plan, registry, own.clone(), mistake, ColumnHints::default());
    if hints.is_empty() {
        return facts;
    }
    analyze_once(plan, registry, own, mistake, hints).0
}

/// Computes the facts, and what the query tells about base columns beyond the hints.
fn analyze_once<'r>(
    plan: &Plan,
    registry: &'r Registry,
    own: Vec<OwnRead>,
    mistake: Fault,
    hints: ColumnHints<'r>,
) -> (Facts<'r>, ColumnHints<'r>) {
    let mut shared: FxHashMap<RelId, Vec<SharedFacts>> = FxHashMap::default();
    for (_, relation) in plan.relations() {
        if let Operator::Reader { of, .. } = relation.operator {
            shared.insert(of, Vec::new());
        }
    }
    // Columns have no facts until their relation is evaluated.
    let unknown = Rc::new(ColumnFacts::unknown());
    let mut analyzer = Analyzer {
        plan,
        sources: BaseColumns::new(registry, hints),
        renamed: FxHashSet::default(),
        live: LiveColumns::from_root(plan, plan.root()),
        relations: Vec::new(),
        columns: vec![unknown; plan.column_count()],
        populations: Populations::default(),
        numbering: Numbering::new(plan.column_count()),
        presence: Presence::default(),
        definitions: FxHashMap::default(),
        shared,
        valued: ValueColumns::of(plan),
        filtering: FxHashMap::default(),
        next_partition: 0,
        measures: 0,
        parts: FxHashMap::default(),
        mistake,
        previous: OrderedMap::new(),
        own,
        began: budget::left(),
        earlier: FxHashMap::default(),
    };
    for (id, _) in plan.relations() {
        let facts = analyzer.evaluate(id);
        budget::spend(1 + facts.size());
        analyzer.relations.push(facts);
        analyzer.keep_for_readers(id);
        analyzer.fill_again(id);
    }
    analyzer.publish();
    let hints = ColumnHints::from_sources(&analyzer.sources, &analyzer.renamed);
    let facts = Facts {
        sources: analyzer.sources,
        relations: analyzer.relations,
        columns: analyzer.columns,
        numbering: analyzer.numbering,
        filtering: analyzer.filtering,
    };
    (facts, hints)
}

/// The state of the analysis.
pub(super) struct Analyzer<'p, 'r> {
    pub(super) plan: &'p Plan,
    pub(super) sources: BaseColumns<'r>,
    /// Base columns that the query renames to identifiers of people.
    pub(super) renamed: FxHashSet<BaseColumnId>,
    /// The columns on which the published rows depend.
    live: LiveColumns,
    relations: Vec<RelationFacts>,
    pub(super) columns: Vec<SharedFacts>,
    pub(super) populations: Populations,
    /// Which values are the same, and which are functions of which.
    pub(super) numbering: Numbering,
    /// Which side of a full join is present.
    pub(super) presence: Presence,
    /// The expressions of projected columns that are not bare columns.
    pub(super) definitions: FxHashMap<ColId, &'p Expr>,
    /// Columns of relations that are read again, as of the evaluation of the
    /// relation: a later join may have made them NULL for its own rows.
    pub(super) shared: FxHashMap<RelId, Vec<SharedFacts>>,
    /// Which columns are used for more than comparisons.
    pub(super) valued: ValueColumns,
    /// The sides of joins that are only filters.
    pub(super) filtering: FxHashMap<RelId, RelId>,
    pub(super) next_partition: u32,
    /// The last id of a measured value or grouping.
    pub(super) measures: u32,
    /// The ids of parts of groups over which values are measured, by their
    /// conditions.
    pub(super) parts: FxHashMap<OrderedSet<ConditionId>, u32>,
    /// The rule that is made wrong, in tests.
    pub(super) mistake: Fault,
    /// The facts of a recursion's previous round, by its anchor.
    pub(super) previous: OrderedMap<RelId, (RelationFacts, Vec<SharedFacts>)>,
    /// Where tables are read by what fills them.
    pub(super) own: Vec<OwnRead>,
    /// The steps that were left when the walk began.
    pub(super) began: u64,
    /// What is known of their columns from what fills them, by the relations that read
    /// them.
    pub(super) earlier: FxHashMap<RelId, Earlier>,
}

impl<'p> Analyzer<'p, '_> {
    pub(super) fn relation(&self, id: RelId) -> &RelationFacts {
        &self.relations[id.0 as usize]
    }

    pub(super) fn column(&self, id: ColId) -> &ColumnFacts {
        &self.columns[id.0 as usize]
    }

    /// The facts of a column, shared with another column that has the same.
    pub(super) fn shared_column(&self, id: ColId) -> SharedFacts {
        Rc::clone(&self.columns[id.0 as usize])
    }

    /// Returns a new id for a measured value or a grouping of rows.
    pub(super) fn next_measure(&mut self) -> u32 {
        self.measures = self.measures.saturating_add(1);
        self.measures
    }

    /// Returns the coverage of a new value that was measured over a grouping.
    pub(super) fn measure(&mut self, group: Option<u32>, whole: bool, adds: Adds) -> Coverage {
        Coverage::Measured(vec![Measure {
            id: self.next_measure(),
            group,
            whole,
            part: None,
            shared: false,
            adds,
            down: false,
            last: false,
            plain: true,
        }])
    }

    /// Returns the id of the part of each group for whose rows conditions hold.
    pub(super) fn part_where(&mut self, conditions: &OrderedSet<ConditionId>) -> u32 {
        let next = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        *self.parts.entry(conditions.clone()).or_insert(next)
    }

    /// Returns the coverage of values that were selected from measured ones.
    ///
    /// They get new ids, but were not measured again: a value selected from ratios
    /// is a ratio.
    pub(super) fn select_measures<'v>(
        &mut self,
        of: impl IntoIterator<Item = &'v Coverage>,
    ) -> Coverage {
        let of: Vec<&Measure> = of.into_iter().flat_map(Coverage::measures).collect();
        // One of several values stays one of as many.
        let mut ids: Vec<u32> = of.iter().map(|measure| measure.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let last = of.iter().any(|measure| measure.last);
        let plain = of.iter().all(|measure| measure.plain);
        let shared = of.iter().any(|measure| measure.shared);
        let measures = (0..ids.len().max(1)).map(|_| Measure {
            id: self.next_measure(),
            group: None,
            whole: false,
            part: None,
            shared,
            adds: Adds::Nothing,
            down: false,
            last,
            plain,
        });
        Coverage::Measured(measures.collect())
    }

    /// Returns the coverage of one member of an array with the coverage `of`:
    /// another member is another measured value.
    pub(super) fn member_coverage(&mut self, of: &Coverage) -> Coverage {
        match of {
            Coverage::Collected(measures) if measures.is_empty() => Coverage::Label,
            Coverage::Collected(_) | Coverage::Measured(_) | Coverage::Listed(_) => {
                self.select_measures([of])
            }
            Coverage::Uncovered(_) | Coverage::NoData | Coverage::Label => of.clone(),
        }
    }

    pub(super) fn set(&mut self, id: ColId, facts: impl Into<SharedFacts>) {
        let facts = facts.into();
        // The budget was already charged for facts that others share.
        budget::spend(match Rc::strong_count(&facts) {
            1 => 1 + facts.size() / 16,
            _ => 1,
        });
        if facts.collated || facts.intervals {
            self.numbering.collate(id);
        }
        self.columns[id.0 as usize] = facts;
    }

    pub(super) fn set_relation(&mut self, id: RelId, facts: RelationFacts) {
        self.relations[id.0 as usize] = facts;
    }

    /// Keeps the columns of a relation as they are for those that read it again.
    fn keep_for_readers(&mut self, id: RelId) {
        if self.shared.contains_key(&id) {
            let columns = self.plan.relation(id).columns.iter();
            let columns = columns.map(|column| self.shared_column(*column)).collect();
            self.shared.insert(id, columns);
        }
    }

    /// Evaluates the relations from one up to another once more, without that.
    pub(super) fn evaluate_again(&mut self, from: RelId, to: RelId) {
        for again in (from.0..to.0).map(RelId) {
            let facts = self.evaluate(again);
            budget::spend(1 + facts.size());
            self.set_relation(again, facts);
            self.keep_for_readers(again);
        }
    }

    pub(super) fn evaluate(&mut self, id: RelId) -> RelationFacts {
        let plan = self.plan;
        let relation = plan.relation(id);
        let span = relation.origin.span;
        match &relation.operator {
            Operator::Scan(table) => {
                let mut facts = self.scan(table, span);
                self.of_earlier_runs(id, table, &mut facts);
                facts
            }
            Operator::Rows(rows) => self.rows(rows, &relation.columns),
            Operator::Filter { input, predicate } => {
                self.filter(*input, predicate, relation.origin.word)
            }
            Operator::Project { input, columns } => self.project(*input, columns),
            Operator::Aggregate(aggregate) => self.aggregate(id, aggregate, span),
            Operator::Window { input, windows } => self.window(*input, windows),
            Operator::Join { .. } => self.join(id, &relation.operator, relation.origin.word, span),
            Operator::Unnest {
                input,
                array,
                element,
                offset,
                outer,
            } => self.unnest(*input, array, *element, *offset, *outer, span),
            Operator::SetOperation { operator, inputs } => {
                self.set_operation(*operator, inputs, &relation.columns)
            }
            // The order discloses only what a LIMIT then keeps.
            Operator::Sort { input, by } => {
                let mut facts = same_rows(self.relation(*input));
                for key in by {
                    self.chosen_by(key, relation.origin.word, &mut facts);
                }
                facts
            }
            Operator::Limit { input, count, skip } => {
                let limited = count.is_some() || skip.is_some();
                let order = self.order_of(*input, limited);
                let keys = self.kept_by(order);
                let input = self.relation(*input);
                let mut facts = RelationFacts {
                    rows: input.rows,
                    individual_reason: input.individual_reason.clone(),
                    registered_level: input.registered_level,
                    populations: input.populations.clone(),
                    keys: input.keys.clone(),
                    // A subset of the rows satisfies the same dependencies.
                    dependencies: Rc::clone(&input.dependencies),
                    members: Members::some_of([input.members]),
                    partitions: input.partitions.clone(),
                    folds: input.folds.clone(),
                    proven: input.proven.clone(),
                    bounded: input.bounded.clone(),
                    decided: input.decided.clone(),
                    whole_table: None,
                    whole_groups: input.whole_groups.clone(),
                    losses: input.losses.clone(),
                    history: Rc::clone(&input.history),
                    records: input.records.clone(),
                    compared: input.compared.clone(),
                    trained_on: input.trained_on.clone(),
                    inside: input.inside.clone(),
                    repeated: input.repeated,
                };
                for part in count.iter().chain(skip) {
                    self.chosen_by(part, relation.origin.word, &mut facts);
                }
                for key in order {
                    self.compares(key.ordered(), "ORDER BY", &mut facts);
                }
                // If one person is removed, another row may be among the first, or
                // among the selected.
                if facts.rows == Rows::Individual {
                    if limited {
                        self.lower(0, span, relation.origin.word, &mut facts);
                    }
                } else if let Some(k) = facts.k()
                    && self.mistake != Some(Mutation::LimitAsksNobody)
                {
                    self.lower(k, span, relation.origin.word, &mut facts);
                }
                if let Some((value, at)) = keys.first()
                    && facts.rows != Rows::Individual
                {
                    // They are the first in its order, as by a rank.
                    let down = skip.is_none() && self.is_largest_first(order);
                    let measures = value.coverage.measures().iter();
                    let first: Vec<_> = measures.map(|one| one.ranked(down)).collect();
                    if down {
                        facts.compared.bound(&first);
                    } else {
                        facts.compared.compare(&first);
                    }
                    if facts.compared.discloses_difference() {
                        self.lower(0, *at, relation.origin.word, &mut facts);
                    }
                }
                for (value, at) in keys {
                    self.first_rows(&value, at, relation.origin.word, &mut facts);
                }
                facts.cut_partitions(relation.origin.word, span);
                facts
            }
            Operator::Reader { of, columns } => self.reader(*of, columns),
            Operator::Recursion {
                anchor,
                step,
                columns,
            } => self.recursion(id, *anchor, *step, columns),
            Operator::Loop { columns, anchor } => self.previous_round(columns, *anchor),
            Operator::Model { function, inputs } => {
                self.model(function, inputs, &relation.columns, span)
            }
            Operator::Opaque { inputs, reads, why } => {
                self.opaque(inputs, reads, why, &relation.columns, span)
            }
        }
    }

    /// Makes rows depend on the people whose answers decide their published labels.
    ///
    /// Drops folds whose label is not published.
    fn publish(&mut self) {
        let Some(root) = self.plan.root() else { return };
        let mut facts = same_rows(self.relation(root));
        // A fold proves nothing if the published rows do not show which of them is
        // the residual.
        let published = &self.plan.relation(root).columns;
        facts.folds.retain(|fold| {
            let mut labels = published
                .iter()
                .map(|column| self.numbering.column(*column));
            labels.any(|number| number == fold.label)
        });
        for column in &self.plan.relation(root).columns {
            let value = self.shared_column(*column);
            if !value.aggregated && facts.rows == Rows::Aggregated {
                self.depend_on(&value.influences, "SELECT", &mut facts);
            }
        }
        self.set_relation(root, facts);
    }

    /// The facts and places of the keys by which a LIMIT selects rows.
    fn kept_by(&mut self, order: &[Expr]) -> Vec<(SharedFacts, Span)> {
        let keys = order.iter();
        keys.map(|key| (self.value(key.ordered()), key.span))
            .collect()
    }

    /// The keys by which rows are ordered; none if `limited` is false.
    ///
    /// Also none if a step in between may change the order.
    fn order_of(&self, input: RelId, limited: bool) -> &'p [Expr] {
        let mut at = input;
        let plan = self.plan;
        loop {
            match &plan.relation(at).operator {
                Operator::Sort { by, .. } if limited => return by,
                Operator::Project { input, .. }
                | Operator::Filter { input, .. }
                | Operator::Window { input, .. }
                | Operator::Limit { input, .. }
                | Operator::Reader { of: input, .. }
                | Operator::Join { left: input, .. }
                | Operator::Unnest {
                    input: Some(input), ..
                } => at = *input,
                _ => return &[],
            }
        }
    }

    /// Lowers the people of the first of several groups: which groups are first
    /// depends on the people of any of them.
    fn first_rows(
        &mut self,
        key: &ColumnFacts,
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        self.depend_on(&key.influences, word, facts);
        if facts.rows != Rows::Individual {
            let floor = facts.k().unwrap_or(u64::MAX).min(facts.behind_order(key));
            self.lower(floor, span, word, facts);
        }
    }

    /// Adds the people behind the order of an array whose members are groups: the
    /// array discloses the order.
    pub(super) fn ordered_members(
        &mut self,
        relation: RelId,
        rows: &RelationFacts,
        value: &mut ColumnFacts,
    ) {
        if rows.rows == Rows::Individual {
            return;
        }
        let order = self.order_of(relation, true);
        for (key, span) in self.kept_by(order) {
            let floor = rows.behind_order(&key);
            value.everywhere(&mut |part| {
                part.influences.extend(key.influences.iter().cloned());
                if floor < u64::MAX {
                    part.cells.push(Cell {
                        among: PeopleSubset::OneRow,
                        floor,
                        span,
                        measure: None,
                    });
                }
            });
        }
    }

    fn rows(&mut self, rows: &[Vec<Expr>], columns: &[ColId]) -> RelationFacts {
        let mut facts = RelationFacts::impersonal();
        if rows.len() <= 1 {
            facts.dependencies = Rc::new(Dependencies::one_row());
        }
        let mut told = AlternativeConditions::default();
        for (at, column) in columns.iter().enumerate() {
            let mut all: Option<ColumnFacts> = None;
            let mut each = Vec::with_capacity(rows.len());
            for value in rows.iter().filter_map(|row| row.get(at)) {
                self.subqueries(value, &mut facts);
                let value = self.value(value);
                all = Some(match all {
                    Some(known) => known.or(&value),
                    None => (*value).clone(),
                });
                each.push(Some(value));
            }
            let mut value = all.unwrap_or_default();
            told.tell(&mut value, &each, &mut self.numbering);
            value.constant &= rows.len() == 1;
            self.set(*column, value);
        }
        facts
    }

    fn project(&mut self, input: RelId, columns: &'p [(ColId, Expr)]) -> RelationFacts {
        let mut facts = same_rows(self.relation(input));
        for (column, expr) in columns {
            let dead = !self.live.has(*column);
            let before = dead.then(|| Rc::clone(&facts.history));
            self.attempts(expr, "CASE", &mut facts);
            self.subqueries(expr, &mut facts);
            if let Some(before) = before {
                // Nothing reads the column, so what it compares is not published.
                History::restore_filters(&mut facts.history, &before);
            }
            let value = self.value(expr);
            self.note_renamed(*column, &value);
            self.numbering.define(*column, expr);
            if expr.as_column().is_none() {
                self.definitions.insert(*column, expr);
                if self.never_null(expr, &facts.dependencies) {
                    let own = self.numbering.column(*column);
                    Rc::make_mut(&mut facts.dependencies).not_null.insert(own);
                }
            }
            let label = self.numbering.column(*column);
            self.folds(label, expr, &mut facts);
            self.set(*column, value);
        }
        facts
    }

    /// Notes the base columns that a column of the query calls an identifier.
    fn note_renamed(&mut self, column: ColId, value: &ColumnFacts) {
        if !value.identities.is_empty() || !names_person([&*self.plan.column(column).name]) {
            return;
        }
        for (source, flow) in &value.sources {
            if *flow != Flow::Aggregated && self.sources.get(*source).entry.is_none() {
                self.renamed.insert(*source);
            }
        }
    }

    /// Computes the facts of rows about which nothing is known.
    fn opaque(
        &mut self,
        inputs: &[RelId],
        reads: &[Expr],
        why: &str,
        columns: &[ColId],
        span: Span,
    ) -> RelationFacts {
        let mut facts = RelationFacts::impersonal();
        let mut value = ColumnFacts::unknown();
        value.personal = true;
        for input in inputs {
            facts.beside(self.relation(*input));
            for column in &self.plan.relation(*input).columns {
                value.combine_with(self.column(*column));
            }
        }
        for expr in reads {
            self.subqueries(expr, &mut facts);
            value.combine_with(&self.value(expr));
        }
        value.constant = false;
        facts.rows = Rows::Individual;
        facts.individual_reason = Some(IndividualReason {
            why: format!("{why}, so its rows are assumed to belong to single people").into(),
            span,
            unread: true,
            unregistered: None,
        });
        facts.history_mut().opaque.push((why.to_owned(), span));
        facts.populations.insert(
            self.populations.add(),
            Population {
                k: 0,
                table: why.into(),
                unit: None,
                implied: false,
                unregistered: false,
                between: None,
            },
        );
        for column in columns {
            let mut value = value.clone();
            value.rest = self.plan.column(*column).rest.as_ref().map(|_| span);
            self.set(*column, value);
        }
        facts
    }
}

/// Copies the facts of rows that an operator passes on, with more columns or in
/// another order. Each fact is named, so that a new one is not passed on by
/// accident.
pub(super) fn same_rows(input: &RelationFacts) -> RelationFacts {
    RelationFacts {
        rows: input.rows,
        individual_reason: input.individual_reason.clone(),
        registered_level: input.registered_level,
        populations: input.populations.clone(),
        keys: input.keys.clone(),
        dependencies: Rc::clone(&input.dependencies),
        members: input.members,
        partitions: input.partitions.clone(),
        folds: input.folds.clone(),
        proven: input.proven.clone(),
        bounded: input.bounded.clone(),
        decided: input.decided.clone(),
        whole_table: input.whole_table.clone(),
        whole_groups: input.whole_groups.clone(),
        losses: input.losses.clone(),
        history: Rc::clone(&input.history),
        records: input.records.clone(),
        compared: input.compared.clone(),
        trained_on: input.trained_on.clone(),
        inside: input.inside.clone(),
        repeated: input.repeated,
    }
}
