//! HC305 level-not-allowed: the policy does not allow this category at this level.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::policy::{ColumnUse, UseKind};
use crate::source::Span;
use std::collections::BTreeMap;

/// HC305: the policy does not allow this category at this level.
pub static RULE: Rule = Rule {
    code: "HC305",
    name: "level-not-allowed",
    severity: Severity::Error,
    summary: "the policy does not allow this category at this level",
    page: r#"## What it finds
A dimension’s category is not allowed at the dataset’s level. Categories 1 and 2 are allowed up to level 3, categories 3 and 4 up to level 2.

## Why it matters
The limits are the policy’s own matrix of categories and levels. A dataset outside them is not published.

## How to fix it
Lower the level (aggregate, add a minimum bucket size) or remove the dimension.
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
    let Some(level) = context.decision.level else {
        return;
    };
    let policy = context.registry.policy();
    let mut forbidden: BTreeMap<u8, Vec<(&str, Span)>> = BTreeMap::new();
    let labels = |used: &ColumnUse| {
        matches!(
            used.part,
            UseKind::Dimension | UseKind::HiddenKey | UseKind::Condition
        )
    };
    for first in context.first_uses(labels) {
        let id = first.source;
        let Some(category) = context.evidence.category(id) else {
            continue;
        };
        // HC201 and HC202 report an identifier that is published.
        if !policy.allowed(category, level.number()) && !context.is_published_identifier(id) {
            forbidden
                .entry(category)
                .or_default()
                .push((context.evidence.name(id), first.span));
        }
    }
    for (category, columns) in forbidden.iter().rev() {
        let Some(((name, span), others)) = columns.split_first() else {
            continue;
        };
        let mut finding = RULE.finding(
            *span,
            format!(
                "dimensions of category {category} are not allowed at level {}: `{name}`{}",
                level.number(),
                if others.is_empty() {
                    String::new()
                } else {
                    format!(" and {} more", others.len())
                }
            ),
            format!(
                "the policy allows category {category} at {}",
                levels(policy.levels(*category))
            ),
        );
        // Rows of single people, their identifiers, sketches: other rules report them.
        finding.follows = level.number() > 3;
        for (name, other) in others.iter().filter(|(_, other)| other != span).take(4) {
            finding = finding.also(*other, format!("`{name}`"));
        }
        findings.push(finding);
    }
}

/// Returns the levels in words: `level 2`, `levels 1, 2 and 3`.
fn levels(allowed: &[u8]) -> String {
    let mut numbers: Vec<String> = allowed.iter().map(u8::to_string).collect();
    match numbers.pop() {
        None => "no level".to_owned(),
        Some(last) if numbers.is_empty() => format!("level {last}"),
        Some(last) => format!("levels {} and {last}", numbers.join(", ")),
    }
}
