//! The orders by which facts are joined, in one place.
//!
//! Every default is the cautious one: unknown is the top and never lowers a level.
//! The join of alternatives (set operations, branches of CASE, rounds of a
//! recursion) is the union of sources, the maximum of what discloses more, and the
//! minimum of what is proven.

/// What the rows of a relation stand for; a later variant discloses more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rows {
    /// Nothing personal: constants, calendars, tables that are registered so.
    Impersonal,
    /// Only the output of a model.
    Model,
    /// Groups of people.
    Aggregated,
    /// Single people, or single records of one.
    Individual,
}

/// The form in which a value contains an identifier; a later one discloses more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityForm {
    /// A one-to-one replacement that only the owner of the key can compute.
    Pseudonym,
    /// A plain hash: anyone who has the identifier can compute it.
    PlainHash,
    /// The identifier, or a value from which it can be read back.
    Raw,
}

/// How a base column reaches a value; a later variant discloses less of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// It is the value.
    Direct,
    /// The value is computed from it.
    Derived,
    /// It went through an aggregate.
    Aggregated,
}

/// A population: the people of one private input of a relation. A join on the unit
/// merges two ([`Populations`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrivateInput(pub(super) u32);

/// A union-find structure of populations that joins on the person merged.
#[derive(Debug, Clone, Default)]
pub(super) struct Populations {
    same_as: Vec<u32>,
}

impl Populations {
    /// Adds a new population.
    pub(super) fn add(&mut self) -> PrivateInput {
        let id = u32::try_from(self.same_as.len()).unwrap_or(u32::MAX);
        self.same_as.push(id);
        PrivateInput(id)
    }

    /// Returns the representative of a population.
    pub(super) fn find(&self, pop: PrivateInput) -> PrivateInput {
        let mut at = pop.0;
        while let Some(next) = self.same_as.get(at as usize)
            && *next != at
        {
            at = *next;
        }
        PrivateInput(at)
    }

    /// Merges two populations; the representative of `a` stands for both.
    pub(super) fn merge(&mut self, a: PrivateInput, b: PrivateInput) -> PrivateInput {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(slot) = self.same_as.get_mut(b.0 as usize) {
            *slot = a.0;
        }
        a
    }
}
