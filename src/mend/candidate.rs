//! An edit that may prove the minimum bucket, and what it costs.

use super::edit::{Edit, Fix, ordered, size};

/// An edit that may prove the minimum bucket. Whether it does is only known when
/// the edited text is assessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The edit.
    pub fix: Fix,
    /// Whether it names a column that nothing says is there.
    pub guessed: bool,
    /// What goes, in words.
    pub costs: Vec<String>,
}

impl Candidate {
    /// What makes one better than another: the smaller, of those that lose
    /// nothing but small groups first.
    pub fn rank(&self) -> (bool, bool, usize) {
        (self.guessed, !self.fix.safe, size(&self.fix.edits))
    }
}

/// Several edits as one.
pub(super) fn joined(titles: &[String], edits: Vec<Edit>, safe: bool) -> Fix {
    let mut told: Vec<&str> = Vec::new();
    for title in titles {
        if !told.contains(&title.as_str()) {
            told.push(title);
        }
    }
    Fix {
        title: told.join(", and "),
        safe,
        edits: ordered(edits),
    }
}
