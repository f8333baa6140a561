//! `headcount explain`: prints the page of a rule.

use super::args::Explain;
use super::{CLEAN, Failure, output};
use crate::registry::Registry;
use crate::report::{self, InertText};
use crate::rules::{self, ExampleSetup, RULES, Rule, Severity};
use crate::workspace;

pub(super) fn run(explain: &Explain) -> Result<u8, Failure> {
    let text = match &explain.rule {
        None => list(),
        Some(word) => match rules::find(word) {
            Some(rule) => page(rule),
            None => {
                return Err(Failure::Usage(rules::unknown(word)));
            }
        },
    };
    let mut shown = InertText::new();
    shown.block(&text);
    output::print(&shown)?;
    Ok(CLEAN)
}

fn list() -> String {
    RULES
        .iter()
        .map(|rule| {
            format!(
                "{}  {:<26} {:<8} {}\n",
                rule.code,
                rule.name,
                word(rule.severity),
                rule.summary
            )
        })
        .collect()
}

/// Returns the page of a rule, as `docs/rules/` has it.
pub(crate) fn page(rule: &Rule) -> String {
    let rows = rows(rule);
    let beside = beside(rule);
    format!(
        "# {} {}\n\n{}: {}.\n\n{}\n{beside}## Fires on\n```sql\n{}\n```\n{rows}\n## Does not fire on\n```sql\n{}\n```\n",
        rule.code,
        rule.name,
        word(rule.severity),
        rule.summary,
        rule.page,
        rule.fires,
        rule.passes
    )
}

/// Describes the files and the approval that the examples rely on.
fn beside(rule: &Rule) -> String {
    match rule.example {
        ExampleSetup::Alone => String::new(),
        ExampleSetup::Public => {
            "The examples have `labels: {public_json: true}` in the `metadata.yaml` beside them, and no entry in the publishing record.\n\n".to_owned()
        }
        ExampleSetup::Approved(before) => {
            format!("## Approved query\n```sql\n{before}\n```\n\n")
        }
    }
}

/// Returns the smallest counterexample to the query that the rule fires on: rows for
/// which it publishes a group that is too small. Empty for rules that are not about
/// the minimum bucket.
fn rows(rule: &Rule) -> String {
    if !("HC101".."HC110").contains(&rule.code) {
        return String::new();
    }
    let found = workspace::example_of(rule.fires, Registry::builtin())
        .ok()
        .flatten();
    let Some(found) = found else {
        return String::new();
    };
    let lines = report::example_lines(&found).join("\n");
    format!(
        "\nThe smallest example in which a group that is too small is published:\n```text\n{lines}\n```\n"
    )
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
