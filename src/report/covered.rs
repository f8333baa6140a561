//! What a dataset covers, in words: title and description, whose rows, which of them,
//! when and where. A steward reads it beside the four answers.

use super::{shell, words};
use crate::assessment::{Assessment, FileAssessment, RecordStatus};
use crate::policy::{ConditionKind, Place, Scope, Verdict};
use crate::record::bug;
use crate::registry::Resolution;

/// What the line is about that is a command.
pub(super) const APPROVAL: &str = "record an approval";
/// Conditions and tables that are listed.
const LISTED: usize = 8;
/// Characters of a condition, and of a description.
const CONDITION: usize = 160;
const DESCRIPTION: usize = 600;

/// The lines, each with what it is about.
pub(super) fn lines(file: &FileAssessment, dataset: &Assessment) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(metadata) = &dataset.described {
        let said = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            (!line.is_empty()).then(|| words::clip_text(&line, DESCRIPTION))
        };
        lines.extend(said(&metadata.friendly_name).map(|title| ("title", title)));
        lines.extend(said(&metadata.description).map(|text| ("description", text)));
        if !metadata.review_bugs.is_empty() {
            lines.push(("review bugs", metadata.review_bugs.join(", ")));
        }
    }
    if let Some(command) = approval(file, dataset) {
        lines.push((APPROVAL, command));
    }
    if let Some(grain) = &dataset.decision.grain {
        let grain = if grain.is_empty() {
            "the whole dataset".to_owned()
        } else {
            grain.join(", ")
        };
        lines.push(("one row per", grain));
    }
    let scope = &dataset.decision.scope;
    if dataset.assessed && !scope.people.is_empty() {
        scoped(scope, &mut lines);
    }
    lines
}

/// The first bug that the owners of a dataset name as its review.
pub(super) fn review_bug(dataset: &Assessment) -> Option<&str> {
    let bugs = &dataset.described.as_ref()?.review_bugs;
    bugs.iter()
        .map(String::as_str)
        .find(|text| bug(text).is_ok())
}

/// The command that records an approval, where one is wanted and a file can be named.
fn approval(file: &FileAssessment, dataset: &Assessment) -> Option<String> {
    let wanted = dataset.verdict == Verdict::ExtraReview
        && dataset.internal.is_none()
        && dataset.record.status != Some(RecordStatus::Covered);
    let path = file.source.path();
    if !wanted || path == "<stdin>" {
        return None;
    }
    let bug = review_bug(dataset).unwrap_or("NUMBER");
    Some(format!(
        "`headcount approve {} --bug {}`",
        shell::argument(path),
        shell::argument(bug)
    ))
}

fn scoped(scope: &Scope, lines: &mut Vec<(&'static str, String)>) {
    let tables = scope.people.iter().map(|(table, unit)| match unit {
        Some(unit) => format!("`{table}` (people counted by `{unit}`)"),
        None => format!("`{table}`"),
    });
    lines.push(("rows of people from", listed(tables.collect())));
    for (what, kind, none) in [
        (
            "channel",
            ConditionKind::Channel,
            "no condition selects one",
        ),
        ("sample", ConditionKind::Sample, "no condition takes one"),
        ("period", ConditionKind::Period, "no condition selects one"),
        ("place", ConditionKind::Place, "no condition selects one"),
        ("other conditions", ConditionKind::Other, "none"),
    ] {
        let of_kind = scope
            .conditions
            .iter()
            .filter(|condition| condition.kind == kind);
        let texts: Vec<String> = of_kind
            .map(|condition| format!("`{}`", words::clip_text(&condition.text, CONDITION)))
            .collect();
        let text = if texts.is_empty() {
            none.to_owned()
        } else {
            listed(texts)
        };
        lines.push((what, text));
    }
    let finest = scope.times.iter().map(|(_, resolution)| *resolution).max();
    lines.push((
        "time resolution",
        match finest {
            None => "no published column is a date or time".to_owned(),
            Some(finest) => {
                let columns = scope.times.iter().filter(|(_, known)| *known == finest);
                let columns = columns.map(|(name, _)| format!("`{name}`")).collect();
                format!("{} ({})", Resolution::word(finest), listed(columns))
            }
        },
    ));
    lines.push(("geography", geography(scope)));
}

/// The finest place that the dataset tells; of cities, what the policy asks of them.
fn geography(scope: &Scope) -> String {
    let Some(finest) = scope.places.iter().map(|(_, place)| *place).max() else {
        return "no published column is registered or named as a place".to_owned();
    };
    let columns = scope.places.iter().filter(|(_, place)| *place == finest);
    let columns = listed(columns.map(|(name, _)| format!("`{name}`")).collect());
    match finest {
        Place::Country => format!("country ({columns})"),
        Place::Part => format!("finer than a country ({columns})"),
        Place::City => format!(
            "city ({columns}): the policy includes only cities with a population above 15,000; check that the source contains no others"
        ),
        Place::Finer => format!(
            "finer than a city ({columns}): the policy includes only cities with a population above 15,000"
        ),
    }
}

/// The first of several, and how many more there are.
fn listed(parts: Vec<String>) -> String {
    let more = parts.len().saturating_sub(LISTED);
    let mut shown = parts
        .into_iter()
        .take(LISTED)
        .collect::<Vec<_>>()
        .join("; ");
    if more > 0 {
        shown.push_str(&format!("; and {more} more"));
    }
    shown
}
