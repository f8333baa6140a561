//! HC302 sensitive-column: a published column is sensitive, or derives from sensitive data.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::policy::{ColumnUse, UseKind};

/// HC302: a published column is sensitive, or derives from sensitive data.
pub static RULE: Rule = Rule {
    code: "HC302",
    name: "sensitive-column",
    severity: Severity::Warning,
    summary: "a published column is sensitive, or derives from sensitive data",
    page: r#"## What it finds
A published column, a group key or a filter derives from data that is registered as sensitive: revenue, data that directly implies revenue, or a location finer than the country. Or a metric is category 3 or 4. All columns that are compared only in filters of source tables make one finding.

## Why it matters
The policy requires extra review, at every level, if any dimension or metric includes sensitive data.

## How to fix it
Remove the column, or ask for extra review and name the column there.
"#,
    fires: r#"SELECT country, SUM(ad_click) AS clicks, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING clients >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let (own, upstream) = context.separate_upstream_uses(|used| reason(context, used).is_some());
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
                context.describe_use(first),
                context.evidence.name(id)
            ),
            "remove it, or ask for extra review",
        );
        findings.push(context.label_other_uses(finding, others));
    }
    if let Some(first) = upstream.first() {
        let finding = RULE.finding(
            first.span,
            format!(
                "filters of the source tables compare sensitive columns: {}",
                context.names(&upstream)
            ),
            "explain to the data steward which people the filters keep, or ask for extra review",
        );
        findings.push(context.label_first_uses(finding, &upstream));
    }
}

/// Returns why a column is sensitive in this use; `None` if it is not.
///
/// HC301 reports dimensions of category 3 or 4, and HC201 and HC202 published
/// identifiers.
fn reason<'c>(context: &RuleContext<'c>, used: &ColumnUse) -> Option<std::borrow::Cow<'c, str>> {
    let evidence = context.evidence;
    if let Some(reason) = evidence.sensitive(used.source) {
        return Some(reason.into());
    }
    let category = evidence.category(used.source)?;
    let told = context.is_published_identifier(used.source);
    (category >= 3 && used.part == UseKind::Metric && !told)
        .then(|| format!("category {category}").into())
}
