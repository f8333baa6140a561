//! HC006 dynamic-sql: EXECUTE IMMEDIATE runs a string that is not a constant.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::plan::bind::ProblemKind;

/// HC006: EXECUTE IMMEDIATE runs a string that is not a constant.
pub static RULE: Rule = Rule {
    code: "HC006",
    name: "dynamic-sql",
    severity: Severity::Warning,
    summary: "EXECUTE IMMEDIATE runs a string that is not a constant",
    page: r#"## What it finds
A statement that is built from a string when the script runs.

## Why it matters
The text does not show what the statement publishes.

## How to fix it
Write the statement itself. If only the name of a table changes, a data steward reads each of the statements.
"#,
    fires: r#"EXECUTE IMMEDIATE FORMAT('CREATE TABLE d.t AS SELECT * FROM %s', 'telemetry.main')"#,
    passes: r#"CREATE TABLE mozdata.analysis.t AS SELECT submission_date FROM telemetry.main"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for finding in context.problems(ProblemKind::DynamicSql) {
        findings.push(RULE.finding(finding.span, finding.message.clone(), finding.help.clone()));
    }
}
