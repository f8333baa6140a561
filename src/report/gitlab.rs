//! GitLab's code quality report, which merge requests show.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde::Serialize;

use super::fingerprint;
use super::{Run, uri};
use crate::rules::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    categories: [&'static str; 1],
    check_name: String,
    description: String,
    content: Content<'a>,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Content<'a> {
    body: &'a str,
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

pub(super) fn render(run: &Run) -> String {
    let issues: Vec<Issue<'_>> = fingerprint::each(run)
        .into_iter()
        .map(|(file, finding, fingerprint)| {
            let (begin, end) = super::lines(&file.source, finding.span);
            let path = uri::slashes(file.source.path());
            Issue {
                kind: "issue",
                categories: ["Security"],
                check_name: format!("{} {}", finding.rule.code, finding.rule.name),
                description: finding.message.clone(),
                content: Content {
                    body: &finding.help,
                },
                fingerprint: fingerprint.alone(),
                severity: severity(finding.severity),
                location: Location {
                    path: path.strip_prefix("./").unwrap_or(&path).to_owned(),
                    lines: Lines { begin, end },
                },
            }
        })
        .collect();
    // Keys are strings and numbers are finite: this cannot fail.
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}

/// GitLab knows info, minor, major, critical and blocker.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "info",
        Severity::Warning => "major",
        Severity::Error => "critical",
    }
}
