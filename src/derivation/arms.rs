//! Rows that come from several places: which values stand beside which.
//!
//! A column of a union is made in several ways, and that alone does not say which of
//! them goes with which way of another column, or with which rows.

use super::text::{PARTS, short};
use super::{Deriver, Top};
use crate::plan::{ColId, Expr, Operator, Plan, RelId};

/// The arms of a union, or constant rows: of each where its rows come from, then how
/// each of its columns is made.
pub type Arms = Vec<Vec<String>>;

/// Arms of which a record keeps each.
const MOST: usize = 64;

impl Deriver<'_> {
    /// Notes the arms of a union whose rows are read on.
    pub(super) fn union_arms(&mut self, inputs: &[(RelId, Vec<Option<ColId>>)], columns: &[ColId]) {
        let read: Vec<usize> = (0..columns.len())
            .filter(|at| self.live.has(columns[*at]))
            .collect();
        let arms = inputs.iter().map(|(input, feeds)| {
            let rows = self.rows(*input).text();
            let values = read.iter().map(|at| self.feed(feeds.get(*at).copied()));
            std::iter::once(rows).chain(values).collect()
        });
        let arms = arms.collect();
        self.note_arms(arms);
    }

    fn feed(&self, feed: Option<Option<ColId>>) -> String {
        match feed.flatten() {
            Some(id) => self.column(id),
            None => "NULL".to_owned(),
        }
    }

    /// How a value that is published is made.
    fn published_feed(&self, feed: Option<ColId>) -> String {
        match feed.map(|id| self.ways(id)) {
            None => "NULL".to_owned(),
            Some(ways) => match ways.as_slice() {
                [one] => one.clone(),
                several => format!("either({})", several.join(", ")),
            },
        }
    }

    /// Notes constant rows.
    pub(super) fn constant_arms(&mut self, rows: &[Vec<Expr>], columns: &[ColId]) {
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
        self.note_arms(arms);
    }

    /// Notes the arms whose rows are published.
    pub(super) fn published_arms(&mut self, tops: &[(Top, String)]) {
        let arms = tops.iter().map(|(top, rows)| {
            let values = top.columns.iter().map(|id| self.published_feed(*id));
            std::iter::once(rows.clone()).chain(values).collect()
        });
        let arms = arms.collect();
        self.note_arms(arms);
    }

    fn note_arms(&mut self, mut arms: Arms) {
        arms.sort();
        arms.dedup();
        // One arm pairs nothing, nor do arms of one value each.
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

/// The columns below plain relations, names, order and LIMIT, that columns above them
/// are.
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
