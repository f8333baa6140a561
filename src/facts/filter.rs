//! Filters: WHERE, HAVING, QUALIFY, ON.

use std::collections::BTreeSet;

use super::analysis::Analyzer;
use super::lattice::Flow;
use super::relation::{FilterUse, RelationFacts};
use super::source::{SourceId, is_identifier};
use crate::plan::{Expr, ExprKind, RelId};

impl Analyzer<'_, '_> {
    pub(super) fn filter(
        &mut self,
        input: RelId,
        predicate: &Expr,
        word: &'static str,
    ) -> RelationFacts {
        let mut facts = self.relation(input).clone();
        self.subqueries(predicate, &mut facts);
        self.restrict(predicate, word, &mut facts);
        facts
    }

    /// What a predicate that must be TRUE does to the rows.
    pub(super) fn restrict(
        &mut self,
        predicate: &Expr,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        self.attempts(predicate, word, facts);
        let pops: Vec<_> = facts.populations.keys().copied().collect();
        for pop in pops {
            let least = self.least(predicate, pop);
            if let Some(people) = facts.populations.get_mut(&pop) {
                people.k = people.k.max(least);
            }
        }
        let mut sources = BTreeSet::new();
        self.compared(predicate, &mut sources);
        facts.indirect.extend(&sources);
        if !sources.is_empty() {
            let used = FilterUse {
                sources,
                span: predicate.span,
                word,
            };
            if !facts.filters.contains(&used) {
                facts.filters.push(used);
            }
        }
    }

    /// The base columns whose values a predicate compares. Whether an identifier
    /// is there, how many different ones there are, and that two are the same
    /// say nothing of anybody.
    pub(super) fn compared(&mut self, predicate: &Expr, into: &mut BTreeSet<SourceId>) {
        match &predicate.kind {
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                for part in parts {
                    self.compared(part, into);
                }
            }
            ExprKind::Not(inner) => self.compared(inner, into),
            ExprKind::IsNull(inner) => {
                let value = self.value(inner);
                if value.identities.is_empty() {
                    into.extend(value.compared());
                }
            }
            ExprKind::Compare(_, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                if left.identities.is_empty() || right.identities.is_empty() {
                    self.compared_values(&left, into);
                    self.compared_values(&right, into);
                }
            }
            _ => {
                let value = self.value(predicate);
                self.compared_values(&value, into);
            }
        }
    }

    fn compared_values(&self, value: &super::ColumnFacts, into: &mut BTreeSet<SourceId>) {
        into.extend(&value.conditions);
        into.extend(value.sources.iter().filter_map(|(source, flow)| {
            let counted = *flow == Flow::Aggregated
                && self.sources.get(*source).entry.is_some_and(is_identifier);
            (!counted).then_some(*source)
        }));
    }
}
