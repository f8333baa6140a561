//! Columns that decide about rows or values.
//!
//! If a row of the optional side of an outer join is missing, each such column of it
//! may disclose more than the NULL that is published.

use crate::plan::{ColId, Expr, ExprKind, Operator, Plan, RelId, SetOperator};

/// Number of uses of each column, other than as an unchanged output column.
pub(super) struct DecidingColumns(Vec<usize>);

impl DecidingColumns {
    /// Counts the uses of the columns of a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut found = Self(vec![0; plan.column_count()]);
        let relations: Vec<_> = plan.relations().collect();
        // Readers follow the relations that they read, so all uses of a column are
        // seen before its definition.
        for (_, relation) in relations.into_iter().rev() {
            found.read_by(plan, &relation.operator, &relation.columns);
        }
        found
    }

    /// Whether a column of one side of a join decides about anything but the join
    /// itself.
    pub(super) fn beyond(&self, plan: &Plan, side: RelId, condition: Option<&Expr>) -> bool {
        let mut own = vec![];
        if let Some(condition) = condition {
            condition.walk(&mut |part| own.extend(part.as_column()));
        }
        plan.relation(side).columns.iter().any(|id| {
            let asked = own.iter().filter(|known| *known == id).count();
            self.count(*id) > asked
        })
    }

    fn count(&self, id: ColId) -> usize {
        self.0.get(id.0 as usize).copied().unwrap_or_default()
    }

    fn add(&mut self, id: ColId) {
        if let Some(known) = self.0.get_mut(id.0 as usize) {
            *known = known.saturating_add(1);
        }
    }

    /// Counts one use of a column that is used under another name.
    fn same(&mut self, id: ColId, of: ColId) {
        if self.count(id) > 0 {
            self.add(of);
        }
    }

    fn value(&mut self, plan: &Plan, value: &Expr) {
        value.walk(&mut |part| match &part.kind {
            ExprKind::Column(id) => self.add(*id),
            ExprKind::Subquery(subquery) => {
                self.all_of(plan, subquery.relation);
                self.order(plan, subquery.relation);
            }
            _ => {}
        });
    }

    /// Counts the columns that order rows, if the order matters.
    fn order(&mut self, plan: &Plan, of: RelId) {
        for by in super::limit::order(plan, of) {
            by.walk(&mut |part| {
                if let Some(id) = part.as_column() {
                    self.add(id);
                }
            });
        }
    }

    fn all_of(&mut self, plan: &Plan, relation: RelId) {
        for id in &plan.relation(relation).columns {
            self.add(*id);
        }
    }

    fn read_by(&mut self, plan: &Plan, operator: &Operator, outputs: &[ColId]) {
        match operator {
            Operator::Project { columns, .. } => {
                for (id, value) in columns {
                    match value.as_column() {
                        Some(of) => self.same(*id, of),
                        None => self.value(plan, value),
                    }
                }
            }
            Operator::Reader { columns, .. } => {
                for (id, of) in columns {
                    self.same(*id, *of);
                }
            }
            Operator::SetOperation { operator, inputs } => {
                for (at, id) in outputs.iter().enumerate() {
                    for (_, feeds) in inputs {
                        match feeds.get(at).copied().flatten() {
                            Some(feed) if *operator == SetOperator::Union => self.same(*id, feed),
                            Some(feed) => self.add(feed),
                            None => {}
                        }
                    }
                }
            }
            Operator::Aggregate(aggregate) => {
                for key in &aggregate.keys {
                    match key.expr.as_column() {
                        Some(of) => self.same(key.column, of),
                        None => self.value(plan, &key.expr),
                    }
                }
                let keys: Vec<&Expr> = aggregate.keys.iter().map(|key| &key.expr).collect();
                for value in operator.expressions() {
                    if !keys.iter().any(|key| std::ptr::eq(*key, value)) {
                        self.value(plan, value);
                    }
                }
            }
            Operator::Join { merged, .. } => {
                for (id, left, right) in merged {
                    self.same(*id, *left);
                    self.same(*id, *right);
                }
                self.expressions(plan, operator);
            }
            Operator::Recursion { columns, .. } => {
                for (_, anchor, step) in columns {
                    self.add(*anchor);
                    self.add(*step);
                }
            }
            Operator::Loop { columns, .. } => {
                for (_, anchor) in columns {
                    self.add(*anchor);
                }
            }
            Operator::Model { inputs, .. } | Operator::Opaque { inputs, .. } => {
                for input in inputs {
                    self.all_of(plan, *input);
                }
                self.expressions(plan, operator);
            }
            Operator::Limit { input, .. } => {
                self.order(plan, *input);
                self.expressions(plan, operator);
            }
            // Without a LIMIT, an order selects nothing.
            Operator::Sort { .. } => {}
            Operator::Scan(_)
            | Operator::Rows(_)
            | Operator::Filter { .. }
            | Operator::Window { .. }
            | Operator::Unnest { .. } => self.expressions(plan, operator),
        }
    }

    fn expressions(&mut self, plan: &Plan, operator: &Operator) {
        for value in operator.expressions() {
            self.value(plan, value);
        }
    }
}
