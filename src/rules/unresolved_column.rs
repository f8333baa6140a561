//! HC004 unresolved-column: a column name matches no table in scope, or more than one.

use super::{Context, Example, Finding, Rule, Severity};
use crate::plan::bind::ProblemKind;

/// HC004: a column name matches no table in scope, or more than one.
pub static RULE: Rule = Rule {
    code: "HC004",
    name: "unresolved-column",
    severity: Severity::Warning,
    summary: "a column name matches no table in scope, or more than one",
    page: r#"## What it finds
A column name that no table of the FROM clause has, or that several tables have, so that the column is ambiguous.

## Why it matters
The column may come from a table that holds identifiers.

## How to fix it
Write the table’s name or alias before the column.
"#,
    fires: r#"SELECT c.country, d.country AS other, e.os
FROM telemetry.clients_daily AS c
JOIN telemetry.main AS d ON c.client_id = d.client_id"#,
    passes: r#"SELECT c.country, d.os
FROM telemetry.clients_daily AS c
JOIN telemetry.main AS d ON c.client_id = d.client_id"#,
    example: Example::Alone,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for finding in context.problems(ProblemKind::UnresolvedColumn) {
        findings.push(RULE.finding(finding.span, finding.message.clone(), finding.help.clone()));
    }
}
