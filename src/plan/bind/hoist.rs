//! Aggregates and analytic calls inside expressions become columns of the
//! operators below the projection.

use rustc_hash::FxHashMap;

use super::{Binder, ColId};
use crate::plan::{AggregateCall, Window};

/// The calls taken out of one SELECT's expressions.
#[derive(Default)]
pub(super) struct Hoist {
    pub(super) aggregates: Vec<(ColId, AggregateCall)>,
    pub(super) windows: Vec<(ColId, Window)>,
    /// The columns of the aggregates by a number that same ones have in common.
    alike: FxHashMap<u64, Vec<usize>>,
}

impl Hoist {
    /// The column of an aggregate: of two that are the same, the first one's.
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
    /// Binds with a place for aggregates and analytic calls.
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

    /// Binds where neither may stand.
    pub(super) fn without_hoist<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> T {
        self.hoists.push(None);
        let result = bind(self);
        self.hoists.pop();
        result
    }

    /// The place for aggregates of the SELECT in hand.
    pub(super) fn hoist(&mut self) -> Option<&mut Hoist> {
        self.hoists.last_mut().and_then(Option::as_mut)
    }
}
