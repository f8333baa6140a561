//! Operators and special forms, by the sign or words they are written with.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, handling, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    failing(class(ScalarClass::Arithmetic), &["*", "+", "-", "/"]),
    plain(class(ScalarClass::Arithmetic), &["&", "^", "|"]),
    failing(class(ScalarClass::Arithmetic), &["<<", ">>"]),
    failing(class(ScalarClass::Injective), &["UNARY -"]),
    plain(class(ScalarClass::Injective), &["~"]),
    // `'a' || 'bc'` is `'ab' || 'c'`.
    plain(class(ScalarClass::Encoding), &["||"]),
    failing(class(ScalarClass::Encoding), &["ARRAY_AT"]),
    // The same instant on another clock, which may show an hour twice.
    failing(class(ScalarClass::Encoding), &["AT TIME ZONE"]),
    failing(class(ScalarClass::Encoding), &["INTERVAL"]),
    // NULL where the value in it fails: many values may become that.
    plain(class(ScalarClass::Encoding), &["SAFE CALL"]),
    // An argument with its name.
    plain(class(ScalarClass::Encoding), &["=>", "AS"]),
    // A place in an array beyond which there is NULL.
    plain(class(ScalarClass::Arithmetic), &["SAFE_OFFSET"]),
    // Orders other than the ascending one with NULL first, and which extreme
    // HAVING asks for.
    handling(
        class(ScalarClass::Encoding),
        &[
            "DESC",
            "HAVING MAX",
            "HAVING MIN",
            "NULLS FIRST",
            "NULLS LAST",
        ],
    ),
    // Values that were different may be equal afterwards.
    plain(class(ScalarClass::Encoding), &["COLLATE"]),
    failing(class(ScalarClass::Coarsening(None)), &["EXTRACT"]),
    plain(
        class(ScalarClass::Predicate),
        &[
            "!=",
            "<",
            "<=",
            "<>",
            "=",
            ">",
            ">=",
            "BETWEEN",
            "NOT",
            "NOT BETWEEN",
        ],
    ),
    failing(class(ScalarClass::Predicate), &["LIKE", "NOT LIKE"]),
    // NULL beside TRUE or FALSE need not decide.
    handling(
        class(ScalarClass::Predicate),
        &[
            "AND",
            "EXISTS",
            "IN",
            "IS DISTINCT FROM",
            "IS FALSE",
            "IS NOT DISTINCT FROM",
            "IS NOT FALSE",
            "IS NOT NULL",
            "IS NOT TRUE",
            "IS NOT UNKNOWN",
            "IS NULL",
            "IS TRUE",
            "IS UNKNOWN",
            "LIKE ALL",
            "LIKE ANY",
            "LIKE SOME",
            "NOT IN",
            "NOT LIKE ALL",
            "NOT LIKE ANY",
            "NOT LIKE SOME",
            "OR",
        ],
    ),
];
