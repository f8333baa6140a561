//! HC103 threshold-counts-rows: the threshold counts rows, and one person may have several rows.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::numbers::GroupedNumber;

/// HC103: the threshold counts rows, and one person may have several rows.
pub static RULE: Rule = Rule {
    code: "HC103",
    name: "threshold-counts-rows",
    severity: Severity::Warning,
    summary: "the threshold counts rows, and one person may have several rows",
    page: r#"## What it finds
A condition keeps only groups of many rows: `COUNT(*)`, `COUNTIF`, `SUM(1)`. It is not known that each person has at most one row in a group.

## Why it matters
One client that sends 5,000 pings makes a group of 5,000 rows and of one person.

## How to fix it
Count people: `COUNT(DISTINCT client_id) >= 5000`. If each person has one row by the table’s design, declare that in the registry (`keys = [["client_id"]]`, `not_null = ["client_id"]`): then rows are people.
"#,
    fires: r#"SELECT country, COUNT(*) AS pings
FROM telemetry.main
GROUP BY country
HAVING COUNT(*) >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let required = context.decision.bucket.required;
    context.report_thresholds(
        &RULE,
        ThresholdDefect::Rows,
        |_| {
            let required = GroupedNumber(required);
            format!("the threshold counts rows, and one person may have {required} of them")
        },
        |attempt| format!("this counts {}", attempt.count.what),
        findings,
    );
}
