//! Values that are never NULL, whatever the data: counts and what derives from them.

use super::{Binder, ColId, Expr, Operator, RelId};
use crate::plan::{ExprKind, Literal};

/// The maximal number of columns that are followed for one expression.
const STEPS: usize = 256;

impl Binder<'_> {
    /// Returns whether an expression over the rows of a relation is certainly not
    /// NULL.
    pub(super) fn is_never_null(&self, expr: &Expr, rows: RelId) -> bool {
        self.never_null(expr, rows, &mut { STEPS })
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is not shown to have a value may be NULL"
    )]
    fn never_null(&self, expr: &Expr, rows: RelId, steps: &mut usize) -> bool {
        let mut all = |parts: &[Expr]| {
            let mut parts = parts.iter();
            parts.all(|part| self.never_null(part, rows, steps))
        };
        match &expr.kind {
            ExprKind::Literal(literal) => *literal != Literal::Null,
            ExprKind::Column(column) => self.column_never_null(*column, rows, steps),
            ExprKind::And(parts) | ExprKind::Or(parts) => all(parts),
            ExprKind::Not(inner) => self.never_null(inner, rows, steps),
            ExprKind::Compare(_, left, right) => {
                self.never_null(left, rows, steps) && self.never_null(right, rows, steps)
            }
            ExprKind::IsNull(_) => true,
            _ => false,
        }
    }

    fn column_never_null(&self, column: ColId, rows: RelId, steps: &mut usize) -> bool {
        let Some(left) = steps.checked_sub(1) else {
            return false;
        };
        *steps = left;
        match &self.plan.relation(rows).operator {
            Operator::Reader { of, columns } => {
                let mut read = columns.iter();
                let original = read.find(|(copy, _)| *copy == column);
                original.is_some_and(|(_, original)| self.column_never_null(*original, *of, steps))
            }
            Operator::Project { input, columns } => {
                let mut made = columns.iter();
                let value = made.find(|(made, _)| *made == column);
                value.is_some_and(|(_, value)| self.never_null(value, *input, steps))
            }
            Operator::Filter { input, .. }
            | Operator::Sort { input, .. }
            | Operator::Limit { input, .. } => self.column_never_null(column, *input, steps),
            Operator::Aggregate(aggregate) => {
                let mut made = aggregate.aggregates.iter();
                aggregate.privacy.is_none()
                    && made.any(|(made, call)| {
                        *made == column && call.info.is_some() && call.name == "COUNT"
                    })
            }
            Operator::Scan(_)
            | Operator::Rows(_)
            | Operator::Window { .. }
            | Operator::Join { .. }
            | Operator::Unnest { .. }
            | Operator::SetOperation { .. }
            | Operator::Recursion { .. }
            | Operator::Loop { .. }
            | Operator::Model { .. }
            | Operator::Opaque { .. } => false,
        }
    }
}
