//! Computes a short identifier of a text.

use sha2::{Digest, Sha256};

/// Returns the first 16 hexadecimal digits of a text's SHA-256.
pub fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
