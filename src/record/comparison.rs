//! Datasets before and after a change.

use super::{Change, Direction, Disclosure, changes};
use crate::assessment::{Assessment, RecordStatus};
use crate::policy::Verdict;

/// What a change does to datasets.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The commit before it.
    pub base: String,
    /// The datasets by name.
    pub datasets: Vec<Compared>,
    /// What is to be known of what served the change.
    pub notes: Vec<String>,
}

/// One dataset on one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What it discloses in its worst form, to show it.
    pub disclosure: Disclosure,
    /// What it discloses in each form.
    pub forms: Vec<Disclosure>,
    /// The verdict.
    pub verdict: Verdict,
    /// The codes of its findings that are warnings or errors.
    pub codes: Vec<&'static str>,
    /// What the record says of it.
    pub record: Option<RecordStatus>,
}

/// One dataset before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Its name.
    pub dataset: String,
    /// The file.
    pub path: String,
    /// Before; none where it is new.
    pub before: Option<Side>,
    /// After; none where it is gone.
    pub after: Option<Side>,
}

impl Compared {
    /// Neither side yet.
    pub fn new(dataset: String, path: &str) -> Self {
        Self {
            dataset,
            path: path.to_owned(),
            before: None,
            after: None,
        }
    }

    /// Adds a statement that writes it, on the side before or after.
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
            // That it has no entry in the record is true of both sides.
            .filter(|finding| finding.rule.code != "HC401")
            .map(|finding| finding.rule.code)
            .collect();
        let (mut forms, verdict) = (Disclosure::each(dataset), dataset.verdict);
        let joined = match side.take() {
            None => Side {
                disclosure: Disclosure::worst(&forms),
                forms,
                verdict,
                codes,
                record: dataset.record.status,
            },
            Some(known) => {
                codes.extend(known.codes);
                forms.extend(known.forms);
                Side {
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

    /// What changed; nothing where it is new or gone.
    pub fn changes(&self) -> Vec<Change> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => changes(&before.forms, &after.forms),
            (None, _) | (_, None) => Vec::new(),
        }
    }

    /// Whether it is new, gone, or discloses something else.
    pub fn is_changed(&self) -> bool {
        self.before.is_none() || self.after.is_none() || !self.changes().is_empty()
    }

    /// Whether it discloses more: all of what is new does.
    pub fn grew(&self) -> bool {
        self.before.is_none()
            || self
                .changes()
                .iter()
                .any(|change| change.direction == Direction::More)
    }
}
