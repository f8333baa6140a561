//! The people behind rows and values.

use std::rc::Rc;

use super::Value;
use crate::budget::spend;

/// How many people a database may hold.
pub(super) const LIMIT: usize = 128;

/// One private input: a scan, as it is read in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pop(pub u32);

/// The people of each private input that stands behind something. An input that
/// is present with nobody (an identifier that is NULL) differs from one that is
/// absent (the side of an outer join that has no partner).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct People {
    /// Sorted by input; a bit a person.
    inputs: Vec<(Pop, u128)>,
}

impl People {
    /// Of one input: one person, or nobody.
    pub(super) fn one(population: Pop, person: Option<usize>) -> Self {
        let set = person.map_or(0, |position| 1_u128 << position);
        Self {
            inputs: vec![(population, set)],
        }
    }

    /// Takes the other's inputs and people in.
    pub(super) fn add(&mut self, other: &Self) {
        spend(other.inputs.len() / 8);
        for (population, set) in &other.inputs {
            self.add_set(*population, *set);
        }
    }

    fn add_set(&mut self, population: Pop, set: u128) {
        match self
            .inputs
            .binary_search_by_key(&population, |(known, _)| *known)
        {
            Ok(at) => self.inputs[at].1 |= set,
            Err(at) => self.inputs.insert(at, (population, set)),
        }
    }

    /// The other's people in place of one's own, for the inputs that it has.
    pub(super) fn narrowed(&self, to: &Self) -> Self {
        spend(self.inputs.len() * (1 + to.inputs.len() / 16) / 8);
        let mut narrowed = self.clone();
        narrowed.inputs.retain(|(population, _)| {
            !to.inputs.iter().any(|(narrower, _)| narrower == population)
        });
        narrowed.add(to);
        narrowed
    }

    /// The same under other names of the inputs; one without a new name is
    /// absent.
    pub(super) fn renamed(&self, name: &impl Fn(Pop) -> Option<Pop>) -> Self {
        spend(self.inputs.len() / 8);
        let mut renamed = Self::default();
        for (population, set) in &self.inputs {
            if let Some(population) = name(*population) {
                renamed.add_set(population, *set);
            }
        }
        renamed
    }

    /// Distinct people of the input that has fewest; `None` where no private
    /// input is behind it.
    pub fn count(&self) -> Option<u32> {
        self.inputs.iter().map(|(_, set)| set.count_ones()).min()
    }

    /// Whether no private input is behind it.
    pub fn is_absent(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Each input with its people, as positions that
    /// [`Execution::person`](super::Execution::person) knows.
    pub fn members(&self) -> impl Iterator<Item = (Pop, Vec<u32>)> + '_ {
        self.inputs.iter().map(|(population, set)| {
            let members = (0..u128::BITS).filter(|at| set & (1 << at) != 0).collect();
            (*population, members)
        })
    }
}

/// A value, and the people whose values are in it. A value that is made of
/// several (a ratio) has a part for each; nobody is behind one without parts.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The value.
    pub value: Value,
    /// The parts.
    pub(super) parts: Parts,
}

/// The people of each value that a value is made of.
pub(super) type Parts = Option<Rc<Vec<Rc<People>>>>;

impl Cell {
    /// A value that nobody is behind.
    pub(super) fn bare(value: Value) -> Self {
        Self { value, parts: None }
    }

    /// A value with all these people behind it.
    pub(super) fn of(value: Value, people: Rc<People>) -> Self {
        let parts = (!people.is_absent()).then(|| Rc::new(vec![people]));
        Self { value, parts }
    }

    /// Distinct people whose values are in it, of the part and the input that
    /// have fewest; `None` where nobody's are.
    pub fn count(&self) -> Option<u32> {
        self.parts().filter_map(People::count).min()
    }

    /// The people of each value that it is made of.
    pub fn parts(&self) -> impl Iterator<Item = &People> {
        self.parts
            .iter()
            .flat_map(|parts| parts.iter().map(|part| &**part))
    }

    /// The same under other names of the inputs.
    pub(super) fn renamed(&self, name: &impl Fn(Pop) -> Option<Pop>) -> Self {
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

/// Joins the parts of values that another is made of.
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
    /// A value for each column, in the order of
    /// [`Execution::columns`](super::Execution::columns).
    pub cells: Vec<Cell>,
    /// The people from whose rows it was derived.
    pub people: Rc<People>,
}
