//! HC207 surrogate-row-key: GENERATE_UUID, ROW_NUMBER or a rank identifies individual rows.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::Rows;

/// HC207: GENERATE_UUID, ROW_NUMBER or a rank identifies individual rows.
pub static RULE: Rule = Rule {
    code: "HC207",
    name: "surrogate-row-key",
    severity: Severity::Warning,
    summary: "GENERATE_UUID, ROW_NUMBER or a rank identifies individual rows",
    page: r#"## What it finds
A number or an id that is generated for each individual row is published.

## Why it matters
The key identifies the row permanently: two publications of it can be compared row by row.

## How to fix it
Remove the key, or aggregate the rows.
"#,
    fires: r#"SELECT GENERATE_UUID() AS row_id, country FROM telemetry.clients_daily"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    if context.rows.rows != Rows::Individual {
        return;
    }
    for (column, value) in context.published() {
        if let Some(made) = value.surrogate {
            findings.push(
                RULE.finding(
                    made,
                    format!(
                        "{} publishes a key that identifies individual rows",
                        context.describe_column(column)
                    ),
                    "remove the key, or aggregate the rows",
                )
                .label("generated for each row"),
            );
        }
    }
}
