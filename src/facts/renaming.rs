//! New names for everything that facts refer to: people, values, conditions,
//! measured values, windows' partitions.
//!
//! Two readings of a relation have rows of their own, and what holds in a row of
//! one need not hold in a row of the other.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::column::{ColumnFacts, SharedFacts};
use super::lattice::{Populations, PrivateInput};
use super::numbering::{ConditionId, Maker, Number, Numbering};
use super::ordered::{OrderedMap, OrderedSet};
use super::partition::PartitionId;
use super::presence::Presence;
use crate::budget::spend;
use crate::plan::ColId;

/// The new names, each created when the old one is first met.
pub(super) struct Renaming<'a> {
    pub(super) numbering: &'a mut Numbering,
    pub(super) presence: &'a mut Presence,
    pub(super) populations: &'a Populations,
    /// The last id of a measured value in the plan.
    pub(super) last_measure: &'a mut u32,
    /// The next partition id of the plan.
    pub(super) next_partition: &'a mut u32,
    /// The populations of the relation, by their representatives.
    pub(super) pops: OrderedMap<PrivateInput, PrivateInput>,
    pub(super) numbers: FxHashMap<Number, Number>,
    /// How many hidden values may still get new names only because others are made
    /// from them.
    pub(super) hidden: usize,
    /// The columns that have these values now.
    pub(super) columns: FxHashMap<Number, ColId>,
    pub(super) makers: FxHashMap<Maker, Maker>,
    pub(super) conditions: FxHashMap<ConditionId, ConditionId>,
    pub(super) measures: FxHashMap<u32, u32>,
    pub(super) partitions: FxHashMap<PartitionId, PartitionId>,
    /// Facts that columns share, old and new, by the address of the old ones; the
    /// address stays valid because the entry holds them.
    pub(super) shared: FxHashMap<*const ColumnFacts, (SharedFacts, SharedFacts)>,
}

impl Renaming<'_> {
    /// Returns the new name of a population; one of another relation keeps its
    /// name.
    pub(super) fn pop(&self, pop: PrivateInput) -> PrivateInput {
        let known = self.pops.get(&self.populations.find(pop));
        known.copied().unwrap_or(pop)
    }

    pub(super) fn number(&mut self, number: Number) -> Number {
        if let Some(known) = self.numbers.get(&number) {
            return *known;
        }
        let fresh = self.numbering.fresh();
        self.numbers.insert(number, fresh);
        self.copy_definition(number, fresh);
        fresh
    }

    /// Copies what is known of an old value to its new name.
    pub(super) fn copy_definition(&mut self, number: Number, fresh: Number) {
        if let Some(maker) = self.numbering.maker_of(number) {
            let maker = self.maker(maker);
            self.numbering.made_by(fresh, maker);
        }
        if self.numbering.has_forgotten(number) {
            self.numbering.made_of_others(fresh);
        }
        if let Some(parts) = self.numbering.parts(number).map(<[Number]>::to_vec) {
            // Of a long chain of values made from one another, only the last ones
            // are kept.
            let unknown = parts.iter().filter(|part| !self.numbers.contains_key(part));
            let Some(rest) = self.hidden.checked_sub(unknown.count()) else {
                self.numbering.made_of_others(fresh);
                return;
            };
            self.hidden = rest;
            let parts = parts.into_iter().map(|part| self.number(part)).collect();
            self.numbering.set_parts(fresh, parts);
        }
    }

    pub(super) fn maker(&mut self, maker: Maker) -> Maker {
        if let Some(known) = self.makers.get(&maker) {
            return *known;
        }
        let fresh = self.numbering.add_maker();
        self.makers.insert(maker, fresh);
        fresh
    }

    /// Returns the new name of a condition, which excludes the same conditions; if
    /// it and another are the sides of a full join, so are their new names.
    pub(super) fn condition(&mut self, condition: ConditionId) -> ConditionId {
        if let Some(known) = self.conditions.get(&condition) {
            return *known;
        }
        let fresh = self.numbering.condition_of(None);
        self.conditions.insert(condition, fresh);
        for other in self.numbering.excluded_by(condition).to_vec() {
            if let Some(other) = self.conditions.get(&other) {
                self.numbering.exclude_each_other(fresh, *other);
            }
        }
        if let Some(other) = self.presence.other_side(condition) {
            let other = self.condition(other);
            self.presence.either_side(fresh, other);
        }
        fresh
    }

    pub(super) fn conditions(&mut self, of: &mut OrderedSet<ConditionId>) {
        if !of.is_empty() {
            *of = of.iter().map(|known| self.condition(*known)).collect();
        }
    }

    pub(super) fn measure(&mut self, measure: u32) -> u32 {
        let last = &mut *self.last_measure;
        *self.measures.entry(measure).or_insert_with(|| {
            *last = last.saturating_add(1);
            *last
        })
    }

    pub(super) fn partition(&mut self, partition: PartitionId) -> PartitionId {
        let next = &mut *self.next_partition;
        *self.partitions.entry(partition).or_insert_with(|| {
            let fresh = PartitionId(*next);
            *next = next.saturating_add(1);
            fresh
        })
    }

    pub(super) fn set(&mut self, numbers: &mut OrderedSet<Number>) {
        if !numbers.is_empty() {
            *numbers = numbers.iter().map(|number| self.number(*number)).collect();
        }
    }

    /// Renames facts that columns share, so that they share the new ones, too.
    pub(super) fn shared(&mut self, facts: &SharedFacts) -> SharedFacts {
        let place = Rc::as_ptr(facts);
        if let Some((_, known)) = self.shared.get(&place) {
            return Rc::clone(known);
        }
        spend(8);
        let mut fresh = (**facts).clone();
        fresh.rename(self);
        let fresh = Rc::new(fresh);
        self.shared
            .insert(place, (Rc::clone(facts), Rc::clone(&fresh)));
        fresh
    }

    /// Notes which new values show whether a side of a join is present: those whose
    /// old values show it in the rows that are read, since another join may have
    /// come later.
    pub(super) fn show_sides(&mut self) {
        for (old, new) in &self.numbers {
            let shown = self.presence.shown_by(*old);
            if let Some(matched) = shown.and_then(|known| self.conditions.get(&known)) {
                self.presence.show(*new, *matched);
            }
        }
    }
}
