//! Edits that correct a threshold: a HAVING clause that is added or changed.
//!
//! The edits follow the author's style, and name the person as the scope does.
//!
//! This module is pure and only creates candidates, from the tokens of the text and
//! the places of the groupings of the plan. Whether a candidate proves the bucket is
//! decided by assessing the edited text, which [`crate::workspace`] does.

mod candidate;
mod choice;
mod columns;
mod constant;
mod distinct;
mod edit;
mod having;
mod outline;
mod pipe;
mod residual;
mod scope;
mod site;
mod style;

pub use candidate::FixCandidate;
pub use edit::{Edit, Fix, apply, ordered, size};

use std::rc::Rc;

use crate::facts::{Facts, ThresholdCondition};
use crate::numbers::GroupedNumber;
use crate::plan::{Plan, RelId};
use crate::source::SourceText;
use candidate::joined;
use choice::ThresholdEdit;
use having::PeopleCount;
use outline::{Clause, Outline};
use scope::counted_as;
use site::{GroupingPlace, ThresholdSite, ThresholdSites};

/// Largest number of candidates for one dataset.
const MOST: usize = 12;
/// Largest number of keys that a description names.
const KEYS: usize = 6;

/// The possible edits for one dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FixProposal {
    /// Edits that may prove the bucket, the best first.
    pub candidates: Vec<FixCandidate>,
    /// The edit that removes the columns which prevent level 2 for any bucket.
    pub without_columns: Option<FixCandidate>,
    /// Edits that may remove or bound the residual row.
    pub without_residual: Vec<FixCandidate>,
    /// The reasons why some places have no edit.
    pub missing: Vec<String>,
    /// Tables whose people are not proven to reach the minimum in each row.
    pub uncounted: Vec<String>,
}

/// Proposes edits that may prove `required` people for each row of a plan.
///
/// `source` is the text that contains the statement of the plan.
pub fn propose(source: &SourceText, plan: &Plan, facts: &Facts<'_>, required: u64) -> FixProposal {
    let Some(root) = plan.root() else {
        return FixProposal::default();
    };
    let outline = Outline::new(source);
    let sites = site::sites(&outline, plan, facts, root, required);
    let attempts = &facts.relation(root).history.attempts;
    let mut candidates = raised(&outline, attempts, &sites, required);
    candidates.extend(bounded(&outline, plan, facts, attempts, &sites, required));
    let mut known: Vec<FixCandidate> = Vec::new();
    for candidate in candidates {
        let edits = &candidate.fix.edits;
        if !edits.is_empty() && !known.iter().any(|other| other.fix.edits == *edits) {
            known.push(candidate);
        }
    }
    known.sort_by_key(FixCandidate::rank);
    known.truncate(MOST);
    FixProposal {
        candidates: known,
        without_columns: columns::without(&outline, plan, facts, root, required),
        without_residual: residual::candidates(&outline, plan, facts, root, required),
        missing: sites.missing,
        uncounted: uncounted(facts, root, required),
    }
}

fn uncounted(facts: &Facts<'_>, root: RelId, required: u64) -> Vec<String> {
    let mut tables: Vec<String> = Vec::new();
    for people in facts.relation(root).populations.values() {
        let counted = people.k >= required || people.implied;
        if !counted && !tables.iter().any(|known| **known == *people.table) {
            tables.push(people.table.to_string());
        }
    }
    tables
}

/// Creates candidates that raise thresholds which are too low, wherever they are.
fn raised(
    outline: &Outline<'_>,
    attempts: &[Rc<ThresholdCondition>],
    sites: &ThresholdSites,
    required: u64,
) -> Vec<FixCandidate> {
    let safe = !sites.found.iter().any(|site| site.beneath);
    let choices: Vec<ThresholdEdit> = attempts
        .iter()
        .filter(|attempt| attempt.escape.is_none())
        .filter_map(|attempt| constant::raise(outline, attempt, required))
        .collect();
    let costs = vec![format!(
        "groups of fewer than {} people are removed",
        GroupedNumber(required)
    )];
    let one = |titles: &[String], edits| FixCandidate {
        fix: joined(titles, edits, safe),
        guessed: false,
        costs: costs.clone(),
        way: 0,
    };
    let mut candidates: Vec<FixCandidate> = choices
        .iter()
        .map(|choice| one(std::slice::from_ref(&choice.title), choice.edits.clone()))
        .collect();
    if choices.len() > 1 {
        let titles: Vec<String> = choices.iter().map(|choice| choice.title.clone()).collect();
        let edits = choices
            .into_iter()
            .flat_map(|choice| choice.edits)
            .collect();
        candidates.push(one(&titles, edits));
    }
    candidates
}

