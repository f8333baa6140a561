//! Draws how the level was found: a box per step, from the tables to the published
//! rows, each with the number of people that its rows stand for.

use serde::Serialize;

use crate::assessment::Assessment;
use crate::numbers::Grouped;

/// Largest length of the text in a box, in characters.
const ROOM: usize = 76;
const HEIGHT: usize = 64;
const GAP: usize = 28;

/// A box of the drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Step {
    /// The y coordinate of the upper edge.
    pub(super) y: usize,
    /// The operator in the words of users.
    pub(super) operator: String,
    /// The message, cut to the size of the box.
    pub(super) short: String,
    /// The full message.
    pub(super) message: String,
    /// The number of people that each row stands for after the step.
    pub(super) people: String,
    /// Whether that number reaches the required one.
    pub(super) enough: bool,
}

/// A drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Drawing {
    /// The boxes, in order.
    pub(super) steps: Vec<Step>,
    /// The height of the drawing.
    pub(super) height: usize,
}

/// Draws a dataset; `None` if no step is known.
pub(super) fn drawing(dataset: &Assessment) -> Option<Drawing> {
    let required = dataset.decision.bucket.required;
    let steps: Vec<Step> = dataset
        .decision
        .level_because
        .iter()
        .filter_map(|step| Some((step, step.operator.clone()?)))
        .enumerate()
        .map(|(at, (step, operator))| {
            let people = step.k.unwrap_or(1);
            Step {
                y: at * (HEIGHT + GAP),
                short: cut(&step.message),
                message: step.message.clone(),
                operator,
                people: match people {
                    0 | 1 => "may cover a single person".to_owned(),
                    more => format!("at least {} people", Grouped(more)),
                },
                enough: people >= required,
            }
        })
        .collect();
    let height = (steps.len() * (HEIGHT + GAP)).checked_sub(GAP)?;
    Some(Drawing { steps, height })
}

fn cut(text: &str) -> String {
    if text.chars().count() <= ROOM {
        return text.to_owned();
    }
    let start: String = text.chars().take(ROOM - 1).collect();
    format!("{}…", start.trim_end())
}
