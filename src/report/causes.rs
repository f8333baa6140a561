//! Orders the findings of a dataset: those that decide its verdict first, and a
//! cause before its consequences.

use std::collections::HashSet;

use super::Run;
use crate::assessment::{Assessment, FileAssessment};
use crate::policy::Answer;
use crate::rules::{Finding, Rule, RuleGroup, Severity};
use crate::rules::{
    level_not_allowed, missing_data_review, missing_review, review_drift, syntax_error,
    unregistered_column,
};
use crate::source::UpstreamPlace;

/// Returns the findings that no comment suppresses. The decisive ones come first,
/// and those of one rule are in the order of their places.
pub(super) fn ordered(findings: &[Finding], assessed: bool) -> Vec<&Finding> {
    let shown = findings
        .iter()
        .filter(|finding| finding.suppressed.is_none());
    let mut shown: Vec<&Finding> = shown.collect();
    shown.sort_by_key(|finding| (rank(finding, assessed), finding.rule.code, finding.span));
    shown
}

/// Returns the findings that were accepted with the approval of a dataset, in the
/// same order.
pub(super) fn accepted(dataset: &Assessment) -> Vec<&Finding> {
    if !dataset.is_accepted() {
        return Vec::new();
    }
    let accepted = dataset.findings.iter();
    let mut accepted: Vec<&Finding> = accepted.filter(|one| one.suppressed.is_some()).collect();
    accepted.sort_by_key(|one| (rank(one, dataset.assessed), one.rule.code, one.span));
    accepted
}

/// Returns the rank of a finding: lower ones are read first. If a dataset was not
/// assessed, the text that cannot be read is the only cause.
pub(super) fn rank(finding: &Finding, assessed: bool) -> u8 {
    if finding.severity == Severity::Note {
        return 10;
    }
    match finding.rule.group() {
        // What could not be read is why more is disclosed than was approved, too.
        RuleGroup::Understanding if !assessed => 0,
        RuleGroup::Process if is_of(finding, &review_drift::RULE) => 1,
        RuleGroup::Disclosure => 2,
        RuleGroup::Aggregation => 3,
        RuleGroup::Understanding => 4,
        RuleGroup::Data if is_of(finding, &level_not_allowed::RULE) => 6,
        RuleGroup::Data if is_of(finding, &unregistered_column::RULE) => 7,
        RuleGroup::Data if is_missing_data_review(finding) => 9,
        RuleGroup::Data => 5,
        // HC401 follows from the other findings.
        RuleGroup::Process if is_of(finding, &missing_review::RULE) => 8,
        RuleGroup::Process => 6,
    }
}

/// Removes and returns the findings that another finding of the same dataset
/// explains: an edit that fixes the cause fixes them too.
pub(super) fn take_consequences<'a>(findings: &mut Vec<&'a Finding>) -> Vec<&'a Finding> {
    let (following, kept) = findings.drain(..).partition(|one| one.follows);
    *findings = kept;
    following
}

/// The files of a run that can't be read or parsed: what depends on them is not known
/// because of that.
#[derive(Debug, Default)]
pub(super) struct Broken<'r>(HashSet<&'r str>);

impl<'r> Broken<'r> {
    pub(super) fn new(run: &'r Run) -> Self {
        let unparsed = run.files.iter().filter(|file| {
            let mut findings = file.shown();
            file.fault.is_some() || findings.any(|finding| is_of(finding, &syntax_error::RULE))
        });
        let unparsed = unparsed.map(|file| file.source.path());
        let unread = run.unread.iter().map(String::as_str);
        Self(unparsed.chain(unread).collect())
    }

    /// The file because of which a dataset of another is not known; `None` if there is
    /// none, or the dataset's own file is broken.
    pub(super) fn cause<'d>(
        &self,
        file: &FileAssessment,
        dataset: &'d Assessment,
    ) -> Option<&'d UpstreamPlace> {
        if self.0.is_empty() || self.0.contains(file.source.path()) {
            return None;
        }
        let findings = dataset.shown();
        let mut unread =
            findings.filter(|finding| finding.rule.group() == RuleGroup::Understanding);
        unread.find_map(|finding| {
            let place = finding.elsewhere.as_ref()?;
            self.0.contains(place.path.as_str()).then_some(place)
        })
    }

    /// Those on which others of the run depend.
    pub(super) fn causes(&self, run: &'r Run) -> HashSet<&'r str> {
        let files = run.files.iter();
        let causes = files.flat_map(|file| {
            let datasets = file.datasets.iter();
            datasets.filter_map(|dataset| self.cause(file, dataset))
        });
        causes.map(|cause| cause.path.as_str()).collect()
    }
}

/// Returns whether a finding is HC304, which a check counts in one line per run.
pub(super) fn is_missing_data_review(finding: &Finding) -> bool {
    is_of(finding, &missing_data_review::RULE)
}

/// Returns whether a finding is HC401, which the line of a dataset reports beside
/// its verdict.
pub(super) fn is_missing_review(finding: &Finding) -> bool {
    is_of(finding, &missing_review::RULE) && finding.suppressed.is_none()
}

fn is_of(finding: &Finding, rule: &'static Rule) -> bool {
    std::ptr::eq(finding.rule, rule)
}

/// Returns why a dataset has its verdict, in one clause: the first answer that is
/// not "no".
pub(super) fn why(dataset: &Assessment) -> Option<&str> {
    let questions = &dataset.decision.questions;
    let Some(open) = questions.iter().find(|one| one.answer != Answer::No) else {
        // The answers to the policy's questions let the dataset pass, but a finding
        // does not.
        let findings = ordered(&dataset.findings, dataset.assessed);
        let first = findings
            .first()
            .filter(|one| one.rule.group().is_safety())?;
        return Some(&first.message);
    };
    let step = dataset.decision.level_because.first();
    let is_level = std::ptr::eq(open, &raw const questions[0]);
    match step {
        Some(step) if is_level => Some(&step.message),
        Some(_) | None => Some(&open.because),
    }
}
