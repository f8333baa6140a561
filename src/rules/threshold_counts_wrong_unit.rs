//! HC104 threshold-counts-wrong-unit: the threshold counts a unit other than people: documents, sums of distinct counts, page loads.

use super::threshold::ThresholdDefect;
use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};

/// HC104: the threshold counts a unit other than people: documents, sums of distinct
/// counts, page loads.
pub static RULE: Rule = Rule {
    code: "HC104",
    name: "threshold-counts-wrong-unit",
    severity: Severity::Warning,
    summary: "the threshold counts a unit other than people: documents, sums of distinct counts, page loads",
    page: r#"## What it finds
A condition keeps only groups with a large number, but the number is not one of people: distinct documents, distinct pairs of a person and a day, a sum of distinct counts in which one person is counted several times, a sum of page loads. `WITH AGGREGATION_THRESHOLD` with a `privacy_unit_column` that does not identify a person is also reported.

## Why it matters
One person may send 5,000 documents, or be counted on 5,000 days.

## How to fix it
Count people over all the rows of the published group: `COUNT(DISTINCT client_id) >= 5000`. Distinct counts of smaller groups cannot be added, unless each person is in only one of them.
"#,
    fires: r#"SELECT country, COUNT(DISTINCT document_id) AS pings
FROM telemetry.main
GROUP BY country
HAVING COUNT(DISTINCT document_id) >= 5000"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    context.report_thresholds(
        &RULE,
        ThresholdDefect::OtherUnit,
        |attempt| match &attempt.count.undeclared {
            Some(column) => format!(
                "the threshold counts distinct values of `{column}`, which the registry does not declare as an identifier of people"
            ),
            None => format!(
                "the threshold is on {}, which is not a number of people",
                attempt.count.what
            ),
        },
        |attempt| match attempt.count.undeclared {
            Some(_) => "not known to count people".to_owned(),
            None => "one person may reach this alone".to_owned(),
        },
        findings,
    );
    if !context.lacks_proven_bucket() {
        return;
    }
    for clause in &context.rows.history.clauses_with_wrong_unit {
        let mut finding = RULE.finding(
            *clause,
            "the privacy unit of the threshold does not identify a person of these rows",
            "name the column that identifies a person as privacy_unit_column",
        );
        finding.severity = context.bucket_severity();
        findings.push(finding);
    }
}
