//! Findings: the results of rules, with their places.

use super::Rule;
use crate::mend::Fix;
use crate::source::{Span, UpstreamPlace};
use serde::{Deserialize, Serialize};

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; does not change the verdict.
    Note,
    /// Extra review is needed.
    Warning,
    /// The policy does not allow it, or individual-level data is published.
    Error,
}

/// A secondary place, with a message.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingLabel {
    /// The place.
    pub span: Span,
    /// What is found there.
    pub message: String,
    /// The original place, if it lies in another file.
    pub elsewhere: Option<UpstreamPlace>,
}

/// One result of a rule at one place.
#[derive(Clone)]
pub struct Finding {
    /// The rule that fired.
    pub rule: &'static Rule,
    /// The severity; a check may raise or lower the rule's own.
    pub severity: Severity,
    /// What was found, in one sentence.
    pub message: String,
    /// What is required, and how to fix it.
    pub help: String,
    /// The primary place.
    pub span: Span,
    /// Message at the primary place; may be empty.
    pub label: String,
    /// Secondary places, at most one label each.
    pub labels: Vec<FindingLabel>,
    /// The edit that fixes it, if there is one.
    pub fix: Option<Fix>,
    /// Whether an edit that mends another finding of the dataset mends it too.
    pub follows: bool,
    /// The original primary place, if it lies in another file.
    ///
    /// `span` is then the place where that file's table is read.
    pub elsewhere: Option<UpstreamPlace>,
    /// The reason in the comment that suppresses it; `None` if none does.
    pub suppressed: Option<String>,
}
