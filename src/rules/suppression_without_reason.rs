//! HC404 suppression-without-reason: a suppression does not say why.

use super::{Context, Example, Finding, Rule, Severity};
use crate::source::Span;

/// HC404: a suppression does not say why.
pub static RULE: Rule = Rule {
    code: "HC404",
    name: "suppression-without-reason",
    severity: Severity::Error,
    summary: "a suppression does not say why",
    page: r#"## What it finds
A comment `-- headcount: allow(…)` or `-- headcount: internal` with nothing behind it. It does nothing.

## Why it matters
The next reader has to know who accepted what, and why, or can't tell whether it still holds.

## How to mend it
Write the reason behind it, on the same line.
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
        "this comment does not say why, so it does nothing",
        "write the reason behind it",
    )
}
