//! The orders in which facts are joined, in one place.
//!
//! Every default is the cautious one: unknown is the top and never lowers a
//! level. Alternatives (set operations, branches of CASE, rounds of a
//! recursion) take the union of sources, the maximum of what tells more, and
//! the minimum of what is proven.

/// What the rows of a relation stand for; a later one tells more of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rows {
    /// Nothing personal: constants, calendars, tables registered so.
    Impersonal,
    /// What comes out of a model alone.
    Model,
    /// Groups over people.
    Aggregated,
    /// Single people, or single records of one.
    Individual,
}

/// In what form a value tells who someone is; a later one tells more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A one-to-one replacement that nobody without the key can compute.
    Pseudonym,
    /// A plain hash: anyone who has the identifier can compute it.
    PlainHash,
    /// The identifier, or what it can be read back from.
    Raw,
}

/// How a base column reaches a value; a later one says less of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// It is the value.
    Direct,
    /// The value is computed of it.
    Derived,
    /// It went through an aggregate.
    Aggregated,
}

/// A population: the people of one private input of a relation. Joins on the
/// unit make two one ([`Populations`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pop(pub(super) u32);

/// Which populations are the same, since rows were joined on the person.
#[derive(Debug, Clone, Default)]
pub(super) struct Populations {
    same_as: Vec<u32>,
}

impl Populations {
    /// A new one.
    pub(super) fn add(&mut self) -> Pop {
        let id = u32::try_from(self.same_as.len()).unwrap_or(u32::MAX);
        self.same_as.push(id);
        Pop(id)
    }

    /// The one that stands for all that are the same.
    pub(super) fn find(&self, pop: Pop) -> Pop {
        let mut at = pop.0;
        while let Some(next) = self.same_as.get(at as usize)
            && *next != at
        {
            at = *next;
        }
        Pop(at)
    }

    /// Makes two the same.
    pub(super) fn merge(&mut self, a: Pop, b: Pop) -> Pop {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(slot) = self.same_as.get_mut(b.0 as usize) {
            *slot = a.0;
        }
        a
    }
}
