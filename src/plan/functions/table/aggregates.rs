//! Aggregates; those of sketches are in `sketches.rs`.

use super::super::{AggregateClass, FunctionClass};
use super::{Group, failing, handling, handling_failing, plain};

const fn class(class: AggregateClass) -> FunctionClass {
    FunctionClass::Aggregate(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(class(AggregateClass::Count), &["COUNT"]),
    plain(class(AggregateClass::CountIf), &["COUNTIF"]),
    plain(
        class(AggregateClass::ApproxCount),
        &["APPROX_COUNT_DISTINCT"],
    ),
    failing(class(AggregateClass::Sum), &["SUM", "ELEMENTWISE_SUM"]),
    failing(class(AggregateClass::Mean), &["AVG", "ELEMENTWISE_AVG"]),
    // A centroid is a mean of locations.
    plain(class(AggregateClass::Mean), &["ST_CENTROID_AGG"]),
    // A bounding box shows the outermost locations unchanged.
    plain(class(AggregateClass::Extreme), &["MIN", "MAX", "ST_EXTENT"]),
    // The value of the row with the extreme key may itself be NULL.
    handling(class(AggregateClass::Extreme), &["MIN_BY", "MAX_BY"]),
    plain(class(AggregateClass::Positional), &["APPROX_QUANTILES"]),
    // FIRST and LAST belong to MATCH_RECOGNIZE: the value of one row of the match.
    handling(
        class(AggregateClass::AnyOfGroup),
        &["ANY_VALUE", "FIRST", "LAST"],
    ),
    plain(
        class(AggregateClass::Collecting),
        &["STRING_AGG", "ARRAY_CONCAT_AGG", "ST_UNION_AGG"],
    ),
    // NULL elements are kept, and cause a failure if the array is output.
    handling_failing(class(AggregateClass::Collecting), &["ARRAY_AGG"]),
    // AGG evaluates a measure and AI.AGG asks a model about the texts of all rows;
    // their results are not visible here, so they may contain every value.
    // ST_NEAREST_NEIGHBORS returns complete elements.
    handling_failing(
        class(AggregateClass::Collecting),
        &["AGG", "AI.AGG", "ST_NEAREST_NEIGHBORS"],
    ),
    // NULL is an element like any other.
    handling(
        class(AggregateClass::TopK),
        &["APPROX_TOP_COUNT", "APPROX_TOP_SUM"],
    ),
    failing(
        class(AggregateClass::Statistical),
        &[
            "CORR",
            "COVAR_POP",
            "COVAR_SAMP",
            "STDDEV",
            "STDDEV_POP",
            "STDDEV_SAMP",
            "VARIANCE",
            "VAR_POP",
            "VAR_SAMP",
        ],
    ),
    plain(
        class(AggregateClass::Bitwise),
        &["BIT_AND", "BIT_OR", "BIT_XOR", "LOGICAL_AND", "LOGICAL_OR"],
    ),
    plain(
        class(AggregateClass::NoiseAdding),
        &[
            "ANON_AVG",
            "ANON_COUNT",
            "ANON_PERCENTILE_CONT",
            "ANON_QUANTILES",
            "ANON_STDDEV_POP",
            "ANON_SUM",
            "ANON_VAR_POP",
        ],
    ),
    handling(class(AggregateClass::Grouping), &["GROUPING"]),
];
