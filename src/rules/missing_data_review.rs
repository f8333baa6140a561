//! HC304 missing-data-review: a published column derives from a column without a data review.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::policy::ColumnUse;

/// HC304: a published column derives from a column without a data review.
pub static RULE: Rule = Rule {
    code: "HC304",
    name: "missing-data-review",
    severity: Severity::Warning,
    summary: "a published column derives from a column without a data review",
    page: r#"## What it finds
The published data includes a base column that the registry knows but that has no link to the data review of its collection: a column derives from it, a condition compares it, or the records of a table are counted. A base column that only filters of other files compare is a note.

## Why it matters
The policy requires that every column has been through data collection review.

## How to fix it
Find the review (the `data_reviews` of the metric’s or the ping’s definition) and add its link to `dimension-registry.toml`: to the column, or to the table whose records are counted. A column that the pipeline adds has `origin = "pipeline"` instead.
"#,
    fires: r#"SELECT vendor, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY vendor
HAVING clients >= 5000"#,
    passes: r#"SELECT 1 AS one"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let evidence = context.evidence;
    let missing = context.first_uses(|used| {
        let id = used.source;
        evidence.registered(id) && !evidence.reviewed(id)
    });
    let (own, upstream): (Vec<&ColumnUse>, Vec<&ColumnUse>) = missing
        .into_iter()
        .partition(|used| evidence.included(used.source));
    if let Some(primary) = own.first() {
        let finding = RULE.finding(
            primary.span,
            format!("no data review is linked for {}", context.names(&own)),
            "add the link to the review of its collection as `data_reviews` in dimension-registry.toml",
        );
        findings.push(context.label_first_uses(finding, &own));
    }
    if let Some(primary) = upstream.first() {
        let mut finding = RULE.finding(
            primary.span,
            format!(
                "filters of the source tables compare columns without a linked data review: {}",
                context.names(&upstream)
            ),
            "no action is needed for this dataset; a `data_reviews` link in dimension-registry.toml removes this note",
        );
        finding.severity = Severity::Note;
        findings.push(context.label_first_uses(finding, &upstream));
    }
}
