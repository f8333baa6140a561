//! Execution of UNION, INTERSECT and EXCEPT.

use std::rc::Rc;

use super::people::{Cell, Row};
use super::relation::same_keys;
use super::value::Value;
use super::{ExecutionError, Interpreter, Rows, spend_row};
use crate::budget::spend;
use crate::plan::{ColId, RelId, SetOperator};

impl Interpreter<'_> {
    /// Executes a set operator with duplicates.
    ///
    /// The plan removes them afterwards by grouping, so the number of equal rows
    /// does not matter here.
    pub(super) fn set_operation(
        &self,
        id: RelId,
        operator: SetOperator,
        arms: &[(RelId, Rows, &Vec<Option<ColId>>)],
    ) -> Result<Vec<Row>, ExecutionError> {
        let mut fed = Vec::new();
        for (input, rows, feeds) in arms {
            fed.push(self.fed(id, operator, *input, rows, feeds)?);
        }
        if operator == SetOperator::Union {
            return Ok(fed.into_iter().flatten().collect());
        }
        let mut arms = fed.into_iter();
        let mut rows = arms.next().unwrap_or_default();
        for arm in arms {
            let others: Vec<Vec<Value>> = arm.iter().map(values).collect();
            let wanted = operator == SetOperator::Intersect;
            rows.retain(|row| {
                spend(1 + others.len() / 8);
                let row = values(row);
                others.iter().any(|other| same_keys(&row, other)) == wanted
            });
        }
        Ok(rows)
    }

    /// Converts the rows of an arm to the columns and inputs of the output.
    fn fed(
        &self,
        id: RelId,
        operator: SetOperator,
        input: RelId,
        rows: &[Row],
        feeds: &[Option<ColId>],
    ) -> Result<Vec<Row>, ExecutionError> {
        let columns = self.layout.columns(input);
        let mut places = Vec::new();
        for feed in feeds {
            places.push(match feed {
                None => None,
                Some(column) => match columns.iter().position(|known| known == column) {
                    Some(place) => Some(place),
                    None => {
                        return ExecutionError::unsupported("a set operation over unknown columns");
                    }
                },
            });
        }
        let name = self.layout.renaming(input, id);
        let renames = operator == SetOperator::Union;
        Ok(rows
            .iter()
            .map(|row| {
                spend_row(places.len());
                let cells = places
                    .iter()
                    .map(|place| match place.and_then(|place| row.cells.get(place)) {
                        Some(cell) if renames => cell.renamed(&name),
                        Some(cell) => cell.clone(),
                        None => Cell::bare(Value::Null),
                    })
                    .collect();
                let people = if renames {
                    Rc::new(row.people.renamed(&name))
                } else {
                    Rc::clone(&row.people)
                };
                Row { cells, people }
            })
            .collect())
    }
}

fn values(row: &Row) -> Vec<Value> {
    row.cells.iter().map(|cell| cell.value.clone()).collect()
}
