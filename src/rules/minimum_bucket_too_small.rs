//! HC102 minimum-bucket-too-small: the threshold’s constant is below the policy’s minimum.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::numbers::GroupedNumber;

/// HC102: the threshold's constant is below the policy's minimum.
pub static RULE: Rule = Rule {
    code: "HC102",
    name: "minimum-bucket-too-small",
    severity: Severity::Warning,
    summary: "the threshold’s constant is below the policy’s minimum",
    page: r#"## What it finds
A condition on a count keeps only large groups, but the number that it requires is below the policy’s minimum of 5,000 people.

## Why it matters
The policy requires 5,000 people in each published group. A smaller number is level 3.

## How to fix it
Raise the constant to 5000 and count distinct people.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING clients > 50"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let attempts = context.conditions_with_defect(ThresholdDefect::TooSmall);
    let Some((first, others)) = attempts.split_first() else {
        return;
    };
    let required = context.decision.bucket.required;
    let least = first.proven();
    let mut finding = RULE
        .finding(
            first.span,
            format!(
                "the threshold admits groups of {} people: at least {} are required",
                GroupedNumber(least),
                GroupedNumber(required)
            ),
            match first.count.slack().unwrap_or(0) {
                0 => format!("raise the constant to {required}"),
                slack => format!(
                    "raise the constant to {}, since NULL identifiers may count as {slack}",
                    required.saturating_add(slack)
                ),
            },
        )
        .label(format!("this bounds {}", first.count.what));
    finding.severity = context.bucket_severity();
    for attempt in others.iter().take(4) {
        finding = finding.also(attempt.span, "also here");
    }
    findings.push(finding);
}
