//! HC007 unsupported-construct: a construct is parsed but not modelled.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::plan::bind::ProblemKind;
use crate::source::Span;

/// HC007: a construct is parsed but not modelled.
pub static RULE: Rule = Rule {
    code: "HC007",
    name: "unsupported-construct",
    severity: Severity::Warning,
    summary: "a construct is parsed but not modelled",
    page: r#"## What it finds
A piece of SQL that is parsed but whose effect on rows is not modelled. In the layout of bigquery-etl, also a label of `metadata.yaml` that publishes a table which no SQL in its folder creates, and a label that is most likely a misspelt `public_json` or `public_bigquery`: its dataset is checked as a public one.

## Why it matters
A construct that is not modelled may publish anything, so nothing is claimed about it.

## How to fix it
Write it with the standard clauses of a query, or ask a data steward to read that part. Correct or remove the label.
"#,
    fires: r#"CALL mozdata.procedures.publish_everything()"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for finding in context.problems(ProblemKind::Unsupported) {
        findings.push(RULE.finding(finding.span, finding.message.clone(), finding.help.clone()));
    }
}

/// The finding for a label that is not one that publishes, and was most likely meant so.
pub fn label(span: Span, message: String, help: String) -> Finding {
    RULE.finding(span, message, help)
}

/// Returns the finding for a statement that runs beside a query and may change its
/// rows.
pub fn beside(span: Span, message: String) -> Finding {
    let help = "write what it adds in the query itself, or ask a data steward to read it";
    RULE.finding(span, message, help.to_owned())
}
