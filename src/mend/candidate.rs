//! Edits that may prove the minimum bucket, with their costs.

use super::edit::{Edit, Fix, ordered, size};

/// An edit that may prove the minimum bucket.
///
/// Whether it does is only known after the edited text is assessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixCandidate {
    /// The edit.
    pub fix: Fix,
    /// Whether it names a column that is not known to exist.
    pub guessed: bool,
    /// The rows and columns that are lost, as sentences.
    pub costs: Vec<String>,
    /// Its rank among the alternatives: a correction of a condition is before an
    /// addition.
    pub(super) way: usize,
}

impl FixCandidate {
    /// Returns the sort key of a candidate; a smaller one is better.
    ///
    /// Candidates that assume no column are first, then those that lose nothing but
    /// small groups, then the smaller edits.
    pub fn rank(&self) -> (bool, bool, usize, usize) {
        let size = size(&self.fix.edits);
        (self.guessed, !self.fix.safe, self.way, size)
    }

    /// Combines several candidates into one; `None` for fewer than two.
    pub fn together(all: Vec<Self>) -> Option<Self> {
        if all.len() < 2 {
            return None;
        }
        let titles: Vec<String> = all.iter().map(|one| one.fix.title.clone()).collect();
        let mut costs: Vec<String> = Vec::new();
        for cost in all.iter().flat_map(|one| &one.costs) {
            if !costs.contains(cost) {
                costs.push(cost.clone());
            }
        }
        let safe = all.iter().all(|one| one.fix.safe);
        let guessed = all.iter().any(|one| one.guessed);
        let way = all.iter().map(|one| one.way).max().unwrap_or(0);
        let edits = all.into_iter().flat_map(|one| one.fix.edits).collect();
        Some(Self {
            fix: joined(&titles, edits, safe),
            guessed,
            costs,
            way,
        })
    }
}

/// Combines several edits into one fix.
pub(super) fn joined(titles: &[String], edits: Vec<Edit>, safe: bool) -> Fix {
    let mut unique: Vec<&str> = Vec::new();
    for title in titles {
        if !unique.contains(&title.as_str()) {
            unique.push(title);
        }
    }
    Fix {
        title: unique.join(", and "),
        safe,
        edits: ordered(edits),
    }
}
