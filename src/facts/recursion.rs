//! The transfer function of WITH RECURSIVE: from the anchor to a fixed point.

use std::rc::Rc;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, Contribution, SharedFacts};
use super::coverage::Coverage;
use super::lattice::{Flow, IdentityForm};
use super::ordered::{OrderedMap, OrderedSet};
use super::relation::RelationFacts;
use super::source::BaseColumnId;
use crate::plan::{ColId, RelId};
use crate::registry::Resolution;

/// How often the step of a recursion is evaluated again before every column is taken to
/// hold what any of them does.
const ROUNDS: usize = 3;

impl Analyzer<'_, '_> {
    pub(super) fn previous_round(
        &mut self,
        columns: &[(ColId, ColId)],
        anchor: RelId,
    ) -> RelationFacts {
        if let Some((facts, values)) = self.previous.get(&anchor).cloned() {
            for ((new, _), value) in columns.iter().zip(values) {
                self.set(*new, unproven(Rc::unwrap_or_clone(value)));
            }
            return facts.of_any_round();
        }
        for (new, original) in columns {
            let value = unproven(self.column(*original).clone());
            self.set(*new, value);
        }
        self.relation(anchor).clone().of_any_round()
    }

    /// Computes the rows from the anchor to a fixed point; if a few rounds do not
    /// reach it, nothing is proven about people.
    pub(super) fn recursion(
        &mut self,
        id: RelId,
        anchor: RelId,
        step: RelId,
        columns: &[(ColId, ColId, ColId)],
    ) -> RelationFacts {
        let mut facts = RelationFacts::impersonal();
        let mut fixed = false;
        let mut told: Vec<Told> = Vec::new();
        for round in 0..=ROUNDS {
            facts = self.alternatives(&[anchor, step]);
            let mut values: Vec<ColumnFacts> = columns
                .iter()
                .map(|(_, first, next)| {
                    let mut value = self.column(*first).clone().or(self.column(*next));
                    value.constant = false;
                    drop_base_columns(value)
                })
                .collect();
            let tells: Vec<Told> = values.iter().map(Told::new).collect();
            // Each further round may hand values on to one more column: the last one
            // gives all of them to every column.
            let handed_on = told != tells;
            if round == ROUNDS && handed_on {
                each_tells_all(&mut values);
            }
            told = tells;
            let values: Vec<SharedFacts> = values.into_iter().map(Rc::new).collect();
            let settled = self.previous.get(&anchor).is_some_and(|(known, before)| {
                known.rows == facts.rows && known.k() == facts.k() && *before == values
            });
            for ((out, _, _), value) in columns.iter().zip(&values) {
                self.set(*out, value.clone());
            }
            self.previous.insert(anchor, (facts.clone(), values));
            if settled {
                fixed = true;
                break;
            }
            if round == ROUNDS && !handed_on {
                break;
            }
            // The step's own relations stand between the anchor and here.
            self.evaluate_again(RelId(anchor.0 + 1), id);
            if round == ROUNDS {
                // What the last round's conditions compare is known now.
                facts = self.alternatives(&[anchor, step]);
            }
        }
        self.previous.remove(&anchor);
        // What holds for the anchor and is preserved by each round holds for all
        // rows.
        for people in facts.populations.values_mut() {
            if !fixed {
                people.k = 0;
            }
        }
        for (out, _, _) in columns {
            let value = unproven(self.column(*out).clone());
            self.set(*out, value);
        }
        facts.of_any_round()
    }
}

/// Everything that a value discloses: from round to round it only grows.
#[derive(PartialEq, Eq)]
pub(super) struct Told {
    sources: OrderedMap<BaseColumnId, Flow>,
    conditions: OrderedSet<BaseColumnId>,
    identities: Vec<(BaseColumnId, Option<String>, IdentityForm)>,
    resolution: Option<Resolution>,
    kinds: [bool; 7],
}

impl Told {
    pub(super) fn new(value: &ColumnFacts) -> Self {
        let identities = value.identities.iter();
        let mut identities: Vec<_> = identities
            .map(|identity| (identity.source, identity.field.clone(), identity.form))
            .collect();
        identities.sort();
        Self {
            sources: value.sources.clone(),
            conditions: value.conditions.clone(),
            identities,
            resolution: value.resolution,
            kinds: [
                value.sketch.is_some(),
                value.collection.is_some(),
                value.single.is_some(),
                value.surrogate.is_some(),
                value.rest.is_some(),
                value.unknown,
                value.personal,
            ],
        }
    }
}

/// Makes each value disclose what any of them does.
pub(super) fn each_tells_all(values: &mut [ColumnFacts]) {
    let all = ColumnFacts::computed(values.iter());
    for value in values {
        value.combine_with(&all);
    }
}

impl RelationFacts {
    /// Keeps what holds for the rows of any round: nothing that describes all rows
    /// together.
    fn of_any_round(mut self) -> Self {
        self.dependencies = Rc::default();
        self.partitions.clear();
        self.folds.clear();
        self.proven.clear();
        self
    }
}

/// Drops the facts of a value that need not hold in each round.
fn unproven(mut value: ColumnFacts) -> ColumnFacts {
    value.unit = None;
    value.count = None;
    value.literal = None;
    value.certain.clear();
    value.there.clear();
    value.feeds = Contribution::No;
    value.each = false;
    if !value.coverage.measures().is_empty() || value.coverage.is_collected() {
        value.coverage = Coverage::Uncovered(None);
    }
    drop_base_columns(value)
}

/// Drops base columns: a round may return a field of the previous round's value,
/// and so on, and no finite set of names covers all of these.
fn drop_base_columns(mut value: ColumnFacts) -> ColumnFacts {
    value.everywhere(&mut |part| part.paths.clear());
    value
}
