//! Datasets before and after a change.

use super::{Change, Direction, Disclosure, changes};
use crate::assessment::{Assessment, RecordStatus};
use crate::policy::Verdict;

/// The effect of a change on datasets.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The commit before the change.
    pub base: String,
    /// The datasets by name.
    pub datasets: Vec<DatasetComparison>,
    /// Remarks about the inputs that were used to assess the change.
    pub notes: Vec<String>,
}

/// One dataset on one side.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonSide {
    /// The disclosure in the worst form, for display.
    pub disclosure: Disclosure,
    /// The disclosure in each form.
    pub forms: Vec<Disclosure>,
    /// The verdict.
    pub verdict: Verdict,
    /// The codes of the findings that are warnings or errors.
    pub codes: Vec<&'static str>,
    /// The status in the publishing record.
    pub record: Option<RecordStatus>,
}

/// One dataset before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetComparison {
    /// The name of the dataset.
    pub dataset: String,
    /// The file.
    pub path: String,
    /// The side before the change; `None` if the dataset is new.
    pub before: Option<ComparisonSide>,
    /// The side after the change; `None` if the dataset was removed.
    pub after: Option<ComparisonSide>,
}

impl DatasetComparison {
    /// Creates a comparison with neither side.
    pub fn new(dataset: String, path: &str) -> Self {
        Self {
            dataset,
            path: path.to_owned(),
            before: None,
            after: None,
        }
    }

    /// Adds a statement that writes the dataset, on the side before or after.
    pub fn add(&mut self, dataset: &Assessment, later: bool) {
        let side = if later {
            &mut self.after
        } else {
            &mut self.before
        };
        let mut codes: Vec<&'static str> = dataset
            .findings
            .iter()
            .filter(|finding| finding.severity >= crate::rules::Severity::Warning)
            // A missing entry of the record (HC401) concerns both sides.
            .filter(|finding| finding.rule.code != "HC401")
            .map(|finding| finding.rule.code)
            .collect();
        let (mut forms, verdict) = (Disclosure::each(dataset), dataset.verdict);
        let joined = match side.take() {
            None => ComparisonSide {
                disclosure: Disclosure::worst(&forms),
                forms,
                verdict,
                codes,
                record: dataset.record.status,
            },
            Some(known) => {
                codes.extend(known.codes);
                forms.extend(known.forms);
                ComparisonSide {
                    disclosure: Disclosure::worst(&forms),
                    forms,
                    verdict: if known.verdict == Verdict::ExtraReview {
                        known.verdict
                    } else {
                        verdict
                    },
                    codes,
                    record: known.record.max(dataset.record.status),
                }
            }
        };
        let mut joined = joined;
        joined.codes.sort_unstable();
        joined.codes.dedup();
        *side = Some(joined);
    }

    /// Returns the changes; empty if the dataset is new or was removed.
    pub fn changes(&self) -> Vec<Change> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => changes(&before.forms, &after.forms),
            (None, _) | (_, None) => Vec::new(),
        }
    }

    /// Whether the dataset is new, was removed, or discloses something else.
    pub fn is_changed(&self) -> bool {
        self.before.is_none() || self.after.is_none() || !self.changes().is_empty()
    }

    /// Whether the dataset discloses more; a new dataset does.
    pub fn grew(&self) -> bool {
        self.before.is_none()
            || self
                .changes()
                .iter()
                .any(|change| change.direction == Direction::More)
    }
}
