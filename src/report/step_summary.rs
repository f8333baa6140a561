//! Renders the summary of a step in GitHub Actions as Markdown: the datasets that
//! need review, and the rules that fired.

use std::collections::BTreeMap;

use super::{InertText, Run, causes, notes, prose, words};
use crate::assessment::{Assessment, FileAssessment};
use crate::numbers::GroupedNumber;
use crate::rules::{Rule, Severity};

/// Largest length of a message in characters.
const MESSAGE: usize = 240;
/// Size in bytes after which no more datasets are listed; GitHub accepts 1 MiB per
/// step.
const LONGEST: usize = 900_000;

/// Renders a run as the summary of a step.
pub fn render(run: &Run) -> InertText {
    let mut text = InertText::new();
    text.line("## headcount");
    text.line("");
    text.line(prose::text(&words::summary(run)));
    for note in notes(run) {
        text.line("");
        text.line(format_args!("> {}", prose::text(&words::capital(&note))));
    }
    datasets(run, &mut text);
    rules(run, &mut text);
    text
}

/// Writes the datasets that need review, which a reader looks for.
fn datasets(run: &Run, text: &mut InertText) {
    let told: Vec<(&FileAssessment, &Assessment)> = run
        .files
        .iter()
        .flat_map(|file| file.datasets.iter().map(move |dataset| (file, dataset)))
        .filter(|(_, dataset)| dataset.stops())
        .collect();
    if told.is_empty() {
        return;
    }
    text.line("");
    text.line("| dataset | place | level | people in each row | why |");
    text.line("|---|---|---|---|---|");
    for (at, (file, dataset)) in told.iter().enumerate() {
        if text.len() > LONGEST {
            text.line("");
            text.line(format_args!("… and {} more", told.len() - at));
            return;
        }
        text.line(row(file, dataset));
    }
}

fn row(file: &FileAssessment, dataset: &Assessment) -> String {
    let line = file.source.position(dataset.span.start).line;
    let bucket = &dataset.decision.bucket;
    let proven = words::proven(bucket.proven, bucket.residual_unbounded, "no number");
    let findings = causes::ordered(&dataset.findings, dataset.assessed);
    let why = match findings.split_first() {
        None => String::new(),
        Some((first, rest)) => {
            let rule = first.rule;
            let link = format!("[{}]({})", rule.code, rule.url());
            let message = prose::text(&words::clip_text(&first.message, MESSAGE));
            let more = match rest.len() {
                0 => String::new(),
                more => format!("; {}", words::plural(more, "more finding")),
            };
            format!("{link}: {message}{more}")
        }
    };
    format!(
        "| {} | {} | {} | {proven}, {} required | {} |",
        prose::code(&dataset.name),
        prose::code(&format!("{}:{line}", file.source.path())),
        prose::text(&words::level(dataset)),
        GroupedNumber(bucket.required),
        why
    )
}

fn rules(run: &Run, text: &mut InertText) {
    let mut fired: BTreeMap<&str, (&Rule, Severity, usize)> = BTreeMap::new();
    for (_, finding) in run.findings() {
        let (_, gravest, count) =
            fired
                .entry(finding.rule.code)
                .or_insert((finding.rule, finding.severity, 0));
        *gravest = (*gravest).max(finding.severity);
        *count += 1;
    }
    if fired.is_empty() {
        return;
    }
    text.line("");
    text.line("| rule | | findings | what it says |");
    text.line("|---|---|---|---|");
    for (rule, severity, count) in fired.values() {
        text.line(format_args!(
            "| [{} {}]({}) | {} | {count} | {} |",
            rule.code,
            rule.name,
            rule.url(),
            words::severity(*severity),
            prose::text(rule.summary)
        ));
    }
}
