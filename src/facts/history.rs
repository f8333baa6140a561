//! What happened to the rows of a relation on their way: relations that are made of
//! one another share it.

use std::rc::Rc;

use super::attempt::Attempt;
use super::influence::Implied;
use super::ordered::OrderedSet;
use super::source::SourceId;
use crate::budget;
use crate::source::Span;

/// A predicate that chose rows by comparing base columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterUse {
    /// What it compares.
    pub sources: OrderedSet<SourceId>,
    /// Whether a part of it is not understood, so that it may compare more.
    pub unknown: bool,
    /// Where.
    pub span: Span,
    /// The clause.
    pub word: &'static str,
}

/// What happened to rows on their way.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Base columns that decided which rows are there.
    pub indirect: OrderedSet<SourceId>,
    /// Predicates over base columns.
    pub filters: Vec<Rc<FilterUse>>,
    /// Conditions that look like thresholds, wherever they stand.
    pub attempts: Vec<Rc<Attempt>>,
    /// Privacy clauses whose unit is no person of the rows.
    pub wrong_units: Vec<Span>,
    /// Conditions that made rows depend on people who may be too few.
    pub implied: Vec<Implied>,
    /// What was taken for granted.
    pub assumptions: OrderedSet<Rc<str>>,
    /// Where an input is not modelled, and why.
    pub opaque: Vec<(String, Span)>,
    /// Tables whose names could not be read, and where.
    pub unread: Vec<(Rc<str>, Span)>,
}

impl History {
    /// Notes a predicate, once.
    pub(super) fn filtered(&mut self, by: FilterUse) {
        self.indirect.extend(&by.sources);
        budget::spend(self.filters.len() / LOOKED_AT);
        if !self.filters.iter().any(|known| **known == by) {
            self.filters.push(Rc::new(by));
        }
    }

    /// Notes what looks like a threshold, once.
    pub(super) fn tried(&mut self, attempt: Attempt) {
        budget::spend(self.attempts.len() / LOOKED_AT);
        if !self.attempts.iter().any(|known| **known == attempt) {
            self.attempts.push(Rc::new(attempt));
        }
    }

    /// Notes a condition that rows depend on, once.
    pub(super) fn implies(&mut self, implied: Implied) {
        budget::spend(self.implied.len() / LOOKED_AT);
        if !self.implied.contains(&implied) {
            self.implied.push(implied);
        }
    }

    /// How many facts it holds.
    pub(super) fn size(&self) -> usize {
        let parts = [
            self.indirect.len(),
            self.filters.len(),
            self.attempts.len(),
            self.wrong_units.len(),
            self.implied.len(),
            self.assumptions.len(),
            self.opaque.len(),
            self.unread.len(),
        ];
        parts.iter().sum()
    }

    /// Adds what happened to the rows of another relation that is joined.
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
        union(&mut this.wrong_units, &other.wrong_units);
        union(&mut this.implied, &other.implied);
        this.assumptions.extend(other.assumptions.iter().cloned());
        union(&mut this.opaque, &other.opaque);
        union(&mut this.unread, &other.unread);
    }
}

/// How many are looked at in a step.
const LOOKED_AT: usize = 64;

/// Adds what is not there yet; the order stays.
fn union<T: Clone + PartialEq>(all: &mut Vec<T>, others: &[T]) {
    budget::spend(all.len().saturating_mul(others.len()) / LOOKED_AT);
    for other in others {
        if !all.contains(other) {
            all.push(other.clone());
        }
    }
}
