//! The walk over a plan.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::alternatives::Arms;
use super::cell::{Among, Cell};
use super::column::{ColumnFacts, SharedFacts};
use super::coverage::{Adds, Coverage, Measure};
use super::dependency::Dependencies;
use super::lattice::{Populations, Rows};
use super::members::Members;
use super::mistake::{Fault, Mistake};
use super::numbering::{ConditionId, Number, Numbering};
use super::ordered::{OrderedMap, OrderedSet};
use super::own::{Earlier, OwnRead};
use super::presence::Presence;
use super::relation::{Individually, Population, RelationFacts};
use super::source::Sources;
use crate::budget;
use crate::plan::{ColId, Expr, Operator, Plan, RelId, Valued};
use crate::registry::Registry;
use crate::source::Span;

/// What is known of a plan's relations and columns.
#[derive(Debug)]
pub struct Facts<'r> {
    /// The base columns that it reads.
    pub sources: Sources<'r>,
    relations: Vec<RelationFacts>,
    columns: Vec<SharedFacts>,
    numbering: Numbering,
    filtering: FxHashMap<RelId, RelId>,
}

impl Facts<'_> {
    /// The number of a column's value; copies have the same.
    pub fn number(&self, id: ColId) -> Number {
        self.numbering.column(id)
    }

    /// Whether rows of a relation that agree in some columns agree in another.
    pub fn determines(&self, rows: RelId, by: &[ColId], column: ColId) -> bool {
        let by = by.iter().map(|column| self.number(*column));
        self.relation(rows)
            .dependencies
            .closure(&self.numbering, by)
            .has(self.number(column))
    }

    /// The people of a row who are not in a part of it, proven: those for whom
    /// what excludes one of its conditions holds.
    pub fn beside_part(&self, rows: &RelationFacts, cell: &Cell) -> u64 {
        let Among::Where(conditions) = &cell.among else {
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

    /// What is known of a relation's rows.
    pub fn relation(&self, id: RelId) -> &RelationFacts {
        &self.relations[id.0 as usize]
    }

    /// The side of a join that is no more than a filter: nobody of it stands in the
    /// join's rows.
    pub fn filtering_side(&self, join: RelId) -> Option<RelId> {
        self.filtering.get(&join).copied()
    }

    /// What is known of a column's values.
    pub fn column(&self, id: ColId) -> &ColumnFacts {
        &self.columns[id.0 as usize]
    }
}

/// Finds out what is known of a plan.
pub fn analyze<'r>(plan: &Plan, registry: &'r Registry) -> Facts<'r> {
    analyze_filled(plan, registry, Vec::new())
}

/// Finds out what is known of a plan in which tables are read by what fills them.
pub fn analyze_filled<'r>(plan: &Plan, registry: &'r Registry, own: Vec<OwnRead>) -> Facts<'r> {
    analyze_under(plan, registry, own, Fault::from_environment())
}

/// The same with one rule switched to a wrong one, for the test that shows that
/// wrong rules are caught.
#[cfg(feature = "faults")]
pub fn analyze_with<'r>(
    plan: &Plan,
    registry: &'r Registry,
    mistake: Option<Mistake>,
) -> Facts<'r> {
    analyze_under(plan, registry, Vec::new(), Fault::new(mistake))
}

fn analyze_under<'r>(
    plan: &Plan,
    registry: &'r Registry,
    own: Vec<OwnRead>,
    mistake: Fault,
) -> Facts<'r> {
    let mut shared: FxHashMap<RelId, Vec<SharedFacts>> = FxHashMap::default();
    for (_, relation) in plan.relations() {
        if let Operator::Reader { of, .. } = relation.operator {
            shared.insert(of, Vec::new());
        }
    }
    // Until it is looked at, nothing is known of any.
    let unknown = Rc::new(ColumnFacts::unknown());
    let mut analyzer = Analyzer {
        plan,
        sources: Sources::new(registry),
        relations: Vec::new(),
        columns: vec![unknown; plan.column_count()],
        populations: Populations::default(),
        numbering: Numbering::new(plan.column_count()),
        presence: Presence::default(),
        definitions: FxHashMap::default(),
        shared,
        valued: Valued::of(plan),
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
    Facts {
        sources: analyzer.sources,
        relations: analyzer.relations,
        columns: analyzer.columns,
        numbering: analyzer.numbering,
        filtering: analyzer.filtering,
    }
}

/// What the walk carries along.
pub(super) struct Analyzer<'p, 'r> {
    pub(super) plan: &'p Plan,
    pub(super) sources: Sources<'r>,
    relations: Vec<RelationFacts>,
    pub(super) columns: Vec<SharedFacts>,
    pub(super) populations: Populations,
    /// Which values are the same, and which are functions of which.
    pub(super) numbering: Numbering,
    /// Which side of a full join is there.
    pub(super) presence: Presence,
    /// The expressions of projected columns that are no bare columns.
    pub(super) definitions: FxHashMap<ColId, &'p Expr>,
    /// Columns of relations that are read again, as they were when these were
    /// evaluated: a join after that may have made them NULL for its own rows.
    pub(super) shared: FxHashMap<RelId, Vec<SharedFacts>>,
    /// Which columns are more than compared.
    pub(super) valued: Valued,
    /// The sides of joins that are no more than filters.
    pub(super) filtering: FxHashMap<RelId, RelId>,
    pub(super) next_partition: u32,
    /// Measured values and groupings so far.
    pub(super) measures: u32,
    /// The parts of groups that measured values are taken of, by their conditions.
    pub(super) parts: FxHashMap<OrderedSet<ConditionId>, u32>,
    /// The rule that is switched to a wrong one, in tests.
    pub(super) mistake: Fault,
    /// What the round before of a recursion gave, by its anchor.
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

