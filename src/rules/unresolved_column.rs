//! HC004 unresolved-column: a column name matches no table in scope, or more than one.

use rustc_hash::FxHashMap;

use super::{ExampleSetup, Finding, FindingLabel, Rule, RuleContext, Severity};
use crate::plan::bind::ProblemKind;

/// HC004: a column name matches no table in scope, or more than one.
pub static RULE: Rule = Rule {
    code: "HC004",
    name: "unresolved-column",
    severity: Severity::Warning,
    summary: "a column name matches no table in scope, or more than one",
    page: r#"## What it finds
A column name that no table of the FROM clause has, or that several tables have, so that the column is ambiguous.

## Why it matters
The column may come from a table that holds identifiers.

## How to fix it
Write the table’s name or alias before the column.
"#,
    fires: r#"SELECT c.country, d.country AS other, e.os
FROM telemetry.clients_daily AS c
JOIN telemetry.main AS d ON c.client_id = d.client_id"#,
    passes: r#"SELECT c.country, d.os
FROM telemetry.clients_daily AS c
JOIN telemetry.main AS d ON c.client_id = d.client_id"#,
    example: ExampleSetup::Alone,
    check,
};

/// At most so many further places of a name are shown.
const PLACES: usize = 12;

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    // A name is reported once, with the places where it stands.
    let mut reported: Vec<Finding> = Vec::new();
    let mut places: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    for problem in context.problems(ProblemKind::UnresolvedColumn) {
        let text = (problem.message.as_str(), problem.help.as_str());
        match places.get(&text).and_then(|at| reported.get_mut(*at)) {
            Some(known) if known.labels.len() < PLACES => known.labels.push(FindingLabel {
                span: problem.span,
                message: "also here".to_owned(),
                elsewhere: None,
            }),
            Some(_) => {}
            None => {
                places.insert(text, reported.len());
                let (message, help) = (problem.message.clone(), problem.help.clone());
                reported.push(RULE.finding(problem.span, message, help));
            }
        }
    }
    findings.append(&mut reported);
}
