//! Which conditions that look like thresholds are none, and why.

use std::sync::Arc;

use super::{Context, Finding, Rule, Severity};
use crate::facts::{Attempt, Bound, CountKind, Loss, LossKind, Rows};
use crate::numbers::Grouped;
use crate::plan::Operator;
use crate::source::Span;

/// What is wrong with a condition that looks like a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Another condition lets small groups through (HC105).
    Escapable,
    /// Its constant is below the policy's (HC102).
    TooSmall,
    /// Its constant is sufficient, but NULL is counted as a person (HC114).
    Nullable,
    /// It counts rows (HC103).
    Rows,
    /// It counts something else than people (HC104).
    OtherUnit,
    /// It counts people of coarser groups (HC106).
    OtherGrain,
    /// What it compares with is not known (HC107).
    NotConstant,
    /// It compares an approximate number (HC108).
    Approximate,
    /// It bounds people of one side, and the rows are of others too (HC109).
    Undone,
    /// A step after it lost what it proved: that step is told.
    Lost,
    /// It only chooses a value, and the groups stay.
    OnlyChooses,
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
            .history
            .attempts
            .iter()
            .map(|attempt| (self.kind(attempt, required), &**attempt))
            .collect()
    }

    fn kind(&self, attempt: &Attempt, required: u64) -> Kind {
        let counted = &attempt.count;
        let chooses = attempt.word == "CASE";
        if attempt.escape.is_some() {
            return Kind::Escapable;
        }
        if attempt.bound == Bound::Unknown {
            return Kind::NotConstant;
        }
        let proven = attempt.proven();
        match counted.kind {
            CountKind::Approximate => Kind::Approximate,
            // A condition that only chooses a value removes no group.
            _ if proven < required && !chooses => match attempt.bound {
                Bound::Constant(least) if least >= required => Kind::Nullable,
                Bound::Constant(_) | Bound::Unknown => Kind::TooSmall,
            },
            CountKind::Rows => Kind::Rows,
            CountKind::OtherUnit => Kind::OtherUnit,
            CountKind::People if self.lost() || self.only_implied() => Kind::Lost,
            CountKind::People if !counted.partitions.is_empty() => Kind::OtherGrain,
            CountKind::People if chooses => Kind::OnlyChooses,
            CountKind::People => Kind::Undone,
        }
    }

    /// Whether the rows' own people are enough, and only those whom a condition
    /// asks about are not: HC116 reports that.
    pub(super) fn only_implied(&self) -> bool {
        let required = self.decision.bucket.required;
        let mut people = self.rows.populations.values();
        people.all(|people| people.implied || people.k >= required)
    }

    /// Whether a step is known that lost a bucket of the required size.
    pub(super) fn lost(&self) -> bool {
        let required = self.decision.bucket.required;
        self.rows.losses.iter().any(|loss| loss.k >= required)
    }

    /// Tells of the thresholds that are wrong in one way.
    pub(super) fn of_threshold(
        &self,
        rule: &'static Rule,
        kind: Kind,
        message: impl Fn(&Attempt) -> String,
        label: impl Fn(&Attempt) -> String,
        findings: &mut Vec<Finding>,
    ) {
        let attempts = self.attempts_of(kind);
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
        if matches!(kind, Kind::Rows | Kind::OtherUnit) {
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

    /// Tells of the steps that lost a proven bucket in one way.
    pub(super) fn of_loss(
        &self,
        rule: &'static Rule,
        kind: LossKind,
        message: impl Fn(&Loss) -> String,
        label: &str,
        findings: &mut Vec<Finding>,
    ) {
        if !self.unproven() {
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
        if let Some(table) = self.unregistered_beside_proven(required) {
            return without_people(table);
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
                Grouped(required)
            ),
        }
    }

    /// The column that names the people who are too few, or that the query reads and
    /// that does, as far as the registry and its name say.
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

    /// The column that a threshold counts and that only its name suggests to identify
    /// people.
    pub(super) fn undeclared_unit(&self) -> Option<Arc<str>> {
        let attempts = self.attempts();
        let mut counted = attempts.iter().map(|(_, attempt)| &attempt.count);
        counted.find_map(|count| count.undeclared.clone())
    }

    /// The table that is in no registry, if the people of all other tables are
    /// enough: then it may be that it holds no people.
    fn unregistered_beside_proven(&self, required: u64) -> Option<&str> {
        let people = self.rows.populations.values();
        let (few, enough): (Vec<_>, Vec<_>) = people
            .filter(|people| !people.implied)
            .partition(|people| people.k < required);
        let unknown = few.iter().all(|people| people.unregistered);
        (unknown && !enough.is_empty()).then_some(&*few.first()?.table)
    }

    /// An error where a dimension is category 3 or 4.
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

/// How to declare that a table that is in no registry holds no people.
pub(super) fn without_people(table: &str) -> String {
    format!(
        "if no row of `{table}` belongs to a person, add `[[table]] name = \"{table}\"` with `personal = false` to the registry"
    )
}
