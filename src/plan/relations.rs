//! The relations of a plan, and what each of them reads: found out once, until one
//! is changed.

use std::ops::Deref;
use std::sync::OnceLock;

use super::{RelId, Relation};

/// What a relation reads.
#[derive(Debug, Clone)]
pub(super) struct Reads {
    inputs: Vec<RelId>,
    /// Relations that its expressions read.
    pub(super) subqueries: Vec<RelId>,
}

impl Reads {
    /// The inputs, then the subqueries in expressions.
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

    /// The relations, to change them.
    pub(super) fn list_mut(&mut self) -> &mut Vec<Relation> {
        self.reads = OnceLock::new();
        &mut self.list
    }

    /// What each reads.
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

/// What they read follows from what they are.
impl PartialEq for Relations {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}
