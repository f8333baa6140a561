//! Cells: whose people are in a published value, where that may be fewer than
//! the row's (`design/proof.md`, "Cells").

use std::collections::BTreeSet;

use super::column::ColumnFacts;
use super::lattice::Pop;
use super::numbering::ConditionId;
use super::relation::RelationFacts;
use crate::source::Span;

/// Which of a row's people are in a part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Among {
    /// Those for whom all these conditions hold.
    Where(BTreeSet<ConditionId>),
    /// Those of one of the rows that were grouped.
    OneRow,
}

/// A part of a value that stands for fewer people than its row may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Which of the row's people.
    pub among: Among,
    /// People in it, where there are any: proven when it was made.
    pub floor: u64,
    /// Where the others were left out.
    pub span: Span,
}

/// People behind a row for whom conditions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The conditions.
    pub conditions: BTreeSet<ConditionId>,
    /// Whose people.
    pub pop: Pop,
    /// At least so many.
    pub k: u64,
}

impl RelationFacts {
    /// The people in a part of a value of these rows, at least.
    pub fn covered(&self, cell: &Cell) -> u64 {
        let Among::Where(conditions) = &cell.among else {
            return cell.floor;
        };
        let of = |pop: &Pop| {
            self.proven
                .iter()
                .filter(|proven| proven.pop == *pop && proven.conditions.is_superset(conditions))
                .map(|proven| proven.k)
                .max()
                .unwrap_or(0)
        };
        let proven = self.populations.keys().map(of).min().unwrap_or(0);
        cell.floor.max(proven)
    }

    /// The people whose values are in a value of these rows, at least; `None`
    /// where nobody's are.
    pub fn in_cell(&self, value: &ColumnFacts) -> Option<u64> {
        let row = self.bucket()?;
        if value.single.is_some() {
            return Some(0);
        }
        let parts = value.cells.iter().map(|cell| self.covered(cell));
        Some(parts.fold(row, u64::min))
    }
}
