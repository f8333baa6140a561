//! Dates, times and intervals.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, plain};
use crate::registry::Resolution;

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(
        class(ScalarClass::Session),
        &[
            "CURRENT_DATE",
            "CURRENT_DATETIME",
            "CURRENT_TIME",
            "CURRENT_TIMESTAMP",
        ],
    ),
    // Functions that compute a DATE from something finer, or from text.
    failing(
        class(ScalarClass::Coarsening(Some(Resolution::Day))),
        &["DATE", "DATE_BUCKET", "LAST_DAY", "PARSE_DATE"],
    ),
    // The part is an argument.
    failing(
        class(ScalarClass::Coarsening(None)),
        &[
            "DATETIME_BUCKET",
            "DATETIME_TRUNC",
            "DATE_TRUNC",
            "TIMESTAMP_BUCKET",
            "TIMESTAMP_TRUNC",
            "TIME_TRUNC",
        ],
    ),
    // The time since a constant is the time itself, in units of the part.
    failing(
        class(ScalarClass::Coarsening(None)),
        &[
            "DATETIME_DIFF",
            "DATE_DIFF",
            "MONTHS_BETWEEN",
            "TIMESTAMP_DIFF",
            "TIME_DIFF",
        ],
    ),
    plain(
        class(ScalarClass::Coarsening(Some(Resolution::Second))),
        &["UNIX_SECONDS"],
    ),
    plain(
        class(ScalarClass::Coarsening(Some(Resolution::Subsecond))),
        &["UNIX_MICROS", "UNIX_MILLIS"],
    ),
    // Numbers for dates and times, and the reverse: one-to-one.
    plain(class(ScalarClass::Injective), &["UNIX_DATE"]),
    failing(
        class(ScalarClass::Injective),
        &[
            "DATE_FROM_UNIX_DATE",
            "TIMESTAMP_FROM_UNIX_MICROS",
            "TIMESTAMP_FROM_UNIX_MILLIS",
            "TIMESTAMP_FROM_UNIX_SECONDS",
            "TIMESTAMP_MICROS",
            "TIMESTAMP_MILLIS",
            "TIMESTAMP_SECONDS",
        ],
    ),
    // Results that are composed of parts, shifted by months, or read in another time
    // zone are not one-to-one. None of them is coarser than its argument.
    failing(
        class(ScalarClass::Encoding),
        &[
            "ADD_MONTHS",
            "DATETIME",
            "DATETIME_ADD",
            "DATETIME_SUB",
            "DATE_ADD",
            "DATE_SUB",
            "NEXT_DAY",
            "PARSE_DATETIME",
            "PARSE_TIME",
            "PARSE_TIMESTAMP",
            "TIME",
            "TIMESTAMP",
            "TIMESTAMP_ADD",
            "TIMESTAMP_SUB",
            "TIME_ADD",
            "TIME_SUB",
        ],
    ),
    // The format decides what remains.
    failing(
        class(ScalarClass::Encoding),
        &[
            "FORMAT_DATE",
            "FORMAT_DATETIME",
            "FORMAT_TIME",
            "FORMAT_TIMESTAMP",
        ],
    ),
    failing(
        class(ScalarClass::Encoding),
        &[
            "JUSTIFY_DAYS",
            "JUSTIFY_HOURS",
            "JUSTIFY_INTERVAL",
            "MAKE_INTERVAL",
            "TO_SECONDS_INTERVAL",
        ],
    ),
];
