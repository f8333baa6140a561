//! What the pure core returns: one [`Assessment`] a dataset, one
//! [`FileAssessment`] a file. Reports read nothing else.

use crate::policy::{Decision, Verdict};
use crate::rules::Finding;
use crate::source::{SourceText, Span};

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
    /// The verdict.
    pub verdict: Verdict,
    /// The findings, in the order of their places.
    pub findings: Vec<Finding>,
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
}
