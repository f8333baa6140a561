//! HC403 unused-suppression: a headcount comment has no effect.

use super::{ExampleSetup, Finding, RULES, Rule, RuleContext, Severity};
use crate::source::Span;

/// HC403: a headcount comment has no effect.
pub static RULE: Rule = Rule {
    code: "HC403",
    name: "unused-suppression",
    severity: Severity::Warning,
    summary: "a headcount comment has no effect",
    page: r#"## What it finds
A comment `-- headcount: allow(…)` that names a rule without a finding there, a rule that cannot be suppressed, or a rule that does not exist. A comment `-- headcount: internal` without a dataset after it, or before a table that its `metadata.yaml` publishes. A comment that begins in the same way and is neither.

## Why it matters
A reader of the query assumes that something is known and accepted there. A comment remains after its finding is fixed; and a misspelled comment suppresses nothing.

## How to fix it
Remove the rule's code, or the whole comment. Or write the comment on the line before the finding, at the end of its line, or before the statement. Errors of the HC2xx family can only be approved.
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
    example: ExampleSetup::Alone,
    check,
};

/// Does nothing: [`of`] creates the finding when all other findings are known.
fn check(_: &RuleContext<'_>, _: &mut Vec<Finding>) {}

/// The reason why a comment has no effect.
pub enum SuppressionDefect {
    /// The rule with this code has no finding there.
    Silent(&'static str),
    /// The rule with this code cannot be suppressed, only approved.
    OnlyApproved(&'static str),
    /// No rule has this code or name.
    NoRule(String),
    /// The comment names no rule.
    Nothing,
    /// The comment says `internal`, but no dataset follows.
    NoDataset,
    /// The comment says `internal` about a table that `metadata.yaml` publishes.
    Published,
    /// The comment is in no known form.
    Unknown,
}

/// Returns the finding for a comment without effect.
pub fn of(comment: Span, why: &SuppressionDefect) -> Finding {
    const FORMS: &str =
        "write `-- headcount: allow(CODE, …) reason` or `-- headcount: internal reason`";
    let (message, help) = match why {
        SuppressionDefect::Silent(code) => (
            format!("this comment suppresses nothing: {code} has no finding here"),
            format!(
                "remove {code}, or write the comment on the line before the finding, at the end of its line, or before the statement"
            ),
        ),
        SuppressionDefect::OnlyApproved(code) => (
            format!("{code} is not suppressed: errors of the HC2xx family cannot be suppressed"),
            format!("fix the finding or have it approved; remove {code} from the comment"),
        ),
        SuppressionDefect::NoRule(word) => (
            format!("unknown rule `{word}`: nothing is suppressed"),
            match nearest(word) {
                Some(rule) => format!("did you mean {} ({})?", rule.code, rule.name),
                None => "run `headcount explain` for the list of rules".to_owned(),
            },
        ),
        SuppressionDefect::Nothing => (
            "no rule is named: nothing is suppressed".to_owned(),
            FORMS.to_owned(),
        ),
        SuppressionDefect::NoDataset => (
            "no dataset follows this comment: nothing is marked internal".to_owned(),
            "write the comment on a line of its own before the statement that is not published".to_owned(),
        ),
        SuppressionDefect::Published => (
            "this table is not internal: `metadata.yaml` publishes it".to_owned(),
            "remove the label `public_json` or `public_bigquery` if the table is not published; otherwise remove the comment"
                .to_owned(),
        ),
        SuppressionDefect::Unknown => (
            "invalid headcount comment: it has no effect".to_owned(),
            FORMS.to_owned(),
        ),
    };
    RULE.finding(comment, message, help)
}

/// Returns the rule that an unknown word may have meant.
///
/// This is the first rule whose name begins with the word or is the beginning of it,
/// or equals it except for `_` in place of `-`.
fn nearest(word: &str) -> Option<&'static Rule> {
    let word = word.to_lowercase();
    RULES.iter().copied().find(|rule| {
        rule.name.starts_with(&word)
            || word.starts_with(rule.name)
            || word == rule.name.replace('-', "_")
    })
}
