//! Table functions without models.

use super::super::{FunctionClass, TableClass};
use super::{Group, handling_failing};

pub(super) const GROUPS: &[Group] = &[handling_failing(
    FunctionClass::Table(TableClass::Rows),
    &[
        "APPENDS",
        "BI_CAPACITIES",
        "BI_CAPACITY_CHANGES",
        "CHANGES",
        "EXTERNAL_OBJECT_TRANSFORM",
        "EXTERNAL_QUERY",
        "GAP_FILL",
        "GRAPH_EXPAND",
        "GRAPH_TABLE",
        "RANGE_SESSIONIZE",
        "VECTOR_INDEX.STATISTICS",
        "VECTOR_SEARCH",
    ],
)];
