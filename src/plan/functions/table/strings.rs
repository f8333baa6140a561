//! Strings and bytes.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, handling, handling_failing, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(
        class(ScalarClass::Injective),
        &["REVERSE", "TO_CODE_POINTS"],
    ),
    failing(class(ScalarClass::Injective), &["CHR"]),
    plain(
        class(ScalarClass::Encoding),
        &[
            "BAG_OF_WORDS",
            "CONCAT",
            "INITCAP",
            "LOWER",
            "LTRIM",
            "NORMALIZE",
            "NORMALIZE_AND_CASEFOLD",
            "REPLACE",
            "RTRIM",
            "SOUNDEX",
            "SPLIT",
            "TRIM",
            "UNICODE",
            "UPPER",
        ],
    ),
    failing(
        class(ScalarClass::Encoding),
        &[
            "ASCII",
            "CODE_POINTS_TO_BYTES",
            "CODE_POINTS_TO_STRING",
            "LEFT",
            "LPAD",
            "REGEXP_EXTRACT",
            "REGEXP_EXTRACT_ALL",
            "REGEXP_EXTRACT_GROUPS",
            "REGEXP_REPLACE",
            "REGEXP_SUBSTR",
            "REPEAT",
            "RIGHT",
            "RPAD",
            "SPLIT_SUBSTR",
            "SUBSTR",
            "SUBSTRING",
            "TEXT_ANALYZE",
            "TRANSLATE",
        ],
    ),
    // A position in a constant alphabet identifies the character at that position.
    failing(
        class(ScalarClass::Encoding),
        &["INSTR", "REGEXP_INSTR", "STRPOS"],
    ),
    // `%t` renders NULL as a word.
    handling_failing(class(ScalarClass::Encoding), &["FORMAT"]),
    plain(
        class(ScalarClass::Measure),
        &[
            "BYTE_LENGTH",
            "CHARACTER_LENGTH",
            "CHAR_LENGTH",
            "LENGTH",
            "OCTET_LENGTH",
        ],
    ),
    failing(class(ScalarClass::Measure), &["EDIT_DISTANCE"]),
    plain(class(ScalarClass::Predicate), &["ENDS_WITH", "STARTS_WITH"]),
    failing(
        class(ScalarClass::Predicate),
        &["REGEXP_CONTAINS", "REGEXP_MATCH"],
    ),
    // Both search structs, in which a NULL field does not hide the others.
    handling(class(ScalarClass::Predicate), &["CONTAINS_SUBSTR"]),
    handling_failing(class(ScalarClass::Predicate), &["SEARCH"]),
];
