//! Scripts: which statements yield published rows, and what each defines for
//! those after it.
//!
//! A script is a graph of its statements and conditions ([`graph`], [`build`]).
//! [`solve`] finds what holds at each node, as a fixed point: for each variable,
//! table and function the nodes that may have made it what it is ([`state`]).
//! [`control`] finds which conditions decide about a node, [`data`] which of them
//! depend on what is read. Then each dataset is bound from its node ([`publish`]):
//! what it reads is bound as it was at the node that made it ([`table`],
//! [`variable`]), under its conditions ([`condition`]) and those that decide
//! which of several versions it is ([`way`]), where it is written ([`chosen`]) and
//! whether that is kept ([`transaction`]), as later nodes leave it ([`later`],
//! [`rewriting`], [`rewritten`]).

mod build;
mod called;
mod chosen;
mod collated;
mod condition;
mod control;
mod data;
mod deleted;
mod environment;
mod fresh;
mod functions;
mod graph;
mod join;
mod later;
mod left_out;
mod made;
mod names;
mod options;
mod procedure;
mod publish;
mod removal;
mod rewriting;
mod rewritten;
mod solve;
mod state;
mod table;
mod transaction;
mod variable;
mod way;
mod writes;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;
use sqlparser::ast;

pub(super) use condition::subquery;
pub use deleted::Compared;
pub(super) use environment::{Defined, Environment, Function, TableFunction};
pub(super) use functions::FunctionKind;
pub(super) use graph::NodeId;
pub(super) use later::DELETED;
pub(super) use left_out::LEFT_OUT;
pub(crate) use procedure::is_of_system;
pub use removal::changed_table;
pub(super) use solve::factor_name;
pub(super) use table::{BoundTable, Open};
pub use writes::{CalledProcedure, Write, WriteKind, Writes, writes};

/// What was bound of a variable: its frame, its name, the nodes that give it its
/// value, the round.
pub(super) type BoundVariable = (u32, String, state::Versions, u32);

use graph::Graph;

use super::{Binder, Plan, Problem, ProblemKind};
use crate::catalog::{Catalog, TableName};
use crate::plan::{Alone, Definitions, Grafted};
use crate::source::{SourceText, Span};
use crate::syntax::{Places, Script, Statement, StatementKind};

/// Tables and variables of the script that are made of one another.
const DEPTH_LIMIT: usize = 32;

/// A statement that yields published rows (contract, "What one dataset is").
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The whole statement.
    pub span: Span,
    /// What it is, in lower case: `query`, `create view`, …
    pub statement: &'static str,
    /// The table that it writes.
    pub target: Option<TableName>,
    /// Whether its columns go by their names into those of the table: INSERT with a
    /// list of columns, MERGE, UPDATE.
    pub named: bool,
    /// Whether its table surely holds before it what this script has put in since it
    /// made or emptied the table, so that no run adds to those before.
    pub fresh: bool,
    /// Its plan; without a root it could not be assessed.
    pub plan: Plan,
    /// What could not be resolved.
    pub problems: Vec<Problem>,
    /// What it reads that other files make, in its plan.
    pub grafted: Grafted,
}

impl Dataset {
    /// One that could not be assessed.
    pub fn unassessed(
        span: Span,
        statement: &'static str,
        target: Option<TableName>,
        problems: Vec<Problem>,
    ) -> Self {
        Self {
            span,
            statement,
            target,
            named: false,
            fresh: false,
            plan: Plan::default(),
            problems,
            grafted: Grafted::default(),
        }
    }
}

/// Binds all statements of a script and returns its datasets in order.
pub fn bind(source: &SourceText, script: &Script, catalog: &dyn Catalog) -> Vec<Dataset> {
    bind_with(source, script, catalog, &Alone)
}

/// The same, where other texts make the tables that it reads.
pub fn bind_with(
    source: &SourceText,
    script: &Script,
    catalog: &dyn Catalog,
    definitions: &dyn Definitions,
) -> Vec<Dataset> {
    bind_all(source, script, catalog, definitions, false)
}

/// The same for who reads the tables that it writes: with what the procedures write
/// that it defines and does not call, and with the tables that it gives other names.
pub fn bind_writers(
    source: &SourceText,
    script: &Script,
    catalog: &dyn Catalog,
    definitions: &dyn Definitions,
) -> Vec<Dataset> {
    bind_all(source, script, catalog, definitions, true)
}

fn bind_all(
    source: &SourceText,
    script: &Script,
    catalog: &dyn Catalog,
    definitions: &dyn Definitions,
    writers: bool,
) -> Vec<Dataset> {
    let places = Rc::new(Places::new(source, script));
    let mut graph = Graph::solved(script, places, writers);
    graph.decide();
    graph.find_undoing();
    let own = Span::new(0, source.text().len() + 1).end;
    let mut session = Session::new(catalog, definitions, own, Rc::new(graph), writers);
    data::note_data(&session);
    session.publish();
    session.datasets
}

/// What the datasets of a script are bound with.
struct Session<'a> {
    catalog: &'a dyn Catalog,
    definitions: &'a dyn Definitions,
    /// Bytes of the text, and one more that keeps it apart from the next.
    own: u32,
    graph: Rc<Graph<'a>>,
    /// Whether all that writes a table is asked for, rather than what is published.
    writers: bool,
    datasets: Vec<Dataset>,
    /// Whether data decide that a transaction is undone, once that is asked.
    undone: OnceCell<bool>,
    /// What may change stored tables, once that is asked.
    changes: OnceCell<later::Changes>,
    /// What the statements may write that nodes make when the script runs, of those
    /// that were asked for.
    made: RefCell<FxHashMap<NodeId, Rc<Option<Writes>>>>,
}

impl<'a> Session<'a> {
    fn new(
        catalog: &'a dyn Catalog,
        definitions: &'a dyn Definitions,
        own: u32,
        graph: Rc<Graph<'a>>,
        writers: bool,
    ) -> Self {
        Self {
            catalog,
            definitions,
            own,
            graph,
            writers,
            datasets: Vec::new(),
            undone: OnceCell::new(),
            changes: OnceCell::new(),
            made: RefCell::default(),
        }
    }

    /// A binder that sees what a node sees.
    fn binder(&self, id: NodeId) -> Binder<'a> {
        Binder::new(
            Rc::clone(&self.graph.node(id).places),
            self.catalog,
            self.definitions,
            Environment::at(&self.graph, id, 0),
            self.own,
        )
    }
}

/// The query that a statement is.
fn query_of(statement: &Statement) -> Option<&ast::Query> {
    if let StatementKind::Sql(sql) = &statement.kind
        && let ast::Statement::Query(query) = &**sql
    {
        return Some(query);
    }
    None
}

/// The name of a table as an object's name.
pub(super) fn table_name(name: &ast::ObjectName) -> TableName {
    let parts: Vec<_> = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(|ident| ident.value.clone())
        .collect();
    TableName::new(parts.iter().map(String::as_str))
}
