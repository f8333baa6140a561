//! Columns that prevent level 2 for any bucket.
//!
//! They are identifiers, values of single people, sketches, and times with a
//! resolution of a second. Without them, the dataset may reach level 2.

use std::collections::BTreeSet;
use std::ops::Range;

use super::candidate::FixCandidate;
use super::edit::{Edit, Fix};
use super::outline::{Clause, ClauseTokens, Outline};
use crate::facts::{ColumnFacts, Facts, GroupKey, RelationFacts, Rows};
use crate::plan::{Plan, RelId};
use crate::policy::{self, Level};
use crate::registry::Resolution;
use crate::source::Span;

/// Creates the edit that removes these columns.
///
/// `None` if there are none, or if they are not separate items of a single SELECT.
pub(super) fn without(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    root: RelId,
    required: u64,
) -> Option<FixCandidate> {
    let rows = facts.relation(root);
    let bounded = bounded(rows);
    let columns = &plan.relation(root).columns;
    let (mut gone, mut names): (Vec<Span>, Vec<String>) = Default::default();
    for column in columns {
        let level = policy::of_column(facts, &bounded, facts.column(*column), required);
        if level > Some(Level::MinimumBucket) {
            gone.push(plan.column(*column).span);
            names.push(plan.column(*column).name.clone());
        }
    }
    let keys: Vec<&GroupKey> = rows
        .keys
        .iter()
        .flatten()
        .filter(|key| identifies_one(&key.facts))
        .collect();
    if gone.is_empty() && keys.is_empty() {
        return None;
    }
    // Without a grouping, rows belong to single people whatever their columns are.
    rows.keys.as_ref()?;
    let first = plan.column(*columns.first()?).span;
    let select = &outline.selects[outline.select_around(first)?];
    let list = select.part(Clause::Select)?;
    let skip =
        usize::from(outline.is(list.body.start, "DISTINCT") || outline.is(list.body.start, "ALL"));
    let items = outline.items(&(list.body.start + skip..list.body.end));
    let mut dropped = BTreeSet::new();
    for span in &gone {
        let at = items
            .iter()
            .position(|item| outline.span_of(item).contains(*span))?;
        dropped.insert(at);
    }
    if dropped.len() == items.len() {
        return None;
    }
    let mut edits = cut(outline, &items, &dropped);
    let removed = Removed {
        items: &items,
        dropped: &dropped,
        names: &names,
        keys: keys.iter().map(|key| key.span).collect(),
    };
    for clause in [Clause::GroupBy, Clause::OrderBy] {
        if let Some(part) = select.part(clause) {
            edits.extend(removed.from(outline, part));
        }
    }
    let mut costs: Vec<String> = names
        .iter()
        .map(|name| {
            if name.is_empty() {
                "an unnamed column is removed".to_owned()
            } else {
                format!("the column `{name}` is removed")
            }
        })
        .collect();
    let mut called: Vec<String> = names
        .iter()
        .map(|name| {
            if name.is_empty() {
                "the unnamed column".to_owned()
            } else {
                format!("`{name}`")
            }
        })
        .collect();
    for key in keys {
        if !names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&key.name))
        {
            costs.push(format!("rows are no longer grouped by `{}`", key.name));
            called.push(format!("the key `{}`", key.name));
        }
    }
    Some(FixCandidate {
        fix: Fix {
            title: format!("remove {}", called.join(", ")),
            safe: false,
            edits,
        },
        guessed: false,
        costs,
        way: 0,
    })
}

/// Returns the facts of the rows under the assumption that every group is large
/// enough.
fn bounded(rows: &RelationFacts) -> RelationFacts {
    let mut bounded = rows.clone();
    bounded.rows = Rows::Aggregated;
    bounded.individual_reason = None;
    bounded.registered_level = None;
    for people in bounded.populations.values_mut() {
        people.k = u64::MAX;
    }
    bounded
}

/// Whether the groups of a key are single people or events.
fn identifies_one(key: &ColumnFacts) -> bool {
    !key.identities.is_empty()
        || key.surrogate.is_some()
        || key.collection.is_some()
        || key.resolution >= Some(Resolution::Second)
}

/// Creates the edits that remove items from a list; at least one item must remain.
fn cut(outline: &Outline<'_>, items: &[Range<usize>], dropped: &BTreeSet<usize>) -> Vec<Edit> {
    let start = |at: usize| outline.span_of(&items[at]).start;
    let end = |at: usize| outline.span_of(&items[at]).end;
    let last_kept = (0..items.len()).rev().find(|at| !dropped.contains(at));
    let Some(last_kept) = last_kept else {
        return Vec::new();
    };
    let mut edits: Vec<Edit> = dropped
        .iter()
        .filter(|at| **at < last_kept)
        .map(|at| {
            let span = Span {
                start: start(*at),
                end: start(*at + 1),
            };
            Edit::replace(span, "")
        })
        .collect();
    if last_kept + 1 < items.len() {
        let span = Span {
            start: end(last_kept),
            end: end(items.len() - 1),
        };
        edits.push(Edit::replace(span, ""));
    }
    edits
}

/// The items that are removed from the SELECT list and the keys.
struct Removed<'a> {
    items: &'a [Range<usize>],
    dropped: &'a BTreeSet<usize>,
    names: &'a [String],
    keys: Vec<Span>,
}

impl Removed<'_> {
    /// Removes the same items from GROUP BY or ORDER BY, and renumbers ordinals.
    fn from(&self, outline: &Outline<'_>, part: &ClauseTokens) -> Vec<Edit> {
        let listed = outline.items(&part.body);
        let mut gone = BTreeSet::new();
        let mut edits = Vec::new();
        for (at, item) in listed.iter().enumerate() {
            let span = outline.span_of(item);
            let first = outline.text(item.start);
            if let Ok(ordinal) = first.parse::<usize>() {
                let position = ordinal.saturating_sub(1);
                if self.dropped.contains(&position) {
                    gone.insert(at);
                } else {
                    let before = self.dropped.range(..position).count();
                    if before > 0 {
                        let number = (ordinal - before).to_string();
                        edits.push(Edit::replace(outline.span(item.start), number));
                    }
                }
                continue;
            }
            let text = outline.source.slice(span);
            let is = |name: &str| {
                text.eq_ignore_ascii_case(name)
                    || item.len() <= 2 && first.eq_ignore_ascii_case(name)
            };
            let named = self.names.iter().any(|name| is(name));
            let written = self
                .dropped
                .iter()
                .any(|item| is(outline.source.slice(outline.span_of(&self.items[*item]))));
            if named || written || self.keys.contains(&span) {
                gone.insert(at);
            }
        }
        if gone.len() == listed.len() {
            let before = outline.span(part.word.saturating_sub(1)).end;
            let whole = Span {
                start: before,
                end: outline.span_of(&part.body).end,
            };
            return vec![Edit::replace(whole, "")];
        }
        edits.extend(cut(outline, &listed, &gone));
        edits
    }
}
