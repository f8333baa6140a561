//! A relation that is read again.
//!
//! Rows of two readers may belong to different people, so each reader has people,
//! values, conditions and keys of its own.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::analysis::Analyzer;
use super::column::SharedFacts;
use super::lattice::{Populations, PrivateInput};
use super::numbering::Number;
use super::ordered::OrderedMap;
use super::relation::RelationFacts;
use super::renaming::Renaming;
use crate::plan::{ColId, RelId};

/// The most facts of hidden values, and the most populations, of a reader. They may
/// double with each relation that is read twice; further ones are forgotten.
const HIDDEN: usize = 64;

/// The most parts of hidden values that are renamed, for each column.
const PARTS: usize = 8;

impl Analyzer<'_, '_> {
    pub(super) fn reader(&mut self, of: RelId, columns: &[(ColId, ColId)]) -> RelationFacts {
        let mut facts = self.relation(of).clone();
        facts.merge_many(&mut self.populations);
        let pops: OrderedMap<PrivateInput, PrivateInput> = facts
            .populations
            .keys()
            .map(|pop| (self.populations.find(*pop), self.populations.add()))
            .collect();
        let mut numbers = FxHashMap::default();
        let mut named: FxHashMap<Number, ColId> = FxHashMap::default();
        for (new, original) in columns {
            let number = self.numbering.column(*original);
            named.entry(number).or_insert(*new);
            match numbers.get(&number) {
                Some(known) => self.numbering.copy(*new, *known),
                None => {
                    numbers.insert(number, self.numbering.column(*new));
                }
            }
        }
        if facts.dependencies.size() > HIDDEN {
            Rc::make_mut(&mut facts.dependencies).retain(&|number| numbers.contains_key(&number));
            facts.folds.retain(|fold| numbers.contains_key(&fold.label));
            facts.partitions.clear();
            facts.proven.truncate(HIDDEN);
            facts.losses.truncate(HIDDEN);
        }
        let given: Vec<(Number, Number)> = numbers.iter().map(|(old, new)| (*old, *new)).collect();
        let originals = self.shared.get(&of);
        let places: FxHashMap<ColId, usize> = self
            .plan
            .relation(of)
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| (*column, at))
            .collect();
        let mut renaming = Renaming {
            numbering: &mut self.numbering,
            presence: &mut self.presence,
            populations: &self.populations,
            last_measure: &mut self.measures,
            next_partition: &mut self.next_partition,
            pops,
            numbers,
            hidden: HIDDEN + PARTS * columns.len(),
            columns: named,
            makers: FxHashMap::default(),
            conditions: FxHashMap::default(),
            measures: FxHashMap::default(),
            partitions: FxHashMap::default(),
            shared: FxHashMap::default(),
        };
        for (old, new) in given {
            renaming.copy_definition(old, new);
        }
        facts.rename(&mut renaming);
        let mut values: Vec<SharedFacts> = Vec::with_capacity(columns.len());
        for (_, original) in columns {
            let value = places
                .get(original)
                .and_then(|at| originals?.get(*at))
                .unwrap_or(&self.columns[original.0 as usize]);
            values.push(renaming.shared(value));
        }
        renaming.show_sides();
        drop(renaming);
        for ((new, _), value) in columns.iter().zip(values) {
            self.set(*new, value);
        }
        facts
    }
}

impl RelationFacts {
    /// Replaces many populations by one that stands for as few people as any of
    /// them.
    fn merge_many(&mut self, populations: &mut Populations) {
        if self.populations.len() <= HIDDEN {
            return;
        }
        let least = std::mem::take(&mut self.populations)
            .into_values()
            .min_by_key(|people| people.k);
        if let Some(people) = least {
            self.populations.insert(populations.add(), people);
        }
        self.folds.clear();
        self.proven.clear();
        self.partitions.clear();
    }
}
