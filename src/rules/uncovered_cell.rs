//! HC111 uncovered-cell: a conditional or nullable aggregate stands for fewer people than the row’s proven bucket.

use super::{Context, Example, Finding, Rule, Severity};
use crate::facts::{ColumnFacts, Coverage, Gap, GapReason, Rows};

/// HC111: a conditional or nullable aggregate stands for fewer people than the row’s proven bucket.
pub static RULE: Rule = Rule {
    code: "HC111",
    name: "uncovered-cell",
    severity: Severity::Warning,
    summary: "a conditional or nullable aggregate stands for fewer people than the row’s proven bucket",
    page: r#"## What it finds
A published value counts or sums only some of the group’s people: COUNTIF, an aggregate of IF or CASE, a PIVOT cell, COUNT of a column that may be NULL. Or nothing shows that it stands for all of them: a difference of two counts, a window over groups, an array of small groups’ values, an aggregate that is not modelled.

## Why it matters
The row stands for 5,000 people, but the cell may stand for one.

## How to mend it
Make the condition a group key or a filter, so that its own people are bounded; or leave the cell out.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients, COUNTIF(os = 'Linux') AS on_linux
FROM telemetry.clients_daily
GROUP BY country
HAVING clients >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: Example::Alone,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.rows.rows != Rows::Aggregated || context.unproven() {
        return;
    }
    let required = context.decision.bucket.required;
    for (column, value) in context.published() {
        // What is one person's by choice, and what others decide, have rules of
        // their own.
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
            (Some(gap), _) => (words(gap.reason), Some(gap.span), "it becomes so here"),
            (None, Some(cell)) => (
                "only some of the group's people are in it",
                Some(cell.span),
                "the rest is left out here",
            ),
            (None, None) => ("nothing shows how many people are in it", None, ""),
        };
        let mut finding = RULE
            .finding(
                column.span,
                format!(
                    "{} may stand for fewer than {required} people, though its row does not",
                    context.called(column)
                ),
                "make the condition a group key, or leave the value out",
            )
            .label(label);
        if let Some(made) = made {
            finding = finding.made_at(made, at);
        }
        findings.push(finding);
    }
}

/// Where a value, or a field of it, became uncovered.
fn gap(value: &ColumnFacts) -> Option<Gap> {
    match value.coverage {
        Coverage::Uncovered(gap) => gap,
        Coverage::NoData
        | Coverage::Label
        | Coverage::Measured(_)
        | Coverage::Collected(_)
        | Coverage::Listed(_) => None,
    }
}

fn words(reason: GapReason) -> &'static str {
    match reason {
        GapReason::Combined => {
            "computed of several measured values: a difference may be one person's"
        }
        GapReason::Chosen => "sums or counts what a condition or function of each row chooses",
        GapReason::Aggregate => "the aggregate sees only some of the group's rows",
        GapReason::Window => "a window prints values of other, possibly small, groups",
        GapReason::Members => "made of members of an array, of which each may be one person's",
        GapReason::NotModelled => "nothing shows how many people are in it",
    }
}
