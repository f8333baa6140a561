//! HC105 threshold-escapable: OR, a CASE branch or NULL admits small groups.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::source::Span;

/// HC105: OR, a CASE branch or NULL admits small groups.
pub static RULE: Rule = Rule {
    code: "HC105",
    name: "threshold-escapable",
    severity: Severity::Warning,
    summary: "OR, a CASE branch or NULL admits small groups",
    page: r#"## What it finds
A condition looks like a threshold, but another condition beside it admits groups that it would remove.

## Why it matters
`SUM(events) >= 5000 OR COUNT(DISTINCT client_id) >= 5000` admits a group because one client sent 5,000 events.

## How to fix it
Make the count of distinct people a condition that every row must meet: remove the OR, or use AND.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT client_id) AS clients, COUNT(*) AS pings
FROM telemetry.main
GROUP BY country
HAVING clients >= 5000 OR pings >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let attempts = context.conditions_with_defect(ThresholdDefect::Escapable);
    let mut places: Vec<Span> = attempts
        .iter()
        .filter_map(|attempt| attempt.escape)
        .collect();
    places.dedup();
    let Some((first, others)) = places.split_first() else {
        return;
    };
    let mut finding = RULE
        .finding(
            *first,
            "a group that is too small for one side of the OR may pass through the other side",
            context.threshold_help(),
        )
        .label("either side is sufficient");
    finding.severity = context.bucket_severity();
    for attempt in attempts
        .iter()
        .filter(|attempt| attempt.escape == Some(*first))
    {
        let what = if attempt.count.kind == crate::facts::CountKind::People {
            "this counts people".to_owned()
        } else {
            format!(
                "this bounds {}, which one person may reach alone",
                attempt.count.what
            )
        };
        finding = finding.also(attempt.span, what);
    }
    for place in others.iter().take(4) {
        finding = finding.also(*place, "also here");
    }
    findings.push(finding);
}
