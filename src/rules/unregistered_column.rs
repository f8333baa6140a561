//! HC303 unregistered-column: a published column derives from a column that is not in the registry.

use super::listed::MAX_LISTED_COLUMNS;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::catalog::Unnamed;
use crate::policy::ColumnUse;

/// HC303: a published column derives from a column that is not in the registry.
pub static RULE: Rule = Rule {
    code: "HC303",
    name: "unregistered-column",
    severity: Severity::Warning,
    summary: "a published column derives from a column that is not in the registry",
    page: r#"## What it finds
A published column, a group key or a condition derives from a base column that has no entry in `dimension-registry.toml`, or whose entry has no category. Or the records of a table without an entry are counted.

## Why it matters
The category, the sensitivity and the data review of the column are unknown, so three of the four questions cannot be answered.

## How to fix it
Add the entry that the help shows, with the category of its collection and the link to its data review.
"#,
    fires: r#"SELECT frobnication_state, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY frobnication_state"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    without_category(context, findings);
    // No entry can be written for a column of a table that has no name: HC002.
    let named = |used: &ColumnUse| {
        let table = &context.facts.sources.get(used.source).table;
        !matches!(table.unnamed(), Some((Unnamed::Table, _)))
    };
    let unknown =
        context.first_uses(|used| !context.evidence.registered(used.source) && named(used));
    let Some(primary) = unknown.first() else {
        return;
    };
    let verb = if context.are_several(&unknown) {
        "are"
    } else {
        "is"
    };
    // A column and its elements have one entry.
    let mut stubs: Vec<String> = Vec::new();
    for stub in unknown.iter().map(|used| context.stub(used.source)) {
        if stubs.len() < MAX_LISTED_COLUMNS && !stubs.contains(&stub) {
            stubs.push(stub);
        }
    }
    let finding = RULE.finding(
        primary.span,
        format!("{} {verb} not in the registry", context.names(&unknown)),
        format!(
            "add to dimension-registry.toml and complete:\n{}",
            stubs.join("\n")
        ),
    );
    findings.push(context.label_first_uses(finding, &unknown));
}

/// Reports registered columns without a category, which also leave questions open.
fn without_category(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let evidence = context.evidence;
    let open = context.first_uses(|used| {
        evidence.registered(used.source) && evidence.category(used.source).is_none()
    });
    let Some(primary) = open.first() else {
        return;
    };
    let verb = if context.are_several(&open) {
        "have"
    } else {
        "has"
    };
    let finding = RULE.finding(
        primary.span,
        format!("{} {verb} no category in the registry", context.names(&open)),
        "add `category = 1` to `4` to its entry in dimension-registry.toml, as stated in its data review",
    );
    findings.push(context.label_first_uses(finding, &open));
}
