//! Analytic calls in words.

use super::{Deriver, Known, Origins};
use crate::plan::{ColId, RelId, Window};

impl Deriver<'_> {
    /// Derives the columns of analytic calls over a relation.
    pub(super) fn windows(&mut self, id: RelId, input: RelId, windows: &[(ColId, Window)]) {
        let rows = self.rows(input).text();
        let outer = self.outer.contains(&id);
        for (column, window) in windows {
            let mut text = format!("{} over ({rows}", self.aggregate_call(&window.call));
            let mut partition = self.list(&window.partition_by);
            partition.sort();
            partition.dedup();
            if !partition.is_empty() {
                text.push_str(&format!(" by {}", partition.join(", ")));
            }
            if !window.order_by.is_empty() {
                let order = self.list(&window.order_by).join(", ");
                text.push_str(&format!(" order {order}"));
            }
            if let Some(bounds) = &window.bounds {
                text.push_str(&format!(" {}", super::text::plain(bounds)));
            }
            text.push(')');
            let known = Known {
                ways: vec![text],
                measured: true,
                grows: outer || self.counts_people(*column),
                origins: Origins::None,
            };
            self.set(*column, known);
        }
    }
}
