//! HC402 review-drift: the dataset now discloses more than what was approved.

use super::{Context, Example, Finding, Rule, Severity};
use crate::source::Span;

/// HC402: the dataset now discloses more than what was approved.
pub static RULE: Rule = Rule {
    code: "HC402",
    name: "review-drift",
    severity: Severity::Error,
    summary: "it now discloses more than what was approved",
    page: r#"## What it finds
The dataset has an entry in the publishing record, and discloses more than the entry says: a column, a finer grain, a lower bucket, a higher level, a base column that is sensitive, unregistered or without a data review, a lost fold of small groups, a column that is made in another way, other tables or people, another condition on a sensitive column, a threshold that asks for less, a text that nobody can see into and that was changed, another finding. Each way that a template may go is compared. Each is told at its place. Less is let be, and so is a query that is only written in another way. A comment `-- headcount: internal` does not take back that the dataset was published. Where a file still may write the table of an entry, and its rows are not seen any more, that is told as well.

## Why it matters
What the steward approved is not what would be published. An approval of one query does not carry over to what it becomes.

## How to mend it
Take back what was added, or have the dataset reviewed again and then run `headcount approve` with the bug of that review. Delete the entry of a dataset that is not published any more.
"#,
    fires: r#"SELECT country, os, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country, os
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 8000"#,
    example: Example::Approved(
        r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    ),
    check,
};

/// The record is looked at when all is assessed: [`of`] makes the finding.
fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}

/// The finding for what grew at one place. `approved` says when, by whom and where
/// less was.
pub fn of(span: Span, messages: &[&str], approved: &str, same_text: bool) -> Finding {
    let why = if same_text {
        "; the query itself is the same, so what it reads, or the registry, was changed"
    } else {
        ""
    };
    RULE.finding(
        span,
        format!("it now discloses more than what was approved: {}", messages.join("; ")),
        format!(
            "take it back, or have it reviewed and run `headcount approve --bug …` ({approved}){why}"
        ),
    )
}
