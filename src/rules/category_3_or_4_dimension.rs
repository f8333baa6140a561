//! HC301 category-3-or-4-dimension: a published dimension or a group key is category 3 or 4.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::policy::Level;

/// HC301: a published dimension or a group key is category 3 or 4.
pub static RULE: Rule = Rule {
    code: "HC301",
    name: "category-3-or-4-dimension",
    severity: Severity::Warning,
    summary: "a published dimension or a group key is category 3 or 4",
    page: r#"## What it finds
A dimension is web activity (category 3) or highly sensitive (category 4). The dimension is published, is only a group key, or is compared in a condition or a filter. All dimensions that are compared only in filters of source tables make one finding.

## Why it matters
Such a dimension shows what people do on the web. The policy allows it at levels 1 and 2 only, after extra review.

## How to fix it
Remove the dimension, or coarsen it to one of category 1 or 2. At level 2, ask for extra review.
"#,
    fires: r#"SELECT domain, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY domain"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let high = context.decision.level >= Some(Level::Aggregated);
    let category = |id| context.evidence.category(id).filter(|known| *known >= 3);
    let (own, upstream) = context
        .separate_upstream_uses(|used| used.part.divides() && category(used.source).is_some());
    let severity = if high {
        Severity::Error
    } else {
        Severity::Warning
    };
    for uses in &own {
        let [first, others @ ..] = uses.as_slice() else {
            continue;
        };
        let id = first.source;
        let Some(category) = category(id) else {
            continue;
        };
        // HC201 and HC202 report an identifier that is published.
        if context.is_published_identifier(id) {
            continue;
        }
        let what = context.describe_use(first);
        let mut finding = RULE.finding(
            first.span,
            format!("{what} `{}` is category {category}", context.evidence.name(id)),
            "remove or coarsen it; the policy allows categories 3 and 4 at levels 1 and 2 only, after extra review",
        );
        finding.severity = severity;
        findings.push(context.label_other_uses(finding, others));
    }
    if let Some(first) = upstream.first() {
        let mut finding = RULE.finding(
            first.span,
            format!(
                "filters of the source tables compare dimensions of category 3 or 4: {}",
                context.names(&upstream)
            ),
            "explain to the data steward which people the filters keep; the policy allows categories 3 and 4 at levels 1 and 2 only, after extra review",
        );
        finding.severity = severity;
        findings.push(context.label_first_uses(finding, &upstream));
    }
}
