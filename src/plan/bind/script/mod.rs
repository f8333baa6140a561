//! Scripts: which statements publish rows, and what each defines for later ones.
//!
//! A script is a graph of its statements and conditions ([`graph`], [`build`]).
//! [`solve`] computes the state at each node as a fixed point: for each variable,
//! table and function, the nodes that may have set it ([`state`]). [`control`]
//! computes which conditions decide whether a node runs, [`data`] which of them
//! depend on data. Then each dataset is bound at its node ([`publish`]). What it
//! reads is bound as it was at the node that made it ([`table`], [`variable`]),
//! under three kinds of conditions: its own ([`condition`]), those that decide which
//! of several versions it is ([`way`]) and where it is written ([`chosen`]), and
//! whether its transaction is committed ([`transaction`]). Later nodes may change
//! the result ([`later`], [`rewriting`], [`rewritten`]).

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
pub use deleted::ComparedColumn;
pub(super) use environment::{Environment, Function, ScriptDefinition, TableFunction};
pub(super) use functions::FunctionKind;
pub(super) use graph::NodeId;
pub(super) use later::DELETED;
pub(super) use left_out::OMITTED_COLUMNS;
pub(crate) use procedure::is_of_system;
pub use removal::changed_table;
pub(super) use solve::factor_name;
pub(super) use table::{BoundTable, PendingBinding};
pub use writes::{CalledProcedure, Write, WriteKind, Writes, writes};

/// The key of a bound variable: frame, name, the nodes that set it, and round.
pub(super) type BoundVariable = (u32, String, state::Versions, u32);

use graph::Graph;

use super::{Binder, Plan, Problem, ProblemKind};
use crate::catalog::{Catalog, TableName};
use crate::plan::{Definitions, Grafted, IsolatedText};
use crate::source::{SourceText, Span};
use crate::syntax::{Places, Script, Statement, StatementKind};

/// The maximal depth of tables and variables that depend on each other.
const DEPTH_LIMIT: usize = 32;

/// A statement that publishes rows (contract, "What one dataset is").
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The place of the whole statement.
    pub span: Span,
    /// The kind of statement, in lower case: `query`, `create view`, …
    pub statement: &'static str,
    /// The table that it writes.
    pub target: Option<TableName>,
    /// Whether its columns go to the table's columns by name.
    ///
    /// So do those of MERGE, UPDATE, and INSERT with a list of columns.
    pub named: bool,
    /// Whether the table certainly contains only rows of this run before the
    /// statement.
    ///
    /// The script has created or emptied the table before it filled it, so that no
    /// run adds to the rows of earlier runs.
    pub fresh: bool,
    /// Its plan; without a root, the dataset could not be assessed.
    pub plan: Plan,
    /// The problems that occurred while it was bound.
    pub problems: Vec<Problem>,
    /// The plans of other files that are part of its plan.
    pub grafted: Grafted,
}

impl Dataset {
    /// Creates a dataset that could not be assessed.
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
    bind_with(source, script, catalog, &IsolatedText)
}

/// Binds a script whose tables may be made by other files.
pub fn bind_with(
    source: &SourceText,
    script: &Script,
    catalog: &dyn Catalog,
    definitions: &dyn Definitions,
) -> Vec<Dataset> {
    bind_all(source, script, catalog, definitions, false)
}

/// Binds a script for a reader of the tables that it writes.
///
/// In addition to [`bind_with`], it includes what the procedures write that the
/// script defines and does not call, and the tables that it renames.
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

/// The shared state while the datasets of a script are bound.
struct Session<'a> {
    catalog: &'a dyn Catalog,
    definitions: &'a dyn Definitions,
    /// Length of the text in bytes, plus one that separates it from the next text.
    own: u32,
    graph: Rc<Graph<'a>>,
    /// Whether everything that writes a table is bound, and not only what is
    /// published.
    writers: bool,
    datasets: Vec<Dataset>,
    /// Whether data decide that a transaction is rolled back; computed on demand.
    undone: OnceCell<bool>,
    /// What may change stored tables; computed on demand.
    changes: OnceCell<later::Changes>,
    /// What statements that are built at run time may write, by node; a cache.
    ///
    /// `None` if it is unknown.
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

    /// Creates a binder with the environment of a node.
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

/// Returns the query if a statement is a query.
fn query_of(statement: &Statement) -> Option<&ast::Query> {
    if let StatementKind::Sql(sql) = &statement.kind
        && let ast::Statement::Query(query) = &**sql
    {
        return Some(query);
    }
    None
}

/// Converts the name of an object to a table name.
pub(super) fn table_name(name: &ast::ObjectName) -> TableName {
    let parts: Vec<_> = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(|ident| ident.value.clone())
        .collect();
    TableName::new(parts.iter().map(String::as_str))
}
