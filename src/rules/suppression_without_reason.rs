//! HC404 suppression-without-reason: a suppression has no reason.

use super::{Context, Example, Finding, Rule, Severity};
use crate::source::Span;

/// HC404: a suppression does not say why.
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
    example: Example::Alone,
    check,
};

/// Comments are looked at when all findings are there: [`of`] makes the finding.
fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}

/// The finding for a comment.
pub fn of(comment: Span) -> Finding {
    RULE.finding(
        comment,
        "this comment has no effect: it gives no reason",
        "write the reason after it, on the same line",
    )
}
