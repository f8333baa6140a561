//! The definitions of columns.

use rustc_hash::FxHashMap;

use crate::plan::{ColId, Expr, ExprKind, Operator, Plan};

/// Largest number of steps from a column to its definition.
const STEPS: usize = 64;

/// The expressions that define the columns of a plan.
pub(super) struct Definitions<'a> {
    made: FxHashMap<ColId, &'a Expr>,
    read: FxHashMap<ColId, ColId>,
}

impl<'a> Definitions<'a> {
    /// Collects the definitions of all relations.
    pub(super) fn of(plan: &'a Plan) -> Self {
        let mut found = Self {
            made: FxHashMap::default(),
            read: FxHashMap::default(),
        };
        for (_, relation) in plan.relations() {
            match &relation.operator {
                Operator::Project { columns, .. } => {
                    found
                        .made
                        .extend(columns.iter().map(|(id, value)| (*id, value)));
                }
                Operator::Reader { columns, .. } => {
                    found.read.extend(columns.iter().copied());
                }
                _ => {}
            }
        }
        found
    }

    /// Returns the condition that defines a column; `None` if it is no condition.
    pub(super) fn truth(&self, id: ColId) -> Option<&'a Expr> {
        let mut at = id;
        for _ in 0..STEPS {
            match self.made.get(&at) {
                Some(value) => match &value.kind {
                    ExprKind::Column(of) => at = *of,
                    ExprKind::And(_)
                    | ExprKind::Or(_)
                    | ExprKind::Not(_)
                    | ExprKind::Compare(..)
                    | ExprKind::InList { .. }
                    | ExprKind::IsNull(_) => return Some(value),
                    _ => return None,
                },
                None => at = *self.read.get(&at)?,
            }
        }
        None
    }
}
