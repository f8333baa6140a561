//! What tells a finding from all others, however far its lines move.
//!
//! It is made of the path, the rule, the words at the place and, where all these
//! are the same, of which one it is. Lines, columns and white space are no part
//! of it, and neither is the message, whose wording may be mended.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Run;
use crate::assessment::FileAssessment;
use crate::rules::Finding;

/// Characters of a fingerprint: 128 bits, in hexadecimal.
const LENGTH: usize = 32;

/// All findings that are not silenced, each with its fingerprint.
pub(super) fn each(run: &Run) -> Vec<(&FileAssessment, &Finding, Fingerprint)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    run.findings()
        .map(|(file, finding)| {
            let hash = hash(&[file.source.path(), finding.rule.code, &words(file, finding)]);
            let nth = seen.entry(hash.clone()).or_default();
            *nth += 1;
            let fingerprint = Fingerprint { hash, nth: *nth };
            (file, finding, fingerprint)
        })
        .collect()
}

/// What tells a sentence about a run from others.
pub(super) fn of_note(note: &str) -> String {
    hash(&["note", note])
}

/// What tells a finding from others.
pub(super) struct Fingerprint {
    hash: String,
    nth: usize,
}

impl Fingerprint {
    /// As GitHub writes it: the hash, and which of those that share it, from 1.
    pub(super) fn with_number(&self) -> String {
        format!("{}:{}", self.hash, self.nth)
    }

    /// As one hash, which no two findings of a run share.
    pub(super) fn alone(&self) -> String {
        if self.nth == 1 {
            return self.hash.clone();
        }
        hash(&[&self.hash, &self.nth.to_string()])
    }
}

/// The first line of the place, since all that follows may be a whole query; the
/// message where there is no place.
fn words(file: &FileAssessment, finding: &Finding) -> String {
    let text = file.source.slice(finding.span);
    let text = if text.trim().is_empty() {
        finding.message.as_str()
    } else {
        text
    };
    let first = text.lines().find(|line| !line.trim().is_empty());
    let words: Vec<&str> = first.unwrap_or("").split_whitespace().collect();
    words.join(" ")
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        // No text holds it, so that parts can't run into one another.
        hash.update([0]);
    }
    let mut hex = hexadecimal(&hash.finalize());
    hex.truncate(LENGTH);
    hex
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
