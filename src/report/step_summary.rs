//! The summary of a step in GitHub Actions, in Markdown: the datasets, and the
//! rules that fired.

use std::collections::BTreeMap;

use super::{Run, prose, words};
use crate::assessment::{Assessment, FileAssessment};
use crate::rules::{Rule, Severity};

/// Bytes of a summary; GitHub takes 1 MiB of all that a step says.
const LONGEST: usize = 900_000;

/// Renders a run as the summary of a step.
pub fn render(run: &Run) -> String {
    let mut text = format!("## headcount\n\n{}\n", prose::text(&words::summary(run)));
    datasets(run, &mut text);
    rules(run, &mut text);
    text
}

/// Those that need review, which are what a reader looks for.
fn datasets(run: &Run, text: &mut String) {
    let told: Vec<(&FileAssessment, &Assessment)> = run
        .files
        .iter()
        .flat_map(|file| file.datasets.iter().map(move |dataset| (file, dataset)))
        .filter(|(_, dataset)| dataset.stops())
        .collect();
    if told.is_empty() {
        return;
    }
    text.push_str(
        "\n| dataset | place | level | people in each row | findings |\n|---|---|---|---|---|\n",
    );
    for (at, (file, dataset)) in told.iter().enumerate() {
        if text.len() > LONGEST {
            text.push_str(&format!("\n… and {} more\n", told.len() - at));
            return;
        }
        text.push_str(&row(file, dataset));
    }
}

fn row(file: &FileAssessment, dataset: &Assessment) -> String {
    let line = file.source.position(dataset.span.start).line;
    let bucket = &dataset.decision.bucket;
    let proven = bucket
        .proven
        .map_or_else(|| "no number".to_owned(), |k| k.to_string());
    let mut codes: Vec<&str> = dataset
        .findings
        .iter()
        .filter(|finding| finding.suppressed.is_none())
        .map(|finding| finding.rule.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    format!(
        "| {} | {} | {} | {proven} of {} proven | {} |\n",
        prose::code(&dataset.name),
        prose::code(&format!("{}:{line}", file.source.path())),
        prose::text(&words::level(dataset)),
        bucket.required,
        codes.join(", ")
    )
}

fn rules(run: &Run, text: &mut String) {
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
    text.push_str("\n| rule | | findings | what it says |\n|---|---|---|---|\n");
    for (rule, severity, count) in fired.values() {
        text.push_str(&format!(
            "| [{} {}]({}) | {} | {count} | {} |\n",
            rule.code,
            rule.name,
            rule.url(),
            words::severity(*severity),
            prose::text(rule.summary)
        ));
    }
}
