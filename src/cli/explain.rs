//! `headcount explain`: a rule's page.

use super::args::Explain;
use super::{CLEAN, Failure, output};
use crate::rules::{self, RULES, Rule, Severity};

pub(super) fn run(explain: &Explain) -> Result<u8, Failure> {
    let text = match &explain.rule {
        None => list(),
        Some(word) => match rules::find(word) {
            Some(rule) => page(rule),
            None => {
                return Err(Failure::Usage(format!(
                    "there is no rule `{word}`; `headcount explain` lists them"
                )));
            }
        },
    };
    output::print(&text)?;
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

/// A rule's page, as `docs/rules/` has it.
pub(crate) fn page(rule: &Rule) -> String {
    format!(
        "# {} {}\n\n{}: {}.\n\n{}\n## Fires on\n```sql\n{}\n```\n\n## Does not fire on\n```sql\n{}\n```\n",
        rule.code,
        rule.name,
        word(rule.severity),
        rule.summary,
        rule.page,
        rule.fires,
        rule.passes
    )
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
