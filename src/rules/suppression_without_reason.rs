//! HC404 suppression-without-reason: a suppression has no reason.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::source::Span;

/// HC404: a suppression has no reason.
pub static RULE: Rule = Rule {
    code: "HC404",
    name: "suppression-without-reason",
    severity: Severity::Error,
    summary: "a suppression has no reason",
    page: r#"## What it finds
A comment `-- headcount: allow(…)` or `-- headcount: internal` without a reason after it. The comment has no effect.

## Why it matters
The next reader needs to know who accepted what, and why, and whether the reason still holds.

## How to fix it
Write the reason after the comment, on the same line.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country -- headcount: allow(HC101)"#,
    passes: r#"-- headcount: allow(HC101) the steward reads every row of it
SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country"#,
    example: ExampleSetup::Alone,
    check,
};

/// Does nothing: [`of`] creates the finding when all other findings are known.
fn check(_: &RuleContext<'_>, _: &mut Vec<Finding>) {}

/// Returns the finding for a comment without a reason.
pub fn of(comment: Span) -> Finding {
    RULE.finding(
        comment,
        "this comment has no effect: it gives no reason",
        "write the reason after it, on the same line",
    )
}
