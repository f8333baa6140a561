//! Scripts: which statements yield published rows, and what each defines for
//! those after it.
//!
//! A script is walked once, in the order of its text. Where it branches, each way
//! is walked from the same state, and the states are joined after; what a loop
//! changes is not known inside it until the loop itself has set it.

mod environment;
mod procedure;
mod repeat;
mod statement;
mod table;
mod variable;

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

pub(super) use environment::{Environment, Function, TableFunction};
pub(super) use table::Table;
pub(super) use variable::Variable;

use super::{Binder, Plan, Problem, ProblemKind, RelId};
use crate::catalog::{Catalog, TableName};
use crate::plan::{Alone, Definitions, Grafted};
use crate::source::{SourceText, Span};
use crate::syntax::{self, Dynamic, Places, Procedure, Script, Statement, StatementKind};

/// Tables made of tables of the script, and calls inside calls.
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
    let mut last = FxHashSet::default();
    if may_stop_early(script) {
        script.each(&mut |statement| {
            last.insert(address(statement));
        });
    } else {
        last_queries(&script.statements, &mut last);
    }
    let mut session = Session {
        catalog,
        definitions,
        own: Span::new(0, source.text().len() + 1).end,
        places: Rc::new(Places::new(source, script)),
        environment: Environment::default(),
        procedures: FxHashMap::default(),
        last,
        calls: 0,
        datasets: Vec::new(),
    };
    session.run(&script.statements);
    session.datasets
}

/// Whether some way through a script ends before its last statement, so that any
/// query may be the last one that runs.
fn may_stop_early(script: &Script) -> bool {
    let mut stops = false;
    script.each(&mut |statement| {
        stops |= match &statement.kind {
            StatementKind::Inert(word) => matches!(
                word.as_str(),
                "RETURN" | "BREAK" | "LEAVE" | "CONTINUE" | "ITERATE"
            ),
            StatementKind::Block { handler, .. } => !handler.is_empty(),
            StatementKind::Sql(_)
            | StatementKind::Branches { .. }
            | StatementKind::Loop { .. }
            | StatementKind::Procedure(_)
            | StatementKind::TableFunction(_)
            | StatementKind::Model { .. }
            | StatementKind::Load { .. }
            | StatementKind::Thin { .. }
            | StatementKind::Alter { .. }
            | StatementKind::Dynamic(_)
            | StatementKind::Unmodelled(_)
            | StatementKind::Failed(_) => false,
        };
    });
    stops
}

/// The queries that may be the last one of a script that yields rows, by their
/// addresses. Returns whether one always is among them.
fn last_queries(statements: &[Statement], last: &mut FxHashSet<usize>) -> bool {
    for statement in statements.iter().rev() {
        let always = match &statement.kind {
            StatementKind::Sql(sql) if matches!(**sql, ast::Statement::Query(_)) => {
                last.insert(address(statement));
                true
            }
            StatementKind::Block { body, handler } => {
                let handled = last_queries(handler, last);
                last_queries(body, last) && (handler.is_empty() || handled)
            }
            StatementKind::Branches { branches, complete } => {
                let mut all = *complete;
                for branch in branches {
                    all &= last_queries(branch, last);
                }
                all
            }
            StatementKind::Loop { body, .. } => {
                last_queries(body, last);
                false
            }
            StatementKind::Procedure(procedure) => {
                // A call may be the last statement.
                last_queries(procedure.body.as_deref().unwrap_or_default(), last);
                false
            }
            StatementKind::Dynamic(dynamic) if dynamic.into.is_empty() => dynamic
                .script
                .as_ref()
                .is_some_and(|nested| last_queries(&nested.1.statements, last)),
            StatementKind::Sql(_)
            | StatementKind::Dynamic(_)
            | StatementKind::TableFunction(_)
            | StatementKind::Model { .. }
            | StatementKind::Load { .. }
            | StatementKind::Thin { .. }
            | StatementKind::Alter { .. }
            | StatementKind::Inert(_)
            | StatementKind::Unmodelled(_)
            | StatementKind::Failed(_) => false,
        };
        if always {
            return true;
        }
    }
    false
}

