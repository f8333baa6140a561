//! The transfer function of WITH RECURSIVE: from the anchor to a fixed point.

use std::rc::Rc;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, Feeds, SharedFacts};
use super::coverage::Coverage;
use super::relation::RelationFacts;
use crate::plan::{ColId, RelId};

/// How often the step of a recursion is evaluated again.
const ROUNDS: usize = 3;

impl Analyzer<'_, '_> {
    pub(super) fn of_the_round_before(
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
        for _ in 0..ROUNDS {
            facts = self.alternatives(&[anchor, step]);
            let values: Vec<SharedFacts> = columns
                .iter()
                .map(|(_, first, next)| {
                    let mut value = self.column(*first).clone().or(self.column(*next));
                    value.constant = false;
                    Rc::new(no_base_column(value))
                })
                .collect();
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
            // The relations of the step have ids between the anchor's and this
            // one's.
            for again in anchor.0 + 1..id.0 {
                let evaluated = self.evaluate(RelId(again));
                self.set_relation(RelId(again), evaluated);
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
    value.feeds = Feeds::No;
    value.each = false;
    if !value.coverage.measures().is_empty() || value.coverage.is_collected() {
        value.coverage = Coverage::Uncovered(None);
    }
    no_base_column(value)
}

/// Drops base columns: a round may return a field of the previous round's value,
/// and so on, and no finite set of names covers all of these.
fn no_base_column(mut value: ColumnFacts) -> ColumnFacts {
    value.everywhere(&mut |part| part.paths.clear());
    value
}
