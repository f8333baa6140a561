//! Which aggregates stand for all people of their group (`design/proof.md`, law
//! 2): the list is short, and what is not on it is uncovered.

use super::analysis::Analyzer;
use super::column::SharedFacts;
use super::constant::number;
use super::coverage::{Coverage, GapReason, Mix};
use super::lattice::Rows;
use super::relation::RelationFacts;
use crate::plan::functions::AggregateClass;
use crate::plan::{AggregateCall, Literal};

/// What is known of the rows that an aggregate sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Names the grouping, where the call sees all rows of its groups.
    pub(super) group: Option<u32>,
    /// Whether its argument is the same in all rows of a group.
    pub(super) same: bool,
    /// Whether it counts distinct people, or rows of which each has one.
    pub(super) people: bool,
}

impl Analyzer<'_, '_> {
    /// The coverage of an aggregate's value.
    pub(super) fn aggregate_coverage(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        input: &RelationFacts,
        seen: Seen,
    ) -> Coverage {
        let Seen {
            group,
            same,
            people,
        } = seen;
        if let Some(uncovered) = values.iter().find(|value| value.coverage.is_uncovered()) {
            return uncovered.coverage.clone();
        }
        let impersonal = matches!(input.rows, Rows::Impersonal | Rows::Model);
        if input.populations.is_empty() && input.members.is_none() {
            // Of rows that are nobody's, but may hold values of the row around.
            let coverages = values.iter().map(|value| &value.coverage);
            return match Coverage::mixed(coverages, Mix::Any, 0, call.span) {
                Coverage::NoData => Coverage::Label,
                known => known,
            };
        }
        // A value of the group, whichever row it is taken from: but not its sum.
        if same && (picks(class) || class == AggregateClass::Mean) && !call.distinct {
            return self.of_the_group(values);
        }
        // HAVING MAX and its like choose one person's rows.
        let chooses = !call.decided_by.is_empty() || call.limit.is_some();
        if chooses
            && !matches!(class, AggregateClass::Collecting | AggregateClass::TopK)
            && !picks(class)
        {
            return Coverage::gap(GapReason::Aggregate, call.span);
        }
        let feeds = !values.is_empty() && values.iter().all(|value| value.feeds);
        let conditional = call.filter.is_some()
            || class == AggregateClass::CountIf
            || values.iter().any(|value| !value.when.is_empty());
        let whole = group.is_some() && !conditional;
        match class {
            AggregateClass::Count if !call.distinct => self.measure(group, whole, true),
            AggregateClass::CountIf if !call.distinct => self.measure(group, false, true),
            AggregateClass::CountIf => Coverage::gap(GapReason::Aggregate, call.span),
            AggregateClass::Count | AggregateClass::ApproxCount => {
                let named = values.iter().any(|value| value.unit.is_some());
                if named || people || feeds {
                    self.measure(group, whole, true)
                } else {
                    Coverage::gap(GapReason::Chosen, call.span)
                }
            }
            AggregateClass::Sum | AggregateClass::Mean if call.distinct => {
                Coverage::gap(GapReason::Aggregate, call.span)
            }
            AggregateClass::Sum | AggregateClass::Mean => {
                if !feeds && !impersonal {
                    return Coverage::gap(GapReason::Chosen, call.span);
                }
                let positive = call
                    .args
                    .iter()
                    .all(|arg| number(arg).is_none_or(|number| number > 0.0));
                let plain = positive
                    && values.iter().all(|value| {
                        matches!(value.literal, Some(Literal::Int(1..)))
                            || !value.paths.is_empty()
                            || matches!(&value.coverage, Coverage::Measured(measures)
                            if measures.iter().all(|measure| measure.additive))
                    });
                let mut measured =
                    self.measure(group, whole, class == AggregateClass::Sum && plain);
                if let (AggregateClass::Mean, true, Coverage::Measured(measures)) =
                    (class, conditional, &mut measured)
                {
                    // It is the share of those for whom the condition holds.
                    measures.iter_mut().for_each(|measure| measure.last = true);
                }
                measured
            }
            AggregateClass::SketchMake => {
                let named = values.iter().any(|value| value.unit.is_some());
                if named || feeds || impersonal {
                    self.measure(group, whole, false)
                } else {
                    Coverage::gap(GapReason::Chosen, call.span)
                }
            }
            AggregateClass::SketchMerge | AggregateClass::SketchRead => {
                self.measure(group, whole, false)
            }
            // Which row it is of is told by `single`, or by a cell.
            AggregateClass::Extreme | AggregateClass::AnyOfGroup | AggregateClass::Positional => {
                self.measure(None, false, false)
            }
            AggregateClass::Collecting => Coverage::Collected,
            AggregateClass::Grouping => Coverage::Label,
            AggregateClass::TopK
            | AggregateClass::Bitwise
            | AggregateClass::Statistical
            | AggregateClass::NoiseAdding => {
                if impersonal {
                    Coverage::Label
                } else {
                    Coverage::gap(GapReason::Aggregate, call.span)
                }
            }
        }
    }

    /// The coverage of a value that is the same in all rows of a group.
    fn of_the_group(&mut self, values: &[SharedFacts]) -> Coverage {
        match values.first().map(|value| &value.coverage) {
            Some(Coverage::Measured(_)) => self.measure(None, false, false),
            Some(known) => known.clone(),
            None => Coverage::Label,
        }
    }
}

/// Whether an aggregate picks one of its values.
pub(super) fn picks(class: AggregateClass) -> bool {
    matches!(
        class,
        AggregateClass::Extreme | AggregateClass::AnyOfGroup | AggregateClass::Positional
    )
}
