//! Hoisting of aggregates and analytic calls out of expressions.
//!
//! They become columns of the operators below the projection.

use rustc_hash::FxHashMap;

use super::{Binder, ColId};
use crate::plan::{AggregateCall, Window};

/// The calls that were hoisted out of the expressions of one SELECT.
#[derive(Default)]
pub(super) struct Hoist {
    pub(super) aggregates: Vec<(ColId, AggregateCall)>,
    pub(super) windows: Vec<(ColId, Window)>,
    /// The positions of aggregates by the hash that equal ones share.
    alike: FxHashMap<u64, Vec<usize>>,
}

impl Hoist {
    /// Returns the column of an aggregate; of two equal ones, that of the first.
    pub(super) fn aggregate(&mut self, column: ColId, call: AggregateCall) -> ColId {
        let alike = self.alike.entry(call.shape()).or_default();
        let known = alike
            .iter()
            .filter_map(|at| self.aggregates.get(*at))
            .find(|(_, known)| known.same(&call));
        if let Some((known, _)) = known {
            return *known;
        }
        alike.push(self.aggregates.len());
        self.aggregates.push((column, call));
        column
    }
}

impl Binder<'_> {
    /// Binds in a place where aggregates and analytic calls are allowed.
    pub(super) fn hoisting<T>(
        &mut self,
        hoist: &mut Hoist,
        bind: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.hoists.push(Some(std::mem::take(hoist)));
        let result = bind(self);
        if let Some(Some(filled)) = self.hoists.pop() {
            *hoist = filled;
        }
        result
    }

    /// Binds in a place where neither is allowed.
    pub(super) fn without_hoist<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> T {
        self.hoists.push(None);
        let result = bind(self);
        self.hoists.pop();
        result
    }

    /// Returns the collector of the current SELECT; `None` if calls are not allowed.
    pub(super) fn hoist(&mut self) -> Option<&mut Hoist> {
        self.hoists.last_mut().and_then(Option::as_mut)
    }
}
