//! HC106 threshold-at-other-grain: the threshold is proven for coarser groups than the published ones.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::LossKind;
use crate::numbers::GroupedNumber;

/// HC106: the threshold is proven for coarser groups than the published ones.
pub static RULE: Rule = Rule {
    code: "HC106",
    name: "threshold-at-other-grain",
    severity: Severity::Warning,
    summary: "the threshold is proven for coarser groups than the published ones",
    page: r#"## What it finds
A valid threshold applies to coarser groups than the published ones: a count of the people of a country although country and system are published, a window’s count over a part of the group keys, a list of large groups against which finer groups are looked up.

## Why it matters
A country of 5,000 people has systems that three of them use.

## How to fix it
Count the people of the published combination itself, after the last grouping: `HAVING COUNT(DISTINCT client_id) >= 5000`.
"#,
    fires: r#"SELECT country, os, COUNT(*) AS pings
FROM telemetry.main
WHERE country IN (
  SELECT country
  FROM telemetry.main
  GROUP BY country
  HAVING COUNT(DISTINCT client_id) >= 5000
)
GROUP BY country, os"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    context.report_losses(
        &RULE,
        LossKind::OtherGrain,
        |loss| {
            format!(
                "coarser groups are proven to hold {} people, the published groups are not",
                GroupedNumber(loss.k)
            )
        },
        "the minimum bucket size of coarser groups proves nothing about these groups",
        findings,
    );
    context.report_thresholds(
        &RULE,
        ThresholdDefect::OtherGrain,
        |_| "the threshold is on the people of other groups than the published ones".to_owned(),
        |attempt| format!("this counts {}, of a coarser group", attempt.count.what),
        findings,
    );
}
