//! The steps by which a row came to stand for its number of people.
//!
//! A data steward reads them and agrees or not.

use std::collections::{BTreeMap, BTreeSet};

use super::{PlanStep, ReasoningStep};
use crate::facts::{Facts, RelationFacts, Rows};
use crate::numbers::GroupedNumber;
use crate::plan::{JoinKind, Operator, Plan, RelId, SetOperator};

/// Returns the operators that change what a row stands for, tables first.
///
/// Each has the number of people that its rows are proven to stand for.
pub(super) fn steps(plan: &Plan, facts: &Facts<'_>, root: RelId) -> Vec<ReasoningStep> {
    let mut steps: Vec<ReasoningStep> = Vec::new();
    // The steps whose rows a relation passes on: its own, else those of its inputs.
    let mut sources: BTreeMap<RelId, BTreeSet<u32>> = BTreeMap::new();
    for id in plan.below(root) {
        let inputs = plan.reads(id).filter_map(|input| sources.get(&input));
        let inputs: BTreeSet<u32> = inputs.flatten().copied().take(MOST_INPUTS).collect();
        let own = match step(plan, facts, id) {
            None => inputs,
            Some(because) => match steps.last_mut() {
                Some(last) if last.message == because.message && last.span == because.span => {
                    let last = last.step.get_or_insert_default();
                    let more = inputs.into_iter().filter(|input| *input != last.id);
                    last.inputs.extend(more);
                    last.inputs.sort_unstable();
                    last.inputs.dedup();
                    BTreeSet::from([last.id])
                }
                Some(_) | None => {
                    let step = PlanStep {
                        id: id.0,
                        inputs: inputs.into_iter().collect(),
                    };
                    steps.push(ReasoningStep {
                        step: Some(step),
                        ..because
                    });
                    BTreeSet::from([id.0])
                }
            },
        };
        sources.insert(id, own);
    }
    steps
}

/// The most steps whose rows one takes, as far as they are told.
const MOST_INPUTS: usize = 64;

fn step(plan: &Plan, facts: &Facts<'_>, id: RelId) -> Option<ReasoningStep> {
    let relation = plan.relation(id);
    let rows = facts.relation(id);
    if rows.populations.is_empty() && rows.rows != Rows::Model {
        return None;
    }
    let inputs: Vec<&RelationFacts> = relation
        .operator
        .inputs()
        .into_iter()
        .map(|input| facts.relation(input))
        .collect();
    let mut message = message(plan, facts, id, rows, &inputs)?;
    // Rows of a model belong to no person, so no number of people is shown.
    let mut k = rows.bucket().filter(|_| rows.rows != Rows::Model);
    if let Some(people) = k
        && people < u64::MAX
        && rows.residual().is_some()
    {
        message = format!(
            "{message}: at least {} people in every other row",
            GroupedNumber(people)
        );
        k = None;
    }
    Some(ReasoningStep {
        message,
        span: (!relation.origin.span.is_empty()).then_some(relation.origin.span),
        operator: Some(relation.origin.word.to_owned()),
        // A relation without rows has the bound `u64::MAX`, which proves nothing.
        k: k.filter(|people| *people < u64::MAX),
        elsewhere: None,
        step: None,
    })
}

