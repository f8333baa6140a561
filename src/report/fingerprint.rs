//! Identifies findings independently of their line numbers.
//!
//! A fingerprint is computed from the path, the rule, and the words at the place,
//! with a number for findings in which all these are equal. Lines, columns and white
//! space are not part of it. Neither is the message, whose wording may improve,
//! unless the finding has no place.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Run;
use crate::assessment::FileAssessment;
use crate::rules::Finding;

/// Length of a fingerprint in characters: 128 bits in hexadecimal.
const LENGTH: usize = 32;

/// Returns all findings that are not suppressed, with their fingerprints.
pub(super) fn fingerprint_findings(run: &Run) -> Vec<(&FileAssessment, &Finding, Fingerprint)> {
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

/// Returns the fingerprint of a note about a run.
pub(super) fn fingerprint_note(note: &str) -> String {
    hash(&["note", note])
}

/// The identity of a finding within a run.
pub(super) struct Fingerprint {
    hash: String,
    nth: usize,
}

impl Fingerprint {
    /// Formats it for GitHub: the hash, and the number among equal hashes, from 1.
    pub(super) fn with_number(&self) -> String {
        format!("{}:{}", self.hash, self.nth)
    }

    /// Formats it as a single hash, which no two findings of a run share.
    pub(super) fn alone(&self) -> String {
        if self.nth == 1 {
            return self.hash.clone();
        }
        hash(&[&self.hash, &self.nth.to_string()])
    }
}

/// Returns the words of the first line at a place, because the rest may be a whole
/// query. Without a place, returns those of the message.
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
        // No text contains NUL, so adjacent parts cannot be confused.
        hash.update([0]);
    }
    let mut hex = hexadecimal(&hash.finalize());
    hex.truncate(LENGTH);
    hex
}

/// Formats bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
