//! HC206 unkeyed-hash: the pseudonym is a hash without a key, which anyone with the identifier can compute.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::facts::IdentityForm;

/// HC206: the pseudonym is a hash without a key, which anyone with the identifier
/// can compute.
pub static RULE: Rule = Rule {
    code: "HC206",
    name: "unkeyed-hash",
    severity: Severity::Warning,
    summary: "the pseudonym is a hash without a key, which anyone with the identifier can compute",
    page: r#"## What it finds
A pseudonym that is a hash without a key.

## Why it matters
Anyone with a list of identifiers can hash it and find the rows of every person.

## How to fix it
Remove the pseudonym. Or replace the identifier with a keyed function whose key is discarded.
"#,
    fires: r#"SELECT TO_HEX(SHA256(client_id)) AS who, country FROM telemetry.clients_daily"#,
    passes: r#"SELECT AEAD.ENCRYPT(@keys, client_id, '') AS who, country FROM telemetry.clients_daily"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for (column, value) in context.published() {
        let hashed = value
            .identities
            .iter()
            .find(|known| known.form == IdentityForm::PlainHash);
        if let Some(identity) = hashed {
            let name = context.identity_name(identity);
            let mut finding = RULE
                .finding(
                    identity.span,
                    format!(
                        "anyone who has `{name}` can compute the hash that {} publishes",
                        context.describe_column(column)
                    ),
                    "remove the column, or use a keyed function and discard the key",
                )
                .label("a hash without a key");
            // Once the pseudonym of HC202 is removed, its hash is too.
            finding.follows = true;
            findings.push(finding);
        }
    }
}
