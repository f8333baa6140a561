//! `headcount registry check`: reports problems of a registry.

use std::path::{Path, PathBuf};

use miette::Severity as Weight;
use serde_json::json;

use super::args::{Check, FailOn, Format};
use super::{chosen, config, parsed, text};
use crate::assess::Reads;
use crate::cli::configurations::{Configurations, STDIN};
use crate::cli::session::group_by_config;
use crate::cli::{CLEAN, FAILED, Failure, STOP, output, run};
use crate::registry::Registry;
use crate::registry::inspect::{
    QueriedColumn, QueryUsage, RegistryProblem, RegistryProblemKind, inspect, mistakes,
};
use crate::report::{self, Diagnostic, InertSource, InertText, PlaceLabel};
use crate::rules::Severity;
use crate::source::SourceText;
use crate::source::files::GitIgnoreMode;
use crate::toml_text::nearest;
use crate::workspace::Registries;

/// Number of entries that the summary of a kind of note names, before the count of
/// the rest.
const NAMED: usize = 5;

pub(super) fn run(check: &Check) -> Result<u8, Failure> {
    let kinds = kinds(check)?;
    let start = check.against.first().map_or(Path::new("."), |path| path);
    let config = config(start, &check.common)?;
    let path = chosen(Path::new("."), &check.common, &config);
    let source = text(path.as_deref())?;
    let mut failed = false;
    let (mut problems, entries) = match Registry::parse(&source) {
        Err(errors) => (mistakes(errors), None),
        Ok(registry) => {
            let against = if check.against.is_empty() {
                None
            } else {
                let mut configs = Configurations::new(&check.common.configured)?;
                let found =
                    run::gather(&check.against, &mut configs, STDIN, GitIgnoreMode::Skipped)?;
                failed = found.failed;
                let mut reads = Vec::new();
                for (config, texts) in group_by_config(found.inputs) {
                    // The threads of one configuration share a registry of their
                    // own.
                    let mut registries = Registries::of(parsed(&source)?);
                    reads.extend(registries.reads(texts, &config.template, check.jobs)?);
                }
                Some(used(&reads, &check.against))
            };
            let held = (registry.columns().len(), registry.tables().len());
            (inspect(&registry, &source, against.as_ref()), Some(held))
        }
    };
    problems.retain(|problem| kinds.contains(&problem.kind));
    let status = status(&problems, check.fail_on);
    let shown = match check.common.format {
        Format::Human => human(&source, &problems, entries, check.verbose),
        Format::Json => render_json(&source, &problems, entries),
    };
    output::print(&shown)?;
    Ok(if failed { FAILED } else { status })
}

/// Combines the columns that all datasets read.
fn used(reads: &[Reads], paths: &[PathBuf]) -> QueryUsage {
    let shown: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let mut against = QueryUsage {
        shown: shown.join(", "),
        ..QueryUsage::default()
    };
    for column in reads.iter().flat_map(|reads| &reads.columns) {
        against.tables.insert(column.table.clone());
        against.columns.push(QueriedColumn {
            table: column.table.clone(),
            path: column.path.clone(),
            entries: column.entries.clone(),
        });
    }
    against
}

/// Returns the severity of a kind of problem.
fn severity(kind: RegistryProblemKind) -> Severity {
    match kind {
        RegistryProblemKind::TomlError => Severity::Error,
        RegistryProblemKind::Repeated
        | RegistryProblemKind::Shadowed
        | RegistryProblemKind::Unmatched
        | RegistryProblemKind::MissingUnit => Severity::Warning,
        // The columns stay unpublishable, and the owner sees them listed.
        RegistryProblemKind::MissingReview | RegistryProblemKind::MissingCategory => Severity::Note,
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn status(problems: &[RegistryProblem], fail_on: FailOn) -> u8 {
    let least = match fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Note => Severity::Note,
        FailOn::Never => return CLEAN,
    };
    let stop = problems
        .iter()
        .any(|problem| severity(problem.kind) >= least);
    if stop { STOP } else { CLEAN }
}

/// Returns the kinds of problems to show. Errors that make the registry unusable are
/// always shown.
fn kinds(check: &Check) -> Result<Vec<RegistryProblemKind>, Failure> {
    let names: Vec<&str> = RegistryProblemKind::ALL
        .iter()
        .map(|kind| kind.name())
        .collect();
    for given in check.select.iter().chain(&check.ignore) {
        if !names.contains(&given.as_str()) {
            let help = match nearest(given, &names) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known kinds: {}", names.join(", ")),
            };
            return Err(Failure::Usage(format!(
                "unknown kind of problem `{given}`; {help}"
            )));
        }
    }
    let given =
        |list: &[String], kind: RegistryProblemKind| list.iter().any(|name| name == kind.name());
    Ok(RegistryProblemKind::ALL
        .into_iter()
        .filter(|kind| {
            *kind == RegistryProblemKind::TomlError
                || ((check.select.is_empty() || given(&check.select, *kind))
                    && !given(&check.ignore, *kind))
        })
        .collect())
}

