//! The canonical text of joins: which rows are combined.

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
            on = self.collect_join_conditions(condition);
        }
        for (_, left, right) in merged {
            let mut pair = [self.column(*left), self.column(*right)];
            pair.sort();
            on.push(Self::joined(format!("{} = {}", pair[0], pair[1])));
        }
        let equated = self.equated(condition, merged);
        // If nothing depends on whether a row of the optional side is missing, a
        // higher bound only makes more of them missing. Otherwise it selects other
        // rows, so the bound must be exact.
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
            JoinKind::Left => self.mark_as_optional(right),
            JoinKind::Right => self.mark_as_optional(left),
            JoinKind::Full => {
                self.mark_as_optional(left);
                self.mark_as_optional(right);
            }
            JoinKind::Inner | JoinKind::Cross | JoinKind::Semi | JoinKind::Anti => {}
        }
        for (column, left, right) in merged {
            // Both are equal if both sides have a row.
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
                // The joined row is a value, so all conditions that selected it
                // matter.
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
                first.chosen_by([new_lookup_condition(made)])
            }
            JoinKind::Anti => {
                // A higher bound in the list excludes fewer of these rows, so it
                // must be exact.
                let made =
                    super::text::exact(format!("are not among ({}) on {made}", second.list()));
                first.chosen_by([new_lookup_condition(made)])
            }
        }
    }

    /// Whether the rows of a relation are published one by one.
    ///
    /// That is false if a window counts them, or if a LIMIT selects among them.
    fn are_published(&self, id: RelId) -> bool {
        let counts = |id: &RelId| {
            let operator = &self.plan.relation(*id).operator;
            matches!(operator, Operator::Window { .. } | Operator::Limit { .. })
        };
        self.outer.contains(&id) && !self.outer.iter().any(counts)
    }

    /// Returns all conditions of a join: each defines which rows belong together.
    fn collect_join_conditions(&mut self, condition: &Expr) -> Vec<Condition> {
        let mut found = self.conditions(condition);
        for part in crate::facts::conjuncts(condition) {
            let made = short(self.truth(part, true));
            if !found.iter().any(|known| known.made == made) {
                found.push(Self::joined(made));
            }
        }
        found
    }

    /// Returns the texts of the values that a join equates: none of them is NULL.
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

    /// Marks the columns of a side whose rows may be missing.
    ///
    /// The presence of a value then discloses something, so the columns are not
    /// plain.
    fn mark_as_optional(&mut self, side: RelId) {
        let plan = self.plan;
        for column in &plan.relation(side).columns {
            if let Some(known) = self.columns.get_mut(column.0 as usize) {
                known.plain = false;
            }
        }
    }
}

fn new_lookup_condition(made: String) -> Condition {
    Condition {
        made: short(made),
        kind: ConditionKind::Sensitive,
    }
}