fn address(statement: &Statement) -> usize {
    std::ptr::from_ref(statement).cast::<()>() as usize
}

/// The walk over a script.
struct Session<'a> {
    catalog: &'a dyn Catalog,
    definitions: &'a dyn Definitions,
    /// Bytes of the text, and one more that keeps it apart from the next.
    own: u32,
    places: Rc<Places<'a>>,
    environment: Environment<'a>,
    /// Procedures, with the text that they stand in.
    procedures: FxHashMap<&'a str, (&'a Procedure, Rc<Places<'a>>)>,
    /// Queries that may be the last one.
    last: FxHashSet<usize>,
    /// Calls around this place.
    calls: usize,
    datasets: Vec<Dataset>,
}

impl<'a> Session<'a> {
    fn run(&mut self, statements: &'a [Statement]) {
        for statement in statements {
            self.one(statement);
        }
    }

    fn one(&mut self, statement: &'a Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Sql(sql) => {
                let query = matches!(**sql, ast::Statement::Query(_));
                if !query || self.last.contains(&address(statement)) {
                    self.statement(sql, span);
                }
            }
            StatementKind::Block { body, handler } => {
                let before = self.environment.clone();
                self.run(body);
                if !handler.is_empty() {
                    // It runs after any part of the body.
                    let after = self.environment.clone();
                    self.environment = before.or(after.clone());
                    self.run(handler);
                    self.join(after);
                }
            }
            StatementKind::Branches { branches, complete } => {
                let before = self.environment.clone();
                let mut after = (!complete).then(|| before.clone());
                for branch in branches {
                    self.environment = before.clone();
                    self.run(branch);
                    let state = std::mem::take(&mut self.environment);
                    after = Some(match after {
                        Some(known) => known.or(state),
                        None => state,
                    });
                }
                self.environment = after.unwrap_or(before);
            }
            StatementKind::Loop {
                row,
                body,
                assigned,
            } => self.repeat(row.as_ref(), body, assigned),
            StatementKind::Procedure(procedure) => {
                self.procedures
                    .insert(&procedure.name, (procedure, Rc::clone(&self.places)));
            }
            StatementKind::TableFunction(function) => self.table_function(function),
            StatementKind::Model { target, queries } => self.model(target, queries, span),
            StatementKind::Load { target, temporary } => self.load(target, *temporary, span),
            StatementKind::Thin { target } => {
                self.change(target, |table| table.thinned = true);
            }
            StatementKind::Alter { target } => {
                self.change(target, |table| table.unknown = Some("was altered"));
            }
            StatementKind::Dynamic(dynamic) => self.dynamic(dynamic, span),
            StatementKind::Inert(_) => {}
            StatementKind::Unmodelled(word) => {
                let problem = Problem {
                    kind: ProblemKind::Unsupported,
                    span,
                    message: format!("{word} is not modelled, so what it gives out is unknown"),
                    help: "have a data steward look at what it gives out".to_owned(),
                };
                self.unassessed("statement", None, vec![problem], span);
            }
            StatementKind::Failed(_) => {
                self.unassessed("statement", None, Vec::new(), span);
                self.lose_track("was perhaps written by a statement that is not understood");
                let why = "may get a value in a statement that is not understood";
                self.forget_variables(why);
            }
        }
    }

    /// The other way may have been taken instead.
    fn join(&mut self, other: Environment<'a>) {
        self.environment = std::mem::take(&mut self.environment).or(other);
    }

    /// Any table of the script may have been written.
    fn lose_track(&mut self, why: &'static str) {
        let lost: Vec<(String, Rc<Table<'a>>)> = self
            .environment
            .tables
            .iter()
            .map(|(key, table)| {
                let unknown = Table {
                    unknown: Some(why),
                    ..(**table).clone()
                };
                (key.clone(), Rc::new(unknown))
            })
            .collect();
        self.environment.tables.extend(lost);
    }

    fn forget_variables(&mut self, why: &'static str) {
        let names: Vec<String> = self.environment.variables.keys().cloned().collect();
        for name in names {
            self.environment
                .variables
                .insert(name, Rc::new(Variable::Unknown(why)));
        }
    }

    fn binder(&self) -> Binder<'a> {
        Binder::new(
            Rc::clone(&self.places),
            self.catalog,
            self.definitions,
            self.environment.clone(),
            self.own,
        )
    }

    /// Binds one dataset; `bind` returns the relation whose rows are published,
    /// where there are any.
    fn dataset(
        &mut self,
        statement: &'static str,
        target: Option<TableName>,
        span: Span,
        names: &[String],
        bind: impl FnOnce(&mut Binder<'a>) -> Option<RelId>,
    ) {
        let mut binder = self.binder();
        // A MERGE that only deletes, or an UPDATE that puts in constants, writes no
        // rows of another table.
        let Some(root) = bind(&mut binder) else {
            return;
        };
        let root = binder.output(root, names);
        binder.plan.set_root(root);
        let ids = binder.plan.sort();
        for (_, relation) in &mut binder.grafted.tables {
            *relation = ids[relation.0 as usize];
        }
        let dataset = Dataset {
            span,
            statement,
            target,
            plan: binder.plan,
            problems: binder.problems,
            grafted: binder.grafted,
        };
        // A procedure that is called twice writes the same twice.
        let known = self.calls > 0
            && self.datasets.iter().any(|known| {
                known.span == dataset.span
                    && known.plan == dataset.plan
                    && known.problems == dataset.problems
            });
        if !known {
            self.datasets.push(dataset);
        }
    }

    fn unassessed(
        &mut self,
        statement: &'static str,
        target: Option<TableName>,
        problems: Vec<Problem>,
        span: Span,
    ) {
        self.datasets.push(Dataset {
            span,
            statement,
            target,
            plan: Plan::default(),
            problems,
            grafted: Grafted::default(),
        });
    }

    fn table_function(&mut self, function: &'a syntax::TableFunction) {
        if let Some(query) = query_of(&function.query) {
            let defined = TableFunction {
                arguments: &function.arguments,
                query,
                places: Rc::clone(&self.places),
            };
            self.environment
                .table_functions
                .insert(function.name.clone(), defined);
        } else if matches!(function.query.kind, StatementKind::Failed(_)) {
            self.unassessed("statement", None, Vec::new(), function.query.span);
        }
    }

    /// Statements in a string.
    fn dynamic(&mut self, dynamic: &'a Dynamic, span: Span) {
        let Some(nested) = &dynamic.script else {
            let problem = Problem {
                kind: ProblemKind::DynamicSql,
                span,
                message: "the statement is made from a string when the script runs, so what it does is unknown".to_owned(),
                help: "write the statement itself; if only a table's name changes, a steward reads each of them".to_owned(),
            };
            self.unassessed("execute immediate", None, vec![problem], span);
            self.lose_track("may be written by a string that is executed");
            for name in &dynamic.into {
                self.environment.variables.insert(
                    name.clone(),
                    Rc::new(Variable::Unknown(
                        "gets its value from a string that is executed",
                    )),
                );
            }
            return;
        };
        let (source, script) = &**nested;
        let mut named = Vec::new();
        for (value, name) in &dynamic.using {
            // Those without a name are not told apart.
            let name = name
                .as_ref()
                .map_or("?".to_owned(), |name| format!("@{name}"));
            let mut binder = self.binder();
            let value = Variable::of_expr(&mut binder, value, &self.environment, &self.places);
            named.push((name, Rc::new(value)));
        }
        let parameters: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
        for (name, value) in named {
            let known = self.environment.variables.get(&name);
            let value = known.map_or(Rc::clone(&value), |known| known.or(&value));
            self.environment.variables.insert(name, value);
        }
        let outer = std::mem::replace(&mut self.places, Rc::new(Places::new(source, script)));
        if dynamic.into.is_empty() {
            self.run(&script.statements);
        } else {
            let query = script.statements.last().and_then(query_of);
            for (at, name) in dynamic.into.iter().enumerate() {
                let value = match query {
                    Some(query) => Variable::of_column(query, at, &self.environment, &self.places),
                    None => Variable::Unknown("gets its value from a string that is executed"),
                };
                self.environment
                    .variables
                    .insert(name.clone(), Rc::new(value));
            }
        }
        self.places = outer;
        for name in parameters {
            self.environment.variables.remove(&name);
        }
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
