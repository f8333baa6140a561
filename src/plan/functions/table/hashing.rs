//! Hashes, encryption and keys.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    plain(
        class(ScalarClass::Hash),
        &[
            "FARM_FINGERPRINT",
            "HIGHWAY_FINGERPRINT128",
            "MD5",
            "ML.HASH_BUCKETIZE",
            "SHA1",
            "SHA256",
            "SHA512",
        ],
    ),
    failing(
        class(ScalarClass::KeyedHash),
        &[
            "AEAD.ENCRYPT",
            "AEAD.ENVELOPE_ENCRYPT",
            "DETERMINISTIC_ENCRYPT",
            "DLP_DETERMINISTIC_ENCRYPT",
        ],
    ),
    // Decryption recovers the identifier.
    failing(
        class(ScalarClass::Encoding),
        &[
            "AEAD.DECRYPT_BYTES",
            "AEAD.DECRYPT_STRING",
            "AEAD.ENVELOPE_DECRYPT_BYTES",
            "AEAD.ENVELOPE_DECRYPT_STRING",
            "DETERMINISTIC_DECRYPT_BYTES",
            "DETERMINISTIC_DECRYPT_STRING",
            "DLP_DETERMINISTIC_DECRYPT",
        ],
    ),
    failing(
        class(ScalarClass::Encoding),
        &[
            "DLP_KEY_CHAIN",
            "KEYS.ADD_KEY_FROM_RAW_BYTES",
            "KEYS.KEYSET_CHAIN",
            "KEYS.KEYSET_FROM_JSON",
            "KEYS.KEYSET_TO_JSON",
            "KEYS.REWRAP_KEYSET",
            "KEYS.ROTATE_KEYSET",
            "KEYS.ROTATE_WRAPPED_KEYSET",
        ],
    ),
    failing(class(ScalarClass::Measure), &["KEYS.KEYSET_LENGTH"]),
    failing(
        class(ScalarClass::Random),
        &["KEYS.NEW_KEYSET", "KEYS.NEW_WRAPPED_KEYSET"],
    ),
];
