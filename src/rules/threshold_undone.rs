//! HC109 threshold-undone: a UNION branch, a join or a later step adds rows without a threshold.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::LossKind;
use crate::numbers::GroupedNumber;

/// HC109: a UNION branch, a join or a later step adds rows without a threshold.
pub static RULE: Rule = Rule {
    code: "HC109",
    name: "threshold-undone",
    severity: Severity::Warning,
    summary: "a UNION branch, a join or a later step adds rows without a threshold",
    page: r#"## What it finds
A part of the query is proven to have large groups, and a later step loses that property: a branch of a UNION without a threshold, rows of single people joined to the groups, a WHERE after a window’s count, UNNEST of collected values.

## Why it matters
The published rows are the rows after that step, and they may stand for few people.

## How to fix it
Put the threshold after the last step that changes who is in a group, or into each branch.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.main
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000
UNION ALL
SELECT 'all Linux', COUNT(DISTINCT client_id)
FROM telemetry.main
WHERE os = 'Linux' "#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.main
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000
UNION ALL
SELECT 'all Linux', COUNT(DISTINCT client_id)
FROM telemetry.main
WHERE os = 'Linux'
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for (kind, what) in [
        (LossKind::Joined, "rows of fewer people are added here"),
        (LossKind::Thinned, "some of the people are removed here"),
    ] {
        context.report_losses(
            &RULE,
            kind,
            |loss| {
                format!(
                    "{} loses a proven minimum bucket size of {} people",
                    loss.word,
                    GroupedNumber(loss.k)
                )
            },
            what,
            findings,
        );
    }
    context.report_thresholds(
        &RULE,
        ThresholdDefect::Undone,
        |_| {
            "the threshold covers people of only one side, and the rows also contain others"
                .to_owned()
        },
        |attempt| format!("this counts {} on its own side", attempt.count.what),
        findings,
    );
}
