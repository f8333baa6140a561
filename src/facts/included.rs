//! Data that an aggregate includes without printing them.
//!
//! These are the columns that its conditions compare, and the records that it
//! counts (`design/levels.md`, "Conditions are data included", "What is counted is
//! included too").

use super::analysis::Analyzer;
use super::column::SharedFacts;
use super::history::FilterUse;
use super::lattice::Flow;
use super::ordered::{OrderedMap, OrderedSet};
use super::relation::RelationFacts;
use super::source::SourceId;
use crate::plan::AggregateCall;
use crate::plan::functions::AggregateClass;

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
}

/// The sources that a count of rows counts: records of tables, or the keys of
/// groups.
pub(super) fn records_counted(input: &RelationFacts) -> OrderedMap<SourceId, Flow> {
    let keys = input.keys.iter().flatten();
    let grouped = keys.flat_map(|key| key.facts.sources.keys());
    input
        .records
        .iter()
        .chain(grouped)
        .map(|source| (*source, Flow::Aggregated))
        .collect()
}
