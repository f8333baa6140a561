//! HC108 approximate-threshold: the threshold compares APPROX_COUNT_DISTINCT or a sketch.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};

/// HC108: the threshold compares APPROX_COUNT_DISTINCT or a sketch.
pub static RULE: Rule = Rule {
    code: "HC108",
    name: "approximate-threshold",
    severity: Severity::Warning,
    summary: "the threshold compares APPROX_COUNT_DISTINCT or a sketch",
    page: r#"## What it finds
A condition compares an approximate number of people: `APPROX_COUNT_DISTINCT`, `HLL_COUNT.MERGE`, `HLL_COUNT.EXTRACT`.

## Why it matters
The number is never exact, so there is no limit to how far below the minimum a group may be.

## How to fix it
Compare the exact count: `COUNT(DISTINCT client_id) >= 5000`. The approximate number may still be published.
"#,
    fires: r#"SELECT country, APPROX_COUNT_DISTINCT(client_id) AS clients
FROM telemetry.main
GROUP BY country
HAVING APPROX_COUNT_DISTINCT(client_id) >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    context.report_thresholds(
        &RULE,
        ThresholdDefect::Approximate,
        |_| "the threshold compares an approximate number, which does not prove a minimum bucket size".to_owned(),
        |attempt| format!("this is {}", attempt.count.what),
        findings,
    );
}
