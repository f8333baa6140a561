//! HC004 unresolved-column: a name that no table in scope has, or more than one has.

use super::{Context, Example, Finding, Rule, Severity};
use crate::plan::bind::ProblemKind;

/// HC004: a name that no table in scope has, or more than one has.
pub static RULE: Rule = Rule {
    code: "HC004",
    name: "unresolved-column",
    severity: Severity::Warning,
    summary: "a name that no table in scope has, or more than one has",
    page: r#"## What it finds
A column name that no table of the FROM clause has, or that several have, so that it is not known which is meant.

## Why it matters
The column may come from a table that holds identifiers.

## How to mend it
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
