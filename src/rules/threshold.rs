//! Classifies conditions that look like thresholds but prove too little.

use std::sync::Arc;

use super::{Finding, Rule, RuleContext, Severity};
use crate::facts::{BucketLoss, CountKind, LossKind, Rows, ThresholdBound, ThresholdCondition};
use crate::numbers::GroupedNumber;
use crate::plan::Operator;
use crate::source::Span;

/// The defect of a condition that looks like a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ThresholdDefect {
    /// Another condition admits small groups (HC105).
    Escapable,
    /// Its constant is below the policy's minimum (HC102).
    TooSmall,
    /// Its constant is sufficient, but NULL may count as a person (HC114).
    Nullable,
    /// It counts rows (HC103).
    Rows,
    /// It counts something other than people (HC104).
    OtherUnit,
    /// It counts people of coarser groups (HC106).
    OtherGrain,
    /// The value that it is compared with is unknown (HC107).
    NotConstant,
    /// It compares an approximate number (HC108).
    Approximate,
    /// It bounds the people of one side, and the rows also contain others (HC109).
    Undone,
    /// A later step lost what it proved, or only people that a condition reads are
    /// few.
    ///
    /// Another finding reports that step or condition.
    Lost,
    /// It only chooses a value, and removes no group.
    OnlySelectsValue,
}

