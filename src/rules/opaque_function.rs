//! HC005 opaque-function: a function whose body is not visible passes data to the output.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::OpaqueCall;
use std::collections::{BTreeMap, BTreeSet};

/// HC005: a function whose body is not visible passes data to the output.
pub static RULE: Rule = Rule {
    code: "HC005",
    name: "opaque-function",
    severity: Severity::Warning,
    summary: "a function whose body is not visible passes data to the output",
    page: r#"## What it finds
A function, or a table function, that is neither built in nor defined in the file, and that passes data to the output.

## Why it matters
The function may return an identifier unchanged, or an encoding of one. headcount assumes that it returns its arguments unchanged, and proves nothing about its result.

## How to fix it
Define the function in the same file (`CREATE TEMP FUNCTION`), or compute the value without it.
"#,
    fires: r#"SELECT udf.mystery(country) AS c, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY c"#,
    passes: r#"SELECT UPPER(country) AS c, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY c"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let calls: BTreeSet<OpaqueCall> = context
        .published()
        .map(|(_, value)| value)
        .chain(context.rows.keys.iter().flatten().map(|key| &*key.facts))
        .flat_map(|value| value.opaque.iter().cloned())
        .collect();
    // One finding per function; its other calls are labels.
    let mut by_name: BTreeMap<String, Vec<OpaqueCall>> = BTreeMap::new();
    for call in calls {
        by_name.entry(call.name.clone()).or_default().push(call);
    }
    for (name, calls) in by_name {
        let Some((first, others)) = calls.split_first() else {
            continue;
        };
        let mut finding = RULE
            .finding(
                first.span,
                format!(
                    "the body of {} is not visible, and the function passes data to the output",
                    name.to_lowercase()
                ),
                "define the function in this file, or compute the value with built-in functions",
            )
            .label("the result is assumed to disclose everything that the arguments disclose");
        for call in others.iter().take(4) {
            finding = finding.also(call.span, "also here");
        }
        findings.push(finding);
    }
    for (why, span) in &context.rows.history.opaque {
        if !context
            .dataset
            .problems
            .iter()
            .any(|problem| problem.span == *span)
        {
            findings.push(RULE.finding(
                *span,
                format!("{why}, and its rows reach the output"),
                "write the query in place of the table function",
            ));
        }
    }
}
