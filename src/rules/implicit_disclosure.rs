//! HC116 implicit-disclosure: a condition over other people decides about a row or value.

use super::{Context, Example, Finding, Rule, Severity};
use crate::facts::Rows;

/// HC116: a condition over other people decides about a row or value, and too few may stand behind its answer.
pub static RULE: Rule = Rule {
    code: "HC116",
    name: "implicit-disclosure",
    severity: Severity::Warning,
    summary: "a condition over other people decides about a row or value, and too few may stand behind its answer",
    page: r#"## What it finds
A condition decides whether a row is published, or which value stands in it, and its answer may depend on a single person: EXISTS, IN or a scalar subquery over rows of people, a join that only compares, a filter on a cell of fewer people than its group (`HAVING COUNTIF(…) > 0`), a script's IF.

## Why it matters
Nothing of the other rows is selected, and yet the answer is published: `IF(EXISTS (SELECT 1 FROM t WHERE …), 'yes', 'no')` tells whether that one person is there.

## How to mend it
Compare with groups of enough people (`… IN (SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000)`), look up the row's own person (`WHERE other.client_id = t.client_id`), or leave the condition out. The newest day of a table (`day = (SELECT MAX(day) FROM t)`) may stay.
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
    example: Example::Alone,
    check,
};

const HELP: &str = "compare with groups of at least the minimum bucket, look up the row's own person, or leave the condition out";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.rows.rows != Rows::Aggregated {
        return;
    }
    let required = context.decision.bucket.required;
    // Whether a small group is there is what HC101 and its like report.
    let own_people = context.only_implied();
    for implied in &context.rows.history.implied {
        if implied.k >= required || (implied.table.is_none() && !own_people) {
            continue;
        }
        let message = match &implied.table {
            Some(table) => format!(
                "{}: whether a row is there may depend on a single person of `{table}`",
                implied.word
            ),
            None => format!(
                "{}: whether a row is there depends on a value of fewer than {required} people",
                implied.word
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
                .label("its answer is published"),
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
                    context.called(column),
                    influence.table
                ),
                HELP,
            )
            .label("its value is an answer about other rows")
            .made_at(influence.span, "asked here"),
        );
    }
}
