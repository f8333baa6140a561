//! The people behind rows and values.

use std::rc::Rc;

use super::Value;
use crate::budget::spend;

/// Largest number of people in a database: the bits of a set of people.
pub(super) const LIMIT: usize = 128;

/// One private input: the people of one scan, at one place where it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrivateInput(pub u32);

/// The people of each private input behind a row or value.
///
/// An input that is present without people (the identifier is NULL) differs from one
/// that is absent (the side of an outer join without a partner).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct People {
    /// Sorted by input; one bit for each person.
    inputs: Vec<(PrivateInput, u128)>,
}

impl People {
    /// Creates the people of one input: a single person, or none.
    pub(super) fn one(population: PrivateInput, person: Option<usize>) -> Self {
        let set = person.map_or(0, |position| 1_u128 << position);
        Self {
            inputs: vec![(population, set)],
        }
    }

    /// Adds the inputs and people of another set.
    pub(super) fn add(&mut self, other: &Self) {
        spend(other.inputs.len() / 8);
        for (population, set) in &other.inputs {
            self.add_set(*population, *set);
        }
    }

    fn add_set(&mut self, population: PrivateInput, set: u128) {
        match self
            .inputs
            .binary_search_by_key(&population, |(known, _)| *known)
        {
            Ok(at) => self.inputs[at].1 |= set,
            Err(at) => self.inputs.insert(at, (population, set)),
        }
    }

    /// Replaces the people of each input that `to` contains by those of `to`.
    pub(super) fn narrowed(&self, to: &Self) -> Self {
        spend(self.inputs.len() * (1 + to.inputs.len() / 16) / 8);
        let mut narrowed = self.clone();
        narrowed.inputs.retain(|(population, _)| {
            !to.inputs.iter().any(|(narrower, _)| narrower == population)
        });
        narrowed.add(to);
        narrowed
    }

    /// Returns the same people under other names of their inputs.
    ///
    /// An input without a new name is removed.
    pub(super) fn renamed(&self, name: &impl Fn(PrivateInput) -> Option<PrivateInput>) -> Self {
        spend(self.inputs.len() / 8);
        let mut renamed = Self::default();
        for (population, set) in &self.inputs {
            if let Some(population) = name(*population) {
                renamed.add_set(population, *set);
            }
        }
        renamed
    }

    /// Returns the number of distinct people of the input with the fewest.
    ///
    /// `None` if no private input is behind the row or value.
    pub fn count(&self) -> Option<u32> {
        self.inputs.iter().map(|(_, set)| set.count_ones()).min()
    }

    /// Whether no private input is behind the row or value.
    pub fn is_absent(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Returns the people of each input, as positions.
    ///
    /// [`Execution::person`](super::Execution::person) returns the person at a
    /// position.
    pub fn members(&self) -> impl Iterator<Item = (PrivateInput, Vec<u32>)> + '_ {
        self.inputs.iter().map(|(population, set)| {
            let members = (0..u128::BITS).filter(|at| set & (1 << at) != 0).collect();
            (*population, members)
        })
    }
}

/// A value with the people whose values it contains.
///
/// A value that is computed from several values (a ratio) has one part for each of
/// them. A value without parts contains no person's data.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The value.
    pub value: Value,
    /// The parts, one for each value from which it is computed.
    pub(super) parts: Parts,
}

/// The people of each value from which a value is computed.
pub(super) type Parts = Option<Rc<Vec<Rc<People>>>>;

impl Cell {
    /// Creates a value without people.
    pub(super) fn bare(value: Value) -> Self {
        Self { value, parts: None }
    }

    /// Creates a value with one part.
    pub(super) fn of(value: Value, people: Rc<People>) -> Self {
        let parts = (!people.is_absent()).then(|| Rc::new(vec![people]));
        Self { value, parts }
    }

    /// Returns the number of distinct people of the smallest input of the smallest
    /// part.
    ///
    /// `None` if the value contains no person's data.
    pub fn count(&self) -> Option<u32> {
        self.parts().filter_map(People::count).min()
    }

    /// Returns the people of each value from which it is computed.
    pub fn parts(&self) -> impl Iterator<Item = &People> {
        self.parts
            .iter()
            .flat_map(|parts| parts.iter().map(|part| &**part))
    }

    /// Returns the same value under other names of the inputs.
    pub(super) fn renamed(&self, name: &impl Fn(PrivateInput) -> Option<PrivateInput>) -> Self {
        let parts = self.parts.as_ref().map(|parts| {
            Rc::new(
                parts
                    .iter()
                    .map(|part| Rc::new(part.renamed(name)))
                    .filter(|part| !part.is_absent())
                    .collect(),
            )
        });
        Self {
            value: self.value.renamed(name),
            parts,
        }
    }
}

/// Combines the parts of two values into those of a value computed from both.
pub(super) fn together(mine: Parts, theirs: &Parts) -> Parts {
    match (mine, theirs) {
        (None, theirs) => theirs.clone(),
        (mine, None) => mine,
        (Some(mine), Some(theirs)) => {
            if Rc::ptr_eq(&mine, theirs) {
                return Some(mine);
            }
            spend(mine.len().saturating_mul(theirs.len()) / 8);
            let mut all = (*mine).clone();
            for part in theirs.iter() {
                if !all.contains(part) {
                    all.push(Rc::clone(part));
                }
            }
            Some(Rc::new(all))
        }
    }
}

/// A row: its values, and the people behind it as a whole.
#[derive(Debug, Clone)]
pub struct Row {
    /// One value for each column.
    ///
    /// The order is that of [`Execution::columns`](super::Execution::columns).
    pub cells: Vec<Cell>,
    /// The people from whose rows it derives.
    pub people: Rc<People>,
}
