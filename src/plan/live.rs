//! Live columns: those on which the published rows or values depend.

use super::{ColId, Expr, ExprKind, Operator, Plan, RelId, SetOperator};

/// The live columns of a plan.
pub struct LiveColumns(Vec<bool>);

impl LiveColumns {
    /// Computes the columns on which the rows of a relation depend; without a
    /// relation, all columns are live.
    pub fn from_root(plan: &Plan, root: Option<RelId>) -> Self {
        let Some(root) = root else {
            return Self(vec![true; plan.column_count()]);
        };
        let mut live = Self(vec![false; plan.column_count()]);
        live.all_of(plan, root);
        let relations: Vec<_> = plan.relations().collect();
        // Readers follow the relations that they read, so all uses of a column are
        // seen before its definition.
        for (_, relation) in relations.into_iter().rev() {
            live.read_by(plan, &relation.operator, &relation.columns);
        }
        live
    }

    /// Whether a column is live.
    pub fn has(&self, id: ColId) -> bool {
        self.0.get(id.0 as usize).copied().unwrap_or(false)
    }

    fn add(&mut self, id: ColId) {
        if let Some(known) = self.0.get_mut(id.0 as usize) {
            *known = true;
        }
    }

    fn all_of(&mut self, plan: &Plan, relation: RelId) {
        for id in &plan.relation(relation).columns {
            self.add(*id);
        }
    }

    fn value(&mut self, plan: &Plan, value: &Expr) {
        value.walk(&mut |part| match &part.kind {
            ExprKind::Column(id) => self.add(*id),
            ExprKind::Subquery(subquery) => self.all_of(plan, subquery.relation),
            _ => {}
        });
    }

    fn read_by(&mut self, plan: &Plan, operator: &Operator, outputs: &[ColId]) {
        match operator {
            Operator::Project { columns, .. } => {
                for (id, value) in columns {
                    if self.has(*id) {
                        self.value(plan, value);
                    }
                }
            }
            Operator::Reader { columns, .. } => {
                for (id, of) in columns {
                    if self.has(*id) {
                        self.add(*of);
                    }
                }
            }
            Operator::SetOperation { operator, inputs } => {
                for (at, id) in outputs.iter().enumerate() {
                    let read = *operator != SetOperator::Union || self.has(*id);
                    for (_, feeds) in inputs.iter().filter(|_| read) {
                        if let Some(feed) = feeds.get(at).copied().flatten() {
                            self.add(feed);
                        }
                    }
                }
            }
            Operator::Join { merged, .. } => {
                for (_, left, right) in merged {
                    self.add(*left);
                    self.add(*right);
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
            Operator::Scan(_)
            | Operator::Rows(_)
            | Operator::Filter { .. }
            | Operator::Aggregate(_)
            | Operator::Window { .. }
            | Operator::Unnest { .. }
            | Operator::Sort { .. }
            | Operator::Limit { .. } => self.expressions(plan, operator),
        }
    }

    fn expressions(&mut self, plan: &Plan, operator: &Operator) {
        for value in operator.expressions() {
            self.value(plan, value);
        }
    }
}
