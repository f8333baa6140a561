//! Writes GitLab's code quality report, which merge requests show.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde::Serialize;

use super::fingerprint;
use super::{InertText, Run, notes, prose};
use crate::registry::FILE_NAME;
use crate::rules::{Finding, Severity};

#[derive(Serialize)]
struct Issue {
    #[serde(rename = "type")]
    kind: &'static str,
    categories: [&'static str; 1],
    check_name: String,
    description: String,
    content: Content,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Content {
    /// Markdown.
    body: String,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn render(run: &Run) -> InertText {
    let issues: Vec<Issue> = fingerprint::fingerprint_findings(run)
        .into_iter()
        .map(|(file, finding, fingerprint)| {
            let (begin, end) = super::lines(&file.source, finding.span);
            Issue {
                kind: "issue",
                categories: ["Security"],
                check_name: format!("{} {}", finding.rule.code, finding.rule.name),
                description: format!("{}: {}", finding.rule.code, finding.message),
                content: Content {
                    body: body(finding),
                },
                fingerprint: fingerprint.alone(),
                severity: severity(finding.severity),
                location: Location {
                    path: run.annotated_path(file),
                    lines: Lines { begin, end },
                },
            }
        })
        .chain(notes(run).iter().map(|note| of_run(run, note)))
        .collect();
    InertText::json(&issues)
}

/// Returns the help, the title of a safe fix, and a link to the page of the rule.
fn body(finding: &Finding) -> String {
    let fix = finding.fix.as_ref().filter(|fix| fix.safe);
    let fix = fix.map(|fix| format!("\n\n`headcount check --fix`: {}", prose::text(&fix.title)));
    format!(
        "{}{}\n\n[{} {}]({})",
        prose::help(&finding.help),
        fix.unwrap_or_default(),
        finding.rule.code,
        finding.rule.name,
        finding.rule.url()
    )
}

/// Creates an issue for a note about the run, at the first file: GitLab shows no
/// issue without a file.
fn of_run(run: &Run, note: &str) -> Issue {
    let first = run.files.first();
    let path = first.map_or(FILE_NAME.to_owned(), |file| run.annotated_path(file));
    Issue {
        kind: "issue",
        categories: ["Security"],
        check_name: "headcount".to_owned(),
        description: note.to_owned(),
        content: Content {
            body: String::new(),
        },
        fingerprint: fingerprint::fingerprint_note(note),
        severity: severity(Severity::Note),
        location: Location {
            path,
            lines: Lines { begin: 1, end: 1 },
        },
    }
}

/// Maps a severity to those of GitLab: info, minor, major, critical and blocker.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "info",
        Severity::Warning => "major",
        Severity::Error => "critical",
    }
}
