//! HC001 syntax-error: a statement is not GoogleSQL, or not understood.

use super::{Context, Example, Finding, Rule, Severity};
use crate::plan::bind::ProblemKind;
use crate::source::Span;
use crate::syntax::SyntaxError;

/// HC001: a statement is not GoogleSQL, or not understood.
pub static RULE: Rule = Rule {
    code: "HC001",
    name: "syntax-error",
    severity: Severity::Error,
    summary: "a statement is not GoogleSQL, or not understood",
    page: r#"## What it finds
A statement that the parser cannot read. The statements before and after it are assessed; this one is a dataset of unknown level.

"internal error, please report" is the same code: the program itself failed on this file, which is a dataset of unknown level; the other files are assessed, and the exit status is 2.

## Why it matters
What is not read may publish anything.

## How to mend it
Correct the statement at the place shown. Where BigQuery accepts it, report it: the parser has to learn it.
"#,
    fires: r#"SELECT country, COUNT(* FROM telemetry.clients_daily GROUP BY country"#,
    passes: r#"SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    example: Example::Alone,
    check,
};

/// A statement that can't be read is found before there is a plan: the file's own
/// findings hold it. An error of the program belongs to what it was assessing.
fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for finding in context.problems(ProblemKind::Fault) {
        findings.push(RULE.finding(finding.span, finding.message.clone(), finding.help.clone()));
    }
}

/// The finding for an error of the program itself.
pub fn fault(span: Span, message: String, help: String) -> Finding {
    RULE.finding(span, message, help)
}

/// The finding for a statement that could not be read.
pub fn of(error: &SyntaxError) -> Finding {
    RULE.finding(error.span, error.message.clone(), error.help.clone())
}
