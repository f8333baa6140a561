//! HC114 nullable-unit: rows without an identifier count as one additional person.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::ThresholdBound;
use crate::numbers::GroupedNumber;

/// HC114: rows without an identifier count as one additional person.
pub static RULE: Rule = Rule {
    code: "HC114",
    name: "nullable-unit",
    severity: Severity::Note,
    summary: "rows without an identifier count as one additional person",
    page: r#"## What it finds
A threshold counts one value more than there are people: rows without an identifier make one row, or one value, that belongs to no person.

## Why it matters
A group that reaches the minimum exactly may stand for one person fewer.

## How to fix it
Exclude such rows before counting (`WHERE client_id IS NOT NULL`), count with `COUNT(DISTINCT client_id)`, which ignores NULL, or require one more. If the column is never NULL, declare that in the registry: `not_null = ["client_id"]`.
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
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let required = context.decision.bucket.required;
    for attempt in context.conditions_with_defect(ThresholdDefect::Nullable) {
        let (ThresholdBound::Constant(least), Some(slack)) = (attempt.bound, attempt.count.slack())
        else {
            continue;
        };
        let mut finding = RULE
            .finding(
                attempt.span,
                format!(
                    "NULL identifiers may count as {slack} of {}: only {} people are guaranteed",
                    GroupedNumber(least),
                    GroupedNumber(attempt.proven())
                ),
                format!(
                    "exclude rows without an identifier before counting, or use `>= {}`",
                    required.saturating_add(slack)
                ),
            )
            .label("NULL, or a value that replaces it, is also counted");
        finding.severity = context.bucket_severity();
        findings.push(finding);
    }
}
