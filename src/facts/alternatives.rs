//! Values that may be any of several alternatives: of a union's arms, an array's
//! items, or the rows of VALUES.
//!
//! If some alternatives are NULL or 0, the alternative discloses who has another
//! value, as the condition of an IF does.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::column::{ColumnFacts, Contribution, SharedFacts};
use super::constant::of_literal;
use super::numbering::{ConditionId, Numbering};
use crate::plan::Literal;

/// What one of several alternatives yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AlternativeYield {
    Null,
    Zero,
    /// A constant that may or may not be NULL or 0.
    Unclear,
    Value,
}

/// The conditions that a row comes from some of the alternatives, by the set of
/// these.
#[derive(Debug, Default)]
pub(super) struct AlternativeConditions {
    known: FxHashMap<Vec<bool>, ConditionId>,
}

impl AlternativeConditions {
    fn condition(&mut self, of: Vec<bool>, numbering: &mut Numbering) -> ConditionId {
        let fresh = || numbering.condition_of(None);
        *self.known.entry(of).or_insert_with(fresh)
    }

    /// Adds to a value, and to its fields, the conditions without which it is NULL
    /// or 0: that the row comes from one of the other alternatives. A missing
    /// alternative is NULL.
    pub(super) fn tell(
        &mut self,
        value: &mut ColumnFacts,
        arms: &[Option<SharedFacts>],
        numbering: &mut Numbering,
    ) {
        let yields: Vec<AlternativeYield> = arms.iter().map(|arm| yields(arm.as_deref())).collect();
        let are = |such: &dyn Fn(AlternativeYield) -> bool| -> Option<Vec<bool>> {
            let other: Vec<bool> = yields.iter().map(|known| !such(*known)).collect();
            let some = other.iter().any(|other| !*other);
            some.then_some(other)
        };
        if yields.iter().any(|known| *known != yields[0]) {
            if let Some(there) = are(&|known| known == AlternativeYield::Null) {
                let there = self.condition(there, numbering);
                value.there.insert(there);
                value.certain.insert(there);
                value.when.insert(there);
            }
            if let Some(told) =
                are(&|known| matches!(known, AlternativeYield::Null | AlternativeYield::Zero))
            {
                let told = self.condition(told, numbering);
                value.certain.insert(told);
                value.when.insert(told);
            }
            if let Some(surely) = are(&|known| known != AlternativeYield::Value) {
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

fn yields(value: Option<&ColumnFacts>) -> AlternativeYield {
    let Some(value) = value else {
        return AlternativeYield::Null;
    };
    match &value.literal {
        Some(Literal::Null) => AlternativeYield::Null,
        Some(literal) if of_literal(literal) == Some(0.0) => AlternativeYield::Zero,
        Some(_) => AlternativeYield::Value,
        None if value.constant && value.fields.is_empty() => AlternativeYield::Unclear,
        None => AlternativeYield::Value,
    }
}

/// Marks values without people as selected by the content of a person's row.
///
/// A sum of them is a sum of what the rows selected.
pub(super) fn mark_selected_by_rows(value: &mut ColumnFacts) {
    value.everywhere(&mut |part| {
        let same = part
            .literal
            .as_ref()
            .is_some_and(|literal| *literal != Literal::Null);
        if !same && !part.personal {
            part.feeds = Contribution::No;
        }
    });
}
