//! Which aggregates stand for all people of their group (`design/proof.md`, law 2):
//! the list is short, and an aggregate that is not on it is uncovered.

use super::analysis::Analyzer;
use super::column::{ColumnFacts, Contribution, SharedFacts};
use super::coverage::{Adds, Combination, Coverage, GapReason, Measure};
use super::lattice::Rows;
use super::relation::RelationFacts;
use crate::plan::AggregateCall;
use crate::plan::functions::AggregateClass;

/// Facts about the rows that an aggregate reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct AggregatedRows {
    /// The id of the grouping, if the call reads all rows of its groups.
    pub(super) group: Option<u32>,
    /// Whether its argument is the same in all rows of a group.
    pub(super) same: bool,
}

impl Analyzer<'_, '_> {
    /// Computes the coverage of an aggregate's value.
    pub(super) fn aggregate_coverage(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        input: &RelationFacts,
        seen: AggregatedRows,
    ) -> Coverage {
        let AggregatedRows { group, same } = seen;
        if let Some(uncovered) = values.iter().find(|value| value.coverage.is_uncovered()) {
            return uncovered.coverage.clone();
        }
        // The members of a group's array are like groups.
        let nobodys = matches!(input.rows, Rows::Impersonal | Rows::Model);
        let impersonal = nobodys && input.members.is_none();
        if input.populations.is_empty() && input.members.is_none() {
            // The rows have no people, but may contain values of the surrounding
            // row.
            let coverages = values.iter().map(|value| &value.coverage);
            return match Coverage::mixed(coverages, Combination::Any, 0, call.span) {
                Coverage::NoData => Coverage::Label,
                known => known,
            };
        }
        let leaves_out = self.leaves_out(call, input);
        // A value of the group, whichever row it comes from; its sum is not.
        if same && !leaves_out && (picks(class) || class == AggregateClass::Mean) && !call.distinct
        {
            return self.group_value_coverage(values);
        }
        // HAVING MAX and similar clauses select one person's rows.
        let orders = !call.decided_by.is_empty() || call.limit.is_some();
        let collects = matches!(class, AggregateClass::Collecting | AggregateClass::TopK);
        // One person may decide which measured values are equal.
        let several = call.distinct
            && values
                .iter()
                .any(|value| !value.coverage.measures().is_empty());
        if same && leaves_out
            || (several || call.chooses_rows() || orders && !collects) && !picks(class)
        {
            return Coverage::gap(GapReason::Aggregate, call.span);
        }
        if self.discloses_two_measures(call, class, values, input)
            || self.reads_several(call, class, values, input)
        {
            return Coverage::gap(GapReason::Combined, call.span);
        }
        let feeds = values.iter().map(|value| value.feeds).min();
        let feeds = feeds.unwrap_or_default();
        let each = !values.is_empty() && values.iter().all(|value| value.each);
        let conditional = call.filter.is_some()
            || class == AggregateClass::CountIf
            || values.iter().any(|value| !value.when.is_empty());
        // A count of a nullable value counts only those who have one.
        let counted = class != AggregateClass::Count
            || values.iter().all(|value| value.unit.is_some())
            || call
                .args
                .iter()
                .all(|arg| self.never_null(arg, &input.dependencies));
        let whole = group.is_some() && !conditional && counted;
        match class {
            AggregateClass::Count if !call.distinct => self.measure(group, whole, Adds::Counts),
            AggregateClass::CountIf if !call.distinct => {
                // The number of groups with such a measured value need not grow
                // with the value.
                let counts = values
                    .iter()
                    .all(|value| value.coverage.measures().is_empty());
                let adds = if counts { Adds::Counts } else { Adds::Nothing };
                self.measure(group, false, adds)
            }
            AggregateClass::CountIf => Coverage::gap(GapReason::Aggregate, call.span),
            AggregateClass::Count | AggregateClass::ApproxCount => {
                if each {
                    self.measure(group, whole, Adds::Counts)
                } else {
                    Coverage::gap(GapReason::Chosen, call.span)
                }
            }
            AggregateClass::Sum | AggregateClass::Mean if call.distinct => {
                Coverage::gap(GapReason::Aggregate, call.span)
            }
            AggregateClass::Sum | AggregateClass::Mean => {
                if !feeds.all() && !impersonal {
                    return Coverage::gap(GapReason::Chosen, call.span);
                }
                let adds = match class {
                    AggregateClass::Sum if feeds == Contribution::Plain => values
                        .iter()
                        .map(|value| added(value))
                        .min()
                        .unwrap_or(Adds::Nothing),
                    _ => Adds::Nothing,
                };
                let mut parts = values.iter().flat_map(|value| value.coverage.measures());
                // The mean of a value that is 0 except if a condition holds is the
                // share of rows for which it holds; a mean over only these rows is
                // not.
                let mean = class == AggregateClass::Mean;
                let share = mean && values.iter().any(|value| value.when != value.there);
                let last = share || parts.any(|measure| measure.last);
                let measured = self.measure(group, whole, adds);
                if last {
                    measured.shown_only()
                } else {
                    measured
                }
            }
            AggregateClass::SketchMake => {
                if each || impersonal {
                    self.measure(group, whole, Adds::Nothing)
                } else {
                    Coverage::gap(GapReason::Chosen, call.span)
                }
            }
            AggregateClass::SketchMerge | AggregateClass::SketchRead => {
                self.measure(group, whole, Adds::Nothing)
            }
            AggregateClass::QuantilesMake | AggregateClass::QuantilesRead => {
                Coverage::gap(GapReason::Aggregate, call.span)
            }
            // `single` or a cell says which row the value comes from.
            AggregateClass::Extreme | AggregateClass::AnyOfGroup | AggregateClass::Positional => {
                let picked = self.select_measures(values.iter().map(|value| &value.coverage));
                // Each of its members is another measured value.
                if call.name == "APPROX_QUANTILES" {
                    Coverage::Collected(picked.measures().to_vec())
                } else {
                    picked
                }
            }
            AggregateClass::Collecting => {
                let measured = values
                    .iter()
                    .any(|value| !value.coverage.measures().is_empty());
                let members = if measured {
                    let member = self.select_measures(values.iter().map(|value| &value.coverage));
                    member.measures().to_vec()
                } else {
                    Vec::new()
                };
                Coverage::Collected(members)
            }
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

    /// Whether HAVING MAX or HAVING MIN omits the rows for which its value is NULL:
    /// for a group of only such rows, the result is NULL.
    pub(super) fn leaves_out(&mut self, call: &AggregateCall, input: &RelationFacts) -> bool {
        let mut by = call.chosen_by();
        by.any(|by| !self.never_null(by, &input.dependencies))
    }

    /// Whether an aggregate depends on which of several measured values are equal
    /// or larger.
    ///
    /// It compares several measured values of one column, or ratios, or counts by
    /// what they are.
    fn reads_several(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        input: &RelationFacts,
    ) -> bool {
        if let Some(filter) = &call.filter {
            let filter = self.value(filter);
            if filter.coverage.measures().len() > 1 {
                return true;
            }
        }
        for (arg, value) in call.args.iter().zip(values) {
            let measures = value.coverage.measures();
            let several = measures.len() > 1;
            let last = measures.iter().any(|measure| measure.last);
            let told = match class {
                AggregateClass::Count => {
                    (several || last) && !self.never_null(arg, &input.dependencies)
                }
                // They are added, each over its own groups.
                AggregateClass::Sum | AggregateClass::Mean => {
                    let sums = |measure: &Measure| measure.is_sum() && measure.whole;
                    several && !measures.iter().all(sums)
                }
                AggregateClass::Collecting => {
                    several && measures.iter().any(|measure| !measure.plain)
                }
                AggregateClass::Extreme
                | AggregateClass::AnyOfGroup
                | AggregateClass::Positional => {
                    several
                        || measures
                            .iter()
                            .any(|measure| measure.last && !measure.plain)
                }
                AggregateClass::CountIf
                | AggregateClass::ApproxCount
                | AggregateClass::TopK
                | AggregateClass::SketchMake
                | AggregateClass::SketchMerge
                | AggregateClass::SketchRead
                | AggregateClass::QuantilesMake
                | AggregateClass::QuantilesRead
                | AggregateClass::Statistical
                | AggregateClass::Bitwise
                | AggregateClass::NoiseAdding
                | AggregateClass::Grouping => several || last,
            };
            if told {
                return true;
            }
        }
        false
    }

    /// The coverage of a value that is the same in all rows of a group.
    fn group_value_coverage(&mut self, values: &[SharedFacts]) -> Coverage {
        match values.first().map(|value| &value.coverage) {
            Some(known @ Coverage::Measured(_)) => self.select_measures([known]),
            Some(known) => known.clone(),
            None => Coverage::Label,
        }
    }
}

/// What a sum of a value adds up if all rows contribute: what its measured values
/// add up, or rows if it is a constant.
fn added(value: &ColumnFacts) -> Adds {
    value.coverage.adds(if value.constant {
        Adds::Counts
    } else {
        Adds::Values
    })
}

/// Whether an aggregate selects one of its values.
pub(super) fn picks(class: AggregateClass) -> bool {
    matches!(
        class,
        AggregateClass::Extreme | AggregateClass::AnyOfGroup | AggregateClass::Positional
    )
}
