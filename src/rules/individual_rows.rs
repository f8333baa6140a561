//! HC203 individual-rows: rows are not aggregated over people.

use super::threshold::declare_without_people_help;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::Rows;

/// HC203: rows are not aggregated over people.
pub static RULE: Rule = Rule {
    code: "HC203",
    name: "individual-rows",
    severity: Severity::Error,
    summary: "rows are not aggregated over people",
    page: r#"## What it finds
Each published row, or each element of a published array, is a single record of one person. Or rows are grouped by a column that identifies a person.

## Why it matters
Rare combinations of values identify a person even without an identifier (policy, level 5).

## How to fix it
Aggregate over people: group by dimensions only, and keep groups of at least 5,000 people.
"#,
    fires: r#"SELECT country, os FROM telemetry.clients_daily"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    if context.rows.rows == Rows::Individual {
        let known = context.rows.individual_reason.as_ref();
        let (why, span, unread) = match known {
            Some(why) => (why.why.to_string(), why.span, why.unread),
            None => (
                "each row belongs to a single person".to_owned(),
                context.dataset.span,
                false,
            ),
        };
        let aggregate = "group by dimensions only and publish counts of distinct people";
        let unregistered = known.and_then(|why| why.unregistered.as_deref());
        let help = match unregistered.filter(|table| !context.reads_identifier(table)) {
            Some(table) => format!(
                "{}; otherwise {aggregate}",
                declare_without_people_help(table)
            ),
            None => aggregate.to_owned(),
        };
        let message = if unread {
            format!("rows are not known to be aggregated over people: {why}")
        } else {
            format!("rows are not aggregated over people: {why}")
        };
        let mut finding = RULE
            .finding(span, message, help)
            .label("rows of single people");
        // Rows that a published identifier groups: once it is removed, so is the group.
        finding.follows = context.publishes_group_identifier();
        findings.push(finding);
    }
    for (column, value) in context.published() {
        if let Some(place) = value.collection {
            findings.push(
                RULE.finding(
                    place,
                    format!(
                        "{} collects values of individual rows",
                        context.describe_column(column)
                    ),
                    "publish counts, or collect values of grouped rows",
                )
                .label("each element comes from one row"),
            );
        }
    }
}
