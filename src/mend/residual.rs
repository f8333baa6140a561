//! Edits for the residual: "Other" is removed, or bounded like the other rows.

use super::FixCandidate;
use super::choice::ThresholdEdit;
use super::edit::{Fix, ordered};
use super::having;
use super::outline::{Clause, Outline};
use super::pipe;
use super::site::{self, GroupingPlace, ThresholdSite};
use super::style::Style;
use crate::facts::{Facts, Fold};
use crate::numbers::GroupedNumber;
use crate::plan::{Literal, Plan, RelId};

/// Largest number of columns that are tried as the label.
const LABELS: usize = 8;

/// Proposes edits that bound the residual row or remove it.
///
/// The column of the label is found by assessing the edit for each column.
pub(super) fn candidates(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    root: RelId,
    required: u64,
) -> Vec<FixCandidate> {
    let Some(fold) = facts.relation(root).residual() else {
        return Vec::new();
    };
    let Some(site) = site::last(outline, plan, facts, root) else {
        return Vec::new();
    };
    let called = fold.residual_words();
    let mut all: Vec<FixCandidate> = Vec::new();
    // After a pipe operator, a count has no name that a condition could use.
    if let GroupingPlace::Select(at) = site.place {
        let tokens = outline.selects[at].tokens();
        let style = Style::of(outline, tokens.start, &tokens);
        for unit in site.units.iter().filter(|unit| unit.guessed.is_none()) {
            let bound = format!("{} >= {required}", style.count(&unit.text));
            if let Some(choice) = choice(outline, &site, &bound) {
                let cost = format!(
                    "the row {called} is removed if it stands for fewer than {} people",
                    GroupedNumber(required)
                );
                all.push(candidate(choice, cost, 0));
            }
        }
    }
    for label in labels(outline, &site).iter().take(LABELS) {
        let Some(condition) = is_other(label, fold) else {
            continue;
        };
        if let Some(choice) = choice(outline, &site, &condition) {
            let cost = format!("the row {called} is removed, with all people in small groups");
            all.push(candidate(choice, cost, 1));
        }
    }
    all
}

fn candidate(choice: ThresholdEdit, cost: String, way: usize) -> FixCandidate {
    FixCandidate {
        fix: Fix {
            title: choice.title,
            // Many people may be lost: a person must decide whether they are needed.
            safe: false,
            edits: ordered(choice.edits),
        },
        guessed: false,
        costs: vec![cost],
        way,
    }
}

/// Adds a condition on the groups of a place.
fn choice(outline: &Outline<'_>, site: &ThresholdSite, condition: &str) -> Option<ThresholdEdit> {
    match site.place {
        GroupingPlace::Select(_) if site.distinct => None,
        GroupingPlace::Select(at) => {
            having::add_condition(outline, &outline.selects[at], condition)
        }
        GroupingPlace::Step(at) => {
            pipe::add_condition(outline, &outline.steps[at].tokens, condition)
        }
    }
}

/// Returns the names of the columns in later clauses; one of them is the label.
fn labels(outline: &Outline<'_>, site: &ThresholdSite) -> Vec<String> {
    let list = match site.place {
        GroupingPlace::Select(at) => outline.selects[at]
            .part(Clause::Select)
            .map(|list| list.body.clone()),
        GroupingPlace::Step(at) => {
            let step = outline.steps[at].tokens.clone();
            let mut tokens = outline.outside(&step);
            let group = tokens.find(|at| outline.is(*at, "GROUP"));
            group.map(|group| group + 2..step.end)
        }
    };
    let items = list.map_or_else(Vec::new, |list| outline.items(&list));
    items.iter().filter_map(|item| outline.name(item)).collect()
}

/// Returns the condition that a label is not the residual.
fn is_other(label: &str, fold: &Fold) -> Option<String> {
    let value = match &fold.residual {
        Literal::Null => return Some(format!("{label} IS NOT NULL")),
        Literal::String(text) if text.contains(['\\', '\'', '\n', '\r']) => return None,
        Literal::String(text) => format!("'{text}'"),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(_) | Literal::Other(..) => return None,
    };
    Some(format!("{label} != {value}"))
}
