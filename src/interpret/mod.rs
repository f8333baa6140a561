//! The reference interpreter: executes a plan over tiny tables in memory, and
//! knows the people behind every row and every value (`design/proof.md`, "What
//! is claimed"). It refutes claims; it proves none.
//!
//! What is not executed is [`Stop::Unsupported`], never a guess: the plan does
//! not keep the direction of a sort, the frame of a window or the number of a
//! LIMIT, so sorts ascend, frames are refused, and [`Database::limit`] says how
//! many rows a LIMIT keeps: which ones is as good a choice as any other.

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
pub use people::{Cell, People, Pop, Row};
pub use value::{Element, Value};

use std::collections::HashMap;
use std::rc::Rc;

use crate::budget::spend;
use crate::plan::{ColId, Plan, RelId, Valued};
use layout::Layout;

/// Why an execution came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The interpreter does not know how to.
    #[error("not executed: {0}")]
    Unsupported(String),
    /// The query fails on this data, as GoogleSQL would: overflow, division by
    /// zero, a subquery of several rows.
    #[error("the query fails on these rows: {0}")]
    Failed(String),
    /// More rows than the interpreter is meant for.
    #[error("more than {ROWS_LIMIT} rows were made")]
    TooLarge,
}

impl Stop {
    fn unsupported<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Unsupported(what.into()))
    }

    fn failed<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Failed(what.into()))
    }
}

/// Rows and pairs of rows that one execution may look at.
const ROWS_LIMIT: usize = 200_000;

/// Rows of a relation.
type Rows = Rc<Vec<Row>>;

/// What an execution came to.
#[derive(Debug)]
pub struct Execution {
    rows: Vec<Option<Rows>>,
    root: RelId,
    layout: Layout,
    persons: Vec<Value>,
}

impl Execution {
    /// The published rows.
    pub fn result(&self) -> &[Row] {
        self.rows(self.root).unwrap_or_default()
    }

    /// The rows of any relation that was executed on its own: not of one that
    /// reads the rows of a query around it, nor of a recursion's step.
    pub fn rows(&self, relation: RelId) -> Option<&[Row]> {
        self.rows
            .get(relation.0 as usize)?
            .as_ref()
            .map(|rows| rows.as_slice())
    }

    /// The columns of a relation's rows, in the order of [`Row::cells`]. The plan
    /// may list fewer where no schema tells a table's columns.
    pub fn columns(&self, relation: RelId) -> Rc<[ColId]> {
        self.layout.columns(relation)
    }

    /// The person whom a position in [`People::members`] stands for, as the
    /// tables' unit columns name them.
    pub fn person(&self, position: u32) -> Option<&Value> {
        self.persons.get(position as usize)
    }

    /// The scan that a population comes from; where several were joined on the
    /// person, one of them.
    pub fn scan_of(&self, population: Pop) -> Option<RelId> {
        self.layout.scan_of(population)
    }
}

/// Executes a plan.
///
/// # Errors
/// See [`Stop`].
pub fn run(plan: &Plan, database: &Database) -> Result<Execution, Stop> {
    run_with(plan, database, true)
}

/// Executes a plan with each scan's people apart, even where they are joined on
/// the person or only filter others: what an engine can be asked for as well.
///
/// # Errors
/// See [`Stop`].
pub fn run_apart(plan: &Plan, database: &Database) -> Result<Execution, Stop> {
    run_with(plan, database, false)
}

fn run_with(plan: &Plan, database: &Database, joined: bool) -> Result<Execution, Stop> {
    let Some(root) = plan.root() else {
        return Stop::unsupported("a statement without rows");
    };
    let mut machine = Machine {
        plan,
        database,
        layout: Layout::of(plan, database, joined),
        persons: database.persons()?,
        valued: joined.then(|| Valued::of(plan)),
        memo: vec![None; plan.relations().count()],
        chains: HashMap::new(),
        rounds: HashMap::new(),
        looked_at: 0,
    };
    machine.relation(root, None)?;
    Ok(Execution {
        rows: machine.memo,
        root,
        layout: machine.layout,
        persons: machine.persons,
    })
}

/// An execution under way.
struct Machine<'p> {
    plan: &'p Plan,
    database: &'p Database,
    layout: Layout,
    persons: Vec<Value>,
    /// Which columns are more than compared; `None` where all people count.
    valued: Option<Valued>,
    /// Rows of relations that read nothing of a query around them.
    memo: Vec<Option<Rows>>,
    /// For a relation, those below it in the order of execution.
    chains: HashMap<RelId, Rc<[RelId]>>,
    /// The rows of the round before of a recursion, by its anchor.
    rounds: HashMap<RelId, Rows>,
    looked_at: usize,
}

/// A row whose columns an expression reads, and the rows of the queries around.
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

/// Counts the cells that a row is made of.
fn spend_row(cells: usize) {
    spend(1 + cells / 4);
}

impl Machine<'_> {
    /// Counts what was looked at, against queries that multiply their rows.
    fn look(&mut self, rows: usize) -> Result<(), Stop> {
        spend(rows);
        self.looked_at = self.looked_at.saturating_add(rows);
        if self.looked_at > ROWS_LIMIT {
            return Err(Stop::TooLarge);
        }
        Ok(())
    }
}
