//! A template is assessed in each way that it may go, and the worst is told.

use super::comments::Comments;
use super::{Found, Surroundings, sql};
use crate::assessment::{Assessment, FileAssessment};
use crate::policy::Verdict;
use crate::rules::{Finding, unresolved_template};
use crate::source::template::{Rendered, Rendering, SourceMap, TemplateProblem};
use crate::source::{SourceText, Span};

/// Assesses every dataset of a text in each way that it may go, and joins what is
/// found at its written places.
pub fn assess(source: SourceText, rendered: Rendered, around: &Surroundings<'_>) -> FileAssessment {
    let Rendered { renderings, capped } = rendered;
    let mut datasets: Vec<Assessment> = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    let mut comments = Comments::default();
    for rendering in renderings {
        let Rendering {
            text,
            map,
            variant,
            problems,
            placeholders,
            assumptions,
            target,
        } = rendering;
        let text = SourceText::new(source.path(), text);
        let mut found = sql(&text, around, around.target(&target));
        for dataset in &mut found.datasets {
            told_already(&mut dataset.findings, &placeholders);
            dataset.variant.clone_from(&variant);
            dataset
                .decision
                .assumptions
                .extend(assumptions.iter().cloned());
            places(dataset, &map);
        }
        for finding in &mut found.findings {
            place(finding, &map);
        }
        unknown(&mut found, &problems);
        comments.join(found.comments, &map);
        join(&mut datasets, found.datasets);
        for finding in found.findings {
            if !findings.iter().any(|known| same(known, &finding)) {
                findings.push(finding);
            }
        }
    }
    if let Some(capped) = capped {
        let finding = unresolved_template::too_many(&capped);
        for dataset in &mut datasets {
            dataset.findings.push(finding.clone());
            dataset.verdict = Verdict::ExtraReview;
        }
        if datasets.is_empty() {
            findings.push(finding);
        }
    }
    findings.extend(comments.findings());
    FileAssessment {
        source,
        datasets,
        findings,
    }
}

/// Takes the worse of each dataset that both ways have: the same target, the nth
/// time that it is written.
fn join(datasets: &mut Vec<Assessment>, others: Vec<Assessment>) {
    let mut taken = vec![false; datasets.len()];
    for dataset in others {
        let same = datasets
            .iter()
            .zip(&taken)
            .position(|(known, taken)| !taken && known.identity == dataset.identity);
        match same {
            Some(at) => {
                taken[at] = true;
                let mut dataset = dataset;
                // Whichever is told, all that either way reads was looked at.
                let mut upstream = std::mem::take(&mut datasets[at].upstream);
                upstream.append(&mut dataset.upstream);
                if badness(&dataset) > badness(&datasets[at]) {
                    datasets[at] = dataset;
                }
                datasets[at].upstream = upstream;
            }
            None => {
                datasets.push(dataset);
                taken.push(true);
            }
        }
    }
}

/// A value that is not known is told once, as what it is.
fn told_already(findings: &mut Vec<Finding>, placeholders: &[Span]) {
    findings.retain(|finding| {
        let about_it = placeholders
            .iter()
            .any(|place| place.contains(finding.span));
        let of_unknown = finding.rule.code.starts_with("HC0") || finding.rule.code == "HC303";
        !(about_it && of_unknown)
    });
}

/// What could not be rendered keeps the datasets in whose text it stands from
/// being publishable; all of them where it stands in none.
fn unknown(found: &mut Found, problems: &[TemplateProblem]) {
    for problem in problems {
        let finding = unresolved_template::of(problem);
        let inside = |dataset: &Assessment| dataset.span.contains(problem.span);
        let any = found.datasets.iter().any(inside);
        let mut told = false;
        for dataset in &mut found.datasets {
            if !any || inside(dataset) {
                dataset.verdict = Verdict::ExtraReview;
                dataset.findings.push(finding.clone());
                told = true;
            }
        }
        if !told {
            found.findings.push(finding);
        }
    }
    for dataset in &mut found.datasets {
        dataset
            .findings
            .sort_by_key(|finding| (finding.span, finding.rule.code));
    }
}

/// What makes one outcome worse than another: what is not understood first, then
/// the verdict, the level, the bucket, and what was found.
fn badness(dataset: &Assessment) -> (bool, bool, u8, u64, usize) {
    let level = dataset.decision.level.map_or(0, |level| level.number());
    let bucket = u64::MAX - dataset.decision.bucket.proven.unwrap_or(0);
    (
        !dataset.assessed,
        dataset.verdict == Verdict::ExtraReview,
        level,
        bucket,
        dataset.findings.len(),
    )
}

fn same(a: &Finding, b: &Finding) -> bool {
    a.rule.code == b.rule.code && a.span == b.span && a.message == b.message
}

/// Takes all places of a dataset back to the text as written.
fn places(dataset: &mut Assessment, map: &SourceMap) {
    if map.is_identity() {
        return;
    }
    dataset.span = map.written(dataset.span);
    for because in &mut dataset.decision.level_because {
        because.span = because.span.map(|span| map.written(span));
    }
    for column in &mut dataset.decision.columns {
        column.span = map.written(column.span);
    }
    for source in &mut dataset.decision.sources {
        source.span = map.written(source.span);
    }
    for finding in &mut dataset.findings {
        place(finding, map);
    }
}

fn place(finding: &mut Finding, map: &SourceMap) {
    finding.span = map.written(finding.span);
    for label in &mut finding.labels {
        label.span = map.written(label.span);
    }
    // An edit of what stands in a macro or a loop would change other places too.
    finding.fix = finding.fix.take().and_then(|mut fix| {
        for edit in &mut fix.edits {
            edit.span = map.exact(edit.span)?;
        }
        Some(fix)
    });
}
