//! Keys of groups: what a label discloses about the rows that it labels.

use rustc_hash::FxHashSet;

use super::analysis::Analyzer;
use super::case::is_measured;
use super::column::ColumnFacts;
use super::comparison::MeasureComparisons;
use super::count::Grouping;
use super::coverage::{Coverage, GapReason};
use super::lattice::Rows;
use super::numbering::Number;
use super::relation::{GroupKey, IndividualReason, RelationFacts};
use crate::plan::{ColId, Expr, ExprKind};
use crate::source::Span;

/// The keys of a grouping.
pub(super) struct Keys<'a> {
    /// The key in question.
    pub(super) one: Number,
    /// All keys.
    pub(super) numbers: &'a [Number],
    /// The keys of each grouping set.
    pub(super) sets: &'a [Vec<Number>],
    /// The keys that are not measured values.
    pub(super) labels: &'a FxHashSet<Number>,
    /// The comparisons that selected the rows, and those whose answer a key
    /// discloses.
    pub(super) told: &'a MeasureComparisons,
}

impl Analyzer<'_, '_> {
    /// Lowers the people of groups to those behind a key, since the key labels
    /// them: if it depends on people of other rows, or was read from them, so do
    /// the groups.
    pub(super) fn key_decides(
        &mut self,
        value: &ColumnFacts,
        span: Span,
        keys: &Keys<'_>,
        (folded, still_folded): (u64, u64),
        input: &RelationFacts,
        facts: &mut RelationFacts,
    ) {
        self.depend_on(&value.influences.clone(), "GROUP BY", facts);
        // One person may decide which groups have the same measured value.
        let measured = is_measured(value);
        let merges = measured && !self.is_of_labels(keys.one, keys, input);
        if input.populations.is_empty() {
            if merges || value.coverage.measures().len() > 1 {
                let gap = Coverage::gap(GapReason::Combined, span);
                facts.decided.also(&gap, 0, span);
            }
            return;
        }
        let told = measured
            && keys
                .told
                .discloses_difference_of_groups(value.coverage.measures());
        let floor = match input.rows {
            _ if told => 0,
            Rows::Individual if value.is_own() => return,
            Rows::Individual if self.is_of_whole_partition(value, keys, input) => {
                return;
            }
            Rows::Individual => 0,
            _ if merges || value.coverage.measures().len() > 1 => 0,
            Rows::Impersonal | Rows::Model | Rows::Aggregated => input.behind_answer(value),
        };
        // A fold bounds only its own count: other compared values have people of
        // their own.
        let counts_alone =
            value.cells.is_empty() && value.single.is_none() && !value.coverage.is_uncovered();
        let floor = if told {
            // The rows besides the residual are known as long as the residual's are
            // hidden.
            still_folded
        } else if counts_alone {
            floor.max(folded)
        } else {
            floor
        };
        self.lower(floor, span, "GROUP BY", facts);
    }

    /// Whether a value is the same in all rows that agree in the labels among the
    /// keys.
    ///
    /// It must be so in each grouping set that contains the key in question.
    fn is_of_labels(&self, value: Number, keys: &Keys<'_>, input: &RelationFacts) -> bool {
        let mut sets = keys.sets.iter().filter(|set| set.contains(&keys.one));
        sets.all(|set| {
            let labels = set.iter().filter(|number| keys.labels.contains(number));
            let rows = &input.dependencies;
            rows.closure(&self.numbering, labels.copied()).has(value)
        })
    }

    /// Whether a value counts a window's partition whose groups labels distinguish.
    ///
    /// Groups by the keys are then whole partitions. Without such labels,
    /// partitions with the same count would become one group.
    fn is_of_whole_partition(
        &self,
        value: &ColumnFacts,
        keys: &Keys<'_>,
        input: &RelationFacts,
    ) -> bool {
        let counts = value.count.iter().flat_map(|count| &count.partitions);
        let mut partitions = counts.filter_map(|count| input.partitions.get(&count.partition));
        let whole = value.cells.is_empty() && value.single.is_none();
        whole
            && !value.coverage.is_uncovered()
            && partitions.any(|partition| {
                let closure = input
                    .dependencies
                    .closure(&self.numbering, partition.grain.iter().copied());
                let mut grain = partition.grain.iter();
                keys.numbers.iter().all(|number| closure.has(*number))
                    && grain.all(|number| self.is_of_labels(*number, keys, input))
            })
    }

