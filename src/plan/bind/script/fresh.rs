//! Tables that a script makes or empties before it fills them: no run of it adds to
//! the rows of those before.

use std::rc::Rc;

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::graph::{Graph, NodeId};
use super::names::named;
use super::state::{Key, OUTSIDE, Versions};
use super::table::Content;
use crate::budget;
use crate::catalog::TableName;

impl Graph<'_> {
    /// Whether a table surely holds, before a node that runs once a run, what the
    /// script has put in since it made or emptied the table.
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

    /// Whether a table surely holds what the script has put in since it made or
    /// emptied it, in each of these versions. What an earlier question has answered is
    /// not followed again.
    fn are_fresh(&self, key: &Key, versions: &Versions) -> bool {
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
                Content::Empty(_) | Content::Query(..) | Content::Copied(_) | Content::Bare => {}
                Content::Inserted(..) => next = Some(self.state(id).versions(key)),
                Content::View(_)
                | Content::Renamed(_)
                | Content::Kept(_)
                | Content::Updated(_)
                | Content::Merged(_)
                | Content::Trained(_)
                | Content::Unknown(_) => break Some(id),
            }
        };
        match stale {
            // All that was followed leads to such versions alone.
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

/// Whether the query of the rows that DELETE takes out is one of all: `WHERE TRUE`.
pub(super) fn takes_all(deleted: &ast::Query) -> bool {
    let ast::SetExpr::Select(select) = &*deleted.body else {
        return false;
    };
    select.selection.as_ref().is_some_and(holds_always)
}

/// Whether a condition holds whatever the data are: `TRUE`, `1 = 1`.
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
