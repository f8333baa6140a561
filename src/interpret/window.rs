//! Analytic calls over whole partitions, and numbering functions.

use super::aggregate::Member;
use super::order::{compare_directed, directed};
use super::people::{Cell, People, Row};
use super::relation::{inside, same_keys, with};
use super::value::Value;
use super::{Env, ExecutionError, Interpreter, spend_row};
use crate::budget::spend;
use crate::plan::functions::{AnalyticClass, FunctionClass};
use crate::plan::{ColId, RelId, Window, WindowFrame};

impl Interpreter<'_> {
    pub(super) fn window(
        &mut self,
        input: RelId,
        windows: &[(ColId, Window)],
        rows: &[Row],
        env: Option<&Env>,
    ) -> Result<Vec<Row>, ExecutionError> {
        for row in rows {
            spend_row(row.cells.len());
        }
        let mut made = rows.to_vec();
        for (_, window) in windows {
            let cells = self.evaluate_window(input, window, rows, env)?;
            for (row, (cell, beside)) in made.iter_mut().zip(cells) {
                row.cells.push(cell);
                row.people = with(&row.people, &beside);
            }
        }
        Ok(made)
    }

    /// Computes the value of a call for each row, with the people of its subqueries.
    fn evaluate_window(
        &mut self,
        input: RelId,
        window: &Window,
        rows: &[Row],
        env: Option<&Env>,
    ) -> Result<Vec<(Cell, People)>, ExecutionError> {
        let columns = &*self.layout.columns(input);
        let mut partitions: Vec<(Vec<Value>, Vec<usize>)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let keys = self.values(&window.partition_by, &inside(columns, row, env))?;
            spend(partitions.len() / 8);
            match partitions
                .iter_mut()
                .find(|(known, _)| same_keys(known, &keys))
            {
                Some((_, members)) => members.push(at),
                None => partitions.push((keys, vec![at])),
            }
        }
        let mut cells = vec![(Cell::bare(Value::Null), People::default()); rows.len()];
        let analytic = match window.call.info.map(|info| info.class) {
            Some(FunctionClass::Analytic(class)) => Some(class),
            _ => None,
        };
        for (_, members) in &partitions {
            if let Some(class) = analytic {
                let numbered = self.numbered(columns, window, class, rows, members, env)?;
                for (at, cell) in members.iter().zip(numbered) {
                    cells[*at].0 = cell;
                }
                continue;
            }
            if window.frame != WindowFrame::Partition {
                return ExecutionError::unsupported("a window over a part of its partition");
            }
            let inside_of: Vec<Member> = members.iter().map(|at| &rows[*at]).collect();
            let mut beside = People::default();
            let cell = self.call(&window.call, columns, &inside_of, env, &mut beside)?;
            for at in members {
                cells[*at] = (cell.clone(), beside.clone());
            }
        }
        Ok(cells)
    }

    /// Computes ROW_NUMBER, RANK and DENSE_RANK for the rows of one partition.
    fn numbered(
        &mut self,
        columns: &[ColId],
        window: &Window,
        class: AnalyticClass,
        rows: &[Row],
        members: &[usize],
        env: Option<&Env>,
    ) -> Result<Vec<Cell>, ExecutionError> {
        let name = window.call.name.as_str();
        let known = matches!(class, AnalyticClass::RowNumber | AnalyticClass::Rank)
            && matches!(name, "ROW_NUMBER" | "RANK" | "DENSE_RANK");
        if !known {
            return ExecutionError::unsupported(format!("{name} OVER (…)"));
        }
        let mut people = People::default();
        let (order_by, directions) = directed(&window.order_by);
        let mut keyed: Vec<(Vec<Value>, usize)> = Vec::new();
        for (place, at) in members.iter().enumerate() {
            let row = &rows[*at];
            people.add(&row.people);
            let keys = self.values(&order_by, &inside(columns, row, env))?;
            keyed.push((keys, place));
        }
        keyed.sort_by(|(a, _), (b, _)| compare_directed(a, b, &directions));
        let people = std::rc::Rc::new(people);
        let mut cells = vec![Cell::bare(Value::Null); members.len()];
        let (mut rank, mut dense) = (0_i64, 0_i64);
        for (at, (keys, place)) in keyed.iter().enumerate() {
            let position = i64::try_from(at).unwrap_or(i64::MAX).saturating_add(1);
            let tied = at > 0 && same_keys(&keyed[at - 1].0, keys);
            if !tied {
                rank = position;
                dense += 1;
            }
            let number = match name {
                "RANK" => rank,
                "DENSE_RANK" => dense,
                _ => position,
            };
            cells[*place] = Cell::of(Value::Int(number), std::rc::Rc::clone(&people));
        }
        Ok(cells)
    }
}
