//! Arrays, ranges and vectors.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, handling, handling_failing, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(class(ScalarClass::Injective), &["ARRAY_REVERSE"]),
    // The array contains all elements, in their order.
    handling(class(ScalarClass::Injective), &["ARRAY"]),
    plain(
        class(ScalarClass::Encoding),
        &[
            "APPLY",
            "ARRAY_CONCAT",
            "ARRAY_FILTER",
            "ARRAY_FIND",
            "ARRAY_FIND_ALL",
            "ARRAY_MAX",
            "ARRAY_MIN",
            "ARRAY_SLICE",
            "ARRAY_TO_STRING",
            "ARRAY_TRANSFORM",
            "FLATTEN",
        ],
    ),
    failing(
        class(ScalarClass::Encoding),
        &[
            "ARRAY_FIRST",
            "ARRAY_FIRST_N",
            "ARRAY_LAST",
            "ARRAY_LAST_N",
            "ARRAY_REMOVE_FIRST_N",
            "ARRAY_REMOVE_LAST_N",
            "ARRAY_ZIP",
        ],
    ),
    plain(
        class(ScalarClass::Measure),
        &["ARRAY_LENGTH", "ARRAY_OFFSET", "ARRAY_OFFSETS"],
    ),
    plain(
        class(ScalarClass::Predicate),
        &[
            "ARRAY_INCLUDES",
            "ARRAY_INCLUDES_ALL",
            "ARRAY_INCLUDES_ANY",
            "ARRAY_IS_DISTINCT",
        ],
    ),
    failing(class(ScalarClass::Arithmetic), &["ARRAY_AVG", "ARRAY_SUM"]),
    failing(
        class(ScalarClass::Arithmetic),
        &[
            "APPROX_COSINE_DISTANCE",
            "APPROX_DOT_PRODUCT",
            "APPROX_EUCLIDEAN_DISTANCE",
            "COSINE_DISTANCE",
            "DOT_PRODUCT",
            "EUCLIDEAN_DISTANCE",
            "L1_NORM",
            "L2_NORM",
            "MANHATTAN_DISTANCE",
        ],
    ),
    failing(
        class(ScalarClass::Generator),
        &[
            "GENERATE_ARRAY",
            "GENERATE_DATE_ARRAY",
            "GENERATE_RANGE_ARRAY",
            "GENERATE_TIMESTAMP_ARRAY",
        ],
    ),
    // A NULL bound means unbounded.
    handling_failing(class(ScalarClass::Encoding), &["RANGE"]),
    plain(class(ScalarClass::Encoding), &["RANGE_END", "RANGE_START"]),
    failing(class(ScalarClass::Encoding), &["RANGE_INTERSECT"]),
    plain(
        class(ScalarClass::Predicate),
        &[
            "RANGE_CONTAINS",
            "RANGE_IS_END_UNBOUNDED",
            "RANGE_IS_START_UNBOUNDED",
            "RANGE_OVERLAPS",
        ],
    ),
];
