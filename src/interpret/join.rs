//! Execution of joins.

use std::rc::Rc;

use super::people::{Cell, Row};
use super::relation::inside;
use super::value::Value;
use super::{Env, ExecutionError, Interpreter, Rows, spend_row};
use crate::plan::{ColId, Expr, JoinKind, RelId};

/// The parts of a join.
pub(super) struct Join<'p> {
    pub(super) kind: JoinKind,
    pub(super) left: RelId,
    pub(super) right: RelId,
    pub(super) condition: Option<&'p Expr>,
    pub(super) merged: &'p [(ColId, ColId, ColId)],
    /// Whether the left and the right side may be only filters.
    ///
    /// Such a side is a filter if each row of the other side has at most one partner
    /// in it; its people are then not behind the joined rows.
    pub(super) filters: [bool; 2],
}

impl Interpreter<'_> {
    /// Executes a join.
    ///
    /// `partners` are the rows of the right side; `None` for a correlated join,
    /// which executes the right side for each left row.
    pub(super) fn join(
        &mut self,
        join: &Join,
        rows: &[Row],
        partners: Option<Rows>,
        env: Option<&Env>,
    ) -> Result<Vec<Row>, ExecutionError> {
        let (left, right) = (
            self.layout.columns(join.left),
            self.layout.columns(join.right),
        );
        let (left, right) = (&*left, &*right);
        let mut made = Vec::new();
        let mut matched = vec![0_usize; partners.as_ref().map_or(0, |rows| rows.len())];
        // The people of both sides for each row with a partner, and the largest
        // number of partners of a left row.
        let mut sides = Vec::new();
        let mut most = 0_usize;
        for row in rows {
            let outside = inside(left, row, env);
            let own = match &partners {
                Some(partners) => Rc::clone(partners),
                None => self.relation(join.right, Some(&outside))?,
            };
            self.count_visited(own.len())?;
            let mut found = 0_usize;
            for (at, partner) in own.iter().enumerate() {
                let both = Env {
                    columns: right,
                    cells: &partner.cells,
                    outer: Some(&outside),
                };
                if !self.joins(join, &both)? {
                    continue;
                }
                found += 1;
                if let Some(matched) = matched.get_mut(at) {
                    *matched += 1;
                }
                match join.kind {
                    JoinKind::Semi | JoinKind::Anti => break,
                    JoinKind::Inner
                    | JoinKind::Cross
                    | JoinKind::Left
                    | JoinKind::Right
                    | JoinKind::Full => {
                        sides.push((
                            made.len(),
                            [Rc::clone(&row.people), Rc::clone(&partner.people)],
                        ));
                        made.push(pair(join, left, right, Some(row), Some(partner)));
                    }
                }
            }
            most = most.max(found);
            match join.kind {
                JoinKind::Semi if found > 0 => made.push(row.clone()),
                JoinKind::Anti if found == 0 => made.push(row.clone()),
                JoinKind::Left | JoinKind::Full if found == 0 => {
                    made.push(pair(join, left, right, Some(row), None));
                }
                JoinKind::Semi
                | JoinKind::Anti
                | JoinKind::Left
                | JoinKind::Full
                | JoinKind::Inner
                | JoinKind::Cross
                | JoinKind::Right => {}
            }
        }
        if matches!(join.kind, JoinKind::Right | JoinKind::Full)
            && let Some(partners) = &partners
        {
            for (partner, _) in partners
                .iter()
                .zip(&matched)
                .filter(|(_, matched)| **matched == 0)
            {
                made.push(pair(join, left, right, None, Some(partner)));
            }
        }
        let kept = match join.filters {
            [true, _] if partners.is_some() && matched.iter().all(|many| *many <= 1) => Some(1),
            [_, true] if most <= 1 => Some(0),
            _ => None,
        };
        if let Some(kept) = kept {
            for (at, people) in sides {
                made[at].people = Rc::clone(&people[kept]);
            }
        }
        Ok(made)
    }

    /// Returns which sides of a join may be only filters.
    pub(super) fn filters(&self, kind: JoinKind, sides: [RelId; 2], correlated: bool) -> [bool; 2] {
        match &self.valued {
            Some(valued) if !correlated => {
                let [left, right] = sides.map(|side| self.plan.columns_under(side));
                valued.filter_only_sides(kind, [&left, &right])
            }
            Some(_) | None => [false; 2],
        }
    }

    fn joins(&mut self, join: &Join, both: &Env) -> Result<bool, ExecutionError> {
        for (_, mine, theirs) in join.merged {
            let (Some(mine), Some(theirs)) = (both.find(*mine), both.find(*theirs)) else {
                return ExecutionError::unsupported(
                    "a column of USING that its side does not put out",
                );
            };
            if !mine
                .value
                .compare(&theirs.value)?
                .is_some_and(|order| order.is_eq())
            {
                return Ok(false);
            }
        }
        match join.condition {
            Some(condition) => self.holds(condition, both),
            None => Ok(true),
        }
    }
}

/// Creates a row of both sides; a side without a partner is NULL, without people.
fn pair(join: &Join, left: &[ColId], right: &[ColId], a: Option<&Row>, b: Option<&Row>) -> Row {
    spend_row(left.len() + right.len());
    let side = |row: Option<&Row>, columns: &[ColId]| -> Vec<Cell> {
        row.map_or_else(
            || vec![Cell::bare(Value::Null); columns.len()],
            |row| row.cells.clone(),
        )
    };
    let (mine, theirs) = (side(a, left), side(b, right));
    let mut cells = Vec::with_capacity(join.merged.len() + mine.len() + theirs.len());
    for (_, one, other) in join.merged {
        let of = |columns: &[ColId], cells: &[Cell], column: &ColId| {
            let place = columns.iter().position(|known| known == column);
            place.and_then(|place| cells.get(place)).cloned()
        };
        let (one, other) = (of(left, &mine, one), of(right, &theirs, other));
        let chosen = match join.kind {
            JoinKind::Right => other,
            JoinKind::Full if a.is_none() => other,
            JoinKind::Full
            | JoinKind::Inner
            | JoinKind::Cross
            | JoinKind::Left
            | JoinKind::Semi
            | JoinKind::Anti => one,
        };
        cells.push(chosen.unwrap_or(Cell::bare(Value::Null)));
    }
    cells.extend(mine);
    cells.extend(theirs);
    let people = match (a, b) {
        (Some(a), Some(b)) => super::relation::with(&a.people, &b.people),
        (Some(one), None) | (None, Some(one)) => Rc::clone(&one.people),
        (None, None) => Rc::default(),
    };
    Row { cells, people }
}
