//! HC111 uncovered-cell: a conditional or nullable aggregate stands for fewer people than the row’s proven bucket.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::{ColumnFacts, Coverage, CoverageGap, GapReason, Rows};
use crate::numbers::GroupedNumber;

/// HC111: a conditional or nullable aggregate may stand for fewer people than its
/// row.
pub static RULE: Rule = Rule {
    code: "HC111",
    name: "uncovered-cell",
    severity: Severity::Warning,
    summary: "a conditional or nullable aggregate stands for fewer people than the row’s proven bucket",
    page: r#"## What it finds
A published value counts or sums only some of the group’s people: COUNTIF, an aggregate of IF or CASE, a PIVOT cell, COUNT of a column that may be NULL. Or the value is not proven to stand for all of them: a difference of two counts, a window over groups, an array of small groups’ values, an aggregate that is not modelled.

## Why it matters
The row stands for 5,000 people, but the cell may stand for one person.

## How to fix it
Make the condition a group key or a filter, so that its own people are bounded. Or remove the cell.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients, COUNTIF(os = 'Linux') AS on_linux
FROM telemetry.clients_daily
GROUP BY country
HAVING clients >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    if context.rows.rows != Rows::Aggregated || context.lacks_proven_bucket() {
        return;
    }
    let required = context.decision.bucket.required;
    for (column, value) in context.published() {
        // Values of single people, collections, and values that other people decide
        // have rules of their own (HC112, HC203, HC116).
        let collected = value.single.or(value.collection).is_some();
        if collected || value.influences.iter().any(|other| other.k < required) {
            continue;
        }
        if context.rows.in_cell(value).is_none_or(|k| k >= required) {
            continue;
        }
        let cell = value
            .cells
            .iter()
            .find(|cell| context.rows.covered(cell) < required);
        let (label, made, at) = match (gap(value), cell) {
            (Some(gap), _) => (describe_gap(gap.reason), Some(gap.span), "computed here"),
            (None, Some(cell)) => (
                "covers only some of the group's people",
                Some(cell.span),
                "the other people are excluded here",
            ),
            (None, None) => ("the number of people in it is unknown", None, ""),
        };
        let mut finding = RULE
            .finding(
                column.span,
                format!(
                    "{} may stand for fewer than {} people, although its row does not",
                    context.describe_column(column),
                    GroupedNumber(required)
                ),
                help(value, cell.is_some()),
            )
            .label(label);
        if let Some(made) = made {
            finding = finding.label_origin(made, at);
        }
        findings.push(finding);
    }
}

/// Returns how to bound the people behind a value.
fn help(value: &ColumnFacts, conditional: bool) -> &'static str {
    match gap(value).map(|gap| gap.reason) {
        None if conditional => {
            "make the condition a group key, so that the threshold bounds each of its groups, or remove the value"
        }
        Some(GapReason::Combined) => {
            "publish the values of which it is computed instead, or remove it"
        }
        Some(GapReason::Window) => "compute the window after the threshold, or remove the value",
        Some(GapReason::Chosen | GapReason::Aggregate) => {
            "aggregate every row of the group with COUNT, SUM or AVG, or remove the value"
        }
        Some(GapReason::Members | GapReason::NotModelled) | None => "remove the value",
    }
}

/// Returns why and where a value, or a field of it, became uncovered, if known.
fn gap(value: &ColumnFacts) -> Option<CoverageGap> {
    match value.coverage {
        Coverage::Uncovered(gap) => gap,
        Coverage::NoData
        | Coverage::Label
        | Coverage::Measured(_)
        | Coverage::Collected(_)
        | Coverage::Listed(_) => None,
    }
}

fn describe_gap(reason: GapReason) -> &'static str {
    match reason {
        GapReason::Combined => {
            "computed from several measured values: a difference may belong to one person"
        }
        GapReason::Chosen => {
            "sums or counts values that a condition or function chooses row by row"
        }
        GapReason::Aggregate => "the aggregate may depend on only some of the group's people",
        GapReason::Window => "a window outputs values of other groups, which may be small",
        GapReason::Members => {
            "built from members of an array, each of which may belong to one person"
        }
        GapReason::NotModelled => "the number of people in it is unknown",
    }
}
