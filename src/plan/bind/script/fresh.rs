//! Tables that a script creates or empties before it fills them.
//!
//! No run of the script adds to the rows of earlier runs.

use std::rc::Rc;

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::graph::{Graph, NodeId};
use super::names::named;
use super::state::{OUTSIDE, TableKey, Versions};
use super::table::TableContent;
use crate::budget;
use crate::catalog::TableName;

impl Graph<'_> {
    /// Returns whether a table contains only rows of this run before a node.
    ///
    /// It certainly contains only what the script has added since it created or
    /// emptied the table, and the node runs once per run.
    pub(super) fn is_fresh(&self, id: NodeId, target: &TableName) -> bool {
        let state = self.state(id);
        let targets = state.targets(&named(self, state, target));
        let [(key, true)] = targets.as_slice() else {
            return false;
        };
        !self.node(id).called
            && !self.repeated[id as usize]
            && self.are_fresh(key, &state.versions(key))
    }

    /// Returns whether these versions of a table contain only rows of this run.
    ///
    /// Answers to earlier questions are reused.
    fn are_fresh(&self, key: &TableKey, versions: &Versions) -> bool {
        let mut fresh = self.fresh.borrow_mut();
        let known = fresh.entry(key.clone()).or_default();
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut waiting: Vec<NodeId> = Vec::new();
        let mut next = Some(Rc::clone(versions));
        let stale = loop {
            if let Some(more) = next.take() {
                budget::spend(1 + more.len() / 64);
                if let Some(stale) = more.iter().find(|id| known.get(id) == Some(&false)) {
                    break Some(*stale);
                }
                let unknown = more.iter().filter(|id| !known.contains_key(id));
                waiting.extend(unknown.filter(|id| !seen.contains(id)));
            }
            let Some(id) = waiting.pop() else {
                break None;
            };
            if !seen.insert(id) {
                continue;
            }
            if id == OUTSIDE {
                if key.temporary {
                    continue;
                }
                break Some(id);
            }
            match self.content(id) {
                TableContent::Empty(_)
                | TableContent::Query(..)
                | TableContent::Copied(_)
                | TableContent::Bare => {}
                TableContent::Inserted(..) => next = Some(self.state(id).versions(key)),
                TableContent::View(_)
                | TableContent::Renamed(_)
                | TableContent::Kept(_)
                | TableContent::Updated(_)
                | TableContent::Merged(_)
                | TableContent::Trained(_)
                | TableContent::Unknown(_) => break Some(id),
            }
        };
        match stale {
            // Everything that was followed leads only to such versions.
            None => known.extend(seen.into_iter().map(|id| (id, true))),
            Some(stale) => {
                known.insert(stale, false);
                if let [only] = **versions {
                    known.insert(only, false);
                }
            }
        }
        stale.is_none()
    }
}

/// Returns whether a DELETE deletes all rows: `WHERE TRUE`.
///
/// Its argument is the query for the deleted rows.
pub(super) fn takes_all(deleted: &ast::Query) -> bool {
    let ast::SetExpr::Select(select) = &*deleted.body else {
        return false;
    };
    select.selection.as_ref().is_some_and(holds_always)
}

/// Returns whether a condition holds for all data: `TRUE`, `1 = 1`.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a condition that is not shown to hold may not hold"
)]
pub(super) fn holds_always(condition: &ast::Expr) -> bool {
    match condition {
        ast::Expr::Value(value) => value.value == ast::Value::Boolean(true),
        ast::Expr::Nested(inner) => holds_always(inner),
        ast::Expr::BinaryOp {
            left,
            op: ast::BinaryOperator::Eq,
            right,
        } => match (&**left, &**right) {
            (ast::Expr::Value(left), ast::Expr::Value(right)) => {
                matches!(&left.value, ast::Value::Number(..)) && left.value == right.value
            }
            _ => false,
        },
        _ => false,
    }
}
