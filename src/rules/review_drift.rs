//! HC402 review-drift: the dataset now discloses more than was approved.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::source::Span;

/// HC402: the dataset now discloses more than was approved.
pub static RULE: Rule = Rule {
    code: "HC402",
    name: "review-drift",
    severity: Severity::Error,
    summary: "the dataset now discloses more than was approved",
    page: r#"## What it finds
The dataset has an entry in the publishing record, and discloses more than the entry says. These changes disclose more:

- an additional column or a finer grain,
- a lower bucket or a higher level,
- a base column that is sensitive, unregistered or without a data review,
- a lost fold of small groups,
- a column that is computed in another way,
- other tables or people,
- another condition on a sensitive column,
- a threshold that requires less,
- a changed text whose content is not visible,
- an additional finding.

Each rendering of a template is compared. Each change is reported at its place. A dataset that discloses less is accepted, and so is a query that is only written in another way. A comment `-- headcount: internal` does not revoke that the dataset was published. If a file may still write the table of an entry, but its rows are no longer visible, that is reported as well.

## Why it matters
What the data steward approved is not what would be published. An approval of one query does not cover what the query becomes.

## How to fix it
Revert the addition. Or have the dataset reviewed again, then run `headcount approve` with the bug of that review. Delete the entry of a dataset that is no longer published.
"#,
    fires: r#"SELECT country, os, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country, os
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 8000"#,
    example: ExampleSetup::Approved(
        r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    ),
    check,
};

/// Does nothing: [`of`] creates the findings when the record is compared.
///
/// That is after all datasets are assessed.
fn check(_: &RuleContext<'_>, _: &mut Vec<Finding>) {}

/// The finding for what grew at one place. `approved` says when, by whom and where
/// less was.
/// `cause` is a file that makes a source table and is not understood.
pub fn of(
    span: Span,
    messages: &[&str],
    approved: &str,
    same_text: bool,
    cause: Option<&str>,
) -> Finding {
    let why = match (cause, same_text) {
        (Some(cause), true) => format!(
            "; the query itself is the same, but {cause}, on which it depends, is not understood"
        ),
        (Some(cause), false) => format!("; {cause}, on which it depends, is not understood"),
        (None, true) => {
            "; the query itself is the same, so its source tables or the registry changed"
                .to_owned()
        }
        (None, false) => String::new(),
    };
    RULE.finding(
        span,
        format!("the dataset now discloses more than was approved: {}", messages.join("; ")),
        format!(
            "revert the change, or have it reviewed and run `headcount approve --bug …` ({approved}){why}"
        ),
    )
}
