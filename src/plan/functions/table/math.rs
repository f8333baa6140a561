//! Numeric functions.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(
        class(ScalarClass::Arithmetic),
        &[
            "ACOSH",
            "ASINH",
            "ATAN",
            "ATAN2",
            "CBRT",
            "CEIL",
            "CEILING",
            "COS",
            "FLOOR",
            "IEEE_DIVIDE",
            "SAFE_ADD",
            "SAFE_DIVIDE",
            "SAFE_MULTIPLY",
            "SAFE_NEGATE",
            "SAFE_SUBTRACT",
            "SEC",
            "SECH",
            "SIN",
            "TANH",
            "TRUNC",
        ],
    ),
    failing(
        class(ScalarClass::Arithmetic),
        &[
            "ABS", "ACOS", "ASIN", "ATANH", "COSH", "COT", "COTH", "CSC", "CSCH", "EXP", "LN",
            "LOG", "LOG10", "POW", "POWER", "ROUND", "SINH", "SQRT", "TAN",
        ],
    ),
    // The resolution depends on the divisor or the bounds, which are arguments.
    failing(
        class(ScalarClass::Coarsening(None)),
        &["DIV", "ML.BUCKETIZE", "MOD", "RANGE_BUCKET"],
    ),
    plain(class(ScalarClass::Measure), &["BIT_COUNT", "SIGN"]),
    plain(class(ScalarClass::Predicate), &["IS_INF", "IS_NAN"]),
    plain(
        class(ScalarClass::Session),
        &["PI", "PI_BIGNUMERIC", "PI_NUMERIC"],
    ),
];
