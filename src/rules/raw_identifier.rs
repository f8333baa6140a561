//! HC201 raw-identifier: an identifier, or a value that contains one, is published.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::IdentityForm;

/// HC201: an identifier, or a value that contains one, is published.
pub static RULE: Rule = Rule {
    code: "HC201",
    name: "raw-identifier",
    severity: Severity::Error,
    summary: "an identifier, or a value that contains one, is published",
    page: r#"## What it finds
A published column is an identifier of a person or of a record, or an encoding, a part, a collection or a single selected value of identifiers.

## Why it matters
Anyone who has the identifier from another source finds the person’s rows (policy, level 6).

## How to fix it
Remove the column, or count it: `COUNT(DISTINCT client_id)`.
"#,
    fires: r#"SELECT client_id, country FROM telemetry.clients_daily"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for (column, value) in context.published() {
        let Some(identity) = value
            .identities
            .iter()
            .find(|known| known.form == IdentityForm::Raw)
        else {
            continue;
        };
        let name = context.identity_name(identity);
        let what = if identity.person {
            "people"
        } else {
            "single records"
        };
        findings.push(
            RULE.finding(
                column.span,
                format!(
                    "{} publishes `{name}`, which identifies {what}",
                    context.describe_column(column)
                ),
                "remove the column, or publish a count of its distinct values",
            )
            .label(format!("`{name}` can be read here")),
        );
    }
    for identity in &context.rows.inside {
        let name = context.identity_name(identity);
        findings.push(RULE.finding(
            identity.span,
            format!(
                "the model is trained on `{name}`, an identifier that its weights may disclose"
            ),
            "remove the identifier from the model's input",
        ));
    }
}
