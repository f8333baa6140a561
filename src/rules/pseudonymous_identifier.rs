//! HC202 pseudonymous-identifier: a one-to-one replacement of an identifier is published.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::IdentityForm;

/// HC202: a one-to-one replacement of an identifier is published.
pub static RULE: Rule = Rule {
    code: "HC202",
    name: "pseudonymous-identifier",
    severity: Severity::Error,
    summary: "a one-to-one replacement of an identifier is published",
    page: r#"## What it finds
A published column replaces an identifier one-to-one: a hash, an encryption, a dense rank over it.

## Why it matters
All records of one person remain linked, and may identify the person (policy, level 5).

## How to fix it
Remove the column, or count it. For a sample, publish a bucket of few values: `MOD(ABS(FARM_FINGERPRINT(client_id)), 100)`.
"#,
    fires: r#"SELECT SHA256(client_id) AS who, country FROM telemetry.clients_daily"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for (column, value) in context.published() {
        let raw = value
            .identities
            .iter()
            .any(|known| known.form == IdentityForm::Raw);
        let Some(identity) = value.identities.first().filter(|_| !raw) else {
            continue;
        };
        let name = context.identity_name(identity);
        let finding = RULE
            .finding(
                column.span,
                format!(
                    "{} publishes a one-to-one replacement of `{name}`",
                    context.describe_column(column)
                ),
                "remove the column, or publish a count of its distinct values",
            )
            .label("still one value per identifier")
            .label_origin(identity.span, "replaced here");
        findings.push(finding);
    }
}
