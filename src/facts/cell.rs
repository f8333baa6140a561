//! Cells: whose people are in a published value, where that may be fewer than
//! the row's (`design/proof.md`, "Cells").

use rustc_hash::FxHashMap;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::count::Grouping;
use super::coverage::Measure;
use super::lattice::{Pop, Rows};
use super::measured::picks;
use super::numbering::{ConditionId, Number};
use super::ordered::OrderedSet;
use super::relation::RelationFacts;
use crate::budget;
use crate::plan::AggregateCall;
use crate::plan::functions::AggregateClass;
use crate::source::Span;

/// Which of a row's people are in a part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Among {
    /// Those for whom all these conditions hold.
    Where(OrderedSet<ConditionId>),
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
    /// The measured value that it is of, where that is one of the grouped rows'.
    pub(super) measure: Option<u32>,
}

/// So many parts of a value are told apart; more are those of one row of the fewest.
const CELLS_LIMIT: usize = 64;

impl Cell {
    /// Puts it among others: of two that are of the same people, that of fewer tells
    /// for both.
    pub(super) fn put_into(mut self, cells: &mut Vec<Self>) {
        if cells.len() >= CELLS_LIMIT {
            for known in cells.drain(..) {
                if known.floor < self.floor {
                    self = known;
                }
            }
            self.among = Among::OneRow;
            self.measure = None;
        }
        let alike = |known: &&mut Self| known.measure == self.measure && known.among == self.among;
        match cells.iter_mut().find(alike) {
            Some(known) if known.floor <= self.floor => {}
            Some(known) => *known = self,
            None => cells.push(self),
        }
    }
}

/// People behind a row for whom conditions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The conditions.
    pub conditions: OrderedSet<ConditionId>,
    /// Whose people.
    pub pop: Pop,
    /// At least so many.
    pub k: u64,
}

/// A picked count that a filter bounds, and with it the people of the group that
/// it was picked from: `HAVING MIN(people) >= 5000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bounded {
    /// The measured value.
    pub(super) measure: u32,
    /// At least so many people.
    pub(super) k: u64,
}

impl Analyzer<'_, '_> {
    /// Whether a call picks a value that is the same in the whole group: then it
    /// is nobody's own.
    pub(super) fn same_in_group(
        &mut self,
        call: &AggregateCall,
        input: &RelationFacts,
        grouping: &Grouping<'_>,
    ) -> bool {
        if call.args.iter().any(|arg| self.numbering.is_collated(arg)) {
            return false;
        }
        let numbers: Option<Vec<Number>> = call
            .args
            .iter()
            .take(1)
            .map(|arg| self.numbering.expression(arg))
            .collect();
        let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else {
            return false;
        };
        grouping.sets.iter().all(|set| {
            let closure = input
                .dependencies
                .closure(&self.numbering, set.iter().copied());
            numbers.iter().all(|number| closure.has(*number))
        })
    }

