//! HC110 residual-other-bucket: small groups are folded into “Other”, which itself has no minimum.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::numbers::GroupedNumber;
use crate::registry::ResidualOther;

/// HC110: small groups are folded into “Other”, which itself has no minimum.
pub static RULE: Rule = Rule {
    code: "HC110",
    name: "residual-other-bucket",
    severity: Severity::Warning,
    summary: "small groups are folded into “Other”, which itself has no minimum",
    page: r#"## What it finds
Groups that are too small get one common label and are grouped again, as the policy prescribes. The group with that label (the residual) holds all groups that were too small, and may itself be small.

## Why it matters
If only one group was too small, “Other” is that group under another name.

## How to fix it
Drop the row (`WHERE country != 'Other'`), or bound it too (`HAVING SUM(clients) >= 5000` over counts that can be added, or a second threshold). `residual_other = "allow"` in the registry’s `[policy]` makes this finding a note, which blocks nothing.
"#,
    fires: r#"WITH counted AS (
  SELECT country, COUNT(DISTINCT client_id) AS clients, COUNT(*) AS pings
  FROM telemetry.main
  GROUP BY country
)
SELECT IF(clients >= 5000, country, 'Other') AS country, SUM(pings) AS pings
FROM counted
GROUP BY 1"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    if context.lacks_proven_bucket() {
        return;
    }
    let Some(fold) = context.rows.residual() else {
        return;
    };
    let label = fold.residual_words();
    let mut finding = RULE
        .finding(
            fold.span,
            format!("small groups are folded into {label}, which may itself hold few people"),
            format!("bound the residual as well, or drop it with a condition on the label, if {label} must not be small"),
        )
        .label(format!("groups of fewer than {} people become {label} here", GroupedNumber(fold.k)));
    if context.registry.policy().residual_other == ResidualOther::Allow {
        finding.severity = Severity::Note;
    }
    findings.push(finding);
}
