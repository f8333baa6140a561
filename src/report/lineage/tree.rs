//! Writes a tree for each column, from the published column down to base columns.

use crate::assess::{DatasetLineage, PlacedText};
use crate::lineage::{Input, Step, StepKind};
use crate::report::InertText;

/// Largest length of an expression in characters; the rest is cut.
const LONGEST: usize = 72;

pub(super) fn render(datasets: &[DatasetLineage]) -> InertText {
    let mut text = InertText::new();
    for dataset in datasets {
        if !text.is_empty() {
            text.line("");
        }
        text.line(heading(dataset));
        for problem in &dataset.problems {
            text.line(format_args!("not known: {problem}"));
        }
        for column in &dataset.lineage.columns {
            text.line("");
            text.line(&column.name);
            if column.steps.is_empty() {
                text.line("└─ of no column");
            }
            steps(&column.steps, "", &mut text);
        }
        let choices = &dataset.lineage.choices;
        if choices.is_empty() {
            continue;
        }
        text.line("");
        text.line("which rows there are");
        for (at, choice) in choices.iter().enumerate() {
            let (branch, below) = branch(at + 1 == choices.len());
            let shown = shown(&choice.place);
            // The place may begin with the word itself.
            let word = if choice.place.text.starts_with(choice.word) {
                ""
            } else {
                choice.word
            };
            let between = if word.is_empty() { "" } else { " " };
            text.line(format_args!("{branch}{word}{between}{shown}"));
            for (at, input) in choice.inputs.iter().enumerate() {
                let (branch, _) = self::branch(at + 1 == choice.inputs.len());
                text.line(format_args!("{below}{branch}{}", named(input)));
            }
        }
    }
    text
}

/// Returns the line above a dataset.
pub(super) fn heading(dataset: &DatasetLineage) -> String {
    match &dataset.variant {
        Some(variant) => format!("{} ({variant})", dataset.dataset),
        None => dataset.dataset.clone(),
    }
}

fn branch(last: bool) -> (&'static str, &'static str) {
    if last {
        ("└─ ", "   ")
    } else {
        ("├─ ", "│  ")
    }
}

fn steps(all: &[Step<PlacedText>], indent: &str, text: &mut InertText) {
    for (at, step) in all.iter().enumerate() {
        let (branch, below) = branch(at + 1 == all.len());
        let decides = if step.decides { "decided by " } else { "" };
        let what = match &step.what {
            StepKind::Base(input) => named(input),
            StepKind::Expression(place) => shown(place),
            StepKind::Combined(word, place) => format!("{word}  {}", place.place),
            StepKind::Repeated(place) => format!("{}  (above)", short(&place.text)),
            StepKind::Unknown(why) => format!("not understood: {why}"),
        };
        text.line(format_args!("{indent}{branch}{decides}{what}"));
        steps(&step.parts, &format!("{indent}{below}"), text);
    }
}

fn named(input: &Input) -> String {
    format!("{}.{}", input.table, input.field)
}

fn shown(place: &PlacedText) -> String {
    format!("{}  {}", short(&place.text), place.place)
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST - 1).collect();
    format!("{cut}…")
}
