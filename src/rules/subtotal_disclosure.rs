//! HC113 subtotal-disclosure: ROLLUP, CUBE, GROUPING SETS, or details beside their total, reveal a removed cell by subtraction.

use std::collections::BTreeSet;

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::budget;
use crate::facts::{BaseColumnId, ColumnFacts, Rows};
use crate::numbers::GroupedNumber;
use crate::plan::{Operator, RelId, SetOperator};

/// HC113: published totals let a removed cell be computed by subtraction.
pub static RULE: Rule = Rule {
    code: "HC113",
    name: "subtotal-disclosure",
    severity: Severity::Warning,
    summary: "ROLLUP, CUBE, GROUPING SETS, or details beside their total, reveal a removed cell by subtraction",
    page: r#"## What it finds
Totals are published beside their groups, and small groups are removed: ROLLUP, CUBE, GROUPING SETS, a UNION or join of a detailed query and its total. Or a part of each group is published beside the whole group: `COUNT(DISTINCT IF(is_default, client_id, NULL))` beside `COUNT(DISTINCT client_id)`.

## Why it matters
If one group was too small to be published, its number is the total minus the published groups: the removed number can be computed.

## How to fix it
Publish the detail or the total. Or compute totals of the published groups only.
"#,
    fires: r#"SELECT country, os, COUNT(DISTINCT client_id) AS clients
FROM telemetry.main
GROUP BY ROLLUP (country, os)
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    if context.rows.rows != Rows::Aggregated || context.lacks_proven_bucket() {
        return;
    }
    let Some(root) = context.plan.root() else {
        return;
    };
    part_beside_whole(context, findings);
    let mut open = vec![root];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        // A relation that several others read is checked once.
        if !seen.insert(id) {
            continue;
        }
        let relation = context.plan.relation(id);
        let subtracted = match &relation.operator {
            Operator::Aggregate(aggregate) => {
                // The search ends at the last grouping, which decides what is
                // published.
                if aggregate.sets.len() > 1 {
                    Some("totals are published beside their groups")
                } else {
                    None
                }
            }
            Operator::SetOperation {
                operator: SetOperator::Union,
                inputs,
            } if detail_beside_total(context, inputs) => Some("one branch is the total of another"),
            Operator::Join { left, right, .. }
                if both_published(context, root, *left, *right)
                    && detail_beside_total(
                        context,
                        &[(*left, Vec::new()), (*right, Vec::new())],
                    ) =>
            {
                Some("one side is the total of the other")
            }
            _ => {
                open.extend(relation.operator.inputs());
                None
            }
        };
        if let Some(what) = subtracted {
            let mut finding = RULE
                .finding(
                    relation.origin.span,
                    "a removed group can be computed: the total minus the published groups",
                    "publish the detail or the total, not both",
                )
                .label(what);
            finding.severity = Severity::Warning;
            findings.push(finding);
        }
    }
}

/// Reports a part of a group beside the whole group: their difference is the rest.
///
/// An example is `n` beside the number of those people for whom a condition holds.
fn part_beside_whole(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let required = context.decision.bucket.required;
    let measured = |value: &ColumnFacts| value.coverage.measures().to_vec();
    let columns: Vec<_> = context.published().collect();
    for (column, value) in &columns {
        // HC111 reports an uncovered value, in more detail.
        let covered = context.rows.in_cell(value).is_some_and(|k| k >= required);
        let rest = value
            .cells
            .iter()
            .map(|cell| context.facts.beside_part(context.rows, cell))
            .min();
        if !covered || rest.is_none_or(|rest| rest >= required) {
            continue;
        }
        let whole = columns.iter().find(|(_, other)| {
            let (parts, wholes) = (measured(value), measured(other));
            parts
                .iter()
                .any(|part| wholes.iter().any(|whole| part.is_part_of(whole)))
        });
        let Some((whole, _)) = whole else { continue };
        findings.push(
            RULE.finding(
                column.span,
                format!(
                    "{} minus {} is the number of the remaining people, who may be fewer than {}",
                    context.describe_column(whole),
                    context.describe_column(column),
                    GroupedNumber(required)
                ),
                "require the minimum bucket size of the remaining people too, or publish only one of the two columns",
            )
            .label("a part of the group")
            .also(whole.span, "the whole group"),
        );
    }
}

/// Whether measured values of both sides of a join are published.
fn both_published(context: &RuleContext<'_>, root: RelId, left: RelId, right: RelId) -> bool {
    let published = &context.plan.relation(root).columns;
    [left, right].into_iter().all(|side| {
        let under = context.plan.columns_under(side);
        published.iter().any(|column| {
            let number = context.facts.number(*column);
            !context.facts.column(*column).coverage.measures().is_empty()
                && under.iter().any(|own| context.facts.number(*own) == number)
        })
    })
}

/// Whether the keys of one arm are a proper subset of another's, over the same
/// tables.
///
/// Keys are compared by their base columns.
fn detail_beside_total(
    context: &RuleContext<'_>,
    inputs: &[(RelId, Vec<Option<crate::plan::ColId>>)],
) -> bool {
    // Arms with the same keys and tables are compared once.
    let arms: BTreeSet<(BTreeSet<BaseColumnId>, BTreeSet<&str>)> = inputs
        .iter()
        .filter_map(|(arm, _)| {
            let rows = context.facts.relation(*arm);
            let keys = rows.keys.as_ref()?;
            let sources = keys
                .iter()
                .flat_map(|key| key.facts.sources.keys().copied())
                .collect();
            let tables = rows
                .populations
                .values()
                .map(|people| &*people.table)
                .collect();
            Some((sources, tables))
        })
        .collect();
    arms.iter().any(|(keys, tables)| {
        budget::spend(arms.len() / 16);
        arms.iter().any(|(finer, of)| {
            !tables.is_empty() && tables == of && keys.is_subset(finer) && keys.len() < finer.len()
        })
    })
}
