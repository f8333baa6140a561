//! The reference interpreter: executes a plan over tiny tables in memory.
//!
//! It knows the people behind every row and every value (`design/proof.md`, "What is
//! claimed"). It refutes claims; it proves none.
//!
//! What the interpreter does not model is [`ExecutionError::Unsupported`], never a guess: for
//! example, window frames other than the whole partition. The count of a LIMIT is
//! not evaluated: [`Database::limit`] is the number of rows that each LIMIT keeps,
//! which is as good a choice as any other.

mod aggregate;
mod cast;
mod database;
mod expression;
mod function;
mod join;
mod layout;
mod order;
mod people;
mod relation;
mod set_operation;
mod value;
mod window;

#[cfg(test)]
mod tests;

pub use database::{Database, Table};
pub use people::{Cell, People, PrivateInput, Row};
pub use value::{Element, Value};

use std::collections::HashMap;
use std::rc::Rc;

use crate::budget::spend;
use crate::plan::{ColId, Plan, RelId, ValueColumns};
use layout::Layout;

/// The reason why an execution has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecutionError {
    /// The interpreter does not model a construct of the plan.
    #[error("not executed: {0}")]
    Unsupported(String),
    /// The query fails on this data, as in GoogleSQL.
    ///
    /// Examples are an overflow, a division by zero, and a scalar subquery with
    /// several rows.
    #[error("the query fails on these rows: {0}")]
    Failed(String),
    /// The execution reads or creates more rows than the interpreter is meant for.
    #[error("more than {ROWS_LIMIT} rows were made")]
    TooLarge,
}

impl ExecutionError {
    fn unsupported<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Unsupported(what.into()))
    }

    fn failed<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Failed(what.into()))
    }
}

/// Largest number of rows and pairs of rows that one execution may visit.
const ROWS_LIMIT: usize = 200_000;

/// The rows of a relation.
type Rows = Rc<Vec<Row>>;

/// The result of an execution.
#[derive(Debug)]
pub struct Execution {
    rows: Vec<Option<Rows>>,
    root: RelId,
    layout: Layout,
    persons: Vec<Value>,
}

impl Execution {
    /// Returns the published rows.
    pub fn result(&self) -> &[Row] {
        self.rows(self.root).unwrap_or_default()
    }

    /// Returns the rows of a relation that was executed on its own.
    ///
    /// `None` for a relation that reads rows of an outer query, and for the step of
    /// a recursion.
    pub fn rows(&self, relation: RelId) -> Option<&[Row]> {
        self.rows
            .get(relation.0 as usize)?
            .as_ref()
            .map(|rows| rows.as_slice())
    }

    /// Returns the columns of a relation's rows, in the order of [`Row::cells`].
    ///
    /// The plan may list fewer of them if no schema declares the columns of a table.
    pub fn columns(&self, relation: RelId) -> Rc<[ColId]> {
        self.layout.columns(relation)
    }

    /// Returns the person at a position of [`People::members`].
    ///
    /// The value is that of the unit column of a table.
    pub fn person(&self, position: u32) -> Option<&Value> {
        self.persons.get(position as usize)
    }

    /// Returns the scan from which a population derives.
    ///
    /// If several scans were joined on the person, it is one of them.
    pub fn scan_of(&self, population: PrivateInput) -> Option<RelId> {
        self.layout.scan_of(population)
    }
}

/// Executes a plan.
///
/// # Errors
/// See [`ExecutionError`].
pub fn run(plan: &Plan, database: &Database) -> Result<Execution, ExecutionError> {
    run_with(plan, database, true)
}

/// Executes a plan with separate people for each scan.
///
/// They stay separate if scans are joined on the person or only filter others. An
/// engine can compute this result as well, so the two can be compared.
///
/// # Errors
/// See [`ExecutionError`].
pub fn run_with_separate_people(
    plan: &Plan,
    database: &Database,
) -> Result<Execution, ExecutionError> {
    run_with(plan, database, false)
}

fn run_with(plan: &Plan, database: &Database, joined: bool) -> Result<Execution, ExecutionError> {
    let Some(root) = plan.root() else {
        return ExecutionError::unsupported("a statement without rows");
    };
    let mut machine = Interpreter {
        plan,
        database,
        layout: Layout::of(plan, database, joined),
        persons: database.persons()?,
        valued: joined.then(|| ValueColumns::of(plan)),
        memo: vec![None; plan.relations().count()],
        chains: HashMap::new(),
        rounds: HashMap::new(),
        visited: 0,
    };
    machine.relation(root, None)?;
    Ok(Execution {
        rows: machine.memo,
        root,
        layout: machine.layout,
        persons: machine.persons,
    })
}

/// An execution in progress.
struct Interpreter<'p> {
    plan: &'p Plan,
    database: &'p Database,
    layout: Layout,
    persons: Vec<Value>,
    /// The columns that are used other than in comparisons; `None` if all people
    /// count.
    valued: Option<ValueColumns>,
    /// The rows of relations that read nothing of an outer query.
    memo: Vec<Option<Rows>>,
    /// For a relation, the relations below it in the order of execution.
    chains: HashMap<RelId, Rc<[RelId]>>,
    /// The rows of the previous round of a recursion, by its anchor.
    rounds: HashMap<RelId, Rows>,
    visited: usize,
}

/// A row whose columns an expression reads, with the rows of the outer queries.
#[derive(Clone, Copy)]
struct Env<'a> {
    columns: &'a [ColId],
    cells: &'a [Cell],
    outer: Option<&'a Env<'a>>,
}

impl<'a> Env<'a> {
    fn find(&self, column: ColId) -> Option<&'a Cell> {
        spend(1 + self.columns.len() / 32);
        let mut env = Some(self);
        while let Some(at) = env {
            if let Some(place) = at.columns.iter().position(|known| *known == column) {
                return at.cells.get(place);
            }
            env = at.outer;
        }
        None
    }
}

/// Charges the budget for the cells of a row.
fn spend_row(cells: usize) {
    spend(1 + cells / 4);
}

impl Interpreter<'_> {
    /// Counts visited rows, to stop queries that multiply their rows.
    ///
    /// Fails with [`ExecutionError::TooLarge`] beyond [`ROWS_LIMIT`].
    fn count_visited(&mut self, rows: usize) -> Result<(), ExecutionError> {
        spend(rows);
        self.visited = self.visited.saturating_add(rows);
        if self.visited > ROWS_LIMIT {
            return Err(ExecutionError::TooLarge);
        }
        Ok(())
    }
}
