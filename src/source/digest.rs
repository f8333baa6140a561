//! A short name for a text.

use sha2::{Digest, Sha256};

/// The first 16 digits of a text's SHA-256, in hexadecimal.
pub fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
