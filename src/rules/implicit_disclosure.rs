//! HC116 implicit-disclosure: a condition over other people decides a row or a value, and its result may depend on too few people.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::Rows;
use crate::numbers::GroupedNumber;

/// HC116: a condition over other people decides a row or a value, and its result may
/// depend on too few people.
pub static RULE: Rule = Rule {
    code: "HC116",
    name: "implicit-disclosure",
    severity: Severity::Warning,
    summary: "a condition over other people decides a row or a value, and its result may depend on too few people",
    page: r#"## What it finds
A condition decides whether a row is published, or which value it has, and the result may depend on a single person: EXISTS, IN or a scalar subquery over rows of people, a join that only compares, a filter on a cell of fewer people than its group (`HAVING COUNTIF(…) > 0`), an IF of a script.

## Why it matters
No column of the other rows is selected, but the result of the condition is published: `IF(EXISTS (SELECT 1 FROM t WHERE …), 'yes', 'no')` shows whether one person is in `t`.

## How to fix it
Compare with groups that reach the minimum bucket size (`… IN (SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000)`), look up the person of the row itself (`WHERE other.client_id = t.client_id`), or remove the condition. A comparison with the newest day of a table (`day = (SELECT MAX(day) FROM t)`) may stay.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
WHERE country IN (SELECT country FROM telemetry.main WHERE os = 'Haiku')
GROUP BY country
HAVING clients >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
WHERE client_id IN (SELECT client_id FROM telemetry.main WHERE os = 'Linux')
GROUP BY country
HAVING clients >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

const HELP: &str = "compare with groups that reach the minimum bucket size, look up the person of the row itself, or remove the condition";

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    if context.rows.rows != Rows::Aggregated {
        return;
    }
    let required = context.decision.bucket.required;
    // If the rows' own people are too few, HC101 and its like already report whether
    // a small group exists.
    let own_people = context.own_people_suffice();
    for implied in &context.rows.history.implied {
        if implied.k >= required || (implied.table.is_none() && !own_people) {
            continue;
        }
        let message = match &implied.table {
            Some(table) => format!(
                "{}: whether a row is published may depend on a single person of `{table}`",
                implied.word
            ),
            None => format!(
                "{}: whether a row is published depends on a value of fewer than {} people",
                implied.word,
                GroupedNumber(required)
            ),
        };
        if findings
            .iter()
            .any(|known| known.rule.code == RULE.code && known.span == implied.span)
        {
            continue;
        }
        findings.push(
            RULE.finding(implied.span, message, HELP)
                .label("its result is published"),
        );
    }
    for (column, value) in context.published() {
        let Some(influence) = value
            .influences
            .iter()
            .find(|influence| influence.k < required)
        else {
            continue;
        };
        findings.push(
            RULE.finding(
                column.span,
                format!(
                    "{} may depend on a single person of `{}`",
                    context.describe_column(column),
                    influence.table
                ),
                HELP,
            )
            .label("this value is a result about other rows")
            .label_origin(influence.span, "computed here"),
        );
    }
}
