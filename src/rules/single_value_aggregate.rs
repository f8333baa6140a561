//! HC112 single-value-aggregate: MIN, MAX, ANY_VALUE, a quantile or a similar aggregate publishes the value of a single person.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::{BaseColumnId, ColumnFacts, Rows};
use crate::plan::{ColId, Column};
use crate::registry::Resolution;

/// HC112: MIN, MAX, ANY_VALUE, a quantile or a similar aggregate publishes the value
/// of a single person.
pub static RULE: Rule = Rule {
    code: "HC112",
    name: "single-value-aggregate",
    severity: Severity::Warning,
    summary: "MIN, MAX, ANY_VALUE, a quantile or a similar aggregate publishes the value of a single person",
    page: r#"## What it finds
A published value comes from a single person’s row: MIN, MAX, ANY_VALUE, a quantile, a top value, the distinct values of a group, one member of an array, whether a condition holds for any row (LOGICAL_OR).

## Why it matters
However large the group is, the value belongs to one person, and extreme values are the rarest.

## How to fix it
Publish a mean or a count. A date of category 1 or 2, at a day or coarser, may stay.
"#,
    fires: r#"SELECT country, MAX(active_hours_sum) AS longest
FROM telemetry.clients_daily
GROUP BY country"#,
    passes: r#"SELECT country, MAX(submission_date) AS last_seen, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING clients >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    if context.rows.rows != Rows::Aggregated {
        return;
    }
    for (column, value) in context.published() {
        let Some(made) = value.single.filter(|_| value.identities.is_empty()) else {
            continue;
        };
        // While the groups are not proven to be large, a value that an inner query
        // selects is not reported, only one that the published column itself
        // selects.
        let inner = context.lacks_proven_bucket() && !column.span.contains(made);
        if inner || is_coarse_date(context, value) {
            continue;
        }
        let help = if is_key(context, column) {
            "group by a value that many people share, or leave the column out"
        } else {
            "publish a count or a mean instead"
        };
        let finding = RULE
            .finding(
                column.span,
                format!(
                    "{} publishes the value of a single person",
                    context.describe_column(column)
                ),
                help,
            )
            .label("taken from one row of the group")
            .label_origin(made, "taken here");
        findings.push(finding);
    }
}

/// Whether rows are grouped by a published column: it labels them, and is no measure.
fn is_key(context: &RuleContext<'_>, column: &Column) -> bool {
    let keys = || context.rows.keys.iter().flatten();
    let number = |id: ColId| context.facts.number(id);
    let root = context.plan.root();
    let published = root
        .into_iter()
        .flat_map(|root| &context.plan.relation(root).columns);
    published
        .filter(|id| std::ptr::eq(context.plan.column(**id), column))
        .any(|id| keys().any(|key| number(key.column) == number(*id)))
}

/// Whether a value is a stored day of category 1 or 2 that only days select.
///
/// Such a day discloses nothing about the one person, unless a condition selected
/// that person.
fn is_coarse_date(context: &RuleContext<'_>, value: &ColumnFacts) -> bool {
    let is_day = |id: &BaseColumnId| {
        let entry = context.facts.sources.get(*id).entry;
        entry.is_some_and(|entry| entry.resolution == Some(Resolution::Day))
    };
    // A value that is computed from days may be the greatest for one person alone.
    value.resolution == Some(Resolution::Day)
        && value.as_stored
        && value
            .sources
            .keys()
            .all(|id| matches!(context.evidence.category(*id), Some(1 | 2)) && is_day(id))
        && value.conditions.iter().all(is_day)
        && value.cells.is_empty()
        && value.influences.is_empty()
}
