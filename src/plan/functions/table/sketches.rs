//! Probabilistic data structures.

use super::super::{AggregateClass, FunctionClass, ScalarClass};
use super::{Group, failing, plain};

const fn aggregate(class: AggregateClass) -> FunctionClass {
    FunctionClass::Aggregate(class)
}

const fn scalar(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(aggregate(AggregateClass::SketchMake), &["HLL_COUNT.INIT"]),
    // An argument that is not a sketch causes a failure.
    failing(
        aggregate(AggregateClass::SketchMerge),
        &["HLL_COUNT.MERGE_PARTIAL"],
    ),
    failing(aggregate(AggregateClass::SketchRead), &["HLL_COUNT.MERGE"]),
    failing(scalar(ScalarClass::SketchRead), &["HLL_COUNT.EXTRACT"]),
    // These contain some of the values unchanged.
    plain(
        aggregate(AggregateClass::QuantilesMake),
        &[
            "KLL_QUANTILES.INIT_DOUBLE",
            "KLL_QUANTILES.INIT_FLOAT64",
            "KLL_QUANTILES.INIT_INT64",
            "KLL_QUANTILES.INIT_UINT64",
        ],
    ),
    failing(
        aggregate(AggregateClass::QuantilesMake),
        &["KLL_QUANTILES.MERGE_PARTIAL"],
    ),
    failing(
        aggregate(AggregateClass::QuantilesRead),
        &[
            "KLL_QUANTILES.MERGE_DOUBLE",
            "KLL_QUANTILES.MERGE_FLOAT64",
            "KLL_QUANTILES.MERGE_INT64",
            "KLL_QUANTILES.MERGE_POINT_DOUBLE",
            "KLL_QUANTILES.MERGE_POINT_FLOAT64",
            "KLL_QUANTILES.MERGE_POINT_INT64",
            "KLL_QUANTILES.MERGE_POINT_UINT64",
            "KLL_QUANTILES.MERGE_RELATIVE_RANK_DOUBLE",
            "KLL_QUANTILES.MERGE_RELATIVE_RANK_FLOAT64",
            "KLL_QUANTILES.MERGE_RELATIVE_RANK_INT64",
            "KLL_QUANTILES.MERGE_RELATIVE_RANK_UINT64",
            "KLL_QUANTILES.MERGE_UINT64",
        ],
    ),
    failing(
        scalar(ScalarClass::QuantilesRead),
        &[
            "KLL_QUANTILES.EXTRACT_DOUBLE",
            "KLL_QUANTILES.EXTRACT_FLOAT64",
            "KLL_QUANTILES.EXTRACT_INT64",
            "KLL_QUANTILES.EXTRACT_POINT_DOUBLE",
            "KLL_QUANTILES.EXTRACT_POINT_FLOAT64",
            "KLL_QUANTILES.EXTRACT_POINT_INT64",
            "KLL_QUANTILES.EXTRACT_POINT_UINT64",
            "KLL_QUANTILES.EXTRACT_RELATIVE_RANK_DOUBLE",
            "KLL_QUANTILES.EXTRACT_RELATIVE_RANK_FLOAT64",
            "KLL_QUANTILES.EXTRACT_RELATIVE_RANK_INT64",
            "KLL_QUANTILES.EXTRACT_RELATIVE_RANK_UINT64",
            "KLL_QUANTILES.EXTRACT_UINT64",
        ],
    ),
];
