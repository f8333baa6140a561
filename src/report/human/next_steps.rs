//! What somebody whose change is blocked does next: the edit that mends it, or the
//! review and the command that records it.

use super::super::covered::review_bug;
use super::super::paint::Paint;
use super::super::{InertText, Options, Run, shell};
use crate::assessment::{Assessment, FileAssessment};
use crate::policy::Level;

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
    let steps = steps(&blocked, options);
    if steps.is_empty() {
        return;
    }
    let paint = Paint::new(options.color);
    text.painted(&[(paint.strong(), "Next steps")]);
    let width = steps.iter().map(|(what, _)| what.chars().count());
    let width = width.max().unwrap_or(0);
    for (what, command) in steps {
        text.painted(&[
            (paint.plain(), &format!("  {what:width$}  ")),
            (paint.command(), &command),
        ]);
    }
    text.line("");
}

/// What may be done, each with its command.
fn steps(
    blocked: &[(&FileAssessment, &Assessment)],
    options: &Options,
) -> Vec<(&'static str, String)> {
    let mut steps = Vec::new();
    let path = |keep: &dyn Fn(&Assessment) -> bool| {
        let found = blocked.iter().find(|(_, dataset)| keep(dataset));
        found.map(|(file, _)| shell::argument(file.source.path()))
    };
    if let Some(path) = path(&has_safe_fix) {
        steps.push((
            "apply the safe edits",
            format!("headcount check --fix {path}"),
        ));
    }
    if let Some(path) = path(&is_above_level_2) {
        steps.push((
            "see the smallest edit to level 2",
            format!("headcount review {path} --to-level 2"),
        ));
    } else if let Some(path) = path(&|_| true) {
        steps.push(("see the whole review", format!("headcount review {path}")));
    }
    let on_disk = |(file, dataset): &&(&FileAssessment, &Assessment)| {
        dataset.assessed && file.source.path() != "<stdin>"
    };
    if let Some((file, dataset)) = blocked.iter().find(on_disk) {
        let path = shell::argument(file.source.path());
        let bug = shell::argument(review_bug(dataset).unwrap_or("NUMBER"));
        steps.push((
            "record a steward's approval",
            if options.gate.before_commit {
                format!("headcount approve {path} --bug {bug} --allow-uncommitted")
            } else {
                format!("headcount approve {path} --bug {bug}")
            },
        ));
    }
    steps
}

fn has_safe_fix(dataset: &Assessment) -> bool {
    let fixes = dataset.findings.iter().filter_map(|one| one.fix.as_ref());
    fixes.into_iter().any(|fix| fix.safe)
}

/// Whether an edit may reach level 2: the dataset is understood and above it.
fn is_above_level_2(dataset: &Assessment) -> bool {
    let level = dataset.decision.level;
    dataset.assessed && level.is_some_and(|level| level > Level::MinimumBucket)
}
