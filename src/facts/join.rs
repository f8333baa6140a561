//! Joins.

use std::collections::BTreeSet;
use std::rc::Rc;

use vecset::VecSet;

use super::analysis::Analyzer;
use super::column::UnitValue;
use super::dependency::Dependencies;
use super::influence::{Influence, same_function};
use super::join_keys::{Equation, Side};
use super::lattice::Rows;
use super::loss::{Loss, LossKind};
use super::members::Members;
use super::mistake::Mistake;
use super::numbering::ConditionId;
use super::relation::{Population, RelationFacts};
use crate::plan::{ColId, Comparison, Expr, ExprKind, JoinKind, Operator, RelId};
use crate::source::Span;

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
            Some(Side::Left) => (&other, &mine),
            Some(Side::Right) | None => (&mine, &other),
        };
        let mut facts = RelationFacts {
            rows: kept.rows,
            individually: kept.individually.clone(),
            registered_level: kept.registered_level,
            populations: kept.populations.clone(),
            keys: kept.keys.clone(),
            dependencies: Rc::default(),
            members: Members::some_of([mine.members, other.members]),
            // Cut below: a join keeps no partition whole.
            partitions: kept.partitions.clone(),
            folds: kept.folds.clone(),
            proven: kept.proven.clone(),
            bounded: kept.bounded.clone(),
            decided: kept.decided.clone(),
            whole_table: None,
            whole_groups: None,
            losses: kept.losses.clone(),
            history: Rc::clone(&kept.history),
            trained_on: kept.trained_on.union(&beside.trained_on).copied().collect(),
            inside: kept.inside.clone(),
        };
        facts.beside(beside);
        match kind {
            JoinKind::Semi | JoinKind::Anti => {
                self.only_chosen(*kind, &other, word, span, &mut facts);
                let influences =
                    self.chosen_from(*right, &mine, &equations, condition.as_ref(), span);
                self.depend_on(&influences, word, &mut facts);
                self.decided_by_rows(&other, word, span, &mut facts);
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
                        Side::Left => *left,
                        Side::Right => *right,
                    };
                    self.filtering.insert(id, filtering);
                    self.only_chosen(*kind, beside, word, span, &mut facts);
                    if self.mistake != Some(Mistake::AnyConditionFilters) {
                        for (pop, people) in beside.populations.clone() {
                            facts.populations.insert(
                                pop,
                                Population {
                                    implied: true,
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
                    self.both_sides(&mine, &other, word, span, &mut facts);
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
        if *kind == JoinKind::Inner && !*correlated {
            self.rejoined([*left, *right], &equations, span, &mut facts);
        }
        if let Some(condition) = condition {
            self.on(*kind, condition, word, [&mine, &other], &mut facts);
        }
        for (column, mine, theirs) in merged {
            self.merged(*kind, *column, *mine, *theirs, &mut facts);
        }
        let right = matches!(kind, JoinKind::Left | JoinKind::Full)
            .then(|| self.extend_with_null(&sides.1, &other, span));
        let left = matches!(kind, JoinKind::Right | JoinKind::Full)
            .then(|| self.extend_with_null(&sides.0, &mine, span));
        if let (Some(left), Some(right)) = (left, right) {
            self.presence.either_side(left, right);
        }
        if self.mistake == Some(Mistake::JoinTakesLarger) {
            let most = facts.populations.values().map(|people| people.k).max();
            for people in facts.populations.values_mut() {
                people.k = most.unwrap_or(0);
            }
        }
        if facts.rows == Rows::Impersonal {
            facts.individually = None;
        }
        facts
    }

    /// The facts of a side; nobody is behind a row that is the newest day alone.
    fn joined_side(&mut self, side: RelId) -> RelationFacts {
        let mut facts = self.relation(side).clone();
        if self.is_clock_relation(side) {
            facts.populations.clear();
            facts.rows = Rows::Impersonal;
            for column in self.plan.relation(side).columns.clone() {
                let value = self.column(column).clone().of_the_clock();
                self.set(column, value);
            }
        }
        facts
    }

    /// The side that is no more than a filter: conditions alone read its columns,
    /// and a row of the other side finds one row of it at most.
    fn filtering_side(
        &self,
        kind: JoinKind,
        sides: [&BTreeSet<ColId>; 2],
        facts: [&RelationFacts; 2],
        equations: &[Equation],
    ) -> Option<Side> {
        let [left, right] = self.valued.only_compared(kind, sides);
        let careless = self.mistake == Some(Mistake::AnyConditionFilters);
        let one = |side: Side| {
            let rows = match side {
                Side::Left => &facts[0].dependencies,
                Side::Right => &facts[1].dependencies,
            };
            careless || self.one_partner(rows, equations, side)
        };
        if left && one(Side::Left) {
            Some(Side::Left)
        } else if right && one(Side::Right) {
            Some(Side::Right)
        } else {
            None
        }
    }

    /// A row of both sides stands for the people of either.
    fn both_sides(
        &mut self,
        mine: &RelationFacts,
        other: &RelationFacts,
        word: &'static str,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        facts.or_rows(other);
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

    /// Being in a list of large groups proves nothing of finer ones.
    fn only_chosen(
        &mut self,
        kind: JoinKind,
        other: &RelationFacts,
        word: &'static str,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        // Rows go by what is not known to be the same in a whole partition.
        facts.cut_partitions(word, span);
        let chooses = matches!(kind, JoinKind::Semi | JoinKind::Inner | JoinKind::Cross);
        if let Some(k) = other.k().filter(|k| *k >= 2 && chooses) {
            facts
                .losses
                .push(Loss::new(LossKind::OtherGrain, k, word, span));
        }
    }

    /// Notes where one side was proven and the other brings fewer people.
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
                facts.losses.push(Loss {
                    grain: grain.map(|key| self.numbering.column(key.column)).collect(),
                    ..Loss::new(LossKind::Joined, k, word, span)
                });
            }
        }
    }

    /// A side's columns are NULL in rows that have no partner there; the
    /// condition that one is.
    fn extend_with_null(
        &mut self,
        columns: &BTreeSet<ColId>,
        side: &RelationFacts,
        span: Span,
    ) -> ConditionId {
        let matched = self.numbering.condition_of(None);
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
            self.numbering.extend_with_null(number);
            self.presence.extended(number, matched, never_null);
            let mut value = self.column(*column).clone();
            value.everywhere(&mut |value| {
                value.when.insert(matched);
                value.certain.insert(matched);
                value.there.insert(matched);
                value.literal = None;
                value.constant = false;
                if value.aggregated || !value.cells.is_empty() {
                    value.matched(matched, side, span);
                }
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

    /// A join's condition: an equation of two names of the same person makes
    /// their populations one; in an inner join the rest filters.
    fn on(
        &mut self,
        kind: JoinKind,
        condition: &Expr,
        word: &'static str,
        sides: [&RelationFacts; 2],
        facts: &mut RelationFacts,
    ) {
        self.chosen_by(condition, word, facts);
        for conjunct in super::conjuncts(condition) {
            if let ExprKind::Compare(Comparison::Eq | Comparison::Same, left, right) =
                &conjunct.kind
                // Those of an inner join are met where it restricts.
                && matches!(kind, JoinKind::Left | JoinKind::Right | JoinKind::Full)
                && let (Some(left), Some(right)) = (self.unit_of(left), self.unit_of(right))
                // An equation within one side was tested on matched rows alone.
                && (self.across(&left, &right, sides)
                    || self.across(&right, &left, sides)
                    || self.mistake == Some(Mistake::OuterOnMergesASide))
            {
                self.same_person(&left, &right, facts);
            }
            if matches!(kind, JoinKind::Inner) {
                self.restrict(conjunct, word, facts);
            } else {
                let value = self.value(conjunct);
                self.decided_among(&value, conjunct.span, word, facts);
                let mut sources = VecSet::new();
                self.compared(conjunct, &mut sources);
                facts.decided_by(&sources);
            }
        }
    }

    /// Whether one value names people of the left side, and the other of the
    /// right.
    fn across(&self, mine: &UnitValue, theirs: &UnitValue, sides: [&RelationFacts; 2]) -> bool {
        let [left, right] = sides;
        self.present(mine.pop, left).is_some() && self.present(theirs.pop, right).is_some()
    }

    /// The people of a semi-join's right side, but for those that the row's own
    /// person is looked up among.
    fn chosen_from(
        &mut self,
        right: RelId,
        mine: &RelationFacts,
        equations: &[Equation],
        condition: Option<&Expr>,
        span: Span,
    ) -> Vec<Influence> {
        let rows = self.relation(right).clone();
        let own: Vec<&super::dependency::UnitColumn> = mine.dependencies.units.iter().collect();
        let mut found = Vec::new();
        // `id IN (SELECT id …)`: both name the person by the same function.
        let named = condition.and_then(|condition| {
            let ExprKind::Compare(Comparison::Eq, value, listed) = &condition.kind else {
                return None;
            };
            let (value, listed) = (self.unit_of(value)?, self.unit_of(listed)?);
            same_function(&value, &listed).then_some(listed.pop)
        });
        for (pop, people) in &rows.populations {
            let of_pop = self.populations.find(*pop);
            let by_name = named.is_some_and(|named| self.populations.find(named) == of_pop);
            let by_equation = rows.dependencies.units.iter().any(|unit| {
                self.populations.find(unit.pop) == of_pop
                    && own.iter().any(|own| {
                        own.unit == unit.unit
                            && own.constants == 0
                            && unit.constants == 0
                            && (rows
                                .dependencies
                                .equal_to(own.number)
                                .contains(&unit.number)
                                || equations
                                    .iter()
                                    .any(|equation| equation.joins(own.number, unit.number)))
                    })
            });
            if !by_name && !by_equation {
                found.push(Influence {
                    pop: *pop,
                    k: people.k,
                    table: Rc::clone(&people.table),
                    span,
                });
            }
        }
        found
    }

    /// Two names of the same person stand in a row: their populations are one.
    pub(super) fn same_person(
        &mut self,
        mine: &UnitValue,
        theirs: &UnitValue,
        facts: &mut RelationFacts,
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
        for fold in &mut facts.folds {
            fold.pop = populations.find(fold.pop);
        }
        for proven in &mut facts.proven {
            proven.pop = populations.find(proven.pop);
        }
    }

    /// A column that USING merged.
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
            self.same_person(mine, theirs, facts);
        }
        facts.decided_by(&left.compared());
        facts.decided_by(&right.compared());
        self.same_values(
            [&left, &right],
            self.plan.column(column).span,
            "USING",
            facts,
        );
        self.merged_unit(kind, column, mine, theirs, facts);
        let value = match kind {
            JoinKind::Right => right,
            JoinKind::Full => {
                let (mut left, mut right) = (left, right);
                left.rename_pops(&|pop| self.populations.find(pop));
                right.rename_pops(&|pop| self.populations.find(pop));
                left.or(&right)
            }
            JoinKind::Inner
            | JoinKind::Cross
            | JoinKind::Left
            | JoinKind::Semi
            | JoinKind::Anti => left,
        };
        for key in facts.keys.iter_mut().flatten() {
            if key.column == mine || key.column == theirs {
                key.column = column;
            }
        }
        self.set(column, value);
    }

    /// What the merged column is a copy of, and whom it names in a FULL JOIN.
    fn merged_unit(
        &mut self,
        kind: JoinKind,
        column: ColId,
        mine: ColId,
        theirs: ColId,
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
                    .map(|unit| super::dependency::UnitColumn { number, ..unit })
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
