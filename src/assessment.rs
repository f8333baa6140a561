//! What the pure core returns: one [`Assessment`] a dataset, one
//! [`FileAssessment`] a file. Reports read nothing else.

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

/// One dataset, assessed.
#[derive(Clone)]
pub struct Assessment {
    /// The target's name, or the file's with the statement's number.
    pub name: String,
    /// What tells this dataset from others over time: the target's name, else
    /// `path#ordinal`.
    pub identity: String,
    /// The kind of statement: `query`, `create view`, …
    pub statement: &'static str,
    /// The whole statement.
    pub span: Span,
    /// Whether it was understood; if not, the level is null and the verdict
    /// extra review.
    pub assessed: bool,
    /// Which branches of a template this is.
    pub variant: Option<String>,
    /// Why it is not published, where a comment says so.
    pub internal: Option<String>,
    /// The policy's answers.
    pub decision: Decision,
    /// How it is made, to hold it against another time or text; empty unless that
    /// was asked for.
    pub derivation: Derivation,
    /// The same dataset in the other ways that its template may go, which are no
    /// worse; none unless that was asked for.
    pub others: Vec<Assessment>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether missing data reviews are all that keeps it from being publishable.
    pub lacks_only_reviews: bool,
    /// The findings, in the order of their places.
    pub findings: Vec<Finding>,
    /// What gets it to level 2, where that was asked for.
    pub mend: Option<Mend>,
    /// The fewest rows of which it publishes a group that is too small, where
    /// that was asked for and found.
    pub example: Option<Counterexample>,
    /// What the publishing record says of it, where there is one.
    pub record: Recorded,
    /// What its owners say of it beside the query, where a report shows that.
    pub described: Option<Arc<Metadata>>,
    /// The other files that it was assessed with, since they make tables that it
    /// reads.
    pub upstream: BTreeSet<String>,
}

/// What the publishing record says of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Whether it is covered; `None` where no record is kept, or none is needed.
    pub status: Option<RecordStatus>,
    /// The bug of the newest approval.
    pub bug: Option<String>,
    /// Where it is known debt, never reviewed: the day on which that ends.
    pub known_debt_until: Option<String>,
    /// Where it is known debt: whether that has not ended.
    pub debt_holds: bool,
}

/// Whether a dataset is covered by its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordStatus {
    /// It discloses no more than what was approved.
    Covered,
    /// It needs a review, and none is on record.
    Missing,
    /// It discloses more.
    Drifted,
}

impl Assessment {
    /// Marks the dataset as needing extra review for a reason beside missing data
    /// reviews.
    pub fn require_review(&mut self) {
        self.verdict = Verdict::ExtraReview;
        self.lacks_only_reviews = false;
    }

    /// The findings that reports show: not those that a comment suppresses, and of a
    /// dataset that is not published those alone that say that it was.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        let published = self.internal.is_none() || self.stops();
        let findings = self.findings.iter();
        findings.filter(move |finding| published && finding.suppressed.is_none())
    }

    /// Whether it was approved, or is known debt: then what was found is no news.
    pub fn is_accepted(&self) -> bool {
        self.record.status == Some(RecordStatus::Covered) || self.record.debt_holds
    }

    /// Whether it needs a review that is not on record.
    pub fn stops(&self) -> bool {
        match self.record.status {
            // What was published and grew is not taken back by a comment.
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

/// What gets a dataset to level 2.
#[derive(Debug, Clone, PartialEq)]
pub enum Mend {
    /// Nothing is needed: it is at level 2 or below.
    NotNeeded,
    /// An edit after which the bucket is proven: the edited text was assessed.
    Edit(Box<Mended>),
    /// No edit was found.
    Impossible {
        /// Why, in words, one or more.
        why: Vec<String>,
    },
}

/// An edit that was tried, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mended {
    /// The edit, in bytes of the file as written.
    pub fix: Fix,
    /// What it costs: which rows and columns go, what is taken for granted.
    pub costs: Vec<String>,
    /// The level after it; `None` where no personal data is left.
    pub level: Option<Level>,
    /// The bucket after it.
    pub bucket: Bucket,
    /// The verdict after it.
    pub verdict: Verdict,
}

/// A file, assessed.
#[derive(Clone)]
pub struct FileAssessment {
    /// Its text and name.
    pub source: SourceText,
    /// Its datasets in order.
    pub datasets: Vec<Assessment>,
    /// Findings that belong to no dataset.
    pub findings: Vec<Finding>,
    /// What the program said if it failed on it itself: then the run did not do its job.
    pub fault: Option<String>,
}

impl FileAssessment {
    /// The findings that belong to no dataset and that no comment suppresses.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.suppressed.is_none())
    }
}
