//! What somebody whose change is blocked does next: the edit that mends it, or the
//! review and the command that records it.

use super::super::paint::Paint;
use super::super::{InertText, Options, Run, causes, shell};
use crate::assessment::{Assessment, FileAssessment};
use crate::rules::RuleGroup;

/// Columns between a command and what it does.
const GAP: usize = 2;

/// Writes the commands, for the first file that each of them serves.
pub(super) fn write(text: &mut InertText, run: &Run, options: &Options) {
    let blocked: Vec<(&FileAssessment, &Assessment)> = run
        .files
        .iter()
        .flat_map(|file| file.datasets.iter().map(move |dataset| (file, dataset)))
        .filter(|(_, dataset)| options.gate.blocks(dataset))
        .collect();
    if blocked.is_empty() {
        return;
    }
    let steps = steps(&blocked);
    if steps.is_empty() {
        return;
    }
    let paint = Paint::new(options.color);
    text.painted(&[(paint.strong(), "Next steps")]);
    let width = steps.iter().map(|(command, _)| command.chars().count());
    let width = width.max().unwrap_or(0) + GAP;
    for (command, what) in steps {
        text.painted(&[
            (paint.plain(), "  "),
            (paint.command(), &format!("{command:width$}")),
            (paint.plain(), what),
        ]);
    }
    text.line("");
}

fn steps(blocked: &[(&FileAssessment, &Assessment)]) -> Vec<(String, &'static str)> {
    let mut steps = Vec::new();
    let path = |keep: &dyn Fn(&Assessment) -> bool| {
        let found = blocked.iter().find(|(_, dataset)| keep(dataset));
        found.map(|(file, _)| shell::argument(file.source.path()))
    };
    if let Some(path) = path(&has_safe_fix) {
        steps.push((
            format!("headcount check --fix {path}"),
            "applies the edits that remove nothing but small groups",
        ));
    }
    if let Some(path) = path(&is_too_small) {
        steps.push((
            format!("headcount review {path} --to-level 2"),
            "proposes the smallest edit that proves the minimum bucket",
        ));
    } else if let Some(path) = path(&|_| true) {
        steps.push((
            format!("headcount review {path}"),
            "shows the four answers, every column and where it comes from",
        ));
    }
    if let Some(path) = path(&|dataset| dataset.assessed) {
        steps.push((
            format!("headcount approve {path} --bug NUMBER"),
            "records the approval of a data steward, after the review",
        ));
    }
    steps
}

fn has_safe_fix(dataset: &Assessment) -> bool {
    let fixes = dataset.findings.iter().filter_map(|one| one.fix.as_ref());
    fixes.into_iter().any(|fix| fix.safe)
}

/// Whether what decides is that rows stand for too few people.
fn is_too_small(dataset: &Assessment) -> bool {
    let findings = causes::ordered(&dataset.findings, dataset.assessed);
    findings
        .first()
        .is_some_and(|first| first.rule.group() == RuleGroup::Aggregation)
}
