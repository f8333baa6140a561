//! Cells: the people whose data a published value contains, if these may be fewer
//! than the row's (`design/proof.md`, "Cells").

use rustc_hash::FxHashMap;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::count::Grouping;
use super::coverage::Measure;
use super::lattice::{PrivateInput, Rows};
use super::measured::picks;
use super::numbering::{ConditionId, Number};
use super::ordered::OrderedSet;
use super::relation::RelationFacts;
use crate::budget;
use crate::plan::AggregateCall;
use crate::plan::functions::AggregateClass;
use crate::source::Span;

/// The subset of a row's people whose data a part of a value contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleSubset {
    /// Those for whom all these conditions hold.
    Where(OrderedSet<ConditionId>),
    /// Those of one of the rows that were grouped.
    OneRow,
}

/// A part of a value that may stand for fewer people than its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The subset of the row's people.
    pub among: PeopleSubset,
    /// Lower bound on the people in it, if there are any, proven when it was made.
    pub floor: u64,
    /// The expression that excludes the others.
    pub span: Span,
    /// The measured value that it belongs to, if that is one of the grouped rows'.
    pub(super) measure: Option<u32>,
}

/// The most cells of a value; more become one cell of one row with the lowest
/// floor.
const CELLS_LIMIT: usize = 64;

impl Cell {
    /// Adds it to a list of cells: of two cells of the same people, the one with
    /// the lower floor is kept.
    pub(super) fn insert_into(mut self, cells: &mut Vec<Self>) {
        if cells.len() >= CELLS_LIMIT {
            for known in cells.drain(..) {
                if known.floor < self.floor {
                    self = known;
                }
            }
            self.among = PeopleSubset::OneRow;
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

/// A lower bound on the people behind a row for whom conditions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionalBound {
    /// The conditions.
    pub conditions: OrderedSet<ConditionId>,
    /// The population of the people.
    pub pop: PrivateInput,
    /// Lower bound on the people.
    pub k: u64,
}

/// A selected count that a filter bounds: `HAVING MIN(people) >= 5000`.
///
/// With it the people of the group from which it was selected are bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BoundedMeasure {
    /// The id of the measured value.
    pub(super) measure: u32,
    /// Lower bound on the people.
    pub(super) k: u64,
}

impl Analyzer<'_, '_> {
    /// Whether a call selects a value that is the same in the whole group.
    ///
    /// Such a value does not belong to one person.
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

    /// Computes the cells of an aggregate's value.
    pub(super) fn cells(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        input: &RelationFacts,
    ) -> Vec<Cell> {
        let mut conditions: OrderedSet<ConditionId> = OrderedSet::new();
        for value in values {
            // In a count of rows, 0 is a value like any other.
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
            // Rows without an identifier are no people, and NULL is no member.
            (class, [arg, ..])
                if counts_non_null(call, class)
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
                _ if picked => PeopleSubset::OneRow,
                PeopleSubset::OneRow => PeopleSubset::OneRow,
                PeopleSubset::Where(known) => {
                    // Nothing is proven about which of these rows the conditions
                    // select.
                    if !grouped || !conditions.is_empty() {
                        floor = 0;
                    }
                    PeopleSubset::Where(known.union(&conditions).copied().collect())
                }
            };
            let cell = Cell {
                among,
                floor,
                span: cell.span,
                measure: cell.measure.filter(|_| !picked),
            };
            cell.insert_into(&mut cells);
        }
        // A count of groups counts each as one, however few people are in it; a sum
        // of their unchanged measured values is a sum over all their people.
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
        // Conditions select among all rows, whatever parts the value itself has.
        if !cells.is_empty() && conditions.is_empty() {
            return cells;
        }
        if (picked || groups) && grouped {
            // The value of one inner group stands for that group.
            let cell = Cell {
                among: PeopleSubset::OneRow,
                floor: input
                    .k()
                    .or(input.members.map(|members| members.floor))
                    .unwrap_or(0),
                span: call.span,
                measure: None,
            };
            cell.insert_into(&mut cells);
        } else if !conditions.is_empty() {
            let cell = Cell {
                among: PeopleSubset::Where(conditions),
                floor: if grouped { input.k().unwrap_or(0) } else { 0 },
                span: call.span,
                measure: None,
            };
            cell.insert_into(&mut cells);
        }
        cells
    }
}

/// Whether an aggregate discloses how many rows have a value, or how many values
/// there are.
fn counts_non_null(call: &AggregateCall, class: AggregateClass) -> bool {
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
    /// Lower bound on the people in a part of a value of these rows.
    pub fn covered(&self, cell: &Cell) -> u64 {
        let PeopleSubset::Where(conditions) = &cell.among else {
            return cell.floor;
        };
        cell.floor.max(self.proven_where(conditions))
    }

    /// Lower bound on the people for whom conditions hold: the minimum over the
    /// populations.
    fn proven_where(&self, conditions: &OrderedSet<ConditionId>) -> u64 {
        budget::spend(self.proven.len() / 64);
        let holding = self
            .proven
            .iter()
            .filter(|proven| proven.conditions.is_superset(conditions));
        let mut most: FxHashMap<PrivateInput, u64> = FxHashMap::default();
        for proven in holding {
            let known = most.entry(proven.pop).or_default();
            *known = proven.k.max(*known);
        }
        // 0 if nothing is proven for one of the populations.
        let mut each = self.populations.keys().map(|pop| most.get(pop).copied());
        each.try_fold(u64::MAX, |least, k| Some(least.min(k?)))
            .filter(|_| !self.populations.is_empty())
            .unwrap_or(0)
    }

    /// Lower bound on the people on whom a value of these rows depends; `None` if
    /// no people are behind the rows.
    pub fn in_cell(&self, value: &ColumnFacts) -> Option<u64> {
        Some(self.bucket()?.min(self.behind(value)))
    }
}
