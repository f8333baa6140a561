//! The transfer function of joins.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::alternatives::mark_selected_by_rows;
use super::analysis::Analyzer;
use super::column::{SharedFacts, UnitValue};
use super::comparison::MeasureComparisons;
use super::dependency::{Dependencies, Equation, UnitColumn};
use super::influence::{Influence, same_function};
use super::join_keys::JoinSide;
use super::lattice::{PrivateInput, Rows};
use super::loss::{BucketLoss, LossKind};
use super::members::Members;
use super::mistake::Mutation;
use super::numbering::ConditionId;
use super::ordered::OrderedSet;
use super::relation::{Population, PopulationPair, RelationFacts};
use crate::plan::{ColId, Comparison, Expr, ExprKind, JoinKind, Operator, RelId};
use crate::source::Span;

/// The most pairs of a row's tables of people; with more, nothing is proven.
const PAIRS: usize = 256;

impl Analyzer<'_, '_> {
    pub(super) fn join(
        &mut self,
        id: RelId,
        operator: &Operator,
        word: &'static str,
        span: Span,
    ) -> RelationFacts {
        let Operator::Join {
            kind,
            left,
            right,
            condition,
            correlated,
            merged,
        } = operator
        else {
            return RelationFacts::impersonal();
        };
        let mine = self.joined_side(*left);
        let other = self.joined_side(*right);
        let sides = (
            self.plan.columns_under(*left),
            self.plan.columns_under(*right),
        );
        let equations = self.equations(condition.as_ref(), merged, (&sides.0, &sides.1));
        let filter = if *correlated {
            None
        } else {
            self.filtering_side(*kind, [&sides.0, &sides.1], [&mine, &other], &equations)
        };
        let (kept, beside) = match filter {
            Some(JoinSide::Left) => (&other, &mine),
            Some(JoinSide::Right) | None => (&mine, &other),
        };
        let mut facts = RelationFacts {
            rows: kept.rows,
            individual_reason: kept.individual_reason.clone(),
            registered_level: kept.registered_level,
            populations: kept.populations.clone(),
            keys: kept.keys.clone(),
            dependencies: Rc::default(),
            members: Members::some_of([mine.members, other.members]),
            // Removed below: a join keeps no partition complete.
            partitions: kept.partitions.clone(),
            folds: kept.folds.clone(),
            proven: kept.proven.clone(),
            bounded: kept.bounded.clone(),
            decided: kept.decided.clone(),
            whole_table: None,
            whole_groups: None,
            losses: kept.losses.clone(),
            history: Rc::clone(&kept.history),
            records: match filter {
                Some(_) => kept.records.clone(),
                None => kept.records.union(&beside.records).copied().collect(),
            },
            compared: kept.compared.clone(),
            trained_on: kept.trained_on.union(&beside.trained_on).copied().collect(),
            inside: kept.inside.clone(),
            repeated: mine.repeated || other.repeated,
        };
        facts.beside(beside);
        match kind {
            JoinKind::Semi | JoinKind::Anti => {
                self.note_list_loss(*kind, &other, word, span, &mut facts);
                let influences =
                    self.semi_join_influences(*right, &mine, &equations, condition.as_ref(), span);
                self.depend_on(&influences, word, &mut facts);
                self.depend_on_rows(&other, word, span, &mut facts);
                // Rows without people, found by a measured value of the surrounding
                // row.
                if other.populations.is_empty() && self.is_found_by_measure(*right) {
                    self.lower(0, span, word, &mut facts);
                }
                let rows = self.join_dependencies(
                    *kind,
                    &mine.dependencies,
                    &Dependencies::one_row(),
                    &[],
                    &[],
                    false,
                );
                facts.dependencies = Rc::new(rows);
            }
            JoinKind::Inner
            | JoinKind::Cross
            | JoinKind::Left
            | JoinKind::Right
            | JoinKind::Full => {
                if let Some(side) = filter {
                    let filtering = match side {
                        JoinSide::Left => *left,
                        JoinSide::Right => *right,
                    };
                    self.filtering.insert(id, filtering);
                    self.note_list_loss(*kind, beside, word, span, &mut facts);
                    if self.mistake != Some(Mutation::AnyConditionFilters) {
                        for (pop, people) in beside.populations.clone() {
                            facts.populations.insert(
                                pop,
                                Population {
                                    implied: true,
                                    between: None,
                                    ..people
                                },
                            );
                        }
                    }
                    if facts.rows == Rows::Impersonal && !beside.populations.is_empty() {
                        facts.rows = Rows::Aggregated;
                        facts.keys = Some(Vec::new());
                    }
                } else {
                    self.add_other_side(&mine, &other, word, span, &mut facts);
                }
                let rows = self.join_dependencies(
                    *kind,
                    &mine.dependencies,
                    &other.dependencies,
                    &equations,
                    merged,
                    *correlated,
                );
                facts.dependencies = Rc::new(rows);
            }
        }
        if matches!(kind, JoinKind::Inner | JoinKind::Semi) && !*correlated {
            let listed = *kind == JoinKind::Semi;
            let sides = ([*left, *right], [&sides.0, &sides.1]);
            let compared = (condition.as_ref(), merged.len());
            self.rejoined(listed, sides, compared, &equations, span, &mut facts);
        }
        self.lower_if_compared_apart(&[&mine.compared, &other.compared], span, word, &mut facts);
        if let Some(condition) = condition {
            self.on(*kind, condition, word, [&mine, &other], &mut facts);
        }
        for (column, mine, theirs) in merged {
            self.merged(*kind, *column, *mine, *theirs, &mut facts);
        }
        if filter.is_none() && !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
            self.pairs([&mine, &other], span, &mut facts);
        }
        if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
            self.mark_looked_up_values([(&mine, &sides.0), (&other, &sides.1)]);
        }
        let [of_left, of_right] =
            self.partner_comparisons(*kind, condition.as_ref(), merged, [&mine, &other]);
        let right = matches!(kind, JoinKind::Left | JoinKind::Full)
            .then(|| self.extend_with_null(*right, &sides.1, (&other, &of_right), span));
        let left = matches!(kind, JoinKind::Right | JoinKind::Full)
            .then(|| self.extend_with_null(*left, &sides.0, (&mine, &of_left), span));
        if let (Some(left), Some(right)) = (left, right) {
            self.presence.either_side(left, right);
        }
        if let Some(condition) = condition {
            // In a row without a partner the other side is NULL.
            let tested: Vec<ColId> = match kind {
                JoinKind::Inner => sides.0.union(&sides.1).copied().collect(),
                JoinKind::Left => sides.1.iter().copied().collect(),
                JoinKind::Right => sides.0.iter().copied().collect(),
                JoinKind::Cross | JoinKind::Full | JoinKind::Semi | JoinKind::Anti => Vec::new(),
            };
            self.narrow(condition, &tested);
        }
        if self.mistake == Some(Mutation::JoinTakesLarger) {
            let most = facts.populations.values().map(|people| people.k).max();
            for people in facts.populations.values_mut() {
                people.k = most.unwrap_or(0);
            }
        }
        if facts.rows == Rows::Impersonal {
            facts.individual_reason = None;
        }
        facts
    }

    /// The facts of a side; a row that is only the newest day has no people behind
    /// it.
    fn joined_side(&mut self, side: RelId) -> RelationFacts {
        let mut facts = self.relation(side).clone();
        if self.is_clock_relation(side) {
            facts.populations.clear();
            facts.rows = Rows::Impersonal;
            for column in self.plan.relation(side).columns.clone() {
                let value = self.column(column).clone().into_clock_day();
                self.set(column, value);
            }
        }
        facts
    }

    /// The side that is only a filter: only conditions read its columns, and a row
    /// of the other side finds at most one of its rows.
    fn filtering_side(
        &self,
        kind: JoinKind,
        sides: [&BTreeSet<ColId>; 2],
        facts: [&RelationFacts; 2],
        equations: &[Equation],
    ) -> Option<JoinSide> {
        let [left, right] = self.valued.filter_only_sides(kind, sides);
        let careless = self.mistake == Some(Mutation::AnyConditionFilters);
        let one = |side: JoinSide| {
            let rows = match side {
                JoinSide::Left => &facts[0].dependencies,
                JoinSide::Right => &facts[1].dependencies,
            };
            careless || self.one_partner(rows, equations, side)
        };
        if left && one(JoinSide::Left) {
            Some(JoinSide::Left)
        } else if right && one(JoinSide::Right) {
            Some(JoinSide::Right)
        } else {
            None
        }
    }

    /// Adds the people of the other side: a row of both sides stands for the people
    /// of both.
    fn add_other_side(
        &mut self,
        mine: &RelationFacts,
        other: &RelationFacts,
        word: &'static str,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        facts.join_row_kinds(other);
        for (pop, people) in other.populations.clone() {
            facts.populations.insert(pop, people);
        }
        facts.keys = match (facts.keys.take(), other.keys.clone()) {
            (Some(mut keys), Some(theirs)) => {
                keys.extend(theirs);
                Some(keys)
            }
            (keys, theirs) => keys.or(theirs),
        };
        facts.inside.extend(other.inside.iter().cloned());
        facts.folds.extend(other.folds.iter().cloned());
        facts.proven.extend(other.proven.iter().cloned());
        facts.bounded.extend(other.bounded.iter().cloned());
        facts.partitions.extend(other.partitions.clone());
        facts.cut_partitions(word, span);
        self.unequal_sides(mine, other, word, span, facts);
    }

    /// Adds a population for each pair of people whom a join without their
    /// identifier combines.
    ///
    /// A counted person of one side may be present through a single partner on the
    /// other. So once pairs are grouped, no count of either side proves more of
    /// them than each row did.
    fn pairs(&mut self, sides: [&RelationFacts; 2], span: Span, facts: &mut RelationFacts) {
        if self.mistake == Some(Mutation::PairsAreCounted) {
            return;
        }
        let [mine, other] = sides.map(|side| {
            let own = side
                .populations
                .iter()
                .filter(|(_, people)| !people.implied);
            own.map(|(pop, people)| (*pop, people)).collect::<Vec<_>>()
        });
        let known = facts.populations.values();
        let pairs = known.filter(|people| people.between.is_some()).count();
        if pairs.saturating_add(mine.len().saturating_mul(other.len())) > PAIRS {
            // No count can raise a population that no column identifies.
            let many = Population {
                k: 0,
                table: "more pairs of tables than are followed".into(),
                unit: None,
                implied: false,
                unregistered: false,
                between: None,
            };
            facts
                .populations
                .retain(|_, people| people.between.is_none());
            facts.populations.insert(self.populations.add(), many);
            return;
        }
        for (pop, people) in &mine {
            for (partner, _) in &other {
                if self.populations.find(*pop) == self.populations.find(*partner) {
                    continue;
                }
                let pair = Population {
                    // In the pair's own row, each side is proven by its own count.
                    k: u64::MAX,
                    table: Rc::clone(&people.table),
                    unit: None,
                    implied: true,
                    unregistered: false,
                    between: Some(PopulationPair {
                        pops: [*pop, *partner],
                        span,
                    }),
                };
                facts.populations.insert(self.populations.add(), pair);
            }
        }
    }

    /// Notes that being in a list of large groups proves nothing about finer
    /// groups.
    fn note_list_loss(
        &mut self,
        kind: JoinKind,
        other: &RelationFacts,
        word: &'static str,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        // Rows are removed by values that need not be the same in a whole
        // partition.
        facts.cut_partitions(word, span);
        let chooses = matches!(kind, JoinKind::Semi | JoinKind::Inner | JoinKind::Cross);
        if let Some(k) = other.k().filter(|k| *k >= 2 && chooses) {
            facts
                .losses
                .push(BucketLoss::new(LossKind::OtherGrain, k, word, span));
        }
    }

    /// Notes the loss if one side was proven and the other brings fewer people.
    fn unequal_sides(
        &mut self,
        mine: &RelationFacts,
        other: &RelationFacts,
        word: &'static str,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        for (large, small) in [(mine, other), (other, mine)] {
            let (Some(k), Some(fewer)) = (large.k(), small.k()) else {
                continue;
            };
            if k >= 2 && fewer < k {
                let grain = large.keys.iter().flatten();
                facts.losses.push(BucketLoss {
                    grain: grain.map(|key| self.numbering.column(key.column)).collect(),
                    ..BucketLoss::new(LossKind::Joined, k, word, span)
                });
            }
        }
    }

    /// Marks values of a side without people as selected by the content of a
    /// person's row.
    ///
    /// The row's content decides which of these values it gets.
    fn mark_looked_up_values(&mut self, sides: [(&RelationFacts, &BTreeSet<ColId>); 2]) {
        let nobody = |rows: &RelationFacts| {
            rows.populations.is_empty() && rows.rows == Rows::Impersonal && rows.members.is_none()
        };
        let [left, right] = sides;
        for ((rows, columns), (others, _)) in [(left, right), (right, left)] {
            if !nobody(rows) || nobody(others) {
                continue;
            }
            for column in columns {
                let mut value = self.column(*column).clone();
                mark_selected_by_rows(&mut value);
                self.set(*column, value);
            }
        }
    }

    /// The comparisons that decide whether a row finds a partner on the left and on
    /// the right: those that selected the rows there, and those of the join's
    /// condition.
    fn partner_comparisons(
        &mut self,
        kind: JoinKind,
        condition: Option<&Expr>,
        merged: &[(ColId, ColId, ColId)],
        sides: [&RelationFacts; 2],
    ) -> [MeasureComparisons; 2] {
        let mut by = sides.map(|side| side.compared.clone());
        if !matches!(kind, JoinKind::Left | JoinKind::Right | JoinKind::Full) {
            return by;
        }
        let mut read: Vec<SharedFacts> = Vec::new();
        for conjunct in condition.into_iter().flat_map(super::conjuncts) {
            let value = self.value(conjunct);
            let lower = self.is_lower_bound(conjunct);
            for rows in &mut by {
                let measures = value.coverage.measures();
                if lower {
                    rows.bound(measures);
                } else {
                    rows.compare(measures);
                }
            }
            read.push(value);
        }
        for (_, mine, theirs) in merged {
            read.extend([mine, theirs].map(|column| self.shared_column(*column)));
        }
        for value in read
            .iter()
            .filter_map(|value| value.presence_comparisons.as_ref())
        {
            by.iter_mut().for_each(|rows| rows.extend(value));
        }
        by
    }

    /// Makes a side's columns NULL in rows without a partner on that side.
    ///
    /// Returns the condition that there is a partner.
    fn extend_with_null(
        &mut self,
        id: RelId,
        columns: &BTreeSet<ColId>,
        (side, found_by): (&RelationFacts, &MeasureComparisons),
        span: Span,
    ) -> ConditionId {
        let matched = self.numbering.condition_of(None);
        let plan = self.plan;
        let mut all = None;
        self.numbering.extend_with_null(columns, &mut |column| {
            columns.contains(&column)
                || all
                    .get_or_insert_with(|| plan.columns_made_under(id))
                    .contains(&column)
        });
        for column in columns {
            let number = self.numbering.column(*column);
            let kept = self.numbering.parts(number).is_some_and(|parts| {
                parts
                    .iter()
                    .any(|part| side.dependencies.not_null.contains(part))
            });
            if !kept {
                self.numbering.forget_parts(number);
            }
            let never_null = side.dependencies.not_null.contains(&number);
            self.presence.extended(number, matched, never_null);
            let mut value = self.column(*column).clone();
            value.everywhere(&mut |value| {
                value.when.insert(matched);
                value.certain.insert(matched);
                value.there.insert(matched);
                value.literal = None;
                value.constant = false;
                value.total = false;
                if value.aggregated || !value.cells.is_empty() {
                    value.matched(matched, side, span);
                }
                value.add_presence_comparisons(found_by);
                if let Some(count) = &mut value.count {
                    for fact in &mut Rc::make_mut(count).people {
                        fact.conditions.insert(matched);
                        fact.groups = None;
                    }
                }
            });
            self.set(*column, value);
        }
        matched
    }

    /// Applies a join's condition: an equation of two identifiers of the same
    /// person merges their populations; in an inner join, the other conjuncts
    /// filter.
    fn on(
        &mut self,
        kind: JoinKind,
        condition: &Expr,
        word: &'static str,
        sides: [&RelationFacts; 2],
        facts: &mut RelationFacts,
    ) {
        self.chosen_by(condition, word, facts);
        // The populations of the sides before any are merged.
        let whose = sides.map(|side| {
            let pops = side.populations.keys();
            pops.map(|pop| self.populations.find(*pop))
                .collect::<OrderedSet<PrivateInput>>()
        });
        let mut merged: OrderedSet<PrivateInput> = OrderedSet::new();
        if kind == JoinKind::Inner {
            // A value that one conjunct requires to be present is so for the
            // others.
            self.add_not_nulls(condition, facts);
        }
        for conjunct in super::conjuncts(condition) {
            if let ExprKind::Compare(comparison, left, right) = &conjunct.kind
                // Equations of an inner join are handled as restrictions.
                && matches!(kind, JoinKind::Left | JoinKind::Right | JoinKind::Full)
                && match comparison {
                    Comparison::Eq => true,
                    Comparison::Same => {
                        let rows = sides.map(|side| &*side.dependencies);
                        self.null_is_nobody([left, right], rows)
                    }
                    Comparison::NotEq
                    | Comparison::Lt
                    | Comparison::LtEq
                    | Comparison::Gt
                    | Comparison::GtEq => false,
                }
                && let (Some(left), Some(right)) = (self.unit_of(left), self.unit_of(right))
            {
                // An equation within one side was tested only on matched rows, and
                // so was a second equation with the same people of the other side.
                let careless = self.mistake == Some(Mutation::OuterOnMergesASide);
                let pops = [&left, &right].map(|unit| self.populations.find(unit.pop));
                let across = |[mine, theirs]: [PrivateInput; 2]| {
                    whose[0].contains(&mine) && whose[1].contains(&theirs)
                };
                let fresh = pops.iter().all(|pop| !merged.contains(pop));
                let [mine, theirs] = pops;
                if careless || fresh && (across(pops) || across([theirs, mine])) {
                    self.same_person(&left, &right, facts, careless);
                    merged.extend(pops);
                    merged.insert(self.populations.find(mine));
                }
            }
            if matches!(kind, JoinKind::Inner) {
                self.restrict(conjunct, word, facts);
            } else {
                let value = self.value(conjunct);
                self.lower_to_value(&value, conjunct.span, word, facts);
                self.lower_if_compared_together(conjunct, &value, word, facts);
                self.mark_labels_as_measures(conjunct, word, facts);
                self.compares(conjunct, word, facts);
            }
        }
    }

    /// The people of a semi-join's right side.
    ///
    /// People are left out if their rows are found by the row's own person.
    fn semi_join_influences(
        &mut self,
        right: RelId,
        mine: &RelationFacts,
        equations: &[Equation],
        condition: Option<&Expr>,
        span: Span,
    ) -> Vec<Influence> {
        let rows = self.relation(right).clone();
        let own: Vec<&UnitColumn> = mine.dependencies.units.iter().collect();
        let mut found = Vec::new();
        // `id IN (SELECT id …)`: both identify the person by the same function, and
        // only rows without NULL find each other.
        let named = condition.and_then(|condition| {
            let ExprKind::Compare(Comparison::Eq, value, listed) = &condition.kind else {
                return None;
            };
            let (value, listed) = (self.unit_of(value)?, self.unit_of(listed)?);
            same_function(&value, &listed).then_some(listed.pop)
        });
        // One person may decide which groups have the measured value.
        let equated = |conjunct: &&Expr| {
            matches!(
                conjunct.kind,
                ExprKind::Compare(Comparison::Eq | Comparison::Same, ..)
            )
        };
        let conjuncts = condition.into_iter().flat_map(super::conjuncts);
        let measured = conjuncts
            .filter(equated)
            .any(|conjunct| !self.value(conjunct).coverage.measures().is_empty())
            || self.is_found_by_measure(right);
        for (pop, people) in &rows.populations {
            let of_pop = self.populations.find(*pop);
            let by_name = named.is_some_and(|named| self.populations.find(named) == of_pop);
            let never = |side: &RelationFacts, unit: &UnitColumn| {
                side.dependencies.not_null.contains(&unit.number)
            };
            let by_equation = rows.dependencies.units.iter().any(|unit| {
                self.populations.find(unit.pop()) == of_pop
                    && own.iter().any(|own| {
                        let there = never(mine, own);
                        let nobody = own.total && unit.total || there || never(&rows, unit);
                        same_function(&own.value, &unit.value)
                            && (rows
                                .dependencies
                                .same_person(own.number, (own.total, there), unit)
                                || equations.iter().any(|equation| {
                                    (nobody || !equation.null_safe)
                                        && equation.joins(own.number, unit.number)
                                }))
                    })
            });
            if !by_name && !by_equation {
                found.push(Influence {
                    pop: *pop,
                    k: if measured { 0 } else { people.k },
                    table: Rc::clone(&people.table),
                    span,
                });
            }
        }
        found
    }

    /// Merges the populations of two identifiers of the same person, which are both
    /// in a row; `in_all_rows` says that this holds in all rows, and not only where
    /// both are present.
    pub(super) fn same_person(
        &mut self,
        mine: &UnitValue,
        theirs: &UnitValue,
        facts: &mut RelationFacts,
        in_all_rows: bool,
    ) {
        let same = same_function(mine, theirs);
        let (a, b) = (
            self.populations.find(mine.pop),
            self.populations.find(theirs.pop),
        );
        if !same || a == b {
            return;
        }
        let of = |facts: &RelationFacts, pop, populations: &super::lattice::Populations| {
            facts
                .populations
                .keys()
                .copied()
                .find(|known| populations.find(*known) == pop)
        };
        let (Some(first), Some(second)) = (
            of(facts, a, &self.populations),
            of(facts, b, &self.populations),
        ) else {
            return;
        };
        let (Some(first), Some(second)) = (
            facts.populations.remove(&first),
            facts.populations.remove(&second),
        ) else {
            return;
        };
        let k = first.k.min(second.k);
        let pop = self.populations.merge(a, b);
        facts.populations.insert(
            pop,
            Population {
                k,
                implied: first.implied && second.implied,
                ..first
            },
        );
        let populations = &self.populations;
        facts.populations.retain(|_, people| {
            !in_all_rows
                || people.between.is_none_or(|between| {
                    let [mine, theirs] = between.pops.map(|pop| populations.find(pop));
                    mine != theirs
                })
        });
        for fold in &mut facts.folds {
            fold.pop = populations.find(fold.pop);
        }
        for proven in &mut facts.proven {
            proven.pop = populations.find(proven.pop);
        }
    }

    /// Sets the facts of a column that USING merged.
    fn merged(
        &mut self,
        kind: JoinKind,
        column: ColId,
        mine: ColId,
        theirs: ColId,
        facts: &mut RelationFacts,
    ) {
        let (left, right) = (self.column(mine).clone(), self.column(theirs).clone());
        if !matches!(kind, JoinKind::Semi | JoinKind::Anti)
            && let (Some(mine), Some(theirs)) = (&left.unit, &right.unit)
        {
            let all = matches!(kind, JoinKind::Inner | JoinKind::Cross);
            self.same_person(mine, theirs, facts, all);
        }
        let span = self.plan.column(column).span;
        facts.decided_by(&left.compared());
        facts.decided_by(&right.compared());
        self.compares_pair([&left, &right], span, "USING", facts);
        self.same_values([&left, &right], span, "USING", facts);
        self.equated([&left, &right], span, "USING", facts);
        // After a full join the column is NULL only if both are.
        let total = left.total && right.total;
        self.merged_unit(kind, column, [mine, theirs], total, facts);
        let value = match kind {
            JoinKind::Right => right,
            JoinKind::Full => {
                let (mut left, mut right) = (left, right);
                left.rename_pops(&|pop| self.populations.find(pop));
                right.rename_pops(&|pop| self.populations.find(pop));
                left.or(&right)
            }
            JoinKind::Inner | JoinKind::Cross => {
                // The two are equal, so the column is whatever either of them is.
                let mut left = left;
                left.is_also(&right);
                left
            }
            JoinKind::Left | JoinKind::Semi | JoinKind::Anti => left,
        };
        for key in facts.keys.iter_mut().flatten() {
            if key.column == mine || key.column == theirs {
                key.column = column;
            }
        }
        self.set(column, value);
    }

    /// Makes the merged column a copy of the side that is always present; after a
    /// FULL JOIN, it becomes an identifier if both sides' columns are.
    fn merged_unit(
        &mut self,
        kind: JoinKind,
        column: ColId,
        [mine, theirs]: [ColId; 2],
        total: bool,
        facts: &mut RelationFacts,
    ) {
        let of = match kind {
            JoinKind::Inner
            | JoinKind::Cross
            | JoinKind::Left
            | JoinKind::Semi
            | JoinKind::Anti => mine,
            JoinKind::Right => theirs,
            JoinKind::Full => {
                let number = self.numbering.column(column);
                let rows = Rc::make_mut(&mut facts.dependencies);
                let merged: Vec<_> = rows
                    .units
                    .iter()
                    .filter(|unit| unit.number == self.numbering.column(mine))
                    .cloned()
                    .map(|unit| UnitColumn {
                        number,
                        total,
                        ..unit
                    })
                    .collect();
                let same = rows
                    .units
                    .iter()
                    .any(|unit| unit.number == self.numbering.column(theirs));
                if same {
                    rows.units.extend(merged);
                }
                return;
            }
        };
        let number = self.numbering.column(of);
        self.numbering.copy(column, number);
    }
}
