//! Rows of a subquery that are the members of an array of the row around it: what
//! is made of them tells of that row's people, or of fewer.

use super::cell::{Among, Cell};
use crate::source::Span;

/// Rows that are members of an array in which values of many rows were collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Members {
    /// Distinct people behind each member, at least.
    pub floor: u64,
    /// Whether a row is one of them, or a group of some, and not all together.
    pub one: bool,
    /// Whether none was left out.
    pub all: bool,
    /// Where they became rows.
    pub span: Span,
}

impl Members {
    /// Each member a row.
    pub(super) fn each(floor: u64, span: Span) -> Self {
        Self {
            floor,
            one: true,
            all: true,
            span,
        }
    }

    /// Some of them, or some of several arrays.
    pub(super) fn some_of(several: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        several
            .into_iter()
            .flatten()
            .reduce(|all, next| Self {
                floor: all.floor.min(next.floor),
                one: all.one || next.one,
                ..all
            })
            .map(|members| Self {
                all: false,
                ..members
            })
    }

    /// The part of a value that is made of them; none where it is made of all.
    pub(super) fn cell(self) -> Option<Cell> {
        (self.one || !self.all).then_some(Cell {
            among: Among::OneRow,
            floor: self.floor,
            span: self.span,
            measure: None,
        })
    }
}
