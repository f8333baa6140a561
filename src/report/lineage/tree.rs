//! A tree for each column, from what is published down to base columns.

use crate::assess::{DatasetLineage, Written};
use crate::lineage::{Input, Step, What};

/// More characters of an expression than these are left away.
const LONGEST: usize = 72;

pub(super) fn render(datasets: &[DatasetLineage]) -> String {
    let mut text = String::new();
    for dataset in datasets {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{}\n", heading(dataset)));
        for problem in &dataset.problems {
            text.push_str(&format!("not known: {problem}\n"));
        }
        for column in &dataset.lineage.columns {
            text.push_str(&format!("\n{}\n", column.name));
            if column.steps.is_empty() {
                text.push_str("└─ of no column\n");
            }
            steps(&column.steps, "", &mut text);
        }
        let choices = &dataset.lineage.choices;
        if choices.is_empty() {
            continue;
        }
        text.push_str("\nwhich rows there are\n");
        for (at, choice) in choices.iter().enumerate() {
            let (branch, below) = branch(at + 1 == choices.len());
            let shown = shown(&choice.place);
            // A place may be that of the word itself.
            let word = if choice.place.text.starts_with(choice.word) {
                ""
            } else {
                choice.word
            };
            let between = if word.is_empty() { "" } else { " " };
            text.push_str(&format!("{branch}{word}{between}{shown}\n"));
            for (at, input) in choice.inputs.iter().enumerate() {
                let (branch, _) = self::branch(at + 1 == choice.inputs.len());
                text.push_str(&format!("{below}{branch}{}\n", named(input)));
            }
        }
    }
    text
}

/// The line above a dataset.
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

fn steps(all: &[Step<Written>], indent: &str, text: &mut String) {
    for (at, step) in all.iter().enumerate() {
        let (branch, below) = branch(at + 1 == all.len());
        let decides = if step.decides { "decided by " } else { "" };
        let what = match &step.what {
            What::Base(input) => named(input),
            What::Expression(place) => shown(place),
            What::Of(word, place) => format!("{word}  {}", place.place),
            What::Above(place) => format!("{}  (above)", short(&place.text)),
            What::Unknown(why) => format!("not understood: {why}"),
        };
        text.push_str(&format!("{indent}{branch}{decides}{what}\n"));
        steps(&step.parts, &format!("{indent}{below}"), text);
    }
}

fn named(input: &Input) -> String {
    format!("{}.{}", input.table, input.field)
}

fn shown(place: &Written) -> String {
    format!("{}  {}", short(&place.text), place.place)
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST - 1).collect();
    format!("{cut}…")
}
