//! Casts, encodings of bytes, choices between values, and constants of a session.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, handling, handling_failing, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(
        class(ScalarClass::Injective),
        &["TO_BASE32", "TO_BASE64", "TO_HEX", "ZSTD_COMPRESS"],
    ),
    // A struct contains each of its fields, including NULL.
    handling(class(ScalarClass::Injective), &["STRUCT"]),
    // Whether a cast loses anything depends on its types.
    failing(class(ScalarClass::Encoding), &["CAST"]),
    plain(
        class(ScalarClass::Encoding),
        &["SAFE_CAST", "SAFE_CONVERT_BYTES_TO_STRING"],
    ),
    // Several texts may decode to the same bytes: `ff` and `FF`.
    failing(
        class(ScalarClass::Encoding),
        &[
            "BIT_CAST_TO_INT32",
            "BIT_CAST_TO_INT64",
            "BIT_CAST_TO_UINT32",
            "BIT_CAST_TO_UINT64",
            "FROM_BASE32",
            "FROM_BASE64",
            "FROM_HEX",
            "PARSE_BIGNUMERIC",
            "PARSE_NUMERIC",
            "ZSTD_DECOMPRESS_TO_BYTES",
            "ZSTD_DECOMPRESS_TO_STRING",
        ],
    ),
    handling(
        class(ScalarClass::Choice),
        &[
            "CASE",
            "COALESCE",
            "IF",
            "IFERROR",
            "IFNULL",
            "NULLIF",
            "NULLIFERROR",
            "ZEROIFNULL",
        ],
    ),
    plain(
        class(ScalarClass::Choice),
        &["GREATEST", "LEAST", "NULLIFZERO"],
    ),
    // It shows whether its argument fails, and nothing else.
    handling(class(ScalarClass::Predicate), &["ISERROR"]),
    // It returns no value, but its message may contain one.
    handling_failing(class(ScalarClass::Encoding), &["ERROR"]),
    handling(class(ScalarClass::Measure), &["TYPEOF"]),
    plain(class(ScalarClass::Session), &["SESSION_USER"]),
    plain(
        class(ScalarClass::Random),
        &["GENERATE_UUID", "NEW_UUID", "RAND"],
    ),
    // Protocol buffers.
    failing(class(ScalarClass::Encoding), &["FROM_PROTO", "TO_PROTO"]),
    handling_failing(
        class(ScalarClass::Encoding),
        &[
            "ENUM_VALUE_DESCRIPTOR_PROTO",
            "FILTER_FIELDS",
            "PROTO_DEFAULT_IF_NULL",
            "PROTO_MODIFY_MAP",
            "REPLACE_FIELDS",
        ],
    ),
    failing(class(ScalarClass::Predicate), &["PROTO_MAP_CONTAINS_KEY"]),
];
