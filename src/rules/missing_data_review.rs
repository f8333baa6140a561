//! HC304 missing-data-review: a published column derives from one without a data review.

use super::{Context, Example, Finding, Rule, Severity};
use crate::policy::Part;

/// HC304: a published column derives from one without a data review.
pub static RULE: Rule = Rule {
    code: "HC304",
    name: "missing-data-review",
    severity: Severity::Warning,
    summary: "a published column derives from one without a data review",
    page: r#"## What it finds
A published column derives from a base column that the registry knows, and no data review of its collection is linked.

## Why it matters
The policy asks that every column has been through data collection review.

## How to mend it
Find the review (the `data_reviews` of the metric’s definition) and link it in `dimension-registry.toml`.
"#,
    fires: r#"SELECT app_name, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY app_name
HAVING clients >= 5000"#,
    passes: r#"SELECT 1 AS one"#,
    example: Example::Alone,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let evidence = context.evidence;
    let missing = context.first_uses(|used| {
        let id = used.source;
        used.part != Part::Filter && evidence.registered(id) && !evidence.reviewed(id)
    });
    let Some(primary) = missing.first() else {
        return;
    };
    let finding = RULE.finding(
        primary.span,
        format!("no data review is linked for {}", context.names(&missing)),
        "link the review of its collection as `data_reviews` in dimension-registry.toml",
    );
    findings.push(context.at_their_places(finding, &missing));
}
