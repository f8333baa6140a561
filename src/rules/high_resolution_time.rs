//! HC204 high-resolution-time: individual rows or group keys have a time at a second or finer.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::Rows;
use crate::registry::Resolution;
use crate::source::Span;

/// HC204: individual rows or group keys have a time at a second or finer.
pub static RULE: Rule = Rule {
    code: "HC204",
    name: "high-resolution-time",
    severity: Severity::Error,
    summary: "individual rows or group keys have a time at a second or finer",
    page: r#"## What it finds
A published column of individual rows is a time at a second or finer. Or rows are grouped by such a time and no minimum bucket size is proven.

## Why it matters
A group of one second is a single event. The moment of an event links it to other sources (policy, level 7).

## How to fix it
Publish the day or the hour: `DATE(submission_timestamp)`, `TIMESTAMP_TRUNC(submission_timestamp, HOUR)`.
"#,
    fires: r#"SELECT submission_timestamp, country FROM telemetry.main"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let fine = Some(Resolution::Second);
    if context.rows.rows == Rows::Individual {
        for (column, value) in context.published() {
            if value.resolution >= fine {
                findings.push(time_finding(
                    column.span,
                    &context.describe_column(column),
                    "individual rows",
                ));
            }
        }
        return;
    }
    for (column, value) in context.published() {
        if value.collection.is_some() && value.resolution >= fine {
            findings.push(time_finding(
                column.span,
                &context.describe_column(column),
                "individual rows",
            ));
        }
    }
    if context.lacks_proven_bucket() {
        for key in context.rows.keys.iter().flatten() {
            if key.facts.resolution >= fine {
                findings.push(time_finding(
                    key.span,
                    &format!("the group key `{}`", key.name),
                    "single events",
                ));
            }
        }
    }
}

fn time_finding(span: Span, what: &str, of: &str) -> Finding {
    RULE.finding(
        span,
        format!("{what} is the time of {of} at a second or finer"),
        "truncate it to the day or the hour",
    )
    .label("a second or finer")
}
