//! HC302 sensitive-column: a published column is, or derives from, sensitive data.

use super::{Context, Example, Finding, Rule, Severity};
use crate::policy::{Part, Use};

/// HC302: a published column is, or derives from, sensitive data.
pub static RULE: Rule = Rule {
    code: "HC302",
    name: "sensitive-column",
    severity: Severity::Warning,
    summary: "a published column is, or derives from, sensitive data",
    page: r#"## What it finds
A published column, a group key or a filter derives from data that is registered as sensitive: revenue, what directly implies it, or location finer than country; or a metric is of category 3 or 4. What only filters of the tables that are read compare is one finding.

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
    let (own, upstream) = context.own_and_upstream(|used| reason(context, used).is_some());
    for uses in &own {
        let [first, others @ ..] = uses.as_slice() else {
            continue;
        };
        let id = first.source;
        let Some(reason) = reason(context, first) else {
            continue;
        };
        let finding = RULE.finding(
            first.span,
            format!(
                "{} `{}` is sensitive: {reason}",
                context.part_words(first),
                context.evidence.name(id)
            ),
            "leave it out, or ask for extra review",
        );
        findings.push(context.at_other_uses(finding, others));
    }
    if let Some(first) = upstream.first() {
        let finding = RULE.finding(
            first.span,
            format!(
                "the tables that are read were filtered by what is sensitive: {}",
                context.names(&upstream)
            ),
            "tell the steward which people the filters leave, or ask for extra review",
        );
        findings.push(context.at_their_places(finding, &upstream));
    }
}

/// Why what is used so is sensitive. A dimension of category 3 or 4 is told by
/// HC301.
fn reason<'c>(context: &Context<'c>, used: &Use) -> Option<std::borrow::Cow<'c, str>> {
    let evidence = context.evidence;
    if let Some(reason) = evidence.sensitive(used.source) {
        return Some(reason.into());
    }
    let category = evidence.category(used.source)?;
    let told = context.is_published_identifier(used.source);
    (category >= 3 && used.part == Part::Metric && !told)
        .then(|| format!("it is of category {category}").into())
}
