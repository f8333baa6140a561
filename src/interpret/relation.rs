//! Execution of relations, and the operators with one input.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::order::{compare_directed, directed};
use super::people::{Cell, People, Row};
use super::value::Value;
use super::{Env, ExecutionError, Interpreter, Rows, spend_row};
use crate::plan::{ColId, Expr, JoinKind, Operator, ReadTable, RelId};

/// Largest number of rounds of a recursion.
const ROUNDS_LIMIT: usize = 50;

/// The rows of relations that read the current outer row.
type CorrelatedRows = HashMap<RelId, Rows>;

impl Interpreter<'_> {
    /// Returns the rows of a relation; `env` is the outer row, if there is one.
    pub(super) fn relation(
        &mut self,
        id: RelId,
        env: Option<&Env>,
    ) -> Result<Rows, ExecutionError> {
        if let Some(Some(rows)) = self.memo.get(id.0 as usize) {
            return Ok(Rc::clone(rows));
        }
        let mut here = CorrelatedRows::new();
        // A loop from the inputs up, not a recursion, since plans may be long.
        let chain = self.chain(id);
        for below in chain.iter() {
            self.execute(*below, env, &mut here)?;
        }
        self.input(id, &here)
    }

    fn execute(
        &mut self,
        id: RelId,
        env: Option<&Env>,
        here: &mut CorrelatedRows,
    ) -> Result<(), ExecutionError> {
        let place = id.0 as usize;
        if matches!(self.memo.get(place), Some(Some(_))) {
            return Ok(());
        }
        let open = self.layout.is_open(id);
        let around = if open { env } else { None };
        let rows = self.operate(id, around, here)?;
        self.count_visited(rows.len())?;
        if open {
            here.insert(id, rows);
        } else if let Some(memo) = self.memo.get_mut(place) {
            *memo = Some(rows);
        }
        Ok(())
    }

    /// Returns the relations that a relation needs, in order of execution, itself
    /// last.
    ///
    /// The right side of a correlated join and the step of a recursion are executed
    /// anew for each row and round.
    fn chain(&mut self, id: RelId) -> Rc<[RelId]> {
        if let Some(known) = self.chains.get(&id) {
            return Rc::clone(known);
        }
        let mut seen = HashSet::new();
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            match &self.plan.relation(at).operator {
                Operator::Join {
                    left,
                    correlated: true,
                    ..
                } => open.push(*left),
                Operator::Recursion { anchor, .. } => open.push(*anchor),
                other => open.extend(other.inputs()),
            }
        }
        let mut chain: Vec<RelId> = seen.into_iter().collect();
        chain.sort();
        let chain: Rc<[RelId]> = chain.into();
        self.chains.insert(id, Rc::clone(&chain));
        chain
    }

    pub(super) fn input(&self, id: RelId, here: &CorrelatedRows) -> Result<Rows, ExecutionError> {
        let known = here
            .get(&id)
            .or_else(|| self.memo.get(id.0 as usize)?.as_ref());
        match known {
            Some(rows) => Ok(Rc::clone(rows)),
            None => ExecutionError::unsupported("a relation that is read before it is made"),
        }
    }

    /// Returns the rows for which a predicate is TRUE.
    ///
    /// If it is TRUE for all of them, the rows are shared: a chain of such
    /// conditions copies none.
    fn filtered(
        &mut self,
        input: RelId,
        predicate: &Expr,
        env: Option<&Env>,
        here: &CorrelatedRows,
    ) -> Result<Rows, ExecutionError> {
        let columns = self.layout.columns(input);
        let rows = self.input(input, here)?;
        let mut holds = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            holds.push(self.holds(predicate, &inside(&columns, row, env))?);
        }
        if holds.iter().all(|holds| *holds) {
            return Ok(rows);
        }
        let kept = rows.iter().zip(holds).filter(|(_, holds)| *holds);
        let kept = kept.map(|(row, _)| {
            spend_row(row.cells.len());
            row.clone()
        });
        Ok(Rc::new(kept.collect()))
    }

    fn operate(
        &mut self,
        id: RelId,
        env: Option<&Env>,
        here: &CorrelatedRows,
    ) -> Result<Rows, ExecutionError> {
        let plan = self.plan;
        let relation = plan.relation(id);
        let made = match &relation.operator {
            Operator::Scan(table) => self.scan(id, table, &relation.columns),
            Operator::Rows(rows) => self.constants(rows, env),
            Operator::Filter { input, predicate } => {
                return self.filtered(*input, predicate, env, here);
            }
            Operator::Project { input, columns } => {
                let rows = self.input(*input, here)?;
                self.project(*input, columns, &relation.columns, &rows, env)
            }
            Operator::Aggregate(aggregate) => {
                let rows = self.input(aggregate.input, here)?;
                self.aggregate(aggregate, &rows, env)
            }
            Operator::Window { input, windows } => {
                let rows = self.input(*input, here)?;
                self.window(*input, windows, &rows, env)
            }
            Operator::Join {
                kind,
                left,
                right,
                condition,
                correlated,
                merged,
            } => {
                let rows = self.input(*left, here)?;
                let join = super::join::Join {
                    kind: *kind,
                    left: *left,
                    right: *right,
                    condition: condition.as_ref(),
                    merged,
                    filters: self.filters(*kind, [*left, *right], *correlated),
                };
                if *correlated && matches!(kind, JoinKind::Right | JoinKind::Full) {
                    return ExecutionError::unsupported("a correlated RIGHT or FULL JOIN");
                }
                let partners = if *correlated {
                    None
                } else {
                    Some(self.input(*right, here)?)
                };
                self.join(&join, &rows, partners, env)
            }
            Operator::Unnest {
                input,
                array,
                element: _,
                offset,
                outer,
            } => {
                let single = Rc::new(vec![Row {
                    cells: Vec::new(),
                    people: Rc::new(People::default()),
                }]);
                let (columns, rows) = match input {
                    Some(input) => (self.layout.columns(*input), self.input(*input, here)?),
                    None => (Rc::from([]), single),
                };
                self.unnest(&columns, &rows, array, offset.is_some(), *outer, env)
            }
            Operator::SetOperation { operator, inputs } => {
                let mut arms = Vec::new();
                for (input, feeds) in inputs {
                    arms.push((*input, self.input(*input, here)?, feeds));
                }
                self.set_operation(id, *operator, &arms)
            }
            Operator::Sort { input, by } => {
                let rows = self.input(*input, here)?;
                self.sort(*input, by, &rows, env)
            }
            Operator::Limit {
                input,
                count: _,
                skip: _,
            } => {
                let rows = self.input(*input, here)?;
                Ok(rows.iter().take(self.database.limit).cloned().collect())
            }
            Operator::Reader { of, columns } => {
                let rows = self.input(*of, here)?;
                self.copies(*of, id, columns, &rows)
            }
            Operator::Recursion {
                anchor,
                step,
                columns,
            } => {
                let rows = self.input(*anchor, here)?;
                self.recursion(id, *anchor, *step, columns, rows, env)
            }
            Operator::Loop { columns, anchor } => {
                let Some(rows) = self.rounds.get(anchor).cloned() else {
                    return ExecutionError::unsupported("a recursion's step on its own");
                };
                self.copies(*anchor, id, columns, &rows)
            }
            Operator::Model { function, .. } => ExecutionError::unsupported(function.clone()),
            Operator::Opaque { why, .. } => ExecutionError::unsupported(why.clone()),
        };
        made.map(Rc::new)
    }

    fn scan(
        &self,
        id: RelId,
        read: &ReadTable,
        columns: &[ColId],
    ) -> Result<Vec<Row>, ExecutionError> {
        let name = read.name.to_string();
        let Some(table) = self.database.table(&name) else {
            return ExecutionError::unsupported(format!(
                "the table {name}, of which there are no rows"
            ));
        };
        let mut names: HashMap<ColId, &str> = HashMap::new();
        for (column, name) in &read.columns {
            names.entry(*column).or_insert(name);
        }
        let mut by_name: HashMap<String, usize> = HashMap::new();
        for (place, name) in table.columns.iter().enumerate() {
            by_name.entry(name.to_ascii_lowercase()).or_insert(place);
        }
        let mut places = Vec::with_capacity(columns.len());
        for column in columns {
            // A placeholder for undeclared columns has no value; an expression that
            // reads it is not supported.
            let Some(name) = names.get(column) else {
                places.push(None);
                continue;
            };
            match by_name.get(&name.to_ascii_lowercase()) {
                Some(place) => places.push(Some(*place)),
                None => {
                    return ExecutionError::unsupported(format!(
                        "the column {name}, without values"
                    ));
                }
            }
        }
        let input = self.layout.scanned(id);
        let mut rows = Vec::new();
        for row in &table.rows {
            spend_row(places.len());
            let people = match (input, table.unit.and_then(|unit| row.get(unit))) {
                (Some(input), Some(person)) => {
                    let person = self.persons.iter().position(|known| known.same(person));
                    People::one(input, person)
                }
                _ => People::default(),
            };
            let people = Rc::new(people);
            let own = Cell::of(Value::Null, Rc::clone(&people)).parts;
            let cells = places
                .iter()
                .map(|place| match place.and_then(|place| row.get(place)) {
                    Some(value) => Cell {
                        value: value.clone(),
                        parts: own.clone(),
                    },
                    None => Cell::bare(Value::Null),
                })
                .collect();
            rows.push(Row { cells, people });
        }
        Ok(rows)
    }

    fn constants(
        &mut self,
        rows: &[Vec<Expr>],
        env: Option<&Env>,
    ) -> Result<Vec<Row>, ExecutionError> {
        let nothing = Env {
            columns: &[],
            cells: &[],
            outer: env,
        };
        let mut made = Vec::new();
        for row in rows {
            let mut people = People::default();
            let mut cells = Vec::new();
            for value in row {
                cells.push(self.eval(value, &nothing, &mut people)?);
            }
            made.push(Row {
                cells,
                people: Rc::new(people),
            });
        }
        Ok(made)
    }

    fn project(
        &mut self,
        input: RelId,
        made: &[(ColId, Expr)],
        outputs: &[ColId],
        rows: &[Row],
        env: Option<&Env>,
    ) -> Result<Vec<Row>, ExecutionError> {
        let columns = &*self.layout.columns(input);
        let made: HashMap<ColId, &Expr> = made
            .iter()
            .rev()
            .map(|(column, expr)| (*column, expr))
            .collect();
        let mut projected = Vec::new();
        for row in rows {
            let mut beside = People::default();
            let mut cells = Vec::with_capacity(outputs.len());
            for output in outputs {
                cells.push(match made.get(output) {
                    // An undeclared column that is passed on, but not read.
                    Some(expr) if self.is_rest(expr) => Cell::bare(Value::Null),
                    Some(expr) => self.eval(expr, &inside(columns, row, env), &mut beside)?,
                    None => inside(columns, row, env)
                        .find(*output)
                        .cloned()
                        .unwrap_or(Cell::bare(Value::Null)),
                });
            }
            projected.push(Row {
                cells,
                people: with(&row.people, &beside),
            });
        }
        Ok(projected)
    }

    fn is_rest(&self, expr: &Expr) -> bool {
        expr.as_column()
            .is_some_and(|column| self.plan.column(column).rest.is_some())
    }

    fn unnest(
        &mut self,
        columns: &[ColId],
        rows: &[Row],
        array: &Expr,
        offset: bool,
        outer: bool,
        env: Option<&Env>,
    ) -> Result<Vec<Row>, ExecutionError> {
        let mut made = Vec::new();
        for row in rows {
            let mut beside = People::default();
            let array = self.eval(array, &inside(columns, row, env), &mut beside)?;
            let elements = match &array.value {
                Value::Array(elements) => Rc::clone(elements),
                Value::Null => Rc::from([]),
                _ => return ExecutionError::unsupported("UNNEST of what is no array"),
            };
            self.count_visited(elements.len())?;
            for (at, element) in elements.iter().enumerate() {
                spend_row(row.cells.len());
                let mut cells = row.cells.clone();
                cells.push(element.cell.clone());
                if offset {
                    let at = i64::try_from(at).unwrap_or(i64::MAX);
                    cells.push(Cell::bare(Value::Int(at)));
                }
                // An element stands for the row from which it was collected.
                let people = match &element.row {
                    Some(own) => Rc::new(row.people.narrowed(own)),
                    None => with(&row.people, &beside),
                };
                made.push(Row { cells, people });
            }
            if outer && elements.is_empty() {
                let mut cells = row.cells.clone();
                cells.push(Cell::bare(Value::Null));
                if offset {
                    cells.push(Cell::bare(Value::Null));
                }
                made.push(Row {
                    cells,
                    people: Rc::clone(&row.people),
                });
            }
        }
        Ok(made)
    }

    fn sort(
        &mut self,
        input: RelId,
        by: &[Expr],
        rows: &[Row],
        env: Option<&Env>,
    ) -> Result<Vec<Row>, ExecutionError> {
        let columns = &*self.layout.columns(input);
        let (by, directions) = directed(by);
        let mut keyed = Vec::new();
        for row in rows {
            match self.values(&by, &inside(columns, row, env)) {
                Ok(keys) => keyed.push((keys, row.clone())),
                // The key is no longer among the columns: the rows stay unsorted.
                Err(ExecutionError::Unsupported(_)) => return Ok(rows.to_vec()),
                Err(stop) => return Err(stop),
            }
        }
        keyed.sort_by(|(a, _), (b, _)| compare_directed(a, b, &directions));
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    /// Evaluates several expressions whose people do not matter.
    pub(super) fn values(
        &mut self,
        exprs: &[Expr],
        env: &Env,
    ) -> Result<Vec<Value>, ExecutionError> {
        let mut values = Vec::new();
        for expr in exprs {
            values.push(self.eval(expr, env, &mut People::default())?.value);
        }
        Ok(values)
    }

    /// Converts rows to other columns and to inputs of their own.
    fn copies(
        &self,
        from: RelId,
        to: RelId,
        columns: &[(ColId, ColId)],
        rows: &[Row],
    ) -> Result<Vec<Row>, ExecutionError> {
        let name = self.layout.renaming(from, to);
        let outputs = self.layout.columns(to);
        let originals = self.layout.columns(from);
        let mut copied: HashMap<ColId, ColId> = HashMap::new();
        for (copy, original) in columns {
            copied.entry(*copy).or_insert(*original);
        }
        let mut place_of: HashMap<ColId, usize> = HashMap::new();
        for (place, column) in originals.iter().enumerate() {
            place_of.entry(*column).or_insert(place);
        }
        let mut places = Vec::with_capacity(outputs.len());
        for output in outputs.iter() {
            let original = copied.get(output);
            match original.and_then(|original| place_of.get(original)) {
                Some(place) => places.push(*place),
                None => {
                    return ExecutionError::unsupported(
                        "a column that its relation does not put out",
                    );
                }
            }
        }
        Ok(rows
            .iter()
            .map(|row| {
                spend_row(places.len());
                Row {
                    cells: places
                        .iter()
                        .map(|place| row.cells[*place].renamed(&name))
                        .collect(),
                    people: Rc::new(row.people.renamed(&name)),
                }
            })
            .collect())
    }

    fn recursion(
        &mut self,
        id: RelId,
        anchor: RelId,
        step: RelId,
        columns: &[(ColId, ColId, ColId)],
        first: Rows,
        env: Option<&Env>,
    ) -> Result<Vec<Row>, ExecutionError> {
        let before = self.rounds.remove(&anchor);
        let of_anchor: Vec<(ColId, ColId)> = columns
            .iter()
            .map(|(out, first, _)| (*out, *first))
            .collect();
        let of_step: Vec<(ColId, ColId)> =
            columns.iter().map(|(out, _, next)| (*out, *next)).collect();
        let back: Vec<(ColId, ColId)> = columns
            .iter()
            .map(|(_, first, next)| (*first, *next))
            .collect();
        let mut all = self.copies(anchor, id, &of_anchor, &first)?;
        let mut round = first;
        for turn in 0.. {
            if turn == ROUNDS_LIMIT {
                return ExecutionError::failed("the recursion does not end");
            }
            self.rounds.insert(anchor, Rc::clone(&round));
            let made = self.relation(step, env)?;
            self.count_visited(made.len())?;
            if made.is_empty() {
                break;
            }
            all.extend(self.copies(step, id, &of_step, &made)?);
            // The next step reads these rows under the columns of the anchor.
            round = Rc::new(self.copies(step, anchor, &back, &made)?);
        }
        self.rounds.remove(&anchor);
        if let Some(before) = before {
            self.rounds.insert(anchor, before);
        }
        Ok(all)
    }
}

/// Creates the environment of expressions over a row of an input.
pub(super) fn inside<'a>(columns: &'a [ColId], row: &'a Row, env: Option<&'a Env<'a>>) -> Env<'a> {
    Env {
        columns,
        cells: &row.cells,
        outer: env,
    }
}

/// Adds the people of subqueries to the people of a row.
pub(super) fn with(people: &Rc<People>, beside: &People) -> Rc<People> {
    if beside.is_absent() {
        return Rc::clone(people);
    }
    let mut all = (**people).clone();
    all.add(beside);
    Rc::new(all)
}

pub(super) fn compare_keys(a: &[Value], b: &[Value]) -> std::cmp::Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| a.order(b))
        .find(|order| order.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
}

pub(super) fn same_keys(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && compare_keys(a, b).is_eq()
}
