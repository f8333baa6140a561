//! HC109 threshold-undone: a UNION branch, join or later step brings unthresholded rows back.

use super::threshold::Kind;
use super::{Context, Example, Finding, Rule, Severity};
use crate::facts::LossKind;

/// HC109: a UNION branch, join or later step brings unthresholded rows back.
pub static RULE: Rule = Rule {
    code: "HC109",
    name: "threshold-undone",
    severity: Severity::Warning,
    summary: "a UNION branch, join or later step brings unthresholded rows back",
    page: r#"## What it finds
A part of the query is proven to have large groups, and a later step loses that: a branch of a UNION without a threshold, rows of single people joined to the groups, a WHERE after a window’s count, UNNEST of what was collected.

## Why it matters
The published rows are those after the step, and they may be of few people.

## How to mend it
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
    example: Example::Alone,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (kind, what) in [
        (LossKind::Joined, "rows of fewer people come in here"),
        (LossKind::Thinned, "a part of the people is taken away here"),
    ] {
        context.of_loss(
            &RULE,
            kind,
            |loss| {
                format!(
                    "{} undoes a bucket that was proven to hold {} people",
                    loss.word, loss.k
                )
            },
            what,
            findings,
        );
    }
    context.of_threshold(
        &RULE,
        Kind::Undone,
        |_| "the threshold is on people of one side, and the rows are also of others".to_owned(),
        |attempt| format!("this counts {} on its own side", attempt.count.what),
        findings,
    );
}
