//! Network addresses and URLs.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    failing(
        class(ScalarClass::Injective),
        &["NET.IPV4_TO_INT64", "NET.IP_TO_STRING"],
    ),
    // An address has several spellings and several numbers.
    failing(
        class(ScalarClass::Encoding),
        &[
            "NET.FORMAT_IP",
            "NET.FORMAT_PACKED_IP",
            "NET.IPV4_FROM_INT64",
            "NET.IP_FROM_STRING",
            "NET.IP_NET_MASK",
            "NET.IP_TRUNC",
            "NET.MAKE_NET",
            "NET.PARSE_IP",
            "NET.PARSE_PACKED_IP",
        ],
    ),
    plain(
        class(ScalarClass::Encoding),
        &[
            "NET.HOST",
            "NET.PUBLIC_SUFFIX",
            "NET.REG_DOMAIN",
            "NET.SAFE_IP_FROM_STRING",
        ],
    ),
    failing(class(ScalarClass::Predicate), &["NET.IP_IN_NET"]),
];
