//! How the level was found, as a drawing: a box a step, from the tables to what is
//! published, each with the people that its rows stand for, and an arrow from each step
//! to those that take its rows. Two arrows meet in a join.

use std::collections::HashMap;

use serde::Serialize;

use crate::assessment::Assessment;
use crate::numbers::GroupedNumber;

/// Largest length of the text in a box, in characters.
const ROOM: usize = 76;
const WIDTH: usize = 638;
const HEIGHT: usize = 62;
/// From the upper edge of a box to that of the next.
const PITCH: usize = 92;
/// Room for an arrow that passes boxes by, on their left, and how many are told apart.
const LANE: usize = 18;
const LANES: usize = 8;
/// The steps that one names in words.
const NAMED: usize = 8;

/// A box of the drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct StepBox {
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
    /// The steps whose rows it takes, unless that is the one before it alone.
    pub(super) from: String,
}

/// A drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Drawing {
    /// The boxes, in order.
    pub(super) steps: Vec<StepBox>,
    /// The paths of its arrows.
    pub(super) arrows: Vec<String>,
    /// The left edge of the boxes.
    pub(super) x: usize,
    /// Its width.
    pub(super) width: usize,
    /// The height of the drawing.
    pub(super) height: usize,
}

/// Draws a dataset; `None` if no step is known.
pub(super) fn drawing(dataset: &Assessment) -> Option<Drawing> {
    let required = dataset.decision.bucket.required;
    let told = dataset.decision.level_because.iter();
    let told: Vec<_> = told
        .filter_map(|step| Some((step, step.operator.clone()?)))
        .collect();
    let mut at_of: HashMap<u32, usize> = HashMap::new();
    for (at, (because, _)) in told.iter().enumerate() {
        if let Some(step) = &because.step {
            at_of.insert(step.id, at);
        }
    }
    let mut steps = Vec::with_capacity(told.len());
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for (at, (because, operator)) in told.into_iter().enumerate() {
        let inputs = match &because.step {
            // What is in no plan follows what is told before it.
            None => at.checked_sub(1).into_iter().collect(),
            Some(step) => {
                let inputs = step.inputs.iter().filter_map(|id| at_of.get(id).copied());
                let inputs: Vec<usize> = inputs.filter(|input| *input < at).collect();
                inputs
            }
        };
        edges.extend(inputs.iter().map(|input| (*input, at)));
        let people = because.k.unwrap_or(1);
        steps.push(StepBox {
            y: at * PITCH + 1,
            short: cut(&because.message),
            message: because.message.clone(),
            operator,
            people: match people {
                0 | 1 => "may cover a single person".to_owned(),
                more => format!("at least {} people", GroupedNumber(more)),
            },
            enough: people >= required,
            from: from(&inputs, at),
        });
    }
    let height = (steps.len() * PITCH).checked_sub(PITCH - HEIGHT - 2)?;
    let (lanes, used) = lanes(&edges);
    let x = 1 + if used == 0 { 0 } else { (used + 1) * LANE };
    let arrows = edges.iter().zip(&lanes);
    let arrows = arrows.map(|((from, to), lane)| arrow(*from, *to, *lane, x, used));
    Some(Drawing {
        arrows: arrows.collect(),
        steps,
        x,
        width: x + WIDTH + 1,
        height,
    })
}

/// The steps whose rows one takes, in words; empty for the one right before it, and for
/// a table.
fn from(inputs: &[usize], at: usize) -> String {
    if inputs.is_empty() || *inputs == [at.wrapping_sub(1)] {
        return String::new();
    }
    let mut named: Vec<String> = inputs
        .iter()
        .take(NAMED)
        .map(|input| (input + 1).to_string())
        .collect();
    if let Some(more) = inputs.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(format!("{more} more"));
    }
    match named.split_last() {
        Some((only, [])) => format!("from step {only}"),
        Some((last, others)) => format!("from steps {} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The lane of each arrow that passes boxes by, none for one to the next box, and how
/// many lanes there are. Arrows that are side by side have lanes of their own, as far as
/// there are lanes.
fn lanes(edges: &[(usize, usize)]) -> (Vec<Option<usize>>, usize) {
    // Up to which box each lane is taken.
    let mut taken: Vec<usize> = Vec::new();
    let mut found = vec![None; edges.len()];
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by_key(|at| edges[*at]);
    for at in order {
        let (from, to) = edges[at];
        if to == from + 1 {
            continue;
        }
        let free = taken.iter().position(|end| *end <= from);
        let lane = match free {
            Some(lane) => lane,
            None if taken.len() < LANES => {
                taken.push(0);
                taken.len() - 1
            }
            None => LANES - 1,
        };
        taken[lane] = taken[lane].max(to);
        found[at] = Some(lane);
    }
    let used = taken.len();
    (found, used)
}

/// The path of an arrow between two boxes.
fn arrow(from: usize, to: usize, lane: Option<usize>, x: usize, used: usize) -> String {
    let (from_y, to_y) = (from * PITCH + 1, to * PITCH + 1);
    match lane {
        None => {
            let middle = x + WIDTH / 2;
            format!(
                "M {middle} {} V {} m -6 -7 l 6 7 l 6 -7",
                from_y + HEIGHT + 2,
                to_y - 3
            )
        }
        Some(lane) => {
            // The first lane is the nearest to the boxes.
            let lane = (used - lane) * LANE;
            format!(
                "M {} {} H {lane} V {} H {} m -7 -6 l 7 6 l -7 6",
                x - 1,
                from_y + HEIGHT / 2 + 12,
                to_y + HEIGHT / 2 - 12,
                x - 3
            )
        }
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= ROOM {
        return text.to_owned();
    }
    let start: String = text.chars().take(ROOM - 1).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{from, lanes};

    #[test]
    fn arrows_side_by_side_have_lanes_of_their_own() {
        // 0 and 1 are tables, 2 joins them; 4 joins 2 and 3.
        let (found, used) = lanes(&[(0, 2), (1, 2), (2, 4), (3, 4)]);
        assert_eq!(found, [Some(0), None, Some(0), None]);
        assert_eq!(used, 1);
        let (found, used) = lanes(&[(0, 3), (1, 3), (2, 3)]);
        assert_eq!(found, [Some(0), Some(1), None]);
        assert_eq!(used, 2);
        let many: Vec<(usize, usize)> = (0..30).map(|at| (at, 40)).collect();
        assert_eq!(lanes(&many).1, super::LANES);
    }

    #[test]
    fn inputs_are_named_where_they_are_not_the_step_before() {
        assert_eq!(from(&[], 0), "");
        assert_eq!(from(&[1], 2), "");
        assert_eq!(from(&[0], 2), "from step 1");
        assert_eq!(from(&[0, 1], 2), "from steps 1 and 2");
    }
}
