//! Graph queries and row patterns.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, handling, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(
        class(ScalarClass::Encoding),
        &[
            "DESTINATION_NODE_ID",
            "EDGES",
            "ELEMENT_ID",
            "NODES",
            "PATH_FIRST",
            "PATH_LAST",
            "SOURCE_NODE_ID",
        ],
    ),
    failing(class(ScalarClass::Encoding), &["PATH"]),
    // The value of a neighbouring row.
    handling(class(ScalarClass::Encoding), &["NEXT", "PREV"]),
    plain(
        class(ScalarClass::Measure),
        &[
            "ELEMENT_DEFINITION_NAME",
            "LABELS",
            "PATH_LENGTH",
            "PROPERTY_NAMES",
        ],
    ),
    // The number of the row's match, and its variable.
    plain(
        class(ScalarClass::Measure),
        &["CLASSIFIER", "MATCH_NUMBER", "MATCH_ROW_NUMBER"],
    ),
    failing(
        class(ScalarClass::Predicate),
        &[
            "ALL_DIFFERENT",
            "IS_ACYCLIC",
            "IS_SIMPLE",
            "IS_TRAIL",
            "PROPERTY_EXISTS",
            "SAME",
        ],
    ),
];
