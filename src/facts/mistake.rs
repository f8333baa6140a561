//! Wrong rules of the proof, one at a time: a soundness test that does not fail
//! with them could not fail at all (`design/proof.md`, "Tests", 3).
//!
//! Only the feature `faults` can switch one on. It is a feature of the tests, and
//! no program that is released has it: there, [`Fault`] holds nothing, and each
//! comparison with it is a constant.

use super::analysis::Analyzer;
use super::column::{ColumnFacts, Feeds};
use super::coverage::{Coverage, GapReason};

/// The environment variable that names the wrong rule of a whole run.
#[cfg(feature = "faults")]
const VARIABLE: &str = "HEADCOUNT_FAULT";

/// The wrong rule in force, if any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault(#[cfg(feature = "faults")] Option<Mistake>);

#[cfg(not(feature = "faults"))]
impl Fault {
    /// No rule is wrong.
    pub(super) const fn from_environment() -> Self {
        Self()
    }
}

#[cfg(feature = "faults")]
impl Fault {
    /// The rule that the environment names.
    ///
    /// # Panics
    /// If no rule has that name: a test would look for a fault that is not there.
    pub(super) fn from_environment() -> Self {
        static NAMED: std::sync::LazyLock<Option<Mistake>> = std::sync::LazyLock::new(|| {
            let name = std::env::var(VARIABLE).ok()?;
            let named = Mistake::IN_PLANS
                .into_iter()
                .chain(Mistake::IN_TEXTS)
                .find(|mistake| format!("{mistake:?}") == name);
            Some(named.unwrap_or_else(|| panic!("{VARIABLE}: unknown rule `{name}`")))
        });
        Self(*NAMED)
    }

    /// This rule, or none.
    pub(super) const fn new(mistake: Option<Mistake>) -> Self {
        Self(mistake)
    }
}

impl PartialEq<Option<Mistake>> for Fault {
    #[cfg(feature = "faults")]
    fn eq(&self, other: &Option<Mistake>) -> bool {
        self.0 == *other
    }

    #[cfg(not(feature = "faults"))]
    fn eq(&self, other: &Option<Mistake>) -> bool {
        other.is_none()
    }
}

/// A rule that is switched to a wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// A join's row stands for the larger side.
    JoinTakesLarger,
    /// Rows without an identifier are counted as people.
    NoNullSlack,
    /// UNNEST keeps the keys of its input.
    UnnestKeepsKeys,
    /// OR proves what its larger side does.
    OrTakesLarger,
    /// A union's rows stand for the largest arm.
    UnionTakesLarger,
    /// `<` proves what `>=` does.
    ComparisonIgnored,
    /// A sum of counts of people is a count of people.
    SumsAreCounts,
    /// A join that multiplies rows keeps their keys.
    FanOutKeepsKeys,
    /// A filter never splits a window's partition.
    FiltersKeepPartitions,
    /// A window's count bounds finer groups too.
    PartitionsBoundAnything,
    /// A person's identifier changed by something else still names the person.
    AnyFunctionOfTheUnit,
    /// A branch that yields another constant folds as well.
    SecondConstantFolds,
    /// The other branch of a CASE is only taken where its condition is FALSE.
    ElseIgnoresNull,
    /// UNNEST of what was collected keeps the row's bucket.
    ElementsKeepBucket,
    /// A joined side of which only conditions read is a filter, even where it
    /// multiplies rows.
    AnyConditionFilters,
    /// Two identifiers of one unit are the same value.
    IdentifiersOfAUnitAreOne,
    /// An equation in ON of an outer join merges people within one side.
    OuterOnMergesASide,
    /// Counts with noise are exact.
    NoiseIsExact,
    /// What is computed of several measured values is covered.
    CombinedIsCovered,
    /// A sum of what conditions choose is covered.
    ChosenIsCovered,
    /// An aggregate of some of its rows is covered.
    PartialIsCovered,
    /// Windows over groups are covered.
    WindowIsCovered,
    /// Members of a collected array stand for as many people as its row.
    MembersAreCovered,
    /// Whatever stands beside a folded label hides what the fold does.
    FoldBesideAnything,
    /// Conditions over other people, and on cells, decide about nothing.
    ConditionsAreNoData,
    /// A subquery tells of the row around it only what its column is made of.
    AroundIsForgotten,
    /// A window over people's rows tells of the row's own person.
    WindowsAreOwn,
    /// Who is counted of one side of a join has as many partners as are counted.
    PairsAreCounted,
    /// LIMIT keeps rows whatever the others are.
    LimitAsksNobody,
    /// An identifier that is chosen is each row's own.
    ChosenIsOwn,
    /// What one arm of a union takes away adds to what the other has.
    SignsAdd,
}

#[cfg(feature = "faults")]
impl Mistake {
    /// Those that random plans refute.
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

    /// Those that generated texts refute on GoogleSQL's engine.
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
    /// Covers what a wrong rule would: does nothing without one.
    pub(super) fn cover_wrongly(&self, value: &mut ColumnFacts) {
        let reason = match &value.coverage {
            Coverage::Uncovered(gap) => gap.map(|gap| gap.reason),
            Coverage::Collected(_) if self.mistake == Some(Mistake::MembersAreCovered) => {
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
            Some(GapReason::Combined) => Mistake::CombinedIsCovered,
            Some(GapReason::Chosen) => Mistake::ChosenIsCovered,
            Some(GapReason::Aggregate) => Mistake::PartialIsCovered,
            Some(GapReason::Window) => Mistake::WindowIsCovered,
            Some(GapReason::Members) => Mistake::MembersAreCovered,
            Some(GapReason::NotModelled) | None => return,
        };
        if self.mistake == Some(mistake) {
            value.coverage = Coverage::Label;
            value.feeds = Feeds::Plain;
            value.each = true;
            value.single = None;
        }
    }
}
