//! Data that an aggregate includes without printing them.
//!
//! These are the columns that its conditions compare, and the records that it
//! counts (`design/levels.md`, "Conditions are data included", "What is counted is
//! included too").

use super::analysis::Analyzer;
use super::column::{CountKind, SharedFacts};
use super::coverage::{Adds, Measure};
use super::history::FilterUse;
use super::lattice::Flow;
use super::numbering::Number;
use super::ordered::{OrderedMap, OrderedSet};
use super::relation::RelationFacts;
use super::source::BaseColumnId;
use crate::plan::functions::{AggregateClass, FunctionClass};
use crate::plan::{Aggregate, AggregateCall};

impl Analyzer<'_, '_> {
    /// Notes the base columns that decide which rows a call reads.
    pub(super) fn conditions(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        facts: &mut RelationFacts,
    ) {
        let mut sources = OrderedSet::new();
        let mut unknown = false;
        if let Some(filter) = &call.filter {
            unknown |= self.compared(filter, &mut sources).unknown;
        }
        if class == AggregateClass::CountIf
            && let Some(condition) = call.args.first()
        {
            unknown |= self.compared(condition, &mut sources).unknown;
        }
        for value in values {
            sources.extend(&value.conditions);
        }
        for by in &call.decided_by {
            facts.decided_by(&self.value(by).compared());
        }
        facts.filtered_by(FilterUse {
            sources,
            unknown,
            span: call.span,
            word: "a conditional aggregate",
        });
    }

    /// Whether an aggregate of groups has the same values over coarser and finer
    /// groups: it only adds sums and counts of rows.
    pub(super) fn is_additive(&mut self, aggregate: &Aggregate) -> bool {
        aggregate.aggregates.iter().all(|(column, call)| {
            // A sum of disjoint counts counts the same people.
            let people = self.column(*column).count.as_ref();
            let disjoint = people.is_some_and(|count| !count.people.is_empty());
            let class = call.info.map(|info| info.class);
            let sum = matches!(class, Some(FunctionClass::Aggregate(AggregateClass::Sum)));
            let [arg] = call.args.as_slice() else {
                return false;
            };
            let value = self.value(arg);
            let measures = value.coverage.measures();
            let adds = |measure: &Measure| measure.adds == Adds::Values;
            let rows = value
                .count
                .as_ref()
                .is_some_and(|count| count.kind == CountKind::Rows);
            sum && !call.distinct
                && (disjoint || rows || !measures.is_empty() && measures.iter().all(adds))
        })
    }

    /// Notes the keys of groups of people that are grouped again by others: what is
    /// aggregated over them depends on how the inner groups are divided.
    pub(super) fn includes_inner_keys(
        &self,
        keys: &[Number],
        input: &RelationFacts,
        facts: &mut RelationFacts,
    ) {
        for key in input.keys.iter().flatten() {
            if keys.contains(&self.numbering.column(key.column)) {
                continue;
            }
            let mut sources = OrderedSet::new();
            self.compared_beside_identity(&key.facts, &mut sources);
            facts.filtered_by(FilterUse {
                sources,
                unknown: key.facts.unknown,
                span: key.span,
                word: "GROUP BY",
            });
        }
    }
}

/// The sources that a count of rows counts: records of tables, or the keys of
/// groups.
pub(super) fn records_counted(input: &RelationFacts) -> OrderedMap<BaseColumnId, Flow> {
    let keys = input.keys.iter().flatten();
    let grouped = keys.flat_map(|key| key.facts.sources.keys());
    input
        .records
        .iter()
        .chain(grouped)
        .map(|source| (*source, Flow::Aggregated))
        .collect()
}
