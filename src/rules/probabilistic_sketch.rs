//! HC205 probabilistic-sketch: the state of an HLL, KLL, Theta, bloom or other sketch is published.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};

/// HC205: the state of an HLL, KLL, Theta, bloom or other sketch is published.
pub static RULE: Rule = Rule {
    code: "HC205",
    name: "probabilistic-sketch",
    severity: Severity::Error,
    summary: "the state of an HLL, KLL, Theta, bloom or other sketch is published",
    page: r#"## What it finds
A published column is the state of a probabilistic data structure.

## Why it matters
The state shows whether a given person is in it, and the states of several groups can be merged and compared (policy, level 4).

## How to fix it
Publish the number: `HLL_COUNT.EXTRACT(sketch)` or `APPROX_COUNT_DISTINCT(client_id)`.
"#,
    fires: r#"SELECT country, HLL_COUNT.INIT(client_id) AS sketch
FROM telemetry.clients_daily
GROUP BY country"#,
    passes: r#"SELECT country, APPROX_COUNT_DISTINCT(client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for (column, value) in context.published() {
        if let Some(made) = value.sketch {
            let finding = RULE
                .finding(
                    column.span,
                    format!(
                        "{} publishes the state of a probabilistic data structure",
                        context.describe_column(column)
                    ),
                    "publish the number that the sketch estimates, not the sketch",
                )
                .label("a sketch")
                .label_origin(made, "created here");
            findings.push(finding);
        }
    }
}
