//! HC401 missing-review: the dataset is marked public and needs a review that is not on record.

use super::{Context, Example, Finding, Rule, Severity};
use crate::source::Span;

/// HC401: the dataset is marked public and needs a review that is not on record.
pub static RULE: Rule = Rule {
    code: "HC401",
    name: "missing-review",
    severity: Severity::Warning,
    summary: "the dataset is marked public and needs a review that is not on record",
    page: r#"## What it finds
The metadata of the dataset says that it is public (the labels `public_json` or `public_bigquery` of `metadata.yaml`), it needs extra review, and the publishing record has no entry for it; or the entry is known debt whose end is past. A bug in `review_bugs` alone is no entry: nobody can tell what was approved in it.

## Why it matters
It is published, or will be, and nobody can tell that a steward has seen it.

## How to mend it
Have it reviewed, then run `headcount approve` with the bug of the review. What is public already and can't be reviewed at once is recorded as known debt with `headcount approve PATH --baseline --bug URL --until DAY`.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country"#,
    passes: r#"SELECT day
FROM UNNEST(GENERATE_DATE_ARRAY('2026-01-01', '2026-12-31')) AS day"#,
    example: Example::Public,
    check,
};

/// The record is looked at when all is assessed: [`of`] makes the finding.
fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}

/// The finding for a dataset without an entry; `mark` says what marks it public.
pub fn of(span: Span, mark: &str) -> Finding {
    RULE.finding(
        span,
        format!("it is marked public ({mark}), needs extra review, and no review is on record"),
        "have it reviewed, then run `headcount approve --bug …`; `--baseline` records known debt",
    )
}

/// The finding for known debt whose end is past.
pub fn ended(span: Span, until: &str, bug: &str) -> Finding {
    RULE.finding(
        span,
        format!("it was known debt until {until}, and is still not reviewed ({bug})"),
        "have it reviewed, then run `headcount approve --bug …`",
    )
}
