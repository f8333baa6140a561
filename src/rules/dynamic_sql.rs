//! HC006 dynamic-sql: EXECUTE IMMEDIATE on a string that is not a constant.

use super::{Context, Example, Finding, Rule, Severity};
use crate::plan::bind::ProblemKind;

/// HC006: EXECUTE IMMEDIATE on a string that is not a constant.
pub static RULE: Rule = Rule {
    code: "HC006",
    name: "dynamic-sql",
    severity: Severity::Warning,
    summary: "EXECUTE IMMEDIATE on a string that is not a constant",
    page: r#"## What it finds
A statement that is made from a string when the script runs.

## Why it matters
What it publishes cannot be read from the text.

## How to mend it
Write the statement itself. Where only a table’s name changes, a steward reads each of them.
"#,
    fires: r#"EXECUTE IMMEDIATE FORMAT('CREATE TABLE d.t AS SELECT * FROM %s', 'telemetry.main')"#,
    passes: r#"CREATE TABLE mozdata.analysis.t AS SELECT submission_date FROM telemetry.main"#,
    example: Example::Alone,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for finding in context.problems(ProblemKind::DynamicSql) {
        findings.push(RULE.finding(finding.span, finding.message.clone(), finding.help.clone()));
    }
}
