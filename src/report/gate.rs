//! The conditions under which a run exits with status 1.

use super::Run;
use crate::assessment::{Assessment, FileAssessment};
use crate::config::FailOn;
use crate::rules::{Finding, Severity, review_drift, syntax_error};

/// The conditions under which a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The kind of result that fails the run.
    pub fail_on: FailOn,
    /// Whether a dataset that lacks only data reviews fails nothing. True in the
    /// hook, unless `fail_on` was set.
    pub reviews_may_wait: bool,
    /// Whether the checked files are not committed yet.
    pub before_commit: bool,
}

impl From<FailOn> for Gate {
    fn from(fail_on: FailOn) -> Self {
        Self {
            fail_on,
            reviews_may_wait: false,
            before_commit: false,
        }
    }
}

impl Gate {
    /// Returns whether a dataset fails the run.
    pub fn blocks(self, dataset: &Assessment) -> bool {
        match self.fail_on {
            FailOn::Never => false,
            FailOn::Error => {
                let mut shown = dataset.shown();
                shown.any(|finding| finding.severity == Severity::Error)
            }
            FailOn::Review => {
                dataset.stops() && !(self.reviews_may_wait && dataset.lacks_only_reviews)
            }
        }
    }

    /// Returns whether the run fails.
    pub fn fails(self, run: &Run) -> bool {
        let mut datasets = run.files.iter().flat_map(|file| &file.datasets);
        if datasets.any(|dataset| self.blocks(dataset)) {
            return true;
        }
        let mut files = run.files.iter();
        match self.fail_on {
            FailOn::Never => false,
            FailOn::Error => files
                .flat_map(FileAssessment::shown)
                .any(|finding| finding.severity == Severity::Error),
            // What is not seen any more and may still be published belongs to no dataset, and
            // a file that holds none, because it can't be read, may publish one.
            FailOn::Review => files.any(|file| {
                let unreadable = file.datasets.is_empty() && file.shown().any(is_unreadable);
                unreadable || file.findings.iter().any(is_drift)
            }),
        }
    }

    /// Returns the stricter of two gates.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let rank = |gate: Self| match (gate.fail_on, gate.reviews_may_wait) {
            (FailOn::Never, _) => 0,
            (FailOn::Error, _) => 1,
            (FailOn::Review, true) => 2,
            (FailOn::Review, false) => 3,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

/// Whether a finding says that a file can't be read.
fn is_unreadable(finding: &Finding) -> bool {
    std::ptr::eq(finding.rule, &raw const syntax_error::RULE)
}

/// Returns whether a finding is HC402: a dataset is not as it was approved.
fn is_drift(finding: &Finding) -> bool {
    std::ptr::eq(finding.rule, &raw const review_drift::RULE)
}
