//! Which side of a full join is there: at least one is in every row, so that a
//! value taken from the one or else from the other is there for everybody. And what
//! decides whether a value is there: where conditions on measured values have left the
//! rows that it is of, it tells of these as they do (`design/proof.md`, law 4).

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::comparison::Compared;
use super::constant::number;
use super::coverage::{Coverage, GapReason, Measure};
use super::numbering::{ConditionId, Number};
use super::ordered::OrderedSet;
use crate::plan::{Case, Expr, ExprKind, Literal};

/// What outer joins said of their sides.
#[derive(Debug, Default)]
pub(super) struct Presence {
    /// Values that are NULL in just the rows where the condition fails.
    shown_by: FxHashMap<Number, ConditionId>,
    /// Conditions of which one at least holds in every row.
    other: FxHashMap<ConditionId, ConditionId>,
}

impl Presence {
    /// A join made a value NULL in rows that have no partner; `never_null` where
    /// it was not NULL before.
    pub(super) fn extended(&mut self, value: Number, matched: ConditionId, never_null: bool) {
        if never_null {
            self.show(value, matched);
        } else {
            self.shown_by.remove(&value);
        }
    }

    /// The condition that holds in just the rows where a value is not NULL.
    pub(super) fn shown_by(&self, value: Number) -> Option<ConditionId> {
        self.shown_by.get(&value).copied()
    }

    /// Says that a value is NULL in just the rows where a condition fails.
    pub(super) fn show(&mut self, value: Number, matched: ConditionId) {
        self.shown_by.insert(value, matched);
    }

    /// The condition of the other side of a full join: in every row one of both
    /// holds.
    pub(super) fn other_side(&self, side: ConditionId) -> Option<ConditionId> {
        self.other.get(&side).copied()
    }

    /// Both sides of a full join.
    pub(super) fn either_side(&mut self, left: ConditionId, right: ConditionId) {
        self.other.insert(left, right);
        self.other.insert(right, left);
    }

    /// The conditions without which the first value that is there, of several
    /// that are there under such conditions, is not there either: those that all
    /// need, once two that differ in nothing but the side are one.
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
    /// When a value is there that is the first of several that is.
    pub(super) fn first_there(&self, values: &[SharedFacts]) -> Option<OrderedSet<ConditionId>> {
        let when = values.iter().map(|value| value.when.clone()).collect();
        self.presence.any_of(when)
    }

    /// Of `IF(id IS NOT NULL, a, b)`, where `id` shows whether a side of a full
    /// join is there: that side's condition, and whether `a` is for where it is.
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

    /// Such a value is there whichever side is: nothing but what both sides need
    /// is needed for it, or for a field of it.
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

/// What a CASE tells of what chooses among its branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Which branch it is, and no more: whoever changes the answer of one condition
    /// changes the value.
    Branch,
    /// Some branches give the same constant: more conditions than one decide which.
    Same,
    /// A constant may stand in the place of a value of the rows.
    StandsIn,
    /// Whether a value is there, which is as good as 0 where it is not.
    There,
}

/// What a CASE tells of its conditions; `pure` where none of them tells of several
/// measured values together.
pub(super) fn told_by(case: &Case, pure: bool) -> Told {
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
        return Told::Same;
    }
    if constants.len() == leaves.len() {
        return if pure { Told::Branch } else { Told::Same };
    }
    let nothing = |literal: &Literal| match literal {
        Literal::Null | Literal::Int(0) => true,
        Literal::Float(value) => *value == 0.0,
        _ => false,
    };
    if constants.into_iter().all(nothing) {
        Told::There
    } else {
        Told::StandsIn
    }
}

impl ColumnFacts {
    /// Says that rows which conditions on measured values have left decide whether it is
    /// NULL, or which answer it is.
    pub(super) fn is_there_by(&mut self, rows: &Compared) {
        if rows.is_silent() {
            return;
        }
        match &mut self.there_by {
            Some(known) if **known == *rows => {}
            Some(known) => Rc::make_mut(known).extend(rows),
            None => self.there_by = Some(Rc::new(rows.clone())),
        }
    }

    /// Whether the measured values of which it is a function, and what decides whether
    /// it is there, tell the difference of two: `n <= 5003 AND b.region IS NOT NULL`.
    fn tells_what_is_there(&self) -> bool {
        let asked = self.coverage.measures().iter().filter(|one| !one.plain);
        self.tells_beside(&asked.copied().collect::<Vec<_>>())
    }

    /// Whether such measured values and what decides whether it is there tell the
    /// difference of two.
    fn tells_beside(&self, asked: &[Measure]) -> bool {
        let rows = self.there_by.as_ref().filter(|_| !asked.is_empty());
        rows.is_some_and(|rows| rows.tells_with(asked))
    }

    /// Whether it is no measured value, and what decides whether it is there tells the
    /// difference of two with what it stands beside.
    pub(super) fn tells_beside_measured(&self, made: &Coverage) -> bool {
        self.coverage.measures().is_empty() && self.tells_beside(made.measures())
    }

    /// The same of a value that a CASE has chosen by conditions.
    pub(super) fn tells_what_chose(&self, told: Told, conditions: &Self) -> bool {
        match told {
            Told::Branch => false,
            Told::Same => {
                let several = |rows: &Rc<Compared>| rows.bounds_several();
                self.tells_what_is_there() || conditions.there_by.as_ref().is_some_and(several)
            }
            Told::StandsIn => self.tells_beside(self.coverage.measures()),
            Told::There => self.tells_what_is_there(),
        }
    }
}

impl Analyzer<'_, '_> {
    /// A value that is made of measured values, and of whether others are there, may
    /// tell their difference.
    pub(super) fn beside_what_is_there(&mut self, expr: &Expr, value: &mut ColumnFacts) {
        let told = match &expr.kind {
            // A CASE is asked where its branches are known.
            ExprKind::Case(_) => false,
            ExprKind::Call { name, args, .. } if matches!(name.as_str(), "COALESCE" | "IFNULL") => {
                let zero = |arg: &Expr| number(arg) == Some(0.0) || arg.is_null();
                let stands_in = args.iter().skip(1).any(|arg| arg.is_fixed() && !zero(arg));
                if stands_in {
                    value.tells_beside(value.coverage.measures())
                } else {
                    value.tells_what_is_there()
                }
            }
            _ => self.mixes_what_is_there(expr, value),
        };
        if told {
            value.everywhere(&mut |part| {
                part.coverage = Coverage::gap(GapReason::Combined, expr.span);
            });
        }
    }

    /// Whether a value tells of measured values, and of whether others are there,
    /// together: but for bounds from below, which fail with whoever is behind any of
    /// them, and but for whether a measured value is there.
    pub(super) fn mixes_what_is_there(&mut self, expr: &Expr, value: &ColumnFacts) -> bool {
        let Some(rows) = &value.there_by else {
            return false;
        };
        let several = matches!(expr.kind, ExprKind::And(_) | ExprKind::Or(_));
        let told = value.tells_what_is_there() || several && rows.bounds_several();
        let mut asked = expr;
        while let ExprKind::Not(inner) = &asked.kind {
            asked = inner;
        }
        let there = matches!(&asked.kind, ExprKind::IsNull(inner) if self.is_as_measured(inner));
        told && !there && !self.is_lower_bound(expr)
    }
}
