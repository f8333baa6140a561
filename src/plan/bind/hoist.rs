//! Aggregates and analytic calls inside expressions become columns of the
//! operators below the projection.

use super::{Binder, ColId};
use crate::plan::{AggregateCall, Window};

/// The calls taken out of one SELECT's expressions.
#[derive(Default)]
pub(super) struct Hoist {
    pub(super) aggregates: Vec<(ColId, AggregateCall)>,
    pub(super) windows: Vec<(ColId, Window)>,
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
