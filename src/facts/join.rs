//! Joins.

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use super::lattice::Rows;
use super::relation::RelationFacts;
use crate::plan::{ColId, Comparison, Expr, ExprKind, JoinKind, Operator};

impl Analyzer<'_, '_> {
    pub(super) fn join(&mut self, operator: &Operator, word: &'static str) -> RelationFacts {
        let Operator::Join {
            kind,
            left,
            right,
            condition,
            correlated: _,
            merged,
        } = operator
        else {
            return RelationFacts::impersonal();
        };
        let mut facts = self.relation(*left).clone();
        let other = self.relation(*right).clone();
        facts.beside(&other);
        match kind {
            JoinKind::Semi | JoinKind::Anti => {}
            JoinKind::Inner
            | JoinKind::Cross
            | JoinKind::Left
            | JoinKind::Right
            | JoinKind::Full => {
                facts.or_rows(&other);
                for (pop, people) in other.populations.clone() {
                    facts.populations.insert(pop, people);
                }
                facts.keys = match (facts.keys.take(), other.keys) {
                    (Some(mut keys), Some(theirs)) => {
                        keys.extend(theirs);
                        Some(keys)
                    }
                    (keys, theirs) => keys.or(theirs),
                };
                facts.inside.extend(other.inside);
            }
        }
        if let Some(condition) = condition {
            self.on(*kind, condition, word, &mut facts);
        }
        for (column, mine, theirs) in merged {
            self.merged(*kind, *column, *mine, *theirs, &mut facts);
        }
        if facts.rows == Rows::Impersonal {
            facts.individually = None;
        }
        facts
    }

    /// A join's condition: an equation of two names of the same person makes
    /// their populations one; in an inner join the rest filters.
    fn on(
        &mut self,
        kind: JoinKind,
        condition: &Expr,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        self.subqueries(condition, facts);
        for conjunct in conjuncts(condition) {
            if let ExprKind::Compare(Comparison::Eq | Comparison::Same, left, right) =
                &conjunct.kind
            {
                let (left, right) = (self.value(left), self.value(right));
                if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
                    self.same_person(&left, &right, facts);
                }
            }
            if matches!(kind, JoinKind::Inner) {
                self.restrict(conjunct, word, facts);
            } else {
                let mut sources = std::collections::BTreeSet::new();
                self.compared(conjunct, &mut sources);
                facts.indirect.extend(sources);
            }
        }
    }

    fn same_person(&mut self, left: &ColumnFacts, right: &ColumnFacts, facts: &mut RelationFacts) {
        let (Some(mine), Some(theirs)) = (&left.unit, &right.unit) else {
            return;
        };
        let same = mine.unit == theirs.unit
            && mine.function == theirs.function
            && mine.constants == 0
            && theirs.constants == 0;
        let (a, b) = (
            self.populations.find(mine.pop),
            self.populations.find(theirs.pop),
        );
        if !same || a == b {
            return;
        }
        let of = |facts: &RelationFacts, pop, populations: &super::lattice::Populations| {
            facts
                .populations
                .keys()
                .copied()
                .find(|known| populations.find(*known) == pop)
        };
        let (Some(first), Some(second)) = (
            of(facts, a, &self.populations),
            of(facts, b, &self.populations),
        ) else {
            return;
        };
        let (Some(first), Some(second)) = (
            facts.populations.remove(&first),
            facts.populations.remove(&second),
        ) else {
            return;
        };
        let k = first.k.min(second.k);
        let pop = self.populations.merge(a, b);
        facts
            .populations
            .insert(pop, super::relation::Population { k, ..first });
    }

    /// A column that USING merged.
    fn merged(
        &mut self,
        kind: JoinKind,
        column: ColId,
        mine: ColId,
        theirs: ColId,
        facts: &mut RelationFacts,
    ) {
        let (left, right) = (self.column(mine).clone(), self.column(theirs).clone());
        if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
            self.same_person(&left, &right, facts);
        }
        facts.indirect.extend(left.compared());
        facts.indirect.extend(right.compared());
        let value = match kind {
            JoinKind::Right => right,
            JoinKind::Full => {
                let (mut left, mut right) = (left, right);
                left.each_pop(&mut |pop| *pop = self.populations.find(*pop));
                right.each_pop(&mut |pop| *pop = self.populations.find(*pop));
                left.or(&right)
            }
            JoinKind::Inner
            | JoinKind::Cross
            | JoinKind::Left
            | JoinKind::Semi
            | JoinKind::Anti => left,
        };
        for key in facts.keys.iter_mut().flatten() {
            if key.column == mine || key.column == theirs {
                key.column = column;
            }
        }
        self.set(column, value);
    }
}

/// The parts of a conjunction.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    match &condition.kind {
        ExprKind::And(parts) => parts.iter().flat_map(conjuncts).collect(),
        _ => vec![condition],
    }
}
