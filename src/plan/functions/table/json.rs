//! JSON functions.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, handling_failing, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    failing(
        class(ScalarClass::Encoding),
        &[
            "JSON_EXTRACT",
            "JSON_EXTRACT_ARRAY",
            "JSON_EXTRACT_SCALAR",
            "JSON_EXTRACT_STRING_ARRAY",
            "JSON_FLATTEN",
            // The keys of an object can be identifiers.
            "JSON_KEYS",
            "JSON_QUERY",
            "JSON_QUERY_ARRAY",
            "JSON_VALUE",
            "JSON_VALUE_ARRAY",
            "PARSE_JSON",
        ],
    ),
    // SQL's NULL becomes that of JSON, or is a path that is skipped.
    handling_failing(
        class(ScalarClass::Encoding),
        &[
            "JSON_ARRAY",
            "JSON_ARRAY_APPEND",
            "JSON_ARRAY_INSERT",
            "JSON_OBJECT",
            "JSON_REMOVE",
            "JSON_SET",
            "JSON_STRIP_NULLS",
            "SAFE_TO_JSON",
            "TO_JSON",
            "TO_JSON_STRING",
        ],
    ),
    plain(class(ScalarClass::Measure), &["JSON_TYPE"]),
    plain(class(ScalarClass::Predicate), &["JSON_CONTAINS"]),
    // Converts a JSON value to an SQL value; another type of value fails.
    failing(
        class(ScalarClass::Encoding),
        &[
            "BOOL",
            "BOOL_ARRAY",
            "DOUBLE",
            "DOUBLE_ARRAY",
            "FLOAT",
            "FLOAT32",
            "FLOAT32_ARRAY",
            "FLOAT64",
            "FLOAT64_ARRAY",
            "FLOAT_ARRAY",
            "INT32",
            "INT32_ARRAY",
            "INT64",
            "INT64_ARRAY",
            "STRING",
            "STRING_ARRAY",
            "UINT32",
            "UINT32_ARRAY",
            "UINT64",
            "UINT64_ARRAY",
        ],
    ),
    // The same conversions; another type of value gives NULL.
    plain(
        class(ScalarClass::Encoding),
        &[
            "LAX_BOOL",
            "LAX_BOOL_ARRAY",
            "LAX_DOUBLE",
            "LAX_DOUBLE_ARRAY",
            "LAX_FLOAT",
            "LAX_FLOAT32",
            "LAX_FLOAT32_ARRAY",
            "LAX_FLOAT64",
            "LAX_FLOAT64_ARRAY",
            "LAX_FLOAT_ARRAY",
            "LAX_INT32",
            "LAX_INT32_ARRAY",
            "LAX_INT64",
            "LAX_INT64_ARRAY",
            "LAX_STRING",
            "LAX_STRING_ARRAY",
            "LAX_UINT32",
            "LAX_UINT32_ARRAY",
            "LAX_UINT64",
            "LAX_UINT64_ARRAY",
        ],
    ),
];
