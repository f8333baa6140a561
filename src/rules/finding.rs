//! What a rule says, and where.

use super::Rule;
use crate::mend::Fix;
use crate::source::{Elsewhere, Span};
use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; changes no verdict.
    Note,
    /// Extra review is needed.
    Warning,
    /// The matrix does not allow it, or individual-level data gets out.
    Error,
}

/// A place beside the primary one, with words.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is seen there.
    pub message: String,
    /// The true place, where it lies in another file.
    pub elsewhere: Option<Elsewhere>,
}

/// One finding.
#[derive(Clone)]
pub struct Finding {
    /// The rule that fired.
    pub rule: &'static Rule,
    /// Its weight here; a rule's own may be raised by what it met.
    pub severity: Severity,
    /// What was found, in one sentence.
    pub message: String,
    /// What was required and how to mend it.
    pub help: String,
    /// The primary place.
    pub span: Span,
    /// What the primary place's label says; may be empty.
    pub label: String,
    /// Other places.
    pub labels: Vec<Label>,
    /// The edit that mends it, where there is one.
    pub fix: Option<Fix>,
    /// The true primary place, where it lies in another file: then `span` is
    /// where that file's table is read.
    pub elsewhere: Option<Elsewhere>,
    /// The reason with which a comment silences it.
    pub suppressed: Option<String>,
}