    /// Whether the rows of each group belong to one person.
    pub(super) fn is_of_one_person(&self, input: &RelationFacts, grouping: &Grouping<'_>) -> bool {
        let mut sets = grouping.sets.iter();
        sets.all(|set| self.is_one_person(input, set.iter().copied()))
    }

    /// Whether rows that agree in some values belong to one person of each
    /// population that they contain.
    pub(super) fn is_one_person(
        &self,
        rows: &RelationFacts,
        agree: impl IntoIterator<Item = Number>,
    ) -> bool {
        let closure = rows.dependencies.closure(&self.numbering, agree);
        let mut people = rows
            .populations
            .iter()
            .filter(|(_, people)| !people.implied);
        people.all(|(pop, _)| {
            let pop = self.populations.find(*pop);
            let mut units = rows.dependencies.units.iter();
            units.any(|unit| {
                // NULL is nobody, unless an operation replaced somebody's
                // identifier by it.
                let named = unit.total || rows.dependencies.not_null.contains(&unit.number);
                unit.value.constants == 0
                    && named
                    && self.populations.find(unit.pop()) == pop
                    && closure.has(unit.number)
            })
        })
    }

    /// The name of a key: its column's, otherwise its function and the columns that
    /// it reads.
    pub(super) fn key_name(&self, column: ColId, expr: &Expr) -> String {
        let name = &self.plan.column(column).name;
        if !name.is_empty() {
            return name.clone();
        }
        let what = match &expr.kind {
            ExprKind::Column(column) => return self.plan.column(*column).name.clone(),
            ExprKind::Field(_, name) => return name.clone(),
            ExprKind::Call { name, .. } => name.as_str(),
            ExprKind::Case(_) => "CASE",
            ExprKind::Struct(_) => "STRUCT",
            _ => "an expression",
        };
        let mut names: Vec<&str> = Vec::new();
        expr.walk(&mut |part| {
            let name = match &part.kind {
                ExprKind::Column(column) => self.plan.column(*column).name.as_str(),
                _ => return,
            };
            // Four show that there are more than the three that are named.
            if names.len() < 4 && !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        });
        match names.as_slice() {
            [] => what.to_owned(),
            [one, two, three, _, ..] => format!("{what} of {one}, {two}, {three} and more"),
            names => format!("{what} of {}", names.join(", ")),
        }
    }
}

/// Why groups by a key are single people or records; `None` if they are not.
pub(super) fn individual_key(key: &GroupKey) -> Option<IndividualReason> {
    let name = &key.name;
    let why = if let Some(identity) = key.facts.identities.first() {
        let what = if identity.person {
            "a person"
        } else {
            "a single record"
        };
        format!("rows are grouped by `{name}`, which identifies {what}")
    } else if key.facts.surrogate.is_some() {
        format!("rows are grouped by `{name}`, which distinguishes single rows")
    } else if key.facts.collection.is_some() {
        format!("rows are grouped by `{name}`, a collection of individual rows' values")
    } else if key.facts.rest.is_some() {
        format!("rows are grouped by `{name}`, all the columns of a table that no schema declares")
    } else if key.facts.unknown {
        format!("rows are grouped by `{name}`, a part of which is not understood")
    } else {
        return None;
    };
    Some(IndividualReason {
        why: why.into(),
        span: key.span,
        unread: key.facts.identities.is_empty()
            && key.facts.surrogate.is_none()
            && key.facts.collection.is_none()
            && key.facts.rest.is_none(),
        unregistered: None,
    })
}
