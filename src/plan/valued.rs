//! Computes the live columns of a plan: those that reach the published rows.
//!
//! A column is live if it reaches them as a value, or decides how they are grouped.
//! Columns that only conditions read are not live. A side of a join without live
//! columns only filters (`design/proof.md`, "Facts").

use std::collections::BTreeSet;

use super::order::inside_expressions;
use super::{ColId, Expr, ExprKind, JoinKind, Operator, Plan, RelId, SetOperator};

/// The live columns of a plan: for each column id, whether the column is live.
#[derive(Debug, Default)]
pub struct ValueColumns(Vec<bool>);

impl ValueColumns {
    /// Visits all relations, from the published one down.
    ///
    /// Leaves the result empty if the plan has no join, because only joins ask.
    pub fn of(plan: &Plan) -> Self {
        let mut valued = Self::default();
        let joins = plan
            .relations()
            .any(|(_, relation)| matches!(relation.operator, Operator::Join { .. }));
        let Some(root) = plan.root().filter(|_| joins) else {
            return valued;
        };
        valued.0 = vec![false; plan.column_count()];
        valued.add(&plan.relation(root).columns);
        let inside = inside_expressions(plan.relations.reads());
        let relations: Vec<_> = plan.relations().collect();
        // The readers of a relation come after it, so they are visited before it.
        for (id, relation) in relations.into_iter().rev() {
            if inside[id.0 as usize] {
                // The conditions of a subquery may decide its value.
                valued.all_of(plan, id);
            }
            valued.read_by(plan, &relation.operator);
        }
        valued
    }

    /// Returns whether a column is live.
    pub fn has(&self, column: ColId) -> bool {
        self.0.get(column.0 as usize).copied().unwrap_or(false)
    }

    fn add<'a>(&mut self, columns: impl IntoIterator<Item = &'a ColId>) {
        for column in columns {
            if let Some(known) = self.0.get_mut(column.0 as usize) {
                *known = true;
            }
        }
    }

    /// Returns which sides of a join may be mere filters, given each side's columns.
    ///
    /// Such a side has no live columns, while the other side has some. It is a
    /// filter only if a row of the other side has at most one partner in it.
    pub fn filter_only_sides(&self, kind: JoinKind, sides: [&BTreeSet<ColId>; 2]) -> [bool; 2] {
        let [left, right] = sides.map(|columns| columns.iter().any(|column| self.has(*column)));
        let both_needed = matches!(kind, JoinKind::Inner | JoinKind::Cross);
        [
            right && !left && (both_needed || kind == JoinKind::Right),
            left && !right && (both_needed || kind == JoinKind::Left),
        ]
    }

    /// Marks the columns that an operator puts into its rows.
    fn read_by(&mut self, plan: &Plan, operator: &Operator) {
        match operator {
            // The selection and the order of rows are conditions.
            Operator::Filter { .. } | Operator::Sort { .. } | Operator::Limit { .. } => {}
            Operator::Project { columns, .. } => {
                for (column, value) in columns {
                    if self.has(*column) {
                        self.value(plan, value);
                    }
                }
            }
            Operator::Join { kind, merged, .. } => {
                for (column, left, right) in merged {
                    if !self.has(*column) {
                        continue;
                    }
                    if !matches!(kind, JoinKind::Right) {
                        self.add([left]);
                    }
                    if matches!(kind, JoinKind::Right | JoinKind::Full) {
                        self.add([right]);
                    }
                }
            }
            Operator::SetOperation { operator, inputs } => {
                let columns = inputs.iter().map(|(_, feeds)| feeds);
                for feed in columns.flatten().flatten() {
                    self.add([feed]);
                }
                if *operator != SetOperator::Union {
                    // Whole rows are compared.
                    for (input, _) in inputs {
                        self.add(&plan.relation(*input).columns);
                    }
                }
            }
            Operator::Reader { columns, .. } => {
                for (column, of) in columns {
                    if self.has(*column) {
                        self.add([of]);
                    }
                }
            }
            Operator::Loop { columns, .. } => self.add(columns.iter().map(|(_, of)| of)),
            Operator::Recursion {
                anchor,
                step,
                columns,
            } => {
                self.add(columns.iter().flat_map(|(_, first, next)| [first, next]));
                self.add(&plan.relation(*anchor).columns);
                self.add(&plan.relation(*step).columns);
            }
            Operator::Model { inputs, .. } | Operator::Opaque { inputs, .. } => {
                for input in inputs {
                    self.add(&plan.relation(*input).columns);
                }
                self.expressions(plan, operator);
            }
            Operator::Scan(_)
            | Operator::Rows(_)
            | Operator::Aggregate(_)
            | Operator::Window { .. }
            | Operator::Unnest { .. } => self.expressions(plan, operator),
        }
    }

    /// Marks everything that a relation outputs and reads.
    fn all_of(&mut self, plan: &Plan, id: RelId) {
        let relation = plan.relation(id);
        self.add(&relation.columns);
        self.expressions(plan, &relation.operator);
    }

    fn expressions(&mut self, plan: &Plan, operator: &Operator) {
        for expr in operator.expressions() {
            self.value(plan, expr);
        }
    }

    /// Marks everything that an expression reads.
    fn value(&mut self, plan: &Plan, expr: &Expr) {
        expr.walk(&mut |part| match &part.kind {
            ExprKind::Column(column) => {
                self.add([column]);
            }
            ExprKind::Subquery(subquery) => {
                self.add(&plan.relation(subquery.relation).columns);
            }
            _ => {}
        });
    }
}