/// Creates candidates that add a threshold at every grouping that lacks one.
fn bounded(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    attempts: &[Rc<ThresholdCondition>],
    sites: &ThresholdSites,
    required: u64,
) -> Vec<FixCandidate> {
    let found = &sites.found;
    let calls = found.iter().map(|site| site.units.len()).max().unwrap_or(0);
    let mut candidates = Vec::new();
    for unit in 0..calls {
        let choices: Vec<(&ThresholdSite, Vec<ThresholdEdit>)> = found
            .iter()
            .map(|site| {
                let unit = &site.units[unit.min(site.units.len() - 1)].text;
                let choices = match site.place {
                    GroupingPlace::Select(at) if site.distinct => {
                        distinct::choices(outline, &outline.selects[at], unit, required)
                    }
                    GroupingPlace::Select(at) => {
                        let select = &outline.selects[at];
                        let list = select.part(Clause::Select).map(|list| list.body.clone());
                        let people = PeopleCount {
                            unit,
                            counted_as: list
                                .and_then(|list| counted_as(outline, plan, facts, site, &list)),
                        };
                        having::choices(outline, select, attempts, &people, required)
                    }
                    GroupingPlace::Step(at) => {
                        let step = &outline.steps[at].tokens;
                        pipe::choices(outline, plan, facts, site, step, unit, required)
                    }
                };
                (site, choices)
            })
            .collect();
        if choices.iter().any(|(_, choices)| choices.is_empty()) {
            continue;
        }
        let ways = choices
            .iter()
            .map(|(_, choices)| choices.len())
            .max()
            .unwrap_or(0);
        for way in 0..ways {
            let mut edits = Vec::new();
            let mut titles = Vec::new();
            let mut costs = Vec::new();
            let mut guessed = false;
            for (site, choices) in &choices {
                let choice = &choices[way.min(choices.len() - 1)];
                edits.extend(choice.edits.iter().cloned());
                titles.push(choice.title.clone());
                let unit = &site.units[unit.min(site.units.len() - 1)];
                guessed |= unit.guessed.is_some();
                for cost in self::costs(site, unit, required) {
                    if !costs.contains(&cost) {
                        costs.push(cost);
                    }
                }
            }
            let safe = !guessed && !found.iter().any(|site| site.beneath);
            candidates.push(FixCandidate {
                fix: joined(&condition(&found[..], unit, &titles), edits, safe),
                guessed,
                costs,
                way,
            });
        }
    }
    candidates
}

/// Adds the assumption of a guessed column to the titles.
fn condition(sites: &[ThresholdSite], unit: usize, titles: &[String]) -> Vec<String> {
    let guess = sites
        .iter()
        .find_map(|site| site.units[unit.min(site.units.len() - 1)].guessed.as_ref());
    let mut titles = titles.to_vec();
    if let (Some((table, column)), Some(first)) = (guess, titles.first_mut()) {
        *first = format!("if `{table}` has a column `{column}`: {first}");
    }
    titles
}

/// Describes the costs of a threshold at a place: the rows that it removes.
fn costs(site: &ThresholdSite, unit: &scope::PersonExpression, required: u64) -> Vec<String> {
    let called = &unit.text;
    let required = GroupedNumber(required);
    let mut costs = Vec::new();
    if site.whole {
        costs.push(format!(
            "the single row is removed if it stands for fewer than {required} people (`{called}`)"
        ));
    } else if site.keys.is_empty() {
        costs.push(format!(
            "groups of fewer than {required} people (`{called}`) are removed"
        ));
    } else {
        let keys: Vec<String> = site
            .keys
            .iter()
            .take(KEYS)
            .map(|key| format!("`{key}`"))
            .collect();
        let more = site.keys.len() - keys.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        costs.push(format!(
            "rows are removed if their {}{more} have fewer than {required} people (`{called}`)",
            keys.join(", ")
        ));
    }
    if site.beneath {
        costs.push(
            "the removed groups are missing from everything that is computed from them above"
                .to_owned(),
        );
    }
    if let Some((table, column)) = &unit.guessed {
        costs.push(format!(
            "the table `{table}` is unknown: its column `{column}` is an assumption"
        ));
    }
    costs
}
