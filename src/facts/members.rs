//! Rows of a subquery that are the members of an array of the surrounding row.
//!
//! A value that is computed from them stands for that row's people, or for fewer.

use super::cell::{Cell, PeopleSubset};
use crate::source::Span;

/// Rows that are members of an array into which values of many rows were collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Members {
    /// Lower bound on the distinct people behind each member.
    pub floor: u64,
    /// Whether a row is one member or a group of some, and not all of them
    /// together.
    pub one: bool,
    /// Whether no member was removed.
    pub all: bool,
    /// Where they became rows.
    pub span: Span,
}

impl Members {
    /// Returns the facts of rows that are one member each.
    pub(super) fn each(floor: u64, span: Span) -> Self {
        Self {
            floor,
            one: true,
            all: true,
            span,
        }
    }

    /// Returns the facts of some of the members, or of members of several arrays.
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

    /// The cell of a value that is computed from them; `None` if it is computed
    /// from all.
    pub(super) fn cell(self) -> Option<Cell> {
        (self.one || !self.all).then_some(Cell {
            among: PeopleSubset::OneRow,
            floor: self.floor,
            span: self.span,
            measure: None,
        })
    }
}
