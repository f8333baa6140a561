//! HC114 nullable-unit: rows without an identifier count as one person too many.

use super::{Context, Example, Finding, Rule, Severity};
use crate::facts::Bound;

/// HC114: rows without an identifier count as one person too many.
pub static RULE: Rule = Rule {
    code: "HC114",
    name: "nullable-unit",
    severity: Severity::Note,
    summary: "rows without an identifier count as one person too many",
    page: r#"## What it finds
A threshold counts one value more than there are people: rows without an identifier make one row, or one value, that is nobody’s.

## Why it matters
A group that reaches the minimum exactly may stand for one person fewer.

## How to mend it
Leave such rows out before counting (`WHERE client_id IS NOT NULL`), count with `COUNT(DISTINCT client_id)`, which passes over NULL, or ask for one more. Where the column is never NULL, say so in the registry: `not_null = ["client_id"]`.
"#,
    fires: r#"WITH clients AS (
  SELECT client_id, country
  FROM telemetry.main
  GROUP BY client_id, country
)
SELECT country, COUNT(*) AS clients
FROM clients
GROUP BY country
HAVING COUNT(*) >= 5000"#,
    passes: r#"WITH clients AS (
  SELECT client_id, country
  FROM telemetry.main
  WHERE client_id IS NOT NULL
  GROUP BY client_id, country
)
SELECT country, COUNT(*) AS clients
FROM clients
GROUP BY country
HAVING COUNT(*) >= 5000"#,
    example: Example::Alone,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let required = context.decision.bucket.required;
    if context.rows.bucket().is_none_or(|k| k >= required) {
        return;
    }
    for attempt in &context.rows.history.attempts {
        let Bound::Constant(least) = attempt.bound else {
            continue;
        };
        let Some(slack) = attempt.count.slack() else {
            continue;
        };
        if slack > 0 && least >= required && least - slack < required {
            findings.push(
                RULE.finding(
                    attempt.span,
                    format!(
                        "of the {least} that are counted, {slack} may be nobody: {} people are proven",
                        least - slack
                    ),
                    "leave rows without an identifier out before counting",
                )
                .label("NULL, or a value in its place, is counted too"),
            );
        }
    }
}
