//! Assessment of a template in each of its renderings; the worst result is reported.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::comments::Comments;
use super::derivations::{self, Template};
use super::{AnalysisDetail, Surroundings, TextAssessment, sql};
use crate::assessment::{Assessment, FileAssessment};
use crate::budget;
use crate::policy::{Answer, Level, QuestionId, ReasoningStep, Verdict};
use crate::rules::{
    Finding, RuleGroup, unregistered_column, unresolved_template, unsupported_construct,
};
use crate::source::template::{Rendered, Rendering, SourceMap, TemplateProblem};
use crate::source::{SourceText, Span, digest};
use crate::syntax::fingerprint;

/// Assesses every dataset of a text in each rendering.
///
/// The findings of all renderings are merged, at their positions in the written
/// text.
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
            beside,
            configured,
            given: _,
            parameters: _,
            makes: _,
        } = rendering;
        let text = SourceText::new(source.path(), text);
        let template = Template {
            written: &source,
            map: &map,
        };
        let mut found = sql(&text, around, around.target(&target), template);
        for dataset in &mut found.datasets {
            remove_placeholder_findings(&mut dataset.findings, &placeholders);
            dataset.variant.clone_from(&variant);
            dataset
                .decision
                .assumptions
                .extend(assumptions.iter().cloned());
            places(dataset, &map);
            let adds = || around.definitions.adds_rows(&source, &configured);
            dataset.derivation.rows.kept |= dataset.statement == "query" && adds();
        }
        for finding in &mut found.findings {
            place(finding, &map);
        }
        unknown(&mut found, &problems, &source);
        for beside in &beside {
            if let Some(doubt) = super::doubt(beside, &source) {
                require_review_of_all(
                    &mut found,
                    unsupported_construct::beside(beside.span, doubt),
                );
                let sql = beside.sql.as_ref().map(|ways| ways.join("\n;\n"));
                let print = match (sql, &beside.defined) {
                    (None, Some(defined)) => digest(defined),
                    (sql, _) => fingerprint(&SourceText::new("", sql.unwrap_or_default())),
                };
                for dataset in &mut found.datasets {
                    let texts = &mut dataset.derivation.rows.texts;
                    let what = format!("{} {}", beside.kind, texts.len() + 1);
                    texts.insert(what, print.clone());
                }
            }
        }
        comments.join(found.comments, &map);
        join(&mut datasets, found.datasets, around.told);
        for finding in found.findings {
            budget::spend(findings.len() / COMPARED);
            if !findings.iter().any(|known| same(known, &finding)) {
                findings.push(finding);
            }
        }
    }
    if let Some(capped) = capped {
        let finding = unresolved_template::too_many(&capped);
        for dataset in &mut datasets {
            dataset.findings.push(finding.clone());
            dataset.require_review();
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
        fault: None,
    }
}

/// The number of findings or datasets whose comparison costs one step.
const COMPARED: usize = 128;

/// Merges the datasets of another rendering, and keeps the worse of each pair.
///
/// Two datasets correspond if both are the nth with the same identity.
fn join(datasets: &mut Vec<Assessment>, others: Vec<Assessment>, told: AnalysisDetail) {
    let mut free: FxHashMap<String, VecDeque<usize>> = FxHashMap::default();
    for (at, known) in datasets.iter().enumerate() {
        let same = free.entry(known.identity.clone()).or_default();
        same.push_back(at);
    }
    for dataset in others {
        let same = free.get_mut(&dataset.identity);
        match same.and_then(VecDeque::pop_front) {
            Some(at) => {
                let mut dataset = dataset;
                // Whichever is reported, the files that either rendering reads were
                // analyzed.
                let mut upstream = std::mem::take(&mut datasets[at].upstream);
                upstream.append(&mut dataset.upstream);
                let mut others = std::mem::take(&mut datasets[at].others);
                if reporting_rank(&dataset) > reporting_rank(&datasets[at]) {
                    std::mem::swap(&mut datasets[at], &mut dataset);
                }
                // A comparison with what was approved covers all renderings.
                if told >= AnalysisDetail::Made {
                    others.push(dataset);
                }
                datasets[at].others = others;
                datasets[at].upstream = upstream;
            }
            None => datasets.push(dataset),
        }
    }
}

/// Removes findings about a placeholder value, which is reported once as unresolved.
fn remove_placeholder_findings(findings: &mut Vec<Finding>, placeholders: &[Span]) {
    findings.retain(|finding| {
        let about_it = placeholders
            .iter()
            .any(|place| place.contains(finding.span));
        let of_unknown = finding.rule.group() == RuleGroup::Understanding
            || std::ptr::eq(finding.rule, &raw const unregistered_column::RULE);
        !(about_it && of_unknown)
    });
}

/// Requires a review of the datasets that contain a part which could not be
/// rendered.
///
/// A part that is inside no dataset affects all of them.
fn unknown(found: &mut TextAssessment, problems: &[TemplateProblem], source: &SourceText) {
    for problem in problems {
        let finding = unresolved_template::of(problem);
        budget::spend(found.datasets.len() / COMPARED);
        let inside = |dataset: &Assessment| dataset.span.contains(problem.span);
        let any = found.datasets.iter().any(inside);
        let mut told = false;
        for dataset in &mut found.datasets {
            if !any || inside(dataset) {
                dataset.require_review();
                dataset.findings.push(finding.clone());
                if problem.open {
                    withdraw_claims(dataset, &problem.message);
                }
                let text = derivations::normal(source.slice(problem.span));
                let texts = &mut dataset.derivation.rows.texts;
                texts.insert(format!("template part «{text}»"), String::new());
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

/// Withdraws the claims about rows that may be produced in another way.
///
/// These are the bucket, and a level that depends on the bucket or on the absence of
/// people. A level above the minimum bucket remains.
fn withdraw_claims(dataset: &mut Assessment, why: &str) {
    let decision = &mut dataset.decision;
    decision.bucket.proven = None;
    if decision
        .level
        .is_none_or(|level| level <= Level::MinimumBucket)
    {
        dataset.assessed = false;
        decision.level = None;
        decision.unread = true;
        for question in &mut decision.questions {
            if question.id == QuestionId::AggregationLevel {
                question.answer = Answer::Unknown;
                why.clone_into(&mut question.because);
            }
        }
        decision.level_because.push(ReasoningStep {
            message: why.to_owned(),
            span: None,
            operator: None,
            k: None,
            elsewhere: None,
            step: None,
        });
    }
}

/// Adds a finding that keeps every dataset of a text from being publishable.
fn require_review_of_all(found: &mut TextAssessment, finding: Finding) {
    for dataset in &mut found.datasets {
        dataset.require_review();
        dataset.findings.push(finding.clone());
    }
    if found.datasets.is_empty() {
        found.findings.push(finding);
    }
}

/// Returns an ordering key by which the worst of several renderings is reported.
///
/// A published dataset comes first, because an internal one fails no run; then one
/// that is not understood, the worse verdict, the higher level, the smaller bucket,
/// and the larger number of findings.
fn reporting_rank(dataset: &Assessment) -> (bool, bool, bool, u8, u64, usize) {
    let level = dataset.decision.level.map_or(0, |level| level.number());
    let bucket = u64::MAX - dataset.decision.bucket.proven.unwrap_or(0);
    (
        dataset.internal.is_none(),
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

/// Maps all positions of a dataset back to the text as written.
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
    // An edit inside a macro or a loop would change other places as well.
    finding.fix = finding.fix.take().and_then(|mut fix| {
        for edit in &mut fix.edits {
            edit.span = map.exact(edit.span)?;
        }
        Some(fix)
    });
}
