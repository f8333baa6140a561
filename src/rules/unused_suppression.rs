//! HC403 unused-suppression: a comment to the program that does nothing.

use super::{Context, Example, Finding, RULES, Rule, Severity};
use crate::source::Span;

/// HC403: a comment to the program that does nothing.
pub static RULE: Rule = Rule {
    code: "HC403",
    name: "unused-suppression",
    severity: Severity::Warning,
    summary: "a comment to the program that does nothing",
    page: r#"## What it finds
A comment `-- headcount: allow(…)` that names a rule which finds nothing there, that may not be silenced, or that does not exist; an `-- headcount: internal` with no dataset after it, or before a table that its `metadata.yaml` publishes; a comment that begins so and is neither.

## Why it matters
Who reads the query takes it that something is known and accepted there. What was mended leaves it behind; and a slip of the pen makes a silence that nobody has.

## How to mend it
Take the rule's code, or the whole comment, away, or write it on the line before the finding, at the end of its line, or before the statement. Errors of the HC2xx family can only be approved.
"#,
    fires: r#"-- headcount: allow(HC101) known since last year
SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000"#,
    passes: r#"-- headcount: allow(HC101) the steward reads every row of it
SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY country"#,
    example: Example::Alone,
    check,
};

/// Comments are looked at when all findings are there: [`of`] makes the finding.
fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}

/// Why a comment does nothing.
pub enum Unused {
    /// A rule, by its code, finds nothing there.
    Silent(&'static str),
    /// A rule, by its code, that may not be silenced.
    OnlyApproved(&'static str),
    /// There is no such rule.
    NoRule(String),
    /// It names no rule at all.
    Nothing,
    /// It says `internal`, and no dataset follows.
    NoDataset,
    /// It says `internal` of a table that its owners publish.
    Published,
    /// It is not understood.
    Unknown,
}

/// The finding for a comment.
pub fn of(comment: Span, why: &Unused) -> Finding {
    const FORMS: &str =
        "write `-- headcount: allow(CODE, …) reason` or `-- headcount: internal reason`";
    let (message, help) = match why {
        Unused::Silent(code) => (
            format!("nothing is silenced here: {code} finds nothing that this comment speaks of"),
            format!(
                "take {code} away, or write it on the line before the finding, at the end of its line, or before the statement"
            ),
        ),
        Unused::OnlyApproved(code) => (
            format!("{code} stays: errors of the HC2xx family can't be silenced"),
            format!("mend what it finds, or have it approved; take {code} away"),
        ),
        Unused::NoRule(word) => (
            format!("there is no rule `{word}`, so nothing is silenced"),
            match nearest(word) {
                Some(rule) => format!("did you mean {} ({})?", rule.code, rule.name),
                None => "`headcount explain` lists the rules".to_owned(),
            },
        ),
        Unused::Nothing => (
            "no rule is named, so nothing is silenced".to_owned(),
            FORMS.to_owned(),
        ),
        Unused::NoDataset => (
            "no dataset begins after this comment, so nothing is called internal".to_owned(),
            "write it on a line of its own before the statement that is not published".to_owned(),
        ),
        Unused::Published => (
            "`metadata.yaml` publishes this table, so it is not internal".to_owned(),
            "take the label `public_json` or `public_bigquery` away if it is not published, else the comment"
                .to_owned(),
        ),
        Unused::Unknown => (
            "this comment to headcount is not understood, so it does nothing".to_owned(),
            FORMS.to_owned(),
        ),
    };
    RULE.finding(comment, message, help)
}

/// The rule whose name shares the most with a word that is none.
fn nearest(word: &str) -> Option<&'static Rule> {
    let word = word.to_lowercase();
    RULES.iter().copied().find(|rule| {
        rule.name.starts_with(&word)
            || word.starts_with(rule.name)
            || word == rule.name.replace('-', "_")
    })
}