fn human(
    source: &SourceText,
    problems: &[RegistryProblem],
    entries: Option<(usize, usize)>,
    verbose: bool,
) -> InertText {
    let handler = report::handler(&output::stderr_options());
    let mut text = InertText::new();
    let shown = InertSource::new(source);
    for problem in problems {
        let severity = severity(problem.kind);
        if severity == Severity::Note && !verbose {
            continue;
        }
        let diagnostic = Diagnostic {
            message: &problem.message,
            severity: match severity {
                Severity::Error => Weight::Error,
                Severity::Warning => Weight::Warning,
                Severity::Note => Weight::Advice,
            },
            code: Some(problem.kind.name()),
            link: None,
            help: problem.help.as_deref(),
            // The first line is enough to find an entry.
            labels: vec![PlaceLabel {
                range: first_line(source, problem).range(),
                text: None,
            }],
        };
        text.diagnostic(&handler, Some(&shown), &diagnostic);
        text.line("");
    }
    if !verbose {
        for kind in RegistryProblemKind::ALL {
            if let Some(line) = counted(source, problems, kind) {
                text.line(line);
            }
        }
    }
    let count = |wanted: Severity| {
        let found = problems
            .iter()
            .filter(|problem| severity(problem.kind) == wanted)
            .count();
        plural(found, word(wanted))
    };
    let held = entries.map_or_else(String::new, |(columns, tables)| {
        format!(
            "{}, {}: ",
            plural(columns, "column"),
            plural(tables, "table")
        )
    });
    text.line(format_args!(
        "{}: {held}{}, {}, {}",
        source.path(),
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note)
    ));
    text
}

/// Returns the span of the first line of an entry.
fn first_line(source: &SourceText, problem: &RegistryProblem) -> crate::source::Span {
    let slice = source.slice(problem.span);
    let length = slice.find('\n').unwrap_or(slice.len());
    let start = problem.span.start as usize;
    crate::source::Span::new(start, start + length)
}

/// Summarizes the notes of one kind in a line.
fn counted(
    source: &SourceText,
    problems: &[RegistryProblem],
    kind: RegistryProblemKind,
) -> Option<String> {
    let own: Vec<&RegistryProblem> = problems
        .iter()
        .filter(|problem| problem.kind == kind && severity(kind) == Severity::Note)
        .collect();
    if own.is_empty() {
        return None;
    }
    let named: Vec<String> = own
        .iter()
        .take(NAMED)
        .map(|problem| {
            let line = source.position(problem.span.start).line;
            format!("`{}` ({}:{line})", problem.entry, source.path())
        })
        .collect();
    let rest = match own.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more; --verbose shows all"),
    };
    Some(format!(
        "note: {} [{}]: {}{rest}",
        plural(own.len(), "entry"),
        kind.name(),
        named.join(", ")
    ))
}

fn plural(count: usize, word: &str) -> String {
    match (count, word) {
        (1, _) => format!("1 {word}"),
        (_, "entry") => format!("{count} entries"),
        (_, _) => format!("{count} {word}s"),
    }
}

fn render_json(
    source: &SourceText,
    problems: &[RegistryProblem],
    entries: Option<(usize, usize)>,
) -> InertText {
    let told: Vec<serde_json::Value> = problems
        .iter()
        .map(|problem| {
            let at = source.position(problem.span.start);
            let end = source.position(problem.span.end);
            json!({
                "kind": problem.kind.name(),
                "severity": word(severity(problem.kind)),
                "entry": (!problem.entry.is_empty()).then_some(&problem.entry),
                "message": problem.message,
                "help": problem.help,
                "span": {"start": at, "end": end},
            })
        })
        .collect();
    InertText::json(&json!({
        "schema_version": 1,
        "registry": source.path(),
        "columns": entries.map(|(columns, _)| columns),
        "tables": entries.map(|(_, tables)| tables),
        "problems": told,
    }))
}
