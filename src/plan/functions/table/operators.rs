//! Operators and special forms, by their signs or keywords.

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
    // `'a' || 'bc'` equals `'ab' || 'c'`.
    plain(class(ScalarClass::Encoding), &["||"]),
    failing(class(ScalarClass::Encoding), &["ARRAY_AT"]),
    // The same instant in another time zone, where an hour may occur twice.
    failing(class(ScalarClass::Encoding), &["AT TIME ZONE"]),
    failing(class(ScalarClass::Encoding), &["INTERVAL"]),
    // NULL if its operand fails: many values may become NULL.
    plain(class(ScalarClass::Encoding), &["SAFE CALL"]),
    // A named argument.
    plain(class(ScalarClass::Encoding), &["=>", "AS"]),
    // A position in an array; NULL if it is out of range.
    plain(class(ScalarClass::Arithmetic), &["SAFE_OFFSET"]),
    // Orders other than ascending with NULL first, and the extreme that HAVING
    // selects.
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
    // Values that were different may become equal.
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
    // NULL together with TRUE or FALSE may not decide the result.
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
