//! Buckets of an identifier: a modulus, a comparison, a match of its text. One
//! with few values is a dimension; several of the same identifier together tell
//! people apart again (`design/levels.md`, "A modulus or bucket").

use super::column::{ColumnFacts, Identity};
use super::relation::Key;
use crate::source::Span;

/// A bucket of an identifier with at most this many values is a dimension
/// (`design/levels.md`); so are several that have no more together.
pub(super) const BUCKETS: u64 = 1_000;

/// A function of an identifier with few values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bucket {
    /// The identifier.
    identity: Identity,
    /// How many values it has at most.
    values: u64,
    /// The function.
    span: Span,
}

impl Bucket {
    /// Puts it among others. Once those of an identifier tell people apart, one more
    /// tells nothing new.
    pub(super) fn put_into(self, buckets: &mut Vec<Self>) {
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
    /// The identifiers in it are told by a function of so many values alone.
    pub(super) fn in_buckets(mut self, values: u64, span: Span) -> Self {
        for identity in std::mem::take(&mut self.identities) {
            let bucket = Bucket {
                identity,
                values,
                span,
            };
            bucket.put_into(&mut self.buckets);
        }
        self.without_identity()
    }
}

/// Group keys that together have more values of an identifier than a dimension
/// may have name it again.
pub(super) fn tell_identities(keys: &mut [Key]) {
    let mut all: Vec<Bucket> = Vec::new();
    for bucket in keys.iter().flat_map(|key| &key.facts.buckets) {
        bucket.clone().put_into(&mut all);
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
