//! Which side of a full join is there: at least one is in every row, so that a
//! value taken from the one or else from the other is there for everybody.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::numbering::{ConditionId, Number};
use super::ordered::OrderedSet;
use crate::plan::{Case, ExprKind};

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
