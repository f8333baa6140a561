//! HC001 syntax-error: a statement is not GoogleSQL, or cannot be parsed.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::plan::bind::ProblemKind;
use crate::source::Span;
use crate::syntax::SyntaxError;

/// HC001: a statement is not GoogleSQL, or cannot be parsed.
pub static RULE: Rule = Rule {
    code: "HC001",
    name: "syntax-error",
    severity: Severity::Error,
    summary: "a statement is not GoogleSQL, or cannot be parsed",
    page: r#"## What it finds
A statement that the parser cannot read. The statements before and after it are assessed. This statement is a dataset of unknown level.

"internal error, please report" has the same code: the program itself failed on this file, which is a dataset of unknown level. The other files are assessed, and the exit status is 2.

A `metadata.yaml` that is not YAML, or whose `labels` are not a table, has the same code at its place: whether it publishes a table is unknown.

## Why it matters
A statement that cannot be read may publish anything.

## How to fix it
Correct the statement at the place shown. If BigQuery accepts the statement, report it as a bug of the parser.
"#,
    fires: r#"SELECT country, COUNT(* FROM telemetry.clients_daily GROUP BY country"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

/// Reports errors of the program itself, at the dataset that it was assessing.
///
/// A statement that cannot be parsed is found before there is a plan; its finding
/// belongs to the file.
fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for finding in context.problems(ProblemKind::Fault) {
        findings.push(RULE.finding(finding.span, finding.message.clone(), finding.help.clone()));
    }
}

/// Returns the finding for an error of the program itself.
pub fn fault(span: Span, message: String, help: String) -> Finding {
    RULE.finding(span, message, help)
}

/// The finding for a `metadata.yaml` that can't be read.
pub fn of_metadata(span: Span, message: String, help: String) -> Finding {
    RULE.finding(span, message, help)
}

/// Returns the finding for a statement that cannot be parsed.
pub fn of(error: &SyntaxError) -> Finding {
    RULE.finding(error.span, error.message.clone(), error.help.clone())
}
