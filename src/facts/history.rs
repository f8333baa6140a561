//! The history of a relation's rows; relations that are computed from one another
//! share it.

use std::rc::Rc;

use super::attempt::ThresholdCondition;
use super::influence::RowInfluence;
use super::ordered::OrderedSet;
use super::source::BaseColumnId;
use crate::budget;
use crate::source::Span;

/// A predicate that selects rows by comparing base columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterUse {
    /// The compared base columns.
    pub sources: OrderedSet<BaseColumnId>,
    /// Whether a part of it is not understood, so that it may compare more.
    pub unknown: bool,
    /// The predicate.
    pub span: Span,
    /// The clause, for messages.
    pub word: &'static str,
}

/// The history of a relation's rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Base columns that decided which rows are present.
    pub indirect: OrderedSet<BaseColumnId>,
    /// Predicates over base columns.
    pub filters: Vec<Rc<FilterUse>>,
    /// Conditions that look like thresholds, in any clause.
    pub attempts: Vec<Rc<ThresholdCondition>>,
    /// Privacy clauses whose unit is not a person of the rows.
    pub clauses_with_wrong_unit: Vec<Span>,
    /// Conditions that made rows depend on people who may be too few.
    pub implied: Vec<RowInfluence>,
    /// The assumptions that the facts rely on, in words.
    pub assumptions: OrderedSet<Rc<str>>,
    /// Inputs that are not modelled: the reason and the place.
    pub opaque: Vec<(String, Span)>,
    /// Tables whose names could not be read, and where.
    pub unread: Vec<(Rc<str>, Span)>,
}

impl History {
    /// Notes a predicate, if it is new.
    pub(super) fn filtered(&mut self, by: FilterUse) {
        self.indirect.extend(&by.sources);
        budget::spend(self.filters.len() / LOOKED_AT);
        if !self.filters.iter().any(|known| **known == by) {
            self.filters.push(Rc::new(by));
        }
    }

    /// Notes a condition that looks like a threshold, if it is new.
    pub(super) fn tried(&mut self, attempt: ThresholdCondition) {
        budget::spend(self.attempts.len() / LOOKED_AT);
        if !self.attempts.iter().any(|known| **known == attempt) {
            self.attempts.push(Rc::new(attempt));
        }
    }

    /// Notes a condition that rows depend on, if it is new.
    pub(super) fn implies(&mut self, implied: RowInfluence) {
        budget::spend(self.implied.len() / LOOKED_AT);
        if !self.implied.contains(&implied) {
            self.implied.push(implied);
        }
    }

    /// Drops the predicates that were noted since an earlier state.
    pub(super) fn restore_filters(this: &mut Rc<Self>, before: &Rc<Self>) {
        if !Rc::ptr_eq(this, before) {
            let this = Rc::make_mut(this);
            this.filters.clone_from(&before.filters);
            this.indirect.clone_from(&before.indirect);
        }
    }

    /// Counts its facts; the budget is charged for them.
    pub(super) fn size(&self) -> usize {
        let parts = [
            self.indirect.len(),
            self.filters.len(),
            self.attempts.len(),
            self.clauses_with_wrong_unit.len(),
            self.implied.len(),
            self.assumptions.len(),
            self.opaque.len(),
            self.unread.len(),
        ];
        parts.iter().sum()
    }

    /// Adds the history of a joined relation's rows.
    pub(super) fn add(this: &mut Rc<Self>, other: &Rc<Self>) {
        if Rc::ptr_eq(this, other) || **other == Self::default() {
            return;
        }
        if **this == Self::default() {
            *this = Rc::clone(other);
            return;
        }
        let this = Rc::make_mut(this);
        this.indirect.extend(&other.indirect);
        union(&mut this.filters, &other.filters);
        union(&mut this.attempts, &other.attempts);
        union(
            &mut this.clauses_with_wrong_unit,
            &other.clauses_with_wrong_unit,
        );
        union(&mut this.implied, &other.implied);
        this.assumptions.extend(other.assumptions.iter().cloned());
        union(&mut this.opaque, &other.opaque);
        union(&mut this.unread, &other.unread);
    }
}

/// How many entries are compared for one unit of the budget.
const LOOKED_AT: usize = 64;

/// Adds the entries that are not present yet; the order is kept.
fn union<T: Clone + PartialEq>(all: &mut Vec<T>, others: &[T]) {
    budget::spend(all.len().saturating_mul(others.len()) / LOOKED_AT);
    for other in others {
        if !all.contains(other) {
            all.push(other.clone());
        }
    }
}
