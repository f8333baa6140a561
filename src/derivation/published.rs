//! Values that the published columns determine.
//!
//! A selection by such values alone discloses nothing more: every reader of the
//! dataset could make it.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::plan::{AggregateCall, ColId, Expr, ExprKind, Operator, Plan, RelId, Window};

/// The definition of a value.
enum ValueDefinition<'a> {
    Expression(&'a Expr),
    Analytic(&'a Window),
}

/// The published columns, and the definitions of the other columns of their rows.
pub(super) struct PublishedValues<'a> {
    columns: FxHashSet<ColId>,
    made: FxHashMap<ColId, ValueDefinition<'a>>,
}

/// Largest depth of definitions that is followed.
const DEPTH: usize = 64;

impl<'a> PublishedValues<'a> {
    /// Collects the columns of the published relation.
    ///
    /// The walk follows its rows down to where they are grouped or read from a
    /// table.
    pub(super) fn of(plan: &'a Plan, root: RelId) -> Self {
        let mut found = Self {
            columns: plan.relation(root).columns.iter().copied().collect(),
            made: FxHashMap::default(),
        };
        // A reader has a higher id than the relation that it reads. Each relation is
        // therefore visited once, after all its readers have marked the columns that
        // they publish.
        let mut open = BTreeSet::from([root]);
        while let Some(id) = open.pop_last() {
            match &plan.relation(id).operator {
                Operator::Project { input, columns } => {
                    for (column, value) in columns {
                        match value.as_column() {
                            Some(same) if found.columns.contains(column) => {
                                found.columns.insert(same);
                            }
                            _ => {
                                found
                                    .made
                                    .insert(*column, ValueDefinition::Expression(value));
                            }
                        }
                    }
                    open.insert(*input);
                }
                Operator::Window { input, windows } => {
                    for (column, window) in windows {
                        found
                            .made
                            .insert(*column, ValueDefinition::Analytic(window));
                    }
                    open.insert(*input);
                }
                Operator::Reader { of, columns } => {
                    for (column, of) in columns {
                        if found.columns.contains(column) {
                            found.columns.insert(*of);
                        }
                    }
                    open.insert(*of);
                }
                Operator::Filter { input, .. }
                | Operator::Sort { input, .. }
                | Operator::Limit { input, .. } => {
                    open.insert(*input);
                }
                Operator::Join { left, right, .. } => open.extend([*left, *right]),
                _ => {}
            }
        }
        found
    }

    /// Whether the published columns determine the value of an expression.
    pub(super) fn determines(&self, value: &Expr) -> bool {
        self.value(value, DEPTH, &mut FxHashMap::default())
    }

    /// `known` caches the columns that were visited.
    fn value(&self, value: &Expr, depth: usize, known: &mut FxHashMap<ColId, bool>) -> bool {
        let mut determined = true;
        value.walk(&mut |part| match &part.kind {
            ExprKind::Column(id) => determined &= self.column(*id, depth, known),
            ExprKind::Subquery(_) | ExprKind::Unknown(_) => determined = false,
            _ => {}
        });
        determined
    }

    fn column(&self, id: ColId, depth: usize, known: &mut FxHashMap<ColId, bool>) -> bool {
        if self.columns.contains(&id) {
            return true;
        }
        if let Some(determined) = known.get(&id) {
            return *determined;
        }
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        let determined = match self.made.get(&id) {
            Some(ValueDefinition::Expression(value)) => self.value(value, depth, known),
            Some(ValueDefinition::Analytic(window)) => {
                let mut parts = window.partition_by.iter().chain(&window.order_by);
                self.call(&window.call, depth, known)
                    && parts.all(|part| self.value(part, depth, known))
            }
            None => false,
        };
        known.insert(id, determined);
        determined
    }

    fn call(&self, call: &AggregateCall, depth: usize, known: &mut FxHashMap<ColId, bool>) -> bool {
        let mut parts = call.args.iter().chain(&call.filter).chain(&call.decided_by);
        parts.all(|part| self.value(part, depth, known))
    }
}
