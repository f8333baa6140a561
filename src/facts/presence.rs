//! Which side of a full join is present, and what decides whether a value is.
//!
//! At least one side is present in every row, so a value that is taken from one
//! side or otherwise from the other is present for everybody. If conditions on
//! measured values selected the rows that a value belongs to, its presence
//! discloses these values as the conditions do (`design/proof.md`, law 4).

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::comparison::MeasureComparisons;
use super::constant::number;
use super::coverage::{Coverage, GapReason, Measure};
use super::numbering::{ConditionId, Number};
use super::ordered::OrderedSet;
use crate::plan::{Case, Expr, ExprKind, Literal};

/// What outer joins imply about their sides.
#[derive(Debug, Default)]
pub(super) struct Presence {
    /// Values that are NULL in exactly the rows in which the condition fails.
    shown_by: FxHashMap<Number, ConditionId>,
    /// Pairs of conditions of which at least one holds in every row.
    other: FxHashMap<ConditionId, ConditionId>,
}

impl Presence {
    /// Notes that a join made a value NULL in rows without a partner; `never_null`
    /// if it was not NULL before.
    pub(super) fn extended(&mut self, value: Number, matched: ConditionId, never_null: bool) {
        if never_null {
            self.show(value, matched);
        } else {
            self.shown_by.remove(&value);
        }
    }

    /// The condition that holds in exactly the rows in which a value is not NULL.
    pub(super) fn shown_by(&self, value: Number) -> Option<ConditionId> {
        self.shown_by.get(&value).copied()
    }

    /// Notes that a value is NULL in exactly the rows in which a condition fails.
    pub(super) fn show(&mut self, value: Number, matched: ConditionId) {
        self.shown_by.insert(value, matched);
    }

    /// The condition of the other side of a full join: one of both holds in every
    /// row.
    pub(super) fn other_side(&self, side: ConditionId) -> Option<ConditionId> {
        self.other.get(&side).copied()
    }

    /// Notes the conditions of both sides of a full join.
    pub(super) fn either_side(&mut self, left: ConditionId, right: ConditionId) {
        self.other.insert(left, right);
        self.other.insert(right, left);
    }

    /// The conditions without which none of several values is present, given the
    /// conditions of each.
    ///
    /// Two sets that differ only in the side of a full join are first replaced by
    /// what they share; `None` if several sets remain.
    fn any_of(&self, values: Vec<OrderedSet<ConditionId>>) -> Option<OrderedSet<ConditionId>> {
        let mut open = values;
        while open.len() > 1 {
            let pairs = (0..open.len()).flat_map(|a| (0..open.len()).map(move |b| (a, b)));
            let (a, b, together) = pairs
                .filter(|(a, b)| a < b)
                .find_map(|(a, b)| Some((a, b, self.either(&open[a], &open[b])?)))?;
            open.remove(b);
            open[a] = together;
        }
        open.pop()
    }

    fn either(
        &self,
        a: &OrderedSet<ConditionId>,
        b: &OrderedSet<ConditionId>,
    ) -> Option<OrderedSet<ConditionId>> {
        if a.is_subset(b) {
            return Some(a.clone());
        }
        if b.is_subset(a) {
            return Some(b.clone());
        }
        let common: OrderedSet<ConditionId> = a.intersection(b).copied().collect();
        let only = [a, b].map(|set| {
            let mut rest = set.difference(&common).copied();
            (rest.next(), rest.next())
        });
        match only {
            [(Some(mine), None), (Some(theirs), None)]
                if self.other.get(&mine) == Some(&theirs) =>
            {
                Some(common)
            }
            _ => None,
        }
    }
}

impl Analyzer<'_, '_> {
    /// The conditions without which the first present one of several values is
    /// absent.
    pub(super) fn first_there(&self, values: &[SharedFacts]) -> Option<OrderedSet<ConditionId>> {
        let when = values.iter().map(|value| value.when.clone()).collect();
        self.presence.any_of(when)
    }

