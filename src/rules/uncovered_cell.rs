//! HC111 uncovered-cell: a conditional or nullable aggregate stands for fewer people than the row’s proven bucket.

use super::{Context, Example, Finding, Rule, Severity};
use crate::facts::Rows;

/// HC111: a conditional or nullable aggregate stands for fewer people than the row’s proven bucket.
pub static RULE: Rule = Rule {
    code: "HC111",
    name: "uncovered-cell",
    severity: Severity::Warning,
    summary: "a conditional or nullable aggregate stands for fewer people than the row’s proven bucket",
    page: r#"## What it finds
A published value counts or sums only some of the group’s people: COUNTIF, an aggregate of IF or CASE, a PIVOT cell, COUNT of a column that may be NULL.

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
        let uncovered = value
            .cells
            .iter()
            .find(|cell| context.rows.covered(cell) < required);
        if let Some(made) = uncovered.map(|cell| cell.span) {
            let finding = RULE
                .finding(
                    column.span,
                    format!(
                        "{} may stand for fewer than {required} people, though its row does not",
                        context.called(column)
                    ),
                    "make the condition a group key, or leave the value out",
                )
                .label("only some of the group's people are in it")
                .made_at(made, "the rest is left out here");
            findings.push(finding);
        }
    }
}