    /// Which of the row's people are in a value of a group.
    pub(super) fn cells(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        input: &RelationFacts,
    ) -> Vec<Cell> {
        let mut conditions: OrderedSet<ConditionId> = OrderedSet::new();
        for value in values {
            // Of a count of rows, 0 is a value as any other.
            conditions.extend(&value.there);
            if class != AggregateClass::Count || call.distinct {
                conditions.extend(&value.when);
            }
        }
        if let Some(filter) = &call.filter {
            conditions.extend(self.conditions_of(filter));
        }
        match (class, call.args.as_slice()) {
            (AggregateClass::CountIf, [condition]) => {
                conditions.extend(self.conditions_of(condition));
            }
            // Those who have no identifier are no people, and NULL is no member.
            (class, [arg, ..])
                if counts_what_is_there(call, class)
                    && (values[0].unit.is_none()
                        || !values[0].each
                        || (!values[0].when.is_empty() && values[0].there.is_empty()))
                    && !values[0].constant
                    && !self.never_null(arg, &input.dependencies) =>
            {
                conditions.insert(self.is_there(arg));
            }
            _ => {}
        }
        let picked = picks(class);
        let grouped = input.rows == Rows::Aggregated;
        let mut cells: Vec<Cell> = Vec::new();
        for cell in values.iter().flat_map(|value| &value.cells) {
            let mut floor = input.covered(cell);
            let among = match &cell.among {
                _ if picked => Among::OneRow,
                Among::OneRow => Among::OneRow,
                Among::Where(known) => {
                    // Whom of these rows the conditions choose nobody has proven.
                    if !grouped || !conditions.is_empty() {
                        floor = 0;
                    }
                    Among::Where(known.union(&conditions).copied().collect())
                }
            };
            let cell = Cell {
                among,
                floor,
                span: cell.span,
                measure: cell.measure.filter(|_| !picked),
            };
            cell.put_into(&mut cells);
        }
        // Of groups each counts as one, however few people are in it; a sum of their
        // measured values as they are is one over all their people.
        let sums = |value: &SharedFacts| {
            let measures = value.coverage.measures();
            !measures.is_empty() && measures.iter().all(Measure::is_sum)
        };
        let groups = grouped
            && !call.distinct
            && match class {
                AggregateClass::Count | AggregateClass::CountIf => true,
                AggregateClass::Sum | AggregateClass::Mean => !values.iter().all(sums),
                _ => false,
            };
        // Conditions choose among all rows, whatever parts the value itself has.
        if !cells.is_empty() && conditions.is_empty() {
            return cells;
        }
        if (picked || groups) && grouped {
            // One inner group's value stands for that group.
            let cell = Cell {
                among: Among::OneRow,
                floor: input
                    .k()
                    .or(input.members.map(|members| members.floor))
                    .unwrap_or(0),
                span: call.span,
                measure: None,
            };
            cell.put_into(&mut cells);
        } else if !conditions.is_empty() {
            let cell = Cell {
                among: Among::Where(conditions),
                floor: if grouped { input.k().unwrap_or(0) } else { 0 },
                span: call.span,
                measure: None,
            };
            cell.put_into(&mut cells);
        }
        cells
    }
}

/// Whether it is told by an aggregate how many rows have a value, or how many values
/// there are.
fn counts_what_is_there(call: &AggregateCall, class: AggregateClass) -> bool {
    match class {
        AggregateClass::Count | AggregateClass::ApproxCount | AggregateClass::SketchMake => true,
        AggregateClass::Collecting => call.distinct && call.name == "ARRAY_AGG",
        AggregateClass::CountIf
        | AggregateClass::Sum
        | AggregateClass::Mean
        | AggregateClass::Extreme
        | AggregateClass::Positional
        | AggregateClass::AnyOfGroup
        | AggregateClass::TopK
        | AggregateClass::SketchMerge
        | AggregateClass::SketchRead
        | AggregateClass::QuantilesMake
        | AggregateClass::QuantilesRead
        | AggregateClass::Statistical
        | AggregateClass::Bitwise
        | AggregateClass::NoiseAdding
        | AggregateClass::Grouping => false,
    }
}

impl RelationFacts {
    /// The people in a part of a value of these rows, at least.
    pub fn covered(&self, cell: &Cell) -> u64 {
        let Among::Where(conditions) = &cell.among else {
            return cell.floor;
        };
        cell.floor.max(self.proven_where(conditions))
    }

    /// The people of any population for whom conditions hold, proven: the least.
    fn proven_where(&self, conditions: &OrderedSet<ConditionId>) -> u64 {
        budget::spend(self.proven.len() / 64);
        let holding = self
            .proven
            .iter()
            .filter(|proven| proven.conditions.is_superset(conditions));
        let mut most: FxHashMap<Pop, u64> = FxHashMap::default();
        for proven in holding {
            let known = most.entry(proven.pop).or_default();
            *known = proven.k.max(*known);
        }
        // Of a population that is not among them nobody is proven.
        let mut each = self.populations.keys().map(|pop| most.get(pop).copied());
        each.try_fold(u64::MAX, |least, k| Some(least.min(k?)))
            .filter(|_| !self.populations.is_empty())
            .unwrap_or(0)
    }

    /// The people on whom a value of these rows depends, at least; `None` where
    /// no people are behind the rows.
    pub fn in_cell(&self, value: &ColumnFacts) -> Option<u64> {
        Some(self.bucket()?.min(self.behind(value)))
    }
}
