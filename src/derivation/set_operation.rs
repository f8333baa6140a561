//! UNION, INTERSECT and EXCEPT.

use super::relation::Rows;
use super::text::exact;
use super::{ColumnText, Deriver, Origins};
use crate::plan::{ColId, RelId, SetOperator};

impl Deriver<'_> {
    pub(super) fn set_operation(
        &mut self,
        id: RelId,
        operator: SetOperator,
        inputs: &[(RelId, Vec<Option<ColId>>)],
        columns: &[ColId],
    ) -> Rows {
        for (at, column) in columns.iter().enumerate() {
            // INTERSECT and EXCEPT return rows of the first input.
            let of = if operator == SetOperator::Union {
                inputs
            } else {
                &inputs[..1.min(inputs.len())]
            };
            let known = self.fed(of, at);
            self.set(*column, known);
        }
        let rows = match operator {
            SetOperator::Union => {
                if !self.top_unions.contains(&id) {
                    self.record_union_arms(inputs, columns);
                }
                let arms = inputs.iter().map(|(input, _)| self.rows(*input).text());
                let mut arms: Vec<String> = arms.collect();
                arms.sort();
                format!("({})", arms.join(" and rows of "))
            }
            // INTERSECT compares rows by all their values.
            SetOperator::Intersect => {
                let mut arms: Vec<(String, Vec<String>)> = inputs
                    .iter()
                    .map(|(input, feeds)| (self.rows(*input).list(), self.values(feeds, columns)))
                    .collect();
                arms.sort();
                let equal = alike(arms.iter().map(|(_, values)| values.as_slice()));
                let arms: Vec<String> = arms.into_iter().map(|(rows, _)| rows).collect();
                format!("({} on {equal})", arms.join(" both in "))
            }
            SetOperator::Except => {
                let values: Vec<Vec<String>> = inputs
                    .iter()
                    .map(|(_, feeds)| self.values(feeds, columns))
                    .collect();
                let equal = alike(values.iter().map(Vec::as_slice));
                let mut arms = inputs.iter().map(|(input, _)| *input);
                let first = arms.next().map(|input| self.rows(input).text());
                let others: Vec<String> = arms.map(|input| self.rows(input).list()).collect();
                let others = exact(format!("{} on {equal}", others.join(" but not ")));
                format!("({} but not {others})", first.unwrap_or_default())
            }
        };
        let parts: Vec<Rows> = inputs
            .iter()
            .map(|(input, _)| self.rows(*input).clone())
            .collect();
        // The texts of INTERSECT, and of all inputs of EXCEPT but the first, contain
        // these conditions already.
        let told = match operator {
            SetOperator::Union => parts.len(),
            SetOperator::Intersect => 0,
            SetOperator::Except => 1,
        };
        Rows::new(rows)
            .made_of(&parts)
            .out_of(parts.iter().take(told))
    }

    /// Returns what is known about a column of the result.
    fn fed(&self, inputs: &[(RelId, Vec<Option<ColId>>)], at: usize) -> ColumnText {
        let mut fed = ColumnText {
            counted: true,
            plain: true,
            origins: Origins::Several,
            ..ColumnText::default()
        };
        let mut shown = Vec::new();
        let mut folded = false;
        for (_, feeds) in inputs {
            let known = match feeds.get(at).copied().flatten() {
                Some(feed) => self.known(feed).cloned().unwrap_or_default(),
                None => ColumnText {
                    ways: vec!["NULL".to_owned()],
                    ..ColumnText::default()
                },
            };
            fed.measured |= known.measured;
            fed.counted &= known.counted;
            fed.plain &= known.plain;
            folded |= !known.shown.is_empty();
            shown.extend(if known.shown.is_empty() {
                known.ways.clone()
            } else {
                known.shown
            });
            fed.ways.extend(known.ways);
        }
        fed.ways.sort();
        fed.ways.dedup();
        if folded {
            shown.sort();
            shown.dedup();
            fed.shown = shown;
        }
        fed
    }

    fn values(&self, feeds: &[Option<ColId>], columns: &[ColId]) -> Vec<String> {
        let feeds = (0..columns.len()).map(|at| feeds.get(at).copied().flatten());
        feeds
            .map(|feed| feed.map_or_else(|| "NULL".to_owned(), |id| self.column(id)))
            .collect()
    }
}

/// Returns the text of the equations between the values of several arms.
///
/// It does not depend on the order of the columns.
fn alike<'v>(arms: impl Iterator<Item = &'v [String]>) -> String {
    let arms: Vec<&[String]> = arms.collect();
    let width = arms.iter().map(|arm| arm.len()).max().unwrap_or_default();
    let equal = |at: usize| {
        let values: Vec<&str> = arms
            .iter()
            .filter_map(|arm| arm.get(at))
            .map(String::as_str)
            .collect();
        values.join(" = ")
    };
    let mut equal: Vec<String> = (0..width).map(equal).collect();
    equal.sort();
    equal.join(" and ")
}
