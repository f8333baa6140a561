//! Wrong rules of the proof, one at a time: a soundness test that does not fail
//! with them could not fail at all (`design/proof.md`, "Tests", 4).

/// A rule that is switched to a wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 15] = [
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
}
