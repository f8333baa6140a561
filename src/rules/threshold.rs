//! Which conditions that look like thresholds are none, and why.

use super::{Context, Severity};
use crate::facts::{Attempt, Bound, Rows};
use crate::plan::Operator;
use crate::policy::Part;
use crate::source::Span;

/// What is wrong with a condition that looks like a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Another condition lets small groups through (HC105).
    Escapable,
    /// Its constant is below the policy's (HC102).
    TooSmall,
    /// What it compares with is not known (HC107).
    NotConstant,
    /// It is no proof for another reason.
    Other,
}

impl Context<'_> {
    /// Whether rows are groups that are not proven to be large enough.
    pub(super) fn unproven(&self) -> bool {
        self.rows.rows == Rows::Aggregated
            && self.rows.bucket().unwrap_or(0) < self.decision.bucket.required
    }

    /// The conditions that look like thresholds, where none of them is enough.
    pub(super) fn attempts(&self) -> Vec<(Kind, &Attempt)> {
        if !self.unproven() {
            return Vec::new();
        }
        let required = self.decision.bucket.required;
        self.rows
            .attempts
            .iter()
            .map(|attempt| {
                let kind = match attempt.bound {
                    _ if attempt.escape.is_some() => Kind::Escapable,
                    Bound::Unknown => Kind::NotConstant,
                    // A condition that only chooses a value removes no group.
                    Bound::Constant(least) if least < required && attempt.word != "CASE" => {
                        Kind::TooSmall
                    }
                    Bound::Constant(_) => Kind::Other,
                };
                (kind, attempt)
            })
            .collect()
    }

    /// Those of one kind. A bound that one person may reach alone escapes
    /// nothing unless people are counted beside it, or it is as high as a
    /// minimum bucket.
    pub(super) fn attempts_of(&self, kind: Kind) -> Vec<&Attempt> {
        self.attempts()
            .into_iter()
            .filter(|(known, _)| *known == kind)
            .map(|(_, attempt)| attempt)
            .collect()
    }

    /// Where the last grouping stands.
    pub(super) fn grouping(&self) -> Span {
        let mut open: Vec<_> = self.plan.root().into_iter().collect();
        while let Some(id) = open.pop() {
            let relation = self.plan.relation(id);
            if matches!(relation.operator, Operator::Aggregate(_))
                && !relation.origin.span.is_empty()
            {
                return relation.origin.span;
            }
            open.extend(relation.operator.inputs().into_iter().rev());
        }
        self.dataset.span
    }

    /// How to bound the groups.
    pub(super) fn threshold_help(&self) -> String {
        let required = self.decision.bucket.required;
        let unit = self
            .rows
            .populations
            .values()
            .filter(|people| people.k < required)
            .find_map(|people| people.unit.clone())
            .unwrap_or_else(|| "client_id".to_owned());
        format!(
            "keep only groups of enough people where the identifier is still there: HAVING COUNT(DISTINCT {unit}) >= {required}"
        )
    }

    /// An error where a dimension is category 3 or 4.
    pub(super) fn bucket_severity(&self) -> Severity {
        let high = self.evidence.uses.iter().any(|used| {
            used.part != Part::Metric && self.evidence.category(used.source) >= Some(3)
        });
        if high {
            Severity::Error
        } else {
            Severity::Warning
        }
    }
}