    /// What is known of a column, for another that has the same.
    pub(super) fn shared_column(&self, id: ColId) -> SharedFacts {
        Rc::clone(&self.columns[id.0 as usize])
    }

    /// A number for a measured value, or for a grouping of rows.
    pub(super) fn next_measure(&mut self) -> u32 {
        self.measures = self.measures.saturating_add(1);
        self.measures
    }

    /// The coverage of a value that was measured over a grouping.
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

    /// Names the part of each group for whose rows conditions hold.
    pub(super) fn part_where(&mut self, conditions: &OrderedSet<ConditionId>) -> u32 {
        let next = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        *self.parts.entry(conditions.clone()).or_insert(next)
    }

    /// A measured value that others became, and that was not measured anew: of a
    /// ratio it is one.
    pub(super) fn measured_again<'v>(
        &mut self,
        of: impl IntoIterator<Item = &'v Coverage>,
    ) -> Coverage {
        let of: Vec<&Measure> = of.into_iter().flat_map(Coverage::measures).collect();
        // One of several stays one of as many.
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

    /// The coverage of one member of what was collected, where `of` is that of all:
    /// another member's is another measured value.
    pub(super) fn one_of_them(&mut self, of: &Coverage) -> Coverage {
        match of {
            Coverage::Collected(measures) if measures.is_empty() => Coverage::Label,
            Coverage::Collected(_) | Coverage::Measured(_) | Coverage::Listed(_) => {
                self.measured_again([of])
            }
            Coverage::Uncovered(_) | Coverage::NoData | Coverage::Label => of.clone(),
        }
    }

    pub(super) fn set(&mut self, id: ColId, facts: impl Into<SharedFacts>) {
        let facts = facts.into();
        // What others have too was paid for.
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
            // The order tells nothing but what LIMIT then keeps.
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
                    individually: input.individually.clone(),
                    registered_level: input.registered_level,
                    populations: input.populations.clone(),
                    keys: input.keys.clone(),
                    // Fewer rows agree in all that more do.
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
                // Without one of them another row is among the first, or those that
                // are picked.
                if facts.rows == Rows::Individual {
                    if limited {
                        self.lower(0, span, relation.origin.word, &mut facts);
                    }
                } else if let Some(k) = facts.k()
                    && self.mistake != Some(Mistake::LimitAsksNobody)
                {
                    self.lower(k, span, relation.origin.word, &mut facts);
                }
                if let Some((value, at)) = keys.first()
                    && facts.rows != Rows::Individual
                {
                    // They are the first by it, as by a rank.
                    let down = skip.is_none() && self.is_largest_first(order);
                    let measures = value.coverage.measures().iter();
                    let first: Vec<_> = measures.map(|one| one.ranked(down)).collect();
                    if down {
                        facts.compared.bound(&first);
                    } else {
                        facts.compared.compare(&first);
                    }
                    if facts.compared.tells_two() {
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
            Operator::Loop { columns, anchor } => self.of_the_round_before(columns, *anchor),
            Operator::Model { function, inputs } => {
                self.model(function, inputs, &relation.columns, span)
            }
            Operator::Opaque { inputs, reads, why } => {
                self.opaque(inputs, reads, why, &relation.columns, span)
            }
        }
    }

    /// A published label that an answer about other people decides makes its row
    /// depend on them.
    fn publish(&mut self) {
        let Some(root) = self.plan.root() else { return };
        let mut facts = same_rows(self.relation(root));
        // What nobody can tell from the others by its label is proven by none.
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

    /// What decides which rows a LIMIT keeps.
    fn kept_by(&mut self, order: &[Expr]) -> Vec<(SharedFacts, Span)> {
        let keys = order.iter();
        keys.map(|key| (self.value(key.ordered()), key.span))
            .collect()
    }

    /// The keys by which rows are in order, if what stands between has not changed that,
    /// where only some of them are kept.
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

    /// The first of several groups are there by what the others are: by the people
    /// of any of them.
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

    /// An array in an order tells it: where its members are groups, that of the keys.
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
                        among: Among::OneRow,
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
        let mut told = Arms::default();
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
            self.attempts(expr, "CASE", &mut facts);
            self.subqueries(expr, &mut facts);
            let value = self.value(expr);
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

    /// Rows of which nothing is known.
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
                value.absorb(self.column(*column));
            }
        }
        for expr in reads {
            self.subqueries(expr, &mut facts);
            value.absorb(&self.value(expr));
        }
        value.constant = false;
        facts.rows = Rows::Individual;
        facts.individually = Some(Individually {
            why: format!("{why}, so its rows are assumed to belong to single people").into(),
            span,
            unread: true,
        });
        facts.history_mut().opaque.push((why.to_owned(), span));
        facts.populations.insert(
            self.populations.add(),
            Population {
                k: 0,
                table: why.into(),
                unit: None,
                implied: false,
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

/// The facts of rows that an operator hands on, each with more columns or in
/// another order: all that is known of the input, each fact named.
pub(super) fn same_rows(input: &RelationFacts) -> RelationFacts {
    RelationFacts {
        rows: input.rows,
        individually: input.individually.clone(),
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
