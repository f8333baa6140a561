//! Buckets of an identifier: a modulus, a comparison, a match of its text.
//!
//! A bucket with few values is a dimension; several buckets of one identifier
//! together identify people again (`design/levels.md`, "A modulus or bucket").

use super::column::{ColumnFacts, Identity};
use super::relation::GroupKey;
use crate::source::Span;

/// The most values with which a bucket of an identifier is a dimension
/// (`design/levels.md`); several buckets together may have as many.
pub(super) const BUCKETS: u64 = 1_000;

/// A function of an identifier with few values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bucket {
    /// The identifier.
    identity: Identity,
    /// Upper bound on its number of values.
    values: u64,
    /// The function's expression.
    span: Span,
}

impl Bucket {
    /// Adds it to a list of buckets. Once the buckets of an identifier have more
    /// than [`BUCKETS`] values together, they identify people, and another adds
    /// nothing.
    pub(super) fn insert_into(self, buckets: &mut Vec<Self>) {
        let mut together: u64 = 1;
        for known in buckets.iter() {
            if *known == self {
                return;
            }
            if known.identity == self.identity {
                together = together.saturating_mul(known.values);
            }
        }
        if together <= BUCKETS {
            buckets.push(self);
        }
    }
}

impl ColumnFacts {
    /// Replaces the identifiers by a bucket of each with the given number of
    /// values.
    pub(super) fn replace_by_buckets(mut self, values: u64, span: Span) -> Self {
        for identity in std::mem::take(&mut self.identities) {
            let bucket = Bucket {
                identity,
                values,
                span,
            };
            bucket.insert_into(&mut self.buckets);
        }
        self.without_identity()
    }
}

/// Marks keys as identifiers if their buckets together have too many values.
///
/// Too many are more values of one identifier than a dimension may have.
pub(super) fn mark_identifying_buckets(keys: &mut [GroupKey]) {
    let mut all: Vec<Bucket> = Vec::new();
    for bucket in keys.iter().flat_map(|key| &key.facts.buckets) {
        bucket.clone().insert_into(&mut all);
    }
    for key in keys {
        let mut found = Vec::new();
        for bucket in &key.facts.buckets {
            let together = all
                .iter()
                .filter(|other| other.identity.source == bucket.identity.source)
                .fold(1_u64, |product, other| product.saturating_mul(other.values));
            if together > BUCKETS && !found.contains(&bucket.identity) {
                found.push(bucket.identity.clone());
            }
        }
        if !found.is_empty() {
            std::rc::Rc::make_mut(&mut key.facts)
                .identities
                .extend(found);
        }
    }
}