    /// For `IF(id IS NOT NULL, a, b)`, where `id` shows whether a side of a full
    /// join is present: that side's condition, and whether `a` is the value if it
    /// is present.
    pub(super) fn sides_of(&mut self, case: &Case) -> Option<(ConditionId, bool)> {
        let ([(condition, _)], Some(_)) = (case.branches.as_slice(), &case.otherwise) else {
            return None;
        };
        let (mut condition, mut first) = (condition, false);
        while let ExprKind::Not(inner) = &condition.kind {
            condition = inner;
            first = !first;
        }
        let ExprKind::IsNull(tested) = &condition.kind else {
            return None;
        };
        let number = self.numbering.expression(tested)?;
        let matched = self.presence.shown_by(number)?;
        Some((matched, first))
    }

    /// Keeps only the conditions that both sides need, for such a value and its
    /// fields: it is present whichever side is.
    pub(super) fn of_either_side(
        &self,
        matched: ConditionId,
        there: &ColumnFacts,
        absent: &ColumnFacts,
        value: &mut ColumnFacts,
    ) {
        let other = self.presence.other.get(&matched);
        let without = |when: &OrderedSet<ConditionId>, side: Option<&ConditionId>| {
            let mut rest = when.clone();
            side.map(|side| rest.remove(side));
            rest
        };
        let needed = without(&there.when, Some(&matched));
        if other.is_some() && needed == without(&absent.when, other) {
            value.when = needed;
        }
        let fields = there.fields.iter().zip(&absent.fields);
        for ((_, field), ((_, there), (_, absent))) in value.fields.iter_mut().zip(fields) {
            self.of_either_side(matched, there, absent, Rc::make_mut(field));
        }
    }
}

/// What a CASE discloses about the conditions that select its branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CaseDisclosure {
    /// Only which branch is taken: whoever changes the answer of one condition
    /// changes the value.
    Branch,
    /// Some branches return the same constant: several conditions decide which.
    Same,
    /// A constant may replace a value of the rows.
    StandsIn,
    /// Whether a value is present, which is like 0 if it is absent.
    There,
}

/// Determines what a CASE discloses about its conditions; `pure` if none of them
/// discloses several measured values together.
pub(super) fn case_disclosure(case: &Case, pure: bool) -> CaseDisclosure {
    let null = Literal::Null;
    let leaves = case.branches.iter().map(|(_, value)| value);
    let leaves = leaves.chain(&case.otherwise).map(|leaf| match &leaf.kind {
        ExprKind::Literal(literal) => Some(literal),
        _ => None,
    });
    let mut leaves: Vec<Option<&Literal>> = leaves.collect();
    if case.otherwise.is_none() {
        leaves.push(Some(&null));
    }
    let constants: Vec<&Literal> = leaves.iter().copied().flatten().collect();
    let again = |(at, literal): (usize, &&Literal)| constants[..at].contains(literal);
    if constants.iter().enumerate().any(again) {
        return CaseDisclosure::Same;
    }
    if constants.len() == leaves.len() {
        return if pure {
            CaseDisclosure::Branch
        } else {
            CaseDisclosure::Same
        };
    }
    let nothing = |literal: &Literal| match literal {
        Literal::Null | Literal::Int(0) => true,
        Literal::Float(value) => *value == 0.0,
        _ => false,
    };
    if constants.into_iter().all(nothing) {
        CaseDisclosure::There
    } else {
        CaseDisclosure::StandsIn
    }
}

impl ColumnFacts {
    /// Notes that comparisons of measured values decide whether it is NULL.
    ///
    /// They may also decide which answer it is: they selected the rows that it
    /// comes from.
    pub(super) fn add_presence_comparisons(&mut self, rows: &MeasureComparisons) {
        if rows.compares_nothing() {
            return;
        }
        match &mut self.presence_comparisons {
            Some(known) if **known == *rows => {}
            Some(known) => Rc::make_mut(known).extend(rows),
            None => self.presence_comparisons = Some(Rc::new(rows.clone())),
        }
    }

