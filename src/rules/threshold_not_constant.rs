//! HC107 threshold-not-constant: the threshold compares with an unknown parameter, variable or template value.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};

/// HC107: the threshold compares with an unknown parameter, variable or template
/// value.
pub static RULE: Rule = Rule {
    code: "HC107",
    name: "threshold-not-constant",
    severity: Severity::Warning,
    summary: "the threshold compares with an unknown parameter, variable or template value",
    page: r#"## What it finds
A count is compared with a value that is not in the text: a query parameter, a script variable that is set, a template value.

## Why it matters
The person who runs the query decides how small a group may be.

## How to fix it
Write the number, or DECLARE the variable with a constant and never SET it.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING clients >= @minimum"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let required = context.decision.bucket.required;
    for attempt in context.conditions_with_defect(ThresholdDefect::NotConstant) {
        let mut finding = RULE
            .finding(
                attempt.span,
                "the threshold is not a constant, so it does not prove a number of people",
                format!("write the number: {required}"),
            )
            .label("unknown value");
        if attempt.constant != attempt.span {
            finding = finding.also(attempt.constant, "set elsewhere");
        }
        finding.severity = context.bucket_severity();
        findings.push(finding);
    }
}