impl RuleContext<'_> {
    /// Whether the rows are groups that are not proven to reach the required bucket.
    pub(super) fn lacks_proven_bucket(&self) -> bool {
        self.rows.rows == Rows::Aggregated
            && self.rows.bucket().unwrap_or(0) < self.decision.bucket.required
    }

    /// Returns the conditions that look like thresholds, each with its defect.
    ///
    /// Empty unless [`Self::lacks_proven_bucket`] holds.
    pub(super) fn attempts(&self) -> Vec<(ThresholdDefect, &ThresholdCondition)> {
        if !self.lacks_proven_bucket() {
            return Vec::new();
        }
        let required = self.decision.bucket.required;
        self.rows
            .history
            .attempts
            .iter()
            .map(|attempt| (self.kind(attempt, required), &**attempt))
            .collect()
    }

    fn kind(&self, attempt: &ThresholdCondition, required: u64) -> ThresholdDefect {
        let counted = &attempt.count;
        let chooses = attempt.word == "CASE";
        if attempt.escape.is_some() {
            return ThresholdDefect::Escapable;
        }
        if attempt.bound == ThresholdBound::Unknown {
            return ThresholdDefect::NotConstant;
        }
        let proven = attempt.proven();
        match counted.kind {
            CountKind::Approximate => ThresholdDefect::Approximate,
            // A condition that only chooses a value removes no group.
            _ if proven < required && !chooses => match attempt.bound {
                ThresholdBound::Constant(least) if least >= required => ThresholdDefect::Nullable,
                ThresholdBound::Constant(_) | ThresholdBound::Unknown => ThresholdDefect::TooSmall,
            },
            CountKind::Rows => ThresholdDefect::Rows,
            CountKind::OtherUnit => ThresholdDefect::OtherUnit,
            CountKind::People if self.lost() || self.own_people_suffice() => ThresholdDefect::Lost,
            CountKind::People if !counted.partitions.is_empty() => ThresholdDefect::OtherGrain,
            CountKind::People if chooses => ThresholdDefect::OnlySelectsValue,
            CountKind::People => ThresholdDefect::Undone,
        }
    }

    /// Whether the rows' own people are enough.
    ///
    /// Only people that a condition reads may then be too few; HC116 reports those.
    pub(super) fn own_people_suffice(&self) -> bool {
        let required = self.decision.bucket.required;
        let mut people = self.rows.populations.values();
        people.all(|people| people.implied || people.k >= required)
    }

    /// Whether a known step lost a bucket of at least the required size.
    pub(super) fn lost(&self) -> bool {
        let required = self.decision.bucket.required;
        self.rows.losses.iter().any(|loss| loss.k >= required)
    }

    /// Adds one finding for all thresholds with one defect.
    pub(super) fn report_thresholds(
        &self,
        rule: &'static Rule,
        kind: ThresholdDefect,
        message: impl Fn(&ThresholdCondition) -> String,
        label: impl Fn(&ThresholdCondition) -> String,
        findings: &mut Vec<Finding>,
    ) {
        let attempts = self.conditions_with_defect(kind);
        let Some((first, others)) = attempts.split_first() else {
            return;
        };
        let mut finding = rule
            .finding(first.span, message(first), self.threshold_help())
            .label(label(first));
        finding.severity = self.bucket_severity();
        for attempt in others.iter().take(4) {
            finding = finding.also(attempt.span, label(attempt));
        }
        if matches!(kind, ThresholdDefect::Rows | ThresholdDefect::OtherUnit) {
            let mut told: Vec<Span> = Vec::new();
            for run in &self.dataset.grafted.runs {
                if told.len() < 4 && !told.contains(run) {
                    told.push(*run);
                    finding = finding.also(*run, "each run adds rows to those of the other runs");
                }
            }
        }
        findings.push(finding);
    }

    /// Adds one finding for all steps that lost a sufficient bucket in one way.
    pub(super) fn report_losses(
        &self,
        rule: &'static Rule,
        kind: LossKind,
        message: impl Fn(&BucketLoss) -> String,
        label: &str,
        findings: &mut Vec<Finding>,
    ) {
        if !self.lacks_proven_bucket() {
            return;
        }
        let required = self.decision.bucket.required;
        let mut told: Option<Finding> = None;
        for loss in &self.rows.losses {
            if loss.kind != kind || loss.k < required || loss.span.is_empty() {
                continue;
            }
            told = Some(match told {
                Some(finding) => finding.also(loss.span, "also here"),
                None => rule
                    .finding(loss.span, message(loss), self.threshold_help())
                    .label(label)
                    .also(loss.at, "proven here"),
            });
        }
        if let Some(mut finding) = told {
            finding.severity = self.bucket_severity();
            findings.push(finding);
        }
    }

    /// Returns the conditions with one defect.
    pub(super) fn conditions_with_defect(&self, kind: ThresholdDefect) -> Vec<&ThresholdCondition> {
        self.attempts()
            .into_iter()
            .filter(|(known, _)| *known == kind)
            .map(|(_, attempt)| attempt)
            .collect()
    }

    /// Returns the place of the grouping nearest to the output.
    ///
    /// Returns the place of the dataset if there is no grouping.
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

    /// Returns the help for groups without a proven bucket.
    pub(super) fn threshold_help(&self) -> String {
        let required = self.decision.bucket.required;
        if let Some(table) = self.unregistered_beside_proven(required) {
            return declare_without_people_help(table);
        }
        if let Some(column) = self.undeclared_unit() {
            return format!(
                "if `{column}` identifies a person, declare it in the registry: `role = \"identifier\"`, and a `unit` with `person = true`"
            );
        }
        match self.unit(required) {
            Some(unit) => format!(
                "add `HAVING COUNT(DISTINCT {unit}) >= {required}` to a grouping that still reads `{unit}`"
            ),
            None => format!(
                "no column that the query reads is known to identify a person: read one that does, register it, and keep only groups with at least {} distinct values of it",
                GroupedNumber(required)
            ),
        }
    }

    /// Returns the column that identifies the people who are too few.
    ///
    /// If no such column is declared, returns one that the query reads and that
    /// identifies a person according to the registry or its name.
    fn unit(&self, required: u64) -> Option<&str> {
        let few = self.rows.populations.values();
        let declared = few
            .filter(|people| people.k < required)
            .find_map(|people| people.unit.as_deref());
        declared.or_else(|| {
            let mut read = self.facts.sources.iter();
            read.find(|(_, source)| source.names_person(self.registry))
                .map(|(_, source)| source.dotted())
        })
    }

    /// Returns the counted column that only its name suggests as an identifier.
    pub(super) fn undeclared_unit(&self) -> Option<Arc<str>> {
        let attempts = self.attempts();
        let mut counted = attempts.iter().map(|(_, attempt)| &attempt.count);
        counted.find_map(|count| count.undeclared.clone())
    }

    /// Returns an unregistered table if only such tables have too few people.
    ///
    /// Other tables must have enough people: then the unregistered table may hold
    /// none.
    fn unregistered_beside_proven(&self, required: u64) -> Option<&str> {
        let people = self.rows.populations.values();
        let (few, enough): (Vec<_>, Vec<_>) = people
            .filter(|people| !people.implied)
            .partition(|people| people.k < required);
        let unknown = few
            .iter()
            .all(|people| people.unregistered && !self.reads_identifier(&people.table));
        (unknown && !enough.is_empty()).then_some(&*few.first()?.table)
    }

    /// Returns the severity of a missing or insufficient bucket.
    ///
    /// It is an error if a column that divides the rows is category 3 or 4,
    /// otherwise a warning.
    pub(super) fn bucket_severity(&self) -> Severity {
        let high = self
            .evidence
            .uses
            .iter()
            .any(|used| used.part.divides() && self.evidence.category(used.source) >= Some(3));
        if high {
            Severity::Error
        } else {
            Severity::Warning
        }
    }
}

/// Returns the help to declare that an unregistered table holds no people.
pub(super) fn declare_without_people_help(table: &str) -> String {
    format!(
        "if no row of `{table}` belongs to a person, add `[[table]] name = \"{table}\"` with `personal = false` to the registry"
    )
}
