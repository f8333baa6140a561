//! Rows from several sources: which values occur together.
//!
//! A column of a union has one text for each arm. These texts alone do not show
//! which of them belongs to which text of another column, or to which rows.

use super::text::{PARTS, short};
use super::{Deriver, PublishedArm};
use crate::plan::{ColId, Expr, Operator, Plan, RelId};

/// The arms of a union, or constant rows.
///
/// Each arm consists of the text of its rows, followed by the text of each column.
pub type Arms = Vec<Vec<String>>;

/// Largest number of arms that a record lists one by one.
const MOST: usize = 64;

impl Deriver<'_> {
    /// Records the arms of a union whose rows are used by other relations.
    pub(super) fn record_union_arms(
        &mut self,
        inputs: &[(RelId, Vec<Option<ColId>>)],
        columns: &[ColId],
    ) {
        let read: Vec<usize> = (0..columns.len())
            .filter(|at| self.live.has(columns[*at]))
            .collect();
        let arms = inputs.iter().map(|(input, feeds)| {
            let rows = self.rows(*input).text();
            let values = read.iter().map(|at| self.feed(feeds.get(*at).copied()));
            std::iter::once(rows).chain(values).collect()
        });
        let arms = arms.collect();
        self.record_arms(arms);
    }

    fn feed(&self, feed: Option<Option<ColId>>) -> String {
        match feed.flatten() {
            Some(id) => self.column(id),
            None => "NULL".to_owned(),
        }
    }

    /// Returns the text of a published value.
    fn published_feed(&self, feed: Option<ColId>) -> String {
        match feed.map(|id| self.ways(id)) {
            None => "NULL".to_owned(),
            Some(ways) => match ways.as_slice() {
                [one] => one.clone(),
                several => format!("either({})", several.join(", ")),
            },
        }
    }

    /// Records constant rows.
    pub(super) fn record_constant_arms(&mut self, rows: &[Vec<Expr>], columns: &[ColId]) {
        let mut arms = Arms::new();
        for row in rows {
            let mut arm = vec!["constants".to_owned()];
            for (id, value) in columns.iter().zip(row) {
                if self.live.has(*id) {
                    arm.push(self.words(value));
                }
            }
            arms.push(arm);
        }
        self.record_arms(arms);
    }

    /// Records the arms whose rows are published.
    pub(super) fn record_published_arms(&mut self, tops: &[(PublishedArm, String)]) {
        let arms = tops.iter().map(|(top, rows)| {
            let values = top.columns.iter().map(|id| self.published_feed(*id));
            std::iter::once(rows.clone()).chain(values).collect()
        });
        let arms = arms.collect();
        self.record_arms(arms);
    }

    fn record_arms(&mut self, mut arms: Arms) {
        arms.sort();
        arms.dedup();
        // A single arm combines nothing, nor do arms with one value each.
        if arms.len() < 2 || arms.iter().any(|arm| arm.len() < 2) {
            return;
        }
        if arms.len() > MOST || arms.len() * arms[0].len() > PARTS * 4 {
            let lines: Vec<String> = arms.iter().map(|arm| arm.join(", ")).collect();
            arms = vec![vec!["rows".to_owned(), short(lines.join("; "))]];
        }
        self.unions.insert(arms);
    }
}

/// Maps columns of one relation to the columns of a relation below it.
///
/// Between them are only relations that rename, order or limit rows.
pub(super) fn below(
    plan: &Plan,
    columns: &[Option<ColId>],
    from: RelId,
    to: RelId,
) -> Vec<Option<ColId>> {
    let mut columns = columns.to_vec();
    let mut at = from;
    while at != to {
        match &plan.relation(at).operator {
            Operator::Sort { input, .. } | Operator::Limit { input, .. } => at = *input,
            Operator::Reader { of, columns: read } => {
                for id in columns.iter_mut().flatten() {
                    if let Some((_, below)) = read.iter().find(|(own, _)| own == id) {
                        *id = *below;
                    }
                }
                at = *of;
            }
            Operator::Project {
                input,
                columns: made,
            } => {
                for id in &mut columns {
                    let value = made.iter().find(|(own, _)| Some(*own) == *id);
                    if let Some((_, value)) = value {
                        *id = value.as_column();
                    }
                }
                at = *input;
            }
            _ => return columns,
        }
    }
    columns
}
