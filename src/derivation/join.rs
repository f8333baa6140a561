//! Joins: which rows stand beside which.

use std::collections::BTreeSet;

use super::relation::Rows;
use super::text::{exact, short};
use super::{Condition, ConditionKind, Deriver};
use crate::plan::{ColId, Comparison, Expr, ExprKind, JoinKind, Operator, RelId};

impl Deriver<'_> {
    pub(super) fn join(
        &mut self,
        id: RelId,
        kind: JoinKind,
        (left, right): (RelId, RelId),
        condition: Option<&Expr>,
        merged: &[(ColId, ColId, ColId)],
    ) -> Rows {
        let mut on: Vec<Condition> = Vec::new();
        if let Some(condition) = condition {
            on = self.every_condition(condition);
        }
        for (_, left, right) in merged {
            let mut pair = [self.column(*left), self.column(*right)];
            pair.sort();
            on.push(Self::joined(format!("{} = {}", pair[0], pair[1])));
        }
        let equated = self.equated(condition, merged);
        // Where nothing asks whether a row is missing, more of them are missing where more has
        // to be reached; else other rows are chosen by that.
        let published = self.are_published(id);
        let exact = |deriver: &Self, sides: &[RelId], text: String| {
            let asked = |side: &RelId| deriver.deciding.beyond(deriver.plan, *side, condition);
            if !published || sides.iter().any(asked) {
                exact(text)
            } else {
                text
            }
        };
        match kind {
            JoinKind::Left => self.may_be_missing(right),
            JoinKind::Right => self.may_be_missing(left),
            JoinKind::Full => {
                self.may_be_missing(left);
                self.may_be_missing(right);
            }
            JoinKind::Inner | JoinKind::Cross | JoinKind::Semi | JoinKind::Anti => {}
        }
        for (column, left, right) in merged {
            // They are equal, but where only one side has a row.
            let of = if kind == JoinKind::Right { right } else { left };
            if kind == JoinKind::Full {
                let mut pair = [self.column(*left), self.column(*right)];
                pair.sort();
                self.single(*column, format!("COALESCE({})", pair.join(", ")), false);
            } else {
                self.copy(*column, *of);
            }
        }
        let (first, second) = (self.rows(left).clone(), self.rows(right).clone());
        let mut made: Vec<&str> = on.iter().map(|condition| condition.made.as_str()).collect();
        made.sort_unstable();
        made.dedup();
        let made = made.join(" and ");
        match kind {
            JoinKind::Inner | JoinKind::Cross => first.beside(second).chosen_by(on),
            JoinKind::Left | JoinKind::Right => {
                let (kept, other) = if kind == JoinKind::Left {
                    (first, second)
                } else {
                    (second, first)
                };
                // What is beside a row is a value of it: all that chose it matters.
                let side = if kind == JoinKind::Left { right } else { left };
                let beside = format!("({}) on {made}", other.side(&equated));
                let beside = exact(self, &[side], beside);
                let source = format!("({} with or without {beside})", kept.source());
                let mut rows = Rows::new(source).made_of([&kept, &other]);
                rows.conditions = kept.conditions;
                rows.others = kept.others;
                rows
            }
            JoinKind::Full => {
                let mut pair = [first.side(&equated), second.side(&equated)];
                pair.sort();
                let source = format!("({} or {} on {made})", pair[0], pair[1]);
                Rows::new(exact(self, &[left, right], source)).made_of([&first, &second])
            }
            JoinKind::Semi => {
                let made = format!("are among ({}) on {made}", second.list());
                first.chosen_by([found_in(made)])
            }
            JoinKind::Anti => {
                // More that have to be reached by those leaves out fewer of these.
                let made =
                    super::text::exact(format!("are not among ({}) on {made}", second.list()));
                first.chosen_by([found_in(made)])
            }
        }
    }

    /// Whether the rows of a relation are published one by one: none is counted, or left out
    /// by what others are.
    fn are_published(&self, id: RelId) -> bool {
        let counts = |id: &RelId| {
            let operator = &self.plan.relation(*id).operator;
            matches!(operator, Operator::Window { .. } | Operator::Limit { .. })
        };
        self.outer.contains(&id) && !self.outer.iter().any(counts)
    }

    /// All conditions of a join: each says which rows belong together.
    fn every_condition(&mut self, condition: &Expr) -> Vec<Condition> {
        let mut found = self.conditions(condition);
        for part in crate::facts::conjuncts(condition) {
            let made = short(self.truth(part, true));
            if !found.iter().any(|known| known.made == made) {
                found.push(Self::joined(made));
            }
        }
        found
    }

    /// How the values are made that a join holds to be equal: none of them is NULL.
    fn equated(
        &mut self,
        condition: Option<&Expr>,
        merged: &[(ColId, ColId, ColId)],
    ) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        for part in condition.map_or_else(Vec::new, crate::facts::conjuncts) {
            if let ExprKind::Compare(Comparison::Eq, left, right) = &part.kind {
                found.extend([self.words(left), self.words(right)]);
            }
        }
        for (_, left, right) in merged {
            found.extend([self.column(*left), self.column(*right)]);
        }
        found
    }

    /// Rows beside which there may be none: that a value of theirs is there tells
    /// something.
    fn may_be_missing(&mut self, side: RelId) {
        let plan = self.plan;
        for column in &plan.relation(side).columns {
            if let Some(known) = self.columns.get_mut(column.0 as usize) {
                known.plain = false;
            }
        }
    }
}

fn found_in(made: String) -> Condition {
    Condition {
        made: short(made),
        kind: ConditionKind::Sensitive,
    }
}
