//! HC401 missing-review: the dataset is public and needs a review, but no review is on record.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::source::Span;

/// HC401: the dataset is public and needs a review, but no review is on record.
pub static RULE: Rule = Rule {
    code: "HC401",
    name: "missing-review",
    severity: Severity::Warning,
    summary: "the dataset is public and needs a review, but no review is on record",
    page: r#"## What it finds
The metadata marks the dataset as public (the labels `public_json` or `public_bigquery` of `metadata.yaml`), the dataset needs extra review, and the publishing record has no entry for it. Or its entry is known debt whose end date has passed. A bug in `review_bugs` alone is not an entry: it does not say what was approved. The finding names the bug.

## Why it matters
The dataset is published, or will be, and nothing shows that a data steward has reviewed it.

## How to fix it
Have the dataset reviewed, then run `headcount approve` with the bug of the review. To record a dataset that is already public and cannot be reviewed at once as known debt, run `headcount approve PATH --baseline --bug URL --until DAY`.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country"#,
    passes: r#"SELECT day
FROM UNNEST(GENERATE_DATE_ARRAY('2026-01-01', '2026-12-31')) AS day"#,
    example: ExampleSetup::Public,
    check,
};

/// Does nothing: [`of`] creates the finding when the record is compared.
///
/// That is after all datasets are assessed.
fn check(_: &RuleContext<'_>, _: &mut Vec<Finding>) {}

/// The finding for a dataset without an entry: what marks it public, the bugs that its
/// owners name as its review, and the words there that name none.
pub fn of(span: Span, mark: &str, bugs: &[String], placeholders: &[String]) -> Finding {
    let public = format!("the dataset is marked public ({mark}) and needs extra review");
    if let Some(first) = bugs.first() {
        let bug = if bugs.len() == 1 {
            "the bug"
        } else {
            "one of the bugs"
        };
        return RULE.finding(
            span,
            format!(
                "{public}; `review_bugs` names {}, but the publishing record has no entry that says what was approved there",
                bugs.join(", ")
            ),
            format!(
                "if {bug} approves this query, run `headcount approve --bug {first}` with the path of this file; `--baseline` records known debt"
            ),
        );
    }
    if let Some(word) = placeholders.first() {
        return RULE.finding(
            span,
            format!("{public}; `review_bugs` contains `{word}`, which names no bug"),
            "have the dataset reviewed, write the number of the bug into `review_bugs`, then run `headcount approve --bug …`",
        );
    }
    RULE.finding(
        span,
        format!("{public}, but no review is on record"),
        "have the dataset reviewed, then run `headcount approve --bug …`; `--baseline` records known debt",
    )
}

/// Returns the finding for known debt that is no longer tolerated.
pub fn ended(span: Span, until: &str, bug: &str) -> Finding {
    RULE.finding(
        span,
        format!("the dataset was tolerated as known debt until {until} and is still not reviewed ({bug})"),
        "have the dataset reviewed, then run `headcount approve --bug …`",
    )
}
