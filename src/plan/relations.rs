//! The relations of a plan, with a cache of what each one reads.
//!
//! The cache is filled once, and dropped when a relation changes.

use std::ops::Deref;
use std::sync::OnceLock;

use super::{RelId, Relation};

/// The relations that one relation reads.
#[derive(Debug, Clone)]
pub(super) struct Reads {
    inputs: Vec<RelId>,
    /// The relations that its expressions read.
    pub(super) subqueries: Vec<RelId>,
}

impl Reads {
    /// Iterates over the inputs, then over the subqueries in expressions.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = RelId> {
        self.inputs.iter().chain(&self.subqueries).copied()
    }
}

/// All relations of a plan, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Relations {
    list: Vec<Relation>,
    reads: OnceLock<Vec<Reads>>,
}

impl Relations {
    pub(super) fn push(&mut self, relation: Relation) {
        self.list_mut().push(relation);
    }

    /// Returns the relations for modification; drops the cache.
    pub(super) fn list_mut(&mut self) -> &mut Vec<Relation> {
        self.reads = OnceLock::new();
        &mut self.list
    }

    /// Returns what each relation reads.
    pub(super) fn reads(&self) -> &[Reads] {
        self.reads.get_or_init(|| {
            let reads = |relation: &Relation| Reads {
                inputs: relation.operator.inputs(),
                subqueries: relation.operator.subqueries(),
            };
            self.list.iter().map(reads).collect()
        })
    }
}

impl Deref for Relations {
    type Target = [Relation];

    fn deref(&self) -> &[Relation] {
        &self.list
    }
}

/// Ignores the cache, which is determined by the relations.
impl PartialEq for Relations {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}
