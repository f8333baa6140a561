//! Renders results for people and programs. Each format is one module, which reads
//! only assessments.

mod causes;
mod comparison;
mod concise;
mod covered;
mod diff;
mod example;
mod fingerprint;
mod gate;
mod github;
mod gitlab;
mod human;
mod inert;
mod json;
mod lineage;
mod markdown;
mod notes;
mod paint;
mod prose;
mod requester;
mod sarif;
mod shell;
mod site;
mod step_summary;
mod uri;
mod words;

pub use comparison::{DiffFormat, render as comparison};
pub use diff::unified;
pub use example::lines as example_lines;
pub use gate::Gate;
pub(crate) use human::handler;
pub use inert::InertText;
pub(crate) use inert::{Diagnostic, InertSource, PlaceLabel, escape_line, is_active};
pub use json::lines as json_lines;
pub use lineage::{LineageFormat, render as lineage};
pub use notes::notes;
pub(crate) use shell::argument as shell_argument;
pub use site::{Commit, Committed, DATA as SITE_DATA, SiteFile, TableDescriptions, render as site};
pub use step_summary::render as step_summary;
pub(crate) use words::plural;

use std::path::PathBuf;
use std::str::FromStr;

use crate::assessment::{Assessment, FileAssessment};
use crate::config::FailOn;
use crate::policy::Verdict;
use crate::record::RecordOutcome;
use crate::rules::{Finding, Severity};
use crate::source::{SourceText, Span};
use crate::toml_text::nearest;

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text for a terminal, with findings drawn in the query.
    Human,
    /// One line per finding, in a form that editors parse.
    Concise,
    /// JSON for programs: schema version 1.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that GitHub shows as annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// A comment to paste into a bug.
    Markdown,
}

impl Format {
    /// All formats, with their names.
    pub const ALL: [(&'static str, Self); 7] = [
        ("human", Self::Human),
        ("concise", Self::Concise),
        ("json", Self::Json),
        ("sarif", Self::Sarif),
        ("github", Self::Github),
        ("gitlab", Self::Gitlab),
        ("markdown", Self::Markdown),
    ];

    /// Returns whether the report of a check shows each column.
    pub fn shows_columns(self) -> bool {
        match self {
            Self::Json | Self::Markdown => true,
            Self::Human | Self::Concise | Self::Sarif | Self::Github | Self::Gitlab => false,
        }
    }
}

/// A format with its destination, such as `json` or `json=report.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The format.
    pub format: Format,
    /// The file; `None` for standard output.
    pub file: Option<PathBuf>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = Format::ALL
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| format)
            .ok_or_else(|| {
                let names: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
                let meant = nearest(name, &names);
                let meant = meant.map(|meant| format!("did you mean `{meant}`? "));
                format!(
                    "unknown format `{name}`; {}the formats are {}",
                    meant.unwrap_or_default(),
                    names.join(", ")
                )
            })?;
        Ok(Self { format, file })
    }
}

/// The amount of detail about each dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportDetail {
    /// The findings and the verdict.
    Check,
    /// All details.
    Review,
}

/// The options of a report.
#[derive(Debug, Clone, Copy)]
pub struct ReportOptions {
    /// Whether colours may be used.
    pub color: bool,
    /// Whether drawings use only ASCII.
    pub ascii: bool,
    /// Whether the terminal shows links (OSC 8).
    pub links: bool,
    /// Width of the terminal in columns.
    pub width: usize,
    /// Whether to show only findings, without a summary.
    pub quiet: bool,
    /// Whether to show every dataset, every finding at its place, and all reasons.
    pub verbose: bool,
    /// Whether to show counts by rule and level.
    pub statistics: bool,
    /// The amount of detail.
    pub detail: ReportDetail,
    /// The conditions under which the run fails.
    pub gate: Gate,
}

impl ReportOptions {
    /// Returns the options of a report for a file or another program.
    pub const fn piped(detail: ReportDetail) -> Self {
        Self {
            color: false,
            ascii: false,
            links: false,
            width: 100,
            quiet: false,
            verbose: false,
            statistics: false,
            detail,
            gate: Gate {
                fail_on: FailOn::Review,
                reviews_may_wait: false,
                before_commit: false,
            },
        }
    }
}

/// The results of one run of the program.
#[derive(Clone)]
pub struct Run {
    /// The files in order.
    pub files: Vec<FileAssessment>,
    /// The policy's minimum bucket size.
    pub min_bucket: u64,
    /// The results of the comparison with the publishing record that belong to no
    /// dataset.
    pub record: RecordOutcome,
    /// Notes about the configuration, such as changed files that were not used.
    pub notes: Vec<String>,
    /// Files that could not be read, which is reported when it happens.
    pub unread: Vec<String>,
    /// The settings that served it, each with its place; for `--verbose`.
    pub settings: Vec<String>,
    /// The path from the root of the repository to the working directory. Empty
    /// unless a CI service names that root.
    pub prefix: String,
    /// The root, without a slash at its end; empty if no service names it.
    pub root: String,
}

