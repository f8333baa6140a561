//! HC302 sensitive-column: a published column is, or derives from, sensitive data.

use super::{Context, Example, Finding, Rule, Severity};

/// HC302: a published column is, or derives from, sensitive data.
pub static RULE: Rule = Rule {
    code: "HC302",
    name: "sensitive-column",
    severity: Severity::Warning,
    summary: "a published column is, or derives from, sensitive data",
    page: r#"## What it finds
A published column, a group key or a filter derives from data that is registered as sensitive: revenue, what directly implies it, or location finer than country.

## Why it matters
The policy asks for extra review where any dimension or metric includes sensitive data, at every level.

## How to mend it
Leave it out, or ask for extra review and name the column there.
"#,
    fires: r#"SELECT country, SUM(ad_click) AS clicks, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING clients >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: Example::Alone,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let found = context.by_source(|used| context.evidence.sensitive(used.source).is_some());
    for uses in found.chunk_by(|a, b| a.source == b.source) {
        let [first, others @ ..] = uses else { continue };
        let id = first.source;
        let Some(reason) = context.evidence.sensitive(id) else {
            continue;
        };
        let mut finding = RULE.finding(
            first.span,
            format!(
                "{} `{}` is sensitive: {reason}",
                context.part_words(first),
                context.evidence.name(id)
            ),
            "leave it out, or ask for extra review",
        );
        for other in others.iter().take(4) {
            finding = finding.also(other.span, context.part_words(other));
        }
        findings.push(finding);
    }
}
