//! Steps that lose a proven bucket, so that a finding can point to them.

use super::numbering::Number;
use super::ordered::OrderedSet;
use crate::source::Span;

/// How a proven bucket was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossKind {
    /// It was proven for coarser groups than the later ones.
    OtherGrain,
    /// A branch, or a side of a join, brings rows of fewer people.
    Joined,
    /// A later step removed a part of the people.
    Thinned,
}

/// A step that lost a proven bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketLoss {
    /// The kind of loss.
    pub kind: LossKind,
    /// Lower bound on the people before the step.
    pub k: u64,
    /// The step's keyword, for messages.
    pub word: &'static str,
    /// The step.
    pub span: Span,
    /// Where the bucket was proven.
    pub at: Span,
    /// The values in which the large enough rows agree; empty once it is decided
    /// whether the later groups are finer.
    pub(super) grain: OrderedSet<Number>,
}

impl BucketLoss {
    /// Creates a loss; the bucket was proven at the step itself unless `proven_at`
    /// is called.
    pub(super) fn new(kind: LossKind, k: u64, word: &'static str, span: Span) -> Self {
        Self {
            kind,
            k,
            word,
            span,
            at: span,
            grain: OrderedSet::new(),
        }
    }

    /// Sets the place where the bucket was proven.
    pub(super) fn proven_at(self, at: Span) -> Self {
        Self { at, ..self }
    }
}