    /// Whether its measured values and what decides its presence disclose a
    /// difference.
    ///
    /// Only values of which it is a function count:
    /// `n <= 5003 AND b.region IS NOT NULL`.
    fn presence_discloses_difference(&self) -> bool {
        let asked = self.coverage.measures().iter().filter(|one| !one.plain);
        self.presence_discloses_difference_with(&asked.copied().collect::<Vec<_>>())
    }

    /// Whether the given measured values and what decides its presence disclose a
    /// difference.
    fn presence_discloses_difference_with(&self, asked: &[Measure]) -> bool {
        let rows = self
            .presence_comparisons
            .as_ref()
            .filter(|_| !asked.is_empty());
        rows.is_some_and(|rows| rows.discloses_difference_with(asked))
    }

    /// Whether its presence discloses a difference with the values that it is
    /// combined with.
    ///
    /// False if it is a measured value itself.
    pub(super) fn discloses_difference_in(&self, made: &Coverage) -> bool {
        self.coverage.measures().is_empty()
            && self.presence_discloses_difference_with(made.measures())
    }

    /// Whether a value that a CASE selected discloses a difference through its
    /// conditions.
    pub(super) fn choice_discloses_difference(
        &self,
        told: CaseDisclosure,
        conditions: &Self,
    ) -> bool {
        match told {
            CaseDisclosure::Branch => false,
            CaseDisclosure::Same => {
                let several = |rows: &Rc<MeasureComparisons>| rows.has_several_bounds();
                self.presence_discloses_difference()
                    || conditions
                        .presence_comparisons
                        .as_ref()
                        .is_some_and(several)
            }
            CaseDisclosure::StandsIn => {
                self.presence_discloses_difference_with(self.coverage.measures())
            }
            CaseDisclosure::There => self.presence_discloses_difference(),
        }
    }
}

impl Analyzer<'_, '_> {
    /// Makes a value uncovered that may disclose a difference of measured values.
    ///
    /// It may, if it is computed from measured values and from whether others are
    /// present.
    pub(super) fn uncover_presence_difference(&mut self, expr: &Expr, value: &mut ColumnFacts) {
        let told = match &expr.kind {
            // A CASE is checked when its branches are evaluated.
            ExprKind::Case(_) => false,
            ExprKind::Call { name, args, .. } if matches!(name.as_str(), "COALESCE" | "IFNULL") => {
                let zero = |arg: &Expr| number(arg) == Some(0.0) || arg.is_null();
                let stands_in = args.iter().skip(1).any(|arg| arg.is_fixed() && !zero(arg));
                if stands_in {
                    value.presence_discloses_difference_with(value.coverage.measures())
                } else {
                    value.presence_discloses_difference()
                }
            }
            _ => self.combines_measures_with_presence(expr, value),
        };
        if told {
            value.everywhere(&mut |part| {
                part.coverage = Coverage::gap(GapReason::Combined, expr.span);
            });
        }
    }

    /// Whether a value discloses measured values, and whether others are present,
    /// together.
    ///
    /// Lower bounds are excepted, since each fails with the people behind any of
    /// them, and so is the question whether a measured value is present.
    pub(super) fn combines_measures_with_presence(
        &mut self,
        expr: &Expr,
        value: &ColumnFacts,
    ) -> bool {
        let Some(rows) = &value.presence_comparisons else {
            return false;
        };
        let several = matches!(expr.kind, ExprKind::And(_) | ExprKind::Or(_));
        let told = value.presence_discloses_difference() || several && rows.has_several_bounds();
        let mut asked = expr;
        while let ExprKind::Not(inner) = &asked.kind {
            asked = inner;
        }
        let there = matches!(&asked.kind, ExprKind::IsNull(inner) if self.is_as_measured(inner));
        told && !there && !self.is_lower_bound(expr)
    }
}
