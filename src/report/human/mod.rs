//! Text for a terminal: for a check, a block for each dataset that needs attention;
//! for a review, all details of each dataset.

mod block;
mod next_steps;
mod review;
mod snippet;
mod statistics;

pub(crate) use snippet::handler;

use std::collections::HashSet;

use super::{InertText, ReportDetail, ReportOptions, Run, causes, notes, words};
use crate::assessment::{Assessment, FileAssessment};
use crate::rules::{Finding, Severity};

/// Largest number of steps, findings and assumptions of a dataset in a list.
const LISTED: usize = 100;
/// Largest number of findings outside of datasets that are shown per file.
const OF_FILE: usize = 5;

pub(super) fn render(run: &Run, options: &ReportOptions) -> InertText {
    let mut text = InertText::new();
    let broken = causes::Broken::new(run);
    // What others are not known because of is read first.
    let causes = match options.detail {
        ReportDetail::Check => broken.causes(run),
        ReportDetail::Review => HashSet::new(),
    };
    let (first, others): (Vec<_>, Vec<_>) = run
        .files
        .iter()
        .partition(|file| causes.contains(file.source.path()));
    let mut grouped = false;
    for file in first.into_iter().chain(others) {
        of_file(&mut text, file, options);
        for dataset in &file.datasets {
            match options.detail {
                ReportDetail::Review => review::write(&mut text, file, dataset, options),
                ReportDetail::Check => match broken.cause(file, dataset) {
                    Some(cause) if !options.verbose && options.gate.blocks(dataset) => {
                        block::dependent(&mut text, file, dataset, cause, options);
                        grouped = true;
                    }
                    Some(_) | None => check(&mut text, file, dataset, options),
                },
            }
        }
    }
    if grouped {
        text.line("");
    }
    if options.statistics {
        statistics::write(&mut text, run);
    }
    if options.detail == ReportDetail::Check {
        if !options.quiet {
            next_steps::write(&mut text, run, options);
        }
        missing_data_reviews(&mut text, run, options);
    }
    if options.verbose && !run.settings.is_empty() {
        text.line("Configuration");
        for setting in &run.settings {
            text.line(format_args!("  {setting}"));
        }
        text.line("");
    }
    for note in notes(run) {
        text.line(format_args!("note: {note}"));
    }
    if !options.quiet && options.detail == ReportDetail::Check {
        text.line(words::summary(run));
    }
    text
}

/// Writes the findings outside of datasets: syntax errors, and comments without
/// effect.
fn of_file(text: &mut InertText, file: &FileAssessment, options: &ReportOptions) {
    let findings = causes::ordered(&file.findings, false);
    if findings.is_empty() {
        return;
    }
    let shown = if options.verbose || options.detail == ReportDetail::Review {
        findings.len()
    } else {
        findings.len().min(OF_FILE)
    };
    let snippets = snippet::Snippets::new(file, options);
    for finding in &findings[..shown] {
        snippets.draw(text, finding);
    }
    if shown < findings.len() {
        let rest = words::plural(findings.len() - shown, "more finding");
        text.line(format_args!("  and {rest} (--verbose)"));
    }
    text.line("");
}

/// Writes a dataset if it needs review, fails the run, or is known debt.
///
/// Of other datasets, only findings above notes are written. With `--verbose`, every
/// dataset is written; with `--quiet`, known debt is not.
fn check(
    text: &mut InertText,
    file: &FileAssessment,
    dataset: &Assessment,
    options: &ReportOptions,
) {
    let blocked = options.gate.blocks(dataset);
    let debt = dataset.record.known_debt_until.is_some();
    let needs_attention = blocked || dataset.stops();
    if !needs_attention && !debt && !options.verbose {
        // Findings that change no verdict are still reported, such as a suppression
        // without effect.
        let findings = causes::ordered(&dataset.findings, dataset.assessed);
        let told = |finding: &&Finding| {
            finding.severity > Severity::Note && !causes::is_missing_data_review(finding)
        };
        let findings: Vec<&Finding> = findings.into_iter().filter(told).collect();
        if dataset.record.status.is_none() && dataset.internal.is_none() && !findings.is_empty() {
            block::write_findings(text, file, &findings, options);
            text.line("");
        }
        return;
    }
    let draws = (needs_attention || options.verbose) && dataset.internal.is_none();
    if !options.quiet || needs_attention {
        block::write(text, file, dataset, options, draws || blocked);
    }
}

/// Writes the steps that led to the level.
fn reasons(text: &mut InertText, file: &FileAssessment, dataset: &Assessment, width: usize) {
    let steps = &dataset.decision.level_because;
    for step in steps.iter().take(LISTED) {
        let place = match (&step.elsewhere, step.span) {
            (Some(place), _) => format!(" [{place}]"),
            (None, Some(span)) => {
                let at = file.source.position(span.start);
                format!(" [{}:{}]", at.line, at.column)
            }
            (None, None) => String::new(),
        };
        let operator = step
            .operator
            .as_ref()
            .map(|word| format!("{word}: "))
            .unwrap_or_default();
        let people = words::people_after(step);
        let line = format!("{operator}{}{people}{place}", step.message);
        for line in words::wrap_text(&line, width, 4, 6) {
            text.line(line);
        }
    }
    rest(text, steps.len(), "more step");
}

/// Writes the number of items of a list that are not shown.
fn rest(text: &mut InertText, all: usize, what: &str) {
    if all > LISTED {
        let rest = words::plural(all - LISTED, what);
        text.line(format_args!(
            "    and {rest}; `--format json` has all of them"
        ));
    }
}

/// Writes one line about the columns without a data review, which `--verbose` lists.
fn missing_data_reviews(text: &mut InertText, run: &Run, options: &ReportOptions) {
    if options.verbose {
        return;
    }
    let mut datasets = 0_usize;
    let mut findings = 0_usize;
    let mut blocks = false;
    for dataset in run.files.iter().flat_map(|file| &file.datasets) {
        let missing = dataset.findings.iter().filter(|finding| {
            finding.suppressed.is_none() && causes::is_missing_data_review(finding)
        });
        let missing = missing.count();
        if missing > 0 && dataset.stops() {
            findings += missing;
            datasets += 1;
            blocks |= dataset.lacks_only_reviews && options.gate.blocks(dataset);
        }
    }
    if findings == 0 {
        return;
    }
    let blocking = if options.gate.reviews_may_wait && !blocks {
        "; they alone block nothing here (`fail_on = \"review\"` changes that)"
    } else {
        ""
    };
    text.line(format_args!(
        "missing data reviews (HC304): {} in {}{blocking}; `--verbose` lists them",
        words::plural(findings, "finding"),
        words::plural(datasets, "dataset"),
    ));
}