fn message(
    plan: &Plan,
    facts: &Facts<'_>,
    id: RelId,
    rows: &RelationFacts,
    inputs: &[&RelationFacts],
) -> Option<String> {
    let before = inputs.iter().filter_map(|input| input.bucket()).min();
    let relation = plan.relation(id);
    match &relation.operator {
        Operator::Scan(table) => {
            let what = match rows.rows {
                Rows::Impersonal | Rows::Individual => "belong to single people",
                Rows::Model => "are the output of a model",
                Rows::Aggregated => "are groups",
            };
            Some(format!("reads `{}`, whose rows {what}", table.name.short()))
        }
        Operator::Aggregate(_) if rows.rows == Rows::Individual => {
            Some(rows.individual_reason.as_ref()?.why.to_string())
        }
        Operator::Aggregate(aggregate) => {
            let keys: Vec<String> = rows
                .keys
                .iter()
                .flatten()
                .map(|key| format!("`{}`", key.name))
                .collect();
            let by = match (keys.is_empty(), aggregate.sets.is_empty()) {
                (true, _) => "aggregates all rows into one".to_owned(),
                (false, true) => format!("groups by {}", keys.join(", ")),
                (false, false) => format!("groups by sets of {}", keys.join(", ")),
            };
            let raised = rows.bucket() > before;
            let why = match (&aggregate.privacy, rows.residual()) {
                (Some(clause), _) if raised => {
                    format!(", and {} removes small groups", clause.kind)
                }
                (_, Some(fold)) => {
                    format!(
                        ", and pools the small groups in {}, for which no size is proven",
                        fold.residual_words()
                    )
                }
                (_, None) if raised => ", each group a union of whole large partitions".to_owned(),
                (_, None) => String::new(),
            };
            Some(format!("{by}{why}"))
        }
        Operator::Filter { .. } if rows.bucket() == Some(u64::MAX) => {
            (before != Some(u64::MAX)).then(|| "leaves no row".to_owned())
        }
        Operator::Filter { .. } if rows.bucket() > before => Some(format!(
            "keeps only rows of at least {} people",
            GroupedNumber(rows.bucket().unwrap_or(0))
        )),
        Operator::Filter { .. } => {
            let partition = rows
                .partitions
                .iter()
                .filter(|(id, partition)| {
                    let known = inputs
                        .iter()
                        .filter_map(|input| input.partitions.get(id))
                        .any(|known| known.k == partition.k);
                    !known
                })
                .map(|(_, partition)| partition.proven())
                .find(|k| *k >= 2);
            if let Some(partition) = partition {
                return Some(format!(
                    "keeps only whole partitions of at least {} people",
                    GroupedNumber(partition)
                ));
            }
            let tried = |rows: &RelationFacts| rows.history.attempts.len();
            let known = inputs.iter().map(|input| tried(input)).max();
            (known < Some(tried(rows))).then(|| {
                "compares a count, which does not raise the proven number of people".to_owned()
            })
        }
        Operator::Project { .. } => {
            let fold = rows.folds.iter().find(|fold| {
                !inputs
                    .iter()
                    .any(|input| input.folds.iter().any(|known| known.label == fold.label))
            })?;
            Some(format!(
                "relabels groups of fewer than {} people as {}",
                GroupedNumber(fold.k),
                fold.residual_words()
            ))
        }
        Operator::Join {
            kind, left, right, ..
        } => {
            let (mine, theirs) = (facts.relation(*left), facts.relation(*right));
            match kind {
                JoinKind::Semi => Some("keeps rows that match a row of the other query".to_owned()),
                JoinKind::Anti => {
                    Some("keeps rows that match no row of the other query".to_owned())
                }
                JoinKind::Inner
                | JoinKind::Cross
                | JoinKind::Left
                | JoinKind::Right
                | JoinKind::Full => {
                    if let Some(side) = facts.filtering_side(id) {
                        let bring = !facts.relation(side).populations.is_empty();
                        return bring.then(|| {
                            "compares with at most one row of the other side, so rows depend on its people".to_owned()
                        });
                    }
                    // Calendars and lists add no people.
                    if mine.populations.is_empty() || theirs.populations.is_empty() {
                        return None;
                    }
                    let people = rows.populations.len();
                    Some(
                        if people < mine.populations.len() + theirs.populations.len() {
                            "joins rows of the same people".to_owned()
                        } else {
                            "joins rows of two groups of people: the smaller bound applies"
                                .to_owned()
                        },
                    )
                }
            }
        }
        Operator::Unnest { .. } if rows.k() < before => {
            Some("makes one row of each element, which may stand for fewer people".to_owned())
        }
        // The union of the statements that write one table is no step of the query.
        Operator::SetOperation { .. } if relation.origin.word == "FROM" => None,
        Operator::SetOperation { operator, .. } => Some(match operator {
            SetOperator::Union => {
                "combines the rows of several queries: the smallest bound applies".to_owned()
            }
            SetOperator::Intersect => "keeps rows that all the queries return".to_owned(),
            SetOperator::Except => "keeps rows that the other queries do not return".to_owned(),
        }),
        Operator::Model { function, .. } => Some(format!("passes rows through {function}")),
        Operator::Opaque { why, .. } => Some(format!("is not modelled: {why}")),
        Operator::Recursion { .. } => {
            Some("is recursive, so nothing is proven about its rows".to_owned())
        }
        Operator::Rows(_)
        | Operator::Window { .. }
        | Operator::Unnest { .. }
        | Operator::Sort { .. }
        | Operator::Limit { .. }
        | Operator::Reader { .. }
        | Operator::Loop { .. } => None,
    }
}
