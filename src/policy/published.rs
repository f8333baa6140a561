//! Descriptions of the published columns.

use std::sync::Arc;

use super::evidence::{category, is_label};
use super::{PublishedColumn, Role, level};
use crate::budget::spend;
use crate::facts::{BaseColumnId, Facts, RelationFacts};
use crate::plan::{ColId, Plan, RelId};
use crate::registry::Resolution;

/// Largest number of indirect base columns that are listed for a column.
///
/// In most queries the same base columns decide about all columns.
const INDIRECT: usize = 100;

/// Returns the published columns, in order.
pub(super) fn columns(
    plan: &Plan,
    facts: &Facts<'_>,
    root: RelId,
    required: u64,
) -> Vec<PublishedColumn> {
    plan.published()
        .into_iter()
        .map(|(column, name)| published(plan, facts, root, column, name, required))
        .collect()
}

fn published(
    plan: &Plan,
    facts: &Facts<'_>,
    root: RelId,
    column: ColId,
    name: String,
    required: u64,
) -> PublishedColumn {
    let rows = facts.relation(root);
    let value = facts.column(column);
    let sources: Vec<_> = value
        .sources
        .keys()
        .map(|id| facts.sources.get(*id))
        .collect();
    let personal: Vec<_> = sources.iter().filter(|source| source.personal).collect();
    let known = value.rest.is_none() && !value.unknown;
    let registered = known && personal.iter().all(|source| source.is_registered());
    let mut reviews: Vec<String> = Vec::new();
    for entry in personal.iter().flat_map(|source| source.entries()) {
        for review in &entry.data_reviews {
            if !reviews.contains(review) {
                reviews.push(review.clone());
            }
        }
    }
    let decided = value.conditions.iter().chain(&rows.history.indirect);
    let mut indirect: Vec<BaseColumnId> = decided
        .filter(|id| !value.sources.contains_key(*id))
        .copied()
        .collect();
    indirect.sort_unstable();
    indirect.dedup();
    let indirect_left_out = indirect.len().saturating_sub(INDIRECT);
    indirect.truncate(INDIRECT);
    // The description of a column takes some kilobytes in a report.
    spend(40 + 2 * (sources.len() + indirect.len()));
    let role = role(facts, column, rows);
    PublishedColumn {
        span: plan.column(column).span,
        role,
        category: if registered {
            category(
                value
                    .sources
                    .iter()
                    .map(|(id, flow)| (facts.sources.get(*id), *flow)),
            )
            .filter(|_| !value.sources.is_empty())
        } else {
            None
        },
        sensitive: sources
            .iter()
            .flat_map(|source| source.entries())
            .find_map(|entry| entry.sensitive.clone()),
        registered,
        data_reviews: reviews,
        sources: sources
            .iter()
            .map(|source| Arc::clone(&source.name))
            .collect(),
        indirect_left_out,
        indirect_sources: indirect
            .iter()
            .map(|id| Arc::clone(&facts.sources.get(*id).name))
            .collect(),
        bucket: rows.in_cell(value).filter(|k| *k >= 2),
        level: level::of_column(facts, rows, value, required),
        resolution: value.resolution,
        name,
    }
}

fn role(facts: &Facts<'_>, column: ColId, rows: &RelationFacts) -> Role {
    let value = facts.column(column);
    if value.constant && value.sources.is_empty() {
        Role::Constant
    } else if value.rest.is_some() || value.unknown {
        Role::Unknown
    } else if !value.identities.is_empty() || value.surrogate.is_some() {
        Role::Identifier
    } else if value.resolution >= Some(Resolution::Second) && !value.aggregated {
        Role::Timestamp
    } else if is_label(facts, column, rows) {
        Role::Dimension
    } else {
        Role::Metric
    }
}

/// Returns the names of the columns that identify a row: its grain.
///
/// A key that is not published has its own name. `None` if the grain is not known.
pub(super) fn grain(plan: &Plan, facts: &Facts<'_>, root: RelId) -> Option<Vec<String>> {
    let rows = facts.relation(root);
    let keys = rows.keys.as_ref()?;
    let published = &plan.relation(root).columns;
    let of_key = |key: &crate::facts::GroupKey| {
        let number = facts.number(key.column);
        let mut columns = published.iter();
        columns.find(|column| facts.number(**column) == number)
    };
    let mut names: Vec<String> = Vec::new();
    let mut kept: Vec<ColId> = Vec::new();
    for key in keys {
        let own = of_key(key);
        // A key that is not published and follows from the others divides no rows.
        if own.is_none() && facts.determines(root, &kept, key.column) {
            continue;
        }
        kept.push(key.column);
        let name = own.map(|column| plan.column(*column).name.clone());
        let name = name.filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| key.name.to_string());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Some(names)
}
