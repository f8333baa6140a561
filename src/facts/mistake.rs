//! Mutations of the proof: rules that are made wrong, one at a time.
//!
//! A soundness test that does not fail with them could not fail at all
//! (`design/proof.md`, "Tests", 3). Only the feature `faults` can enable one. It is
//! a feature of the tests, which no released program has: there, [`Fault`] is
//! empty, and each comparison with it is a constant.

use super::analysis::Analyzer;
use super::column::{ColumnFacts, Contribution};
use super::coverage::{Coverage, GapReason};

/// The environment variable that names the wrong rule of a process.
#[cfg(feature = "faults")]
const VARIABLE: &str = "HEADCOUNT_FAULT";

/// The wrong rule in force, if any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault(#[cfg(feature = "faults")] Option<Mutation>);

#[cfg(not(feature = "faults"))]
impl Fault {
    /// Returns the empty fault: no rule is wrong.
    pub(super) const fn from_environment() -> Self {
        Self()
    }
}

#[cfg(feature = "faults")]
impl Fault {
    /// Returns the rule that the environment names.
    ///
    /// # Panics
    /// If no rule has that name: the test would look for a fault that does not
    /// exist.
    pub(super) fn from_environment() -> Self {
        static NAMED: std::sync::LazyLock<Option<Mutation>> = std::sync::LazyLock::new(|| {
            let name = std::env::var(VARIABLE).ok()?;
            let named = Mutation::IN_PLANS
                .into_iter()
                .chain(Mutation::IN_TEXTS)
                .find(|mistake| format!("{mistake:?}") == name);
            Some(named.unwrap_or_else(|| panic!("{VARIABLE}: unknown rule `{name}`")))
        });
        Self(*NAMED)
    }

    /// Returns the fault of a rule, or none.
    pub(super) const fn new(mistake: Option<Mutation>) -> Self {
        Self(mistake)
    }
}

impl PartialEq<Option<Mutation>> for Fault {
    #[cfg(feature = "faults")]
    fn eq(&self, other: &Option<Mutation>) -> bool {
        self.0 == *other
    }

    #[cfg(not(feature = "faults"))]
    fn eq(&self, other: &Option<Mutation>) -> bool {
        other.is_none()
    }
}

/// A rule of the proof that is made wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// A join's row stands for the larger side.
    JoinTakesLarger,
    /// Rows without an identifier are counted as people.
    NoNullSlack,
    /// UNNEST keeps the keys of its input.
    UnnestKeepsKeys,
    /// OR proves as much as its stronger side.
    OrTakesLarger,
    /// A union's rows stand for as many people as the largest arm.
    UnionTakesLarger,
    /// `<` proves what `>=` proves.
    ComparisonIgnored,
    /// A sum of counts of people is a count of people.
    SumsAreCounts,
    /// A join that multiplies rows keeps their keys.
    FanOutKeepsKeys,
    /// A filter never splits a window's partition.
    FiltersKeepPartitions,
    /// A window's count bounds finer groups too.
    PartitionsBoundAnything,
    /// Any function of a person's identifier and other values identifies the
    /// person.
    AnyFunctionOfTheUnit,
    /// A branch that yields another constant folds, too.
    SecondConstantFolds,
    /// ELSE is only taken if the condition is FALSE.
    ElseIgnoresNull,
    /// UNNEST of a collected array keeps the row's bucket.
    ElementsKeepBucket,
    /// A joined side that only conditions read is a filter, even if it multiplies
    /// rows.
    AnyConditionFilters,
    /// Two identifiers of one unit are the same value.
    IdentifiersOfAUnitAreOne,
    /// An equation in ON of an outer join merges people within one side.
    OuterOnMergesASide,
    /// Counts with noise are exact.
    NoiseIsExact,
    /// A value that is computed from several measured values is covered.
    CombinedIsCovered,
    /// A sum of values that conditions select is covered.
    ChosenIsCovered,
    /// An aggregate of some of its rows is covered.
    PartialIsCovered,
    /// Windows over groups are covered.
    WindowIsCovered,
    /// Members of a collected array stand for as many people as its row.
    MembersAreCovered,
    /// A folded label hides the small groups, whatever is output beside it.
    FoldBesideAnything,
    /// Conditions on other people, and on cells, decide nothing.
    ConditionsAreNoData,
    /// A subquery discloses of the surrounding row only what its column is computed
    /// from.
    AroundIsForgotten,
    /// A window over people's rows discloses only the row's own person.
    WindowsAreOwn,
    /// A counted person of one side of a join has as many partners as are counted.
    PairsAreCounted,
    /// The rows that LIMIT keeps do not depend on the other rows.
    LimitAsksNobody,
    /// An identifier that a condition selects is each row's own.
    ChosenIsOwn,
    /// What one arm of a union subtracts adds to what another arm has.
    SignsAdd,
}

#[cfg(feature = "faults")]
impl Mutation {
    /// The mutations that random plans must refute.
    pub const IN_PLANS: [Self; 15] = [
        Self::JoinTakesLarger,
        Self::NoNullSlack,
        Self::UnnestKeepsKeys,
        Self::OrTakesLarger,
        Self::UnionTakesLarger,
        Self::ComparisonIgnored,
        Self::SumsAreCounts,
        Self::FanOutKeepsKeys,
        Self::FiltersKeepPartitions,
        Self::PartitionsBoundAnything,
        Self::AnyFunctionOfTheUnit,
        Self::SecondConstantFolds,
        Self::ElseIgnoresNull,
        Self::ElementsKeepBucket,
        Self::AnyConditionFilters,
    ];

    /// The mutations that generated texts must refute on GoogleSQL's engine.
    pub const IN_TEXTS: [Self; 16] = [
        Self::IdentifiersOfAUnitAreOne,
        Self::OuterOnMergesASide,
        Self::NoiseIsExact,
        Self::CombinedIsCovered,
        Self::ChosenIsCovered,
        Self::PartialIsCovered,
        Self::WindowIsCovered,
        Self::MembersAreCovered,
        Self::FoldBesideAnything,
        Self::ConditionsAreNoData,
        Self::AroundIsForgotten,
        Self::WindowsAreOwn,
        Self::PairsAreCounted,
        Self::LimitAsksNobody,
        Self::ChosenIsOwn,
        Self::SignsAdd,
    ];
}

impl Analyzer<'_, '_> {
    /// Covers what a wrong rule would cover; does nothing without one.
    pub(super) fn cover_by_mutation(&self, value: &mut ColumnFacts) {
        let reason = match &value.coverage {
            Coverage::Uncovered(gap) => gap.map(|gap| gap.reason),
            Coverage::Collected(_) if self.mistake == Some(Mutation::MembersAreCovered) => {
                value.elements = Some(u64::MAX);
                return;
            }
            Coverage::NoData
            | Coverage::Label
            | Coverage::Measured(_)
            | Coverage::Collected(_)
            | Coverage::Listed(_) => return,
        };
        let mistake = match reason {
            Some(GapReason::Combined) => Mutation::CombinedIsCovered,
            Some(GapReason::Chosen) => Mutation::ChosenIsCovered,
            Some(GapReason::Aggregate) => Mutation::PartialIsCovered,
            Some(GapReason::Window) => Mutation::WindowIsCovered,
            Some(GapReason::Members) => Mutation::MembersAreCovered,
            Some(GapReason::NotModelled) | None => return,
        };
        if self.mistake == Some(mistake) {
            value.coverage = Coverage::Label;
            value.feeds = Contribution::Plain;
            value.each = true;
            value.single = None;
        }
    }
}
