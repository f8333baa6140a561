//! How the level was found, as a drawing: a box a step, from the tables to what is
//! published, each with the people that its rows stand for.

use serde::Serialize;

use crate::assessment::Assessment;
use crate::numbers::Grouped;

/// Characters that a box has room for.
const ROOM: usize = 76;
const HEIGHT: usize = 64;
const GAP: usize = 28;

/// A box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Step {
    /// Its upper edge.
    pub(super) y: usize,
    /// The user's word for the operator.
    pub(super) operator: String,
    /// What happens, cut to the room.
    pub(super) short: String,
    /// What happens.
    pub(super) message: String,
    /// The people that each row stands for after it.
    pub(super) people: String,
    /// Whether those are as many as required.
    pub(super) enough: bool,
}

/// The drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Drawing {
    /// Its boxes, in order.
    pub(super) steps: Vec<Step>,
    /// Its height.
    pub(super) height: usize,
}

/// The drawing of a dataset; none where no step is known.
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