/// The counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of files.
    pub files: usize,
    /// Number of datasets.
    pub datasets: usize,
    /// Number of datasets that may be published as they are.
    pub publishable: usize,
    /// Number of datasets that need an extra review that is not on record, except
    /// internal ones.
    pub needs_review: usize,
    /// Number of datasets that need an extra review, and had it.
    pub approved: usize,
    /// Number of datasets that need an extra review and are tolerated as known debt.
    pub known_debt: usize,
    /// Number of datasets that a comment declares internal.
    pub internal: usize,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// Number of notes.
    pub notes: usize,
    /// Number of findings that comments suppress.
    pub suppressed: usize,
}

impl Run {
    /// Creates a run before its comparison with the record.
    pub fn of(files: Vec<FileAssessment>, min_bucket: u64) -> Self {
        Self {
            files,
            min_bucket,
            record: RecordOutcome::default(),
            notes: Vec::new(),
            settings: Vec::new(),
            unread: Vec::new(),
            prefix: String::new(),
            root: String::new(),
        }
    }

    /// Returns the path of a file for a service that shows annotations: relative to
    /// the root of the repository, with slashes.
    fn annotated_path(&self, file: &FileAssessment) -> String {
        let path = uri::slashes(file.source.path());
        let below = path
            .strip_prefix(&self.root)
            .filter(|_| !self.root.is_empty());
        match below.and_then(|below| below.strip_prefix('/')) {
            Some(below) => below.to_owned(),
            None => uri::below(&self.prefix, &path),
        }
    }

    /// Returns the datasets that are known debt, with their files.
    pub fn known_debt(&self) -> impl Iterator<Item = (&FileAssessment, &Assessment)> {
        self.files.iter().flat_map(|file| {
            file.datasets
                .iter()
                .filter(|dataset| dataset.record.known_debt_until.is_some())
                .map(move |dataset| (file, dataset))
        })
    }

    /// Counts the datasets and findings.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary {
            files: self.files.len(),
            ..Summary::default()
        };
        for dataset in self.files.iter().flat_map(|file| &file.datasets) {
            summary.datasets += 1;
            if dataset.internal.is_some() {
                summary.internal += 1;
            } else if dataset.stops() {
                summary.needs_review += 1;
            } else if dataset.verdict == Verdict::Publishable {
                summary.publishable += 1;
            } else if dataset.record.debt_holds {
                summary.known_debt += 1;
            } else {
                summary.approved += 1;
            }
        }
        let all = self.files.iter().flat_map(|file| {
            // Findings that were accepted with an approval count as approved, not
            // suppressed.
            let datasets = file
                .datasets
                .iter()
                .filter(|dataset| !dataset.is_accepted());
            let datasets = datasets.flat_map(|dataset| &dataset.findings);
            datasets.chain(&file.findings)
        });
        summary.suppressed = all.filter(|finding| finding.suppressed.is_some()).count();
        for (_, finding) in self.findings() {
            match finding.severity {
                Severity::Error => summary.errors += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Note => summary.notes += 1,
            }
        }
        summary
    }

    /// Returns the findings that reports show, with their files: not those that a
    /// comment suppresses, nor those of internal datasets.
    pub fn findings(&self) -> impl Iterator<Item = (&FileAssessment, &Finding)> {
        self.files.iter().flat_map(|file| {
            file.datasets
                .iter()
                .flat_map(Assessment::shown)
                .chain(file.shown())
                .map(move |finding| (file, finding))
        })
    }
}

/// Renders a run.
pub fn render(run: &Run, format: Format, options: &ReportOptions) -> InertText {
    match format {
        Format::Human => human::render(run, options),
        Format::Concise => concise::render(run),
        Format::Json => json::render(run),
        Format::Sarif => sarif::render(run),
        Format::Github => github::render(run),
        Format::Gitlab => gitlab::render(run),
        Format::Markdown => markdown::render(run),
    }
}

/// Returns the first and the last line of a place. A place that ends with a line end
/// does not extend into the next line.
fn lines(source: &SourceText, span: Span) -> (usize, usize) {
    let (start, end) = (source.position(span.start), source.position(span.end));
    if end.line > start.line && end.column == 1 {
        (start.line, end.line - 1)
    } else {
        (start.line, end.line)
    }
}
