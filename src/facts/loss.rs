//! Where a proven bucket was lost again, so that a finding can point there.

use super::numbering::Number;
use super::ordered::OrderedSet;
use crate::source::Span;

/// How a proven bucket was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossKind {
    /// It was proven for coarser groups than those that came after.
    OtherGrain,
    /// A branch, or a side of a join, brings rows of fewer people.
    Joined,
    /// A later step took a part of the people away.
    Thinned,
}

/// A step that lost a proven bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// How.
    pub kind: LossKind,
    /// The people that were proven before it.
    pub k: u64,
    /// The user's word for the step.
    pub word: &'static str,
    /// The step.
    pub span: Span,
    /// Where the bucket had been proven.
    pub at: Span,
    /// What the rows that were large enough agree in, while it is not known
    /// whether the groups that come after are finer.
    pub(super) grain: OrderedSet<Number>,
}

impl Loss {
    /// A step that lost what was proven before it.
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

    /// With the place where it had been proven.
    pub(super) fn proven_at(self, at: Span) -> Self {
        Self { at, ..self }
    }
}
