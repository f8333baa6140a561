//! Results of the pure core: an [`Assessment`] per dataset, a [`FileAssessment`] per
//! file.
//!
//! Reports read nothing else.

use crate::catalog::layout::Metadata;
use crate::counterexample::Counterexample;
use crate::derivation::Derivation;
use crate::mend::Fix;
use crate::policy::{Bucket, Decision, Level, Verdict};
use crate::rules::Finding;
use crate::source::{SourceText, Span};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The assessment of one dataset.
#[derive(Clone)]
pub struct Assessment {
    /// The target's name, or the file's with the statement's number.
    pub name: String,
    /// Identifies this dataset across runs: the target's name, otherwise
    /// `path#ordinal`.
    pub identity: String,
    /// The kind of statement: `query`, `create view`, …
    pub statement: &'static str,
    /// The span of the whole statement.
    pub span: Span,
    /// Whether the dataset was understood. If not, the level is null and the verdict
    /// is extra review.
    pub assessed: bool,
    /// The branches of the template that this rendering takes.
    pub variant: Option<String>,
    /// The reason why the dataset is internal, if a comment declares it unpublished.
    pub internal: Option<String>,
    /// The policy's answers.
    pub decision: Decision,
    /// How the dataset is derived, for comparison with another time or text. Empty
    /// unless it was requested.
    pub derivation: Derivation,
    /// The same dataset in the other renderings of its template. Their result is no
    /// worse; empty unless they were requested.
    pub others: Vec<Assessment>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether missing data reviews alone keep the dataset from being publishable.
    pub lacks_only_reviews: bool,
    /// The findings, in source order.
    pub findings: Vec<Finding>,
    /// What brings the dataset to level 2, if that was requested.
    pub mend: Option<Mend>,
    /// The fewest rows for which the dataset publishes a group that is too small.
    /// `None` unless it was requested and found.
    pub example: Option<Counterexample>,
    /// The dataset's entry in the publishing record, if there is one.
    pub record: ApprovalState,
    /// What its owners say of it beside the query, where a report shows that.
    pub described: Option<Arc<Metadata>>,
    /// The other files that the dataset was assessed with. They create tables that
    /// it reads.
    pub upstream: BTreeSet<String>,
}

/// The state of a dataset in the publishing record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApprovalState {
    /// Whether the dataset is covered; `None` if no record is kept, or none is
    /// needed.
    pub status: Option<RecordStatus>,
    /// The bug of the newest approval.
    pub bug: Option<String>,
    /// The day on which the tolerance of known debt ends. Known debt was never
    /// reviewed; `None` if the dataset is not known debt.
    pub known_debt_until: Option<String>,
    /// Whether the dataset is known debt whose tolerance has not ended.
    pub debt_holds: bool,
}

/// Whether a dataset is covered by its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordStatus {
    /// The dataset discloses no more than what was approved.
    Covered,
    /// The dataset needs a review, and none is on record.
    Missing,
    /// The dataset discloses more than what was approved.
    Drifted,
}

impl Assessment {
    /// Requires extra review for a reason other than missing data reviews.
    pub fn require_review(&mut self) {
        self.verdict = Verdict::ExtraReview;
        self.lacks_only_reviews = false;
    }

    /// Returns the findings that reports show.
    ///
    /// Suppressed findings are left out, and so are all findings of an internal
    /// dataset, unless it was published before and drifted.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        let published = self.internal.is_none() || self.stops();
        let findings = self.findings.iter();
        findings.filter(move |finding| published && finding.suppressed.is_none())
    }

    /// Whether the dataset was approved or is known debt, so that its findings are
    /// not new.
    pub fn is_accepted(&self) -> bool {
        self.record.status == Some(RecordStatus::Covered) || self.record.debt_holds
    }

    /// Whether the dataset needs a review that is not on record.
    pub fn stops(&self) -> bool {
        match self.record.status {
            // A comment cannot withdraw what was published and has drifted.
            Some(RecordStatus::Drifted) => true,
            Some(RecordStatus::Covered) => false,
            Some(RecordStatus::Missing) | None => {
                self.internal.is_none()
                    && self.verdict == Verdict::ExtraReview
                    && !self.record.debt_holds
            }
        }
    }
}

/// What brings a dataset to level 2.
#[derive(Debug, Clone, PartialEq)]
pub enum Mend {
    /// Nothing is needed: the dataset is at level 2 or below.
    NotNeeded,
    /// An edit after which the bucket is proven: the edited text was assessed.
    Edit(Box<Mended>),
    /// No edit was found.
    Impossible {
        /// The reasons, in words, at least one.
        why: Vec<String>,
    },
}

/// An edit that was tried, and the assessment of the edited text.
#[derive(Debug, Clone, PartialEq)]
pub struct Mended {
    /// The edit, in bytes of the file as written.
    pub fix: Fix,
    /// The costs of the edit: rows and columns that are lost, and assumptions.
    pub costs: Vec<String>,
    /// The level after the edit; `None` if no personal data remains.
    pub level: Option<Level>,
    /// The bucket after the edit.
    pub bucket: Bucket,
    /// The verdict after the edit.
    pub verdict: Verdict,
}

/// The assessment of one file.
#[derive(Clone)]
pub struct FileAssessment {
    /// The file's text and name.
    pub source: SourceText,
    /// The file's datasets in order.
    pub datasets: Vec<Assessment>,
    /// The findings that belong to no dataset.
    pub findings: Vec<Finding>,
    /// The message of an internal error during the assessment of this file: the run
    /// is then incomplete.
    pub fault: Option<String>,
}

impl FileAssessment {
    /// Returns the unsuppressed findings that belong to no dataset.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.suppressed.is_none())
    }
}
