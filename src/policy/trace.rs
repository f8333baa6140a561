//! The steps by which a row came to stand for so many people.

use std::collections::BTreeSet;

use super::Because;
use crate::facts::{Facts, Rows};
use crate::plan::{Operator, Plan, RelId};

/// At most so many steps are told; those nearest to the output.
const STEPS: usize = 12;

/// The operators that changed what a row stands for, from the tables to the
/// output.
pub(super) fn steps(plan: &Plan, facts: &Facts<'_>, root: RelId) -> Vec<Because> {
    let mut reached = BTreeSet::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(plan.relation(id).operator.inputs());
        }
    }
    let mut steps: Vec<Because> = reached
        .into_iter()
        .filter_map(|id| step(plan, facts, id))
        .collect();
    steps.dedup_by(|a, b| a.message == b.message && a.span == b.span);
    let skip = steps.len().saturating_sub(STEPS);
    steps.split_off(skip)
}

fn step(plan: &Plan, facts: &Facts<'_>, id: RelId) -> Option<Because> {
    let relation = plan.relation(id);
    let rows = facts.relation(id);
    let k = rows.k();
    let before: Option<u64> = relation
        .operator
        .inputs()
        .iter()
        .filter_map(|input| facts.relation(*input).k())
        .min();
    let message = match &relation.operator {
        Operator::Scan(table) if rows.rows != Rows::Impersonal => {
            let what = match rows.rows {
                Rows::Impersonal | Rows::Individual => "single people's",
                Rows::Model => "a model's",
                Rows::Aggregated => "groups",
            };
            format!("reads `{}`, whose rows are {what}", table.name.short())
        }
        Operator::Aggregate(_) if rows.rows == Rows::Aggregated => {
            let keys: Vec<String> = rows
                .keys
                .iter()
                .flatten()
                .map(|key| format!("`{}`", key.name))
                .collect();
            if keys.is_empty() {
                "sums all rows up into one".to_owned()
            } else {
                format!("groups by {}", keys.join(", "))
            }
        }
        Operator::Aggregate(_) if rows.rows == Rows::Individual => {
            rows.individually.as_ref()?.why.clone()
        }
        Operator::Filter { .. } | Operator::Join { .. } if k > before => {
            format!("keeps only rows of at least {} people", k.unwrap_or(0))
        }
        Operator::Unnest { .. } if k < before => {
            "makes a row of each element, which may be fewer people's".to_owned()
        }
        Operator::SetOperation { .. } if rows.rows != Rows::Impersonal => {
            "puts the rows of several queries together".to_owned()
        }
        _ => return None,
    };
    Some(Because {
        message,
        span: (!relation.origin.span.is_empty()).then_some(relation.origin.span),
        operator: Some(relation.origin.word.to_owned()),
        k,
    })
}
