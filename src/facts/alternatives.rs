//! Values that may be any of several: an arm's of a union, an item's of an array, a
//! row's of VALUES. Where some of these are NULL or 0, who has another one is told by
//! the arm, as by the condition of an IF.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::column::{ColumnFacts, Feeds, SharedFacts};
use super::constant::of_literal;
use super::numbering::{ConditionId, Numbering};
use crate::plan::Literal;

/// What one of several alternatives is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Yields {
    Null,
    Zero,
    /// A constant of which nobody knows whether it is one of these.
    Unclear,
    Value,
}

/// The conditions that a row is of some of the alternatives, by which these are.
#[derive(Debug, Default)]
pub(super) struct Arms {
    known: FxHashMap<Vec<bool>, ConditionId>,
}

impl Arms {
    fn condition(&mut self, of: Vec<bool>, numbering: &mut Numbering) -> ConditionId {
        let fresh = || numbering.condition_of(None);
        *self.known.entry(of).or_insert_with(fresh)
    }

    /// Says of a value, and of its fields, which of its alternatives it must be so
    /// that it is neither NULL nor 0. One that is missing is NULL.
    pub(super) fn tell(
        &mut self,
        value: &mut ColumnFacts,
        arms: &[Option<SharedFacts>],
        numbering: &mut Numbering,
    ) {
        let yields: Vec<Yields> = arms.iter().map(|arm| yields(arm.as_deref())).collect();
        let are = |such: &dyn Fn(Yields) -> bool| -> Option<Vec<bool>> {
            let other: Vec<bool> = yields.iter().map(|known| !such(*known)).collect();
            let some = other.iter().any(|other| !*other);
            some.then_some(other)
        };
        if yields.iter().any(|known| *known != yields[0]) {
            if let Some(there) = are(&|known| known == Yields::Null) {
                let there = self.condition(there, numbering);
                value.there.insert(there);
                value.certain.insert(there);
                value.when.insert(there);
            }
            if let Some(told) = are(&|known| matches!(known, Yields::Null | Yields::Zero)) {
                let told = self.condition(told, numbering);
                value.certain.insert(told);
                value.when.insert(told);
            }
            if let Some(surely) = are(&|known| known != Yields::Value) {
                let surely = self.condition(surely, numbering);
                value.when.insert(surely);
            }
        }
        for (at, (_, field)) in value.fields.iter_mut().enumerate() {
            let of_arm = |arm: &Option<SharedFacts>| {
                let (_, field) = arm.as_ref()?.fields.get(at)?;
                Some(Rc::clone(field))
            };
            let arms: Vec<Option<SharedFacts>> = arms.iter().map(of_arm).collect();
            self.tell(Rc::make_mut(field), &arms, numbering);
        }
    }
}

fn yields(value: Option<&ColumnFacts>) -> Yields {
    let Some(value) = value else {
        return Yields::Null;
    };
    match &value.literal {
        Some(Literal::Null) => Yields::Null,
        Some(literal) if of_literal(literal) == Some(0.0) => Yields::Zero,
        Some(_) => Yields::Value,
        None if value.constant && value.fields.is_empty() => Yields::Unclear,
        None => Yields::Value,
    }
}

/// Values that are nobody's, one of several that a row of somebody picks by what it
/// holds: a sum of them is one of what the row chose.
pub(super) fn picked_by_rows(value: &mut ColumnFacts) {
    value.everywhere(&mut |part| {
        let same = part
            .literal
            .as_ref()
            .is_some_and(|literal| *literal != Literal::Null);
        if !same && !part.personal {
            part.feeds = Feeds::No;
        }
    });
}
