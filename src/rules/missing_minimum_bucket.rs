//! HC101 missing-minimum-bucket: aggregated rows have no minimum bucket size.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::numbers::GroupedNumber;

/// HC101: aggregated rows have no minimum bucket size.
pub static RULE: Rule = Rule {
    code: "HC101",
    name: "missing-minimum-bucket",
    severity: Severity::Warning,
    summary: "aggregated rows have no minimum bucket size",
    page: r#"## What it finds
Rows are groups of people, and the query does not remove groups of fewer than 5,000 distinct people, the policy’s minimum.

## Why it matters
A group of three people in a small country on a rare system can be recognised (policy, level 3 against level 2).

## How to fix it
Keep only large groups: `HAVING COUNT(DISTINCT client_id) >= 5000`. Or fold small groups into “Other” and group again. Count people with DISTINCT, not rows: one client may send 5,000 events.
"#,
    fires: r#"SELECT country, COUNT(*) AS pings
FROM telemetry.main
GROUP BY country"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    if !context.lacks_proven_bucket()
        || context
            .attempts()
            .iter()
            .any(|(kind, _)| *kind != ThresholdDefect::OnlySelectsValue)
        || context.lost()
        || !context.rows.history.clauses_with_wrong_unit.is_empty()
    {
        return;
    }
    let required = context.decision.bucket.required;
    let mut finding = RULE
        .finding(
            context.grouping(),
            format!(
                "no group is proven to hold at least {} people",
                GroupedNumber(required)
            ),
            context.threshold_help(),
        )
        .label("no minimum group size");
    finding.severity = context.bucket_severity();
    for (_, attempt) in context.attempts() {
        let what = "this condition only chooses a value: small groups stay in the output";
        finding = finding.also(attempt.span, what);
    }
    findings.push(finding);
}
