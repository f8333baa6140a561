//! The next steps for an author whose change is blocked: the edit that fixes it, or
//! the review, and the command that records the review.

use super::super::covered::review_bug;
use super::super::paint::Paint;
use super::super::{InertText, ReportOptions, Run, causes, shell};
use crate::assessment::{Assessment, FileAssessment};
use crate::policy::Level;

/// Largest width of a command for several files; a command that would be longer
/// names fewer files.
const COMMAND_WIDTH: usize = 72;

/// Writes the commands.
pub(super) fn write(text: &mut InertText, run: &Run, options: &ReportOptions) {
    let blocked: Vec<(&FileAssessment, &Assessment)> = run
        .files
        .iter()
        .flat_map(|file| file.datasets.iter().map(move |dataset| (file, dataset)))
        .filter(|(_, dataset)| options.gate.blocks(dataset))
        .collect();
    // What depends on a file that is not understood is no step before that file is.
    let broken = causes::Broken::new(run);
    // And a label without a query is nothing to review.
    let own = |(file, dataset): &(&FileAssessment, &Assessment)| {
        broken.cause(file, dataset).is_none() && !file.source.path().ends_with("metadata.yaml")
    };
    let blocked: Vec<_> = blocked.into_iter().filter(own).collect();
    if blocked.is_empty() {
        return;
    }
    let steps = steps(&blocked, options);
    if steps.is_empty() {
        return;
    }
    let paint = Paint::new(options.color);
    text.painted(&[(paint.strong(), "Next steps")]);
    let width = steps.iter().map(|step| step.purpose.chars().count());
    let width = width.max().unwrap_or(0);
    for NextStep { purpose, command } in steps {
        text.painted(&[
            (paint.plain(), &format!("  {purpose:width$}  ")),
            (paint.command(), &command),
        ]);
    }
    text.line("");
}

/// A command and its purpose.
struct NextStep {
    purpose: String,
    command: String,
}

impl NextStep {
    /// Creates a step for files; `None` if there are no files. If `several`, the
    /// command names as many files as keep it readable, otherwise only the first.
    fn for_files(
        purpose: &str,
        files: &[&str],
        several: bool,
        command: impl Fn(&str) -> String,
    ) -> Option<Self> {
        let mut named = shell::argument(files.first()?);
        let mut number = 1;
        for path in files.iter().skip(1).filter(|_| several) {
            let more = format!("{named} {}", shell::argument(path));
            if command(&more).chars().count() > COMMAND_WIDTH {
                break;
            }
            named = more;
            number += 1;
        }
        let purpose = match files.len() {
            all if number < all => format!("{purpose} ({number} of {all} files)"),
            _ => purpose.to_owned(),
        };
        Some(Self {
            purpose,
            command: command(&named),
        })
    }
}

/// Returns the possible steps.
fn steps(blocked: &[(&FileAssessment, &Assessment)], options: &ReportOptions) -> Vec<NextStep> {
    let files = |keep: &dyn Fn(&Assessment) -> bool| {
        let mut paths: Vec<&str> = Vec::new();
        for (file, dataset) in blocked {
            let path = file.source.path();
            if keep(dataset) && !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    };
    let fix = NextStep::for_files("apply the safe edits", &files(&has_safe_fix), true, |of| {
        format!("headcount check --fix {of}")
    });
    let review = NextStep::for_files(
        "see the smallest edit to level 2",
        &files(&is_above_level_2),
        false,
        |of| format!("headcount review {of} --to-level 2"),
    );
    let review = review.or_else(|| {
        NextStep::for_files("see the whole review", &files(&|_| true), false, |of| {
            format!("headcount review {of}")
        })
    });
    let mut on_disk = files(&|dataset| dataset.assessed);
    on_disk.retain(|path| *path != "<stdin>");
    let uncommitted = if options.gate.before_commit {
        " --allow-uncommitted"
    } else {
        ""
    };
    let bug = |dataset: &Assessment| review_bug(dataset).unwrap_or("NUMBER").to_owned();
    let mut bugs: Vec<String> = blocked.iter().map(|(_, dataset)| bug(dataset)).collect();
    bugs.dedup();
    // One command records one bug.
    let bug = match bugs.as_slice() {
        [one] => shell::argument(one),
        _ => "NUMBER".to_owned(),
    };
    let approve = NextStep::for_files("record a steward's approval", &on_disk, true, |of| {
        format!("headcount approve {of} --bug {bug}{uncommitted}")
    });
    let helper = NextStep::for_files(
        "if a table is not published, say so",
        &files(&is_of_single_people),
        false,
        |_| "-- headcount: internal REASON   (a line before its statement)".to_owned(),
    );
    [fix, review, helper, approve]
        .into_iter()
        .flatten()
        .collect()
}

fn has_safe_fix(dataset: &Assessment) -> bool {
    let fixes = dataset.findings.iter().filter_map(|one| one.fix.as_ref());
    fixes.into_iter().any(|fix| fix.safe)
}

/// Whether the rows are those of single people.
fn is_of_single_people(dataset: &Assessment) -> bool {
    let level = dataset.decision.level;
    dataset.assessed && level.is_some_and(|level| level.number() > 4)
}

/// Returns whether an edit may reach level 2: the dataset is assessed and above it.
fn is_above_level_2(dataset: &Assessment) -> bool {
    let level = dataset.decision.level;
    dataset.assessed && level.is_some_and(|level| level > Level::MinimumBucket)
}
