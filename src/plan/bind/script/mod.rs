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
//! which of several versions it is ([`way`]).

mod build;
mod condition;
mod control;
mod data;
mod environment;
mod graph;
mod join;
mod names;
mod procedure;
mod publish;
mod solve;
mod state;
mod table;
mod variable;
mod way;

use std::rc::Rc;

use sqlparser::ast;

pub(super) use environment::{Defined, Environment, Function, TableFunction};
pub(super) use graph::NodeId;
pub(super) use table::{BoundTable, Open};

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
    /// Its plan; without a root it could not be assessed.
    pub plan: Plan,
    /// What could not be resolved.
    pub problems: Vec<Problem>,
    /// What it reads that other files make, in its plan.
    pub grafted: Grafted,
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
    let mut graph = Graph::solved(script, Rc::new(Places::new(source, script)));
    graph.decide();
    graph.find_undoing();
    let mut session = Session {
        catalog,
        definitions,
        own: Span::new(0, source.text().len() + 1).end,
        graph: Rc::new(graph),
        datasets: Vec::new(),
    };
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
    datasets: Vec<Dataset>,
}

impl<'a> Session<'a> {
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
