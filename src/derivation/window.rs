//! The canonical text of analytic calls.

use super::{ColumnText, Deriver};
use crate::plan::{ColId, RelId, Window};

impl Deriver<'_> {
    /// Derives the columns of analytic calls over a relation.
    pub(super) fn windows(&mut self, input: RelId, windows: &[(ColId, Window)]) {
        let rows = super::text::exact(self.rows(input).text());
        for (column, window) in windows {
            let call = self.aggregate_call(&window.call);
            let plain = call == "COUNT(*)" || self.counts_identifiers(&window.call);
            let mut text = format!("{call} over ({rows}");
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
            let ordered = !window.order_by.is_empty();
            if let Some(bounds) = &window.bounds
                && !is_default_frame(bounds, ordered)
            {
                text.push_str(&format!(" {}", super::text::plain(bounds)));
            }
            text.push(')');
            let known = ColumnText {
                ways: vec![text],
                measured: true,
                counted: plain && self.counts_people(*column),
                ..ColumnText::default()
            };
            self.set(*column, known);
        }
    }
}

/// Whether a frame is the default one.
fn is_default_frame(bounds: &str, ordered: bool) -> bool {
    let words: Vec<String> = bounds.split_whitespace().map(str::to_uppercase).collect();
    let words = words.join(" ");
    if ordered {
        return words == "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
    }
    let whole = "BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";
    words == format!("RANGE {whole}") || words == format!("ROWS {whole}")
}
