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
    /// Its place among the ways to do the same: what corrects a condition goes
    /// before what adds one.
    pub(super) way: usize,
}

impl Candidate {
    /// What makes one better than another: the smaller, of those that lose
    /// nothing but small groups first.
    pub fn rank(&self) -> (bool, bool, usize, usize) {
        let size = size(&self.fix.edits);
        (self.guessed, !self.fix.safe, self.way, size)
    }

    /// Several as one; none where there are not several.
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
