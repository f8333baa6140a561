//! Functions that require OVER.

use super::super::{AnalyticClass, FunctionClass};
use super::{Group, handling, handling_failing, plain};

const fn class(class: AnalyticClass) -> FunctionClass {
    FunctionClass::Analytic(class)
}

pub(super) const GROUPS: &[Group] = &[
    handling(class(AnalyticClass::RowNumber), &["ROW_NUMBER"]),
    handling(
        class(AnalyticClass::Rank),
        &[
            "CUME_DIST",
            "DENSE_RANK",
            "IS_FIRST",
            "IS_LAST",
            "PERCENT_RANK",
            "RANK",
        ],
    ),
    handling_failing(class(AnalyticClass::Rank), &["NTILE"]),
    // The number of a cluster of locations.
    plain(class(AnalyticClass::Rank), &["ST_CLUSTERDBSCAN"]),
    // Numbers for the values, in their order: a dense rank, or the number of a
    // quantile.
    handling(
        class(AnalyticClass::Fitted),
        &[
            "ML.LABEL_ENCODER",
            "ML.MULTI_HOT_ENCODER",
            "ML.ONE_HOT_ENCODER",
            "ML.QUANTILE_BUCKETIZE",
        ],
    ),
    handling_failing(
        class(AnalyticClass::Navigation),
        &["LAG", "LEAD", "NTH_VALUE"],
    ),
    handling(
        class(AnalyticClass::Navigation),
        &["FIRST_VALUE", "LAST_VALUE"],
    ),
    // The row's own value, only scaled or filled in: it is disclosed as by the
    // functions above.
    handling(
        class(AnalyticClass::Fitted),
        &[
            "ML.BAG_OF_WORDS",
            "ML.IMPUTER",
            "ML.MAX_ABS_SCALER",
            "ML.MIN_MAX_SCALER",
            "ML.ROBUST_SCALER",
            "ML.STANDARD_SCALER",
            "ML.TF_IDF",
            "TF_IDF",
        ],
    ),
    plain(
        class(AnalyticClass::Positional),
        &["PERCENTILE_CONT", "PERCENTILE_DISC"],
    ),
];
