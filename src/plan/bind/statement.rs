//! Statements: which of them yield published rows, and what they define for
//! those after them.

use std::collections::{HashMap, HashSet};

use sqlparser::ast;
use sqlparser::ast::Statement;

use super::environment::{Environment, Function, TempTable};
use super::{Binder, Plan, Problem, ProblemKind, RelId};
use crate::catalog::{Catalog, TableName};
use crate::plan::{ExprKind, Operator};
use crate::source::{SourceText, Span};
use crate::syntax::{self, Places, Script, SelectClause, StatementKind, Unmodelled};

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
}

/// Binds all statements of a script and returns its datasets in order.
pub fn bind(source: &SourceText, script: &Script, catalog: &dyn Catalog) -> Vec<Dataset> {
    let places = Places::new(source, script);
    let clauses: Vec<SelectClause> = script
        .statements
        .iter()
        .flat_map(|statement| statement.clauses.iter().cloned())
        .collect();
    let mut session = Session {
        source,
        places: &places,
        catalog,
        clauses: &clauses,
        environment: Environment::default(),
        writes: writes(script),
        assigned: &script.assigned,
        followed: !script.statements.iter().any(is_block),
        datasets: Vec::new(),
    };
    let last_query = script.statements.iter().rposition(|statement| {
        matches!(&statement.kind, StatementKind::Sql(sql) if matches!(**sql, Statement::Query(_)))
    });
    for (at, statement) in script.statements.iter().enumerate() {
        match &statement.kind {
            StatementKind::Sql(sql) => {
                if matches!(**sql, Statement::Query(_)) && Some(at) != last_query {
                    continue;
                }
                session.statement(sql, statement.span);
            }
            StatementKind::Unmodelled(unmodelled) => session.unmodelled(unmodelled, statement.span),
            StatementKind::Failed(_) => {
                session.unassessed("statement", None, Vec::new(), statement.span)
            }
        }
    }
    session.datasets
}

/// Statements that hold others; what they write is not followed.
fn is_block(statement: &syntax::Statement) -> bool {
    match &statement.kind {
        StatementKind::Sql(_) => false,
        StatementKind::Unmodelled(unmodelled) => unmodelled.publishes && unmodelled.query.is_none(),
        StatementKind::Failed(_) => true,
    }
}

/// How often each table of one name is written, by lower-case name.
fn writes(script: &Script) -> HashMap<String, usize> {
    let mut writes = HashMap::new();
    let mut write = |name: &ast::ObjectName| {
        *writes
            .entry(name.to_string().replace('`', "").to_lowercase())
            .or_insert(0) += 1;
    };
    for statement in &script.statements {
        let StatementKind::Sql(sql) = &statement.kind else {
            continue;
        };
        if let Statement::CreateTable(table) = &**sql {
            write(&table.name);
        } else if let Statement::Insert(insert) = &**sql
            && let ast::TableObject::TableName(name) = &insert.table
        {
            write(name);
        } else if let Statement::Update(update) = &**sql
            && let ast::TableFactor::Table { name, .. } = &update.table.relation
        {
            write(name);
        } else if let Statement::Merge(merge) = &**sql
            && let ast::TableFactor::Table { name, .. } = &merge.table
        {
            write(name);
        } else if let Statement::Delete(_) | Statement::Truncate(_) = &**sql {
            // Rows that go make no group smaller than a later threshold allows,
            // but may thin one that was counted before.
            write(&ast::ObjectName(Vec::new()));
        }
    }
    writes
}

struct Session<'a> {
    source: &'a SourceText,
    places: &'a Places<'a>,
    catalog: &'a dyn Catalog,
    clauses: &'a [SelectClause],
    environment: Environment<'a>,
    writes: HashMap<String, usize>,
    assigned: &'a HashSet<String>,
    /// Whether every statement that may write is seen.
    followed: bool,
    datasets: Vec<Dataset>,
}

impl<'a> Session<'a> {
    fn binder<'b>(&'b self) -> Binder<'b> {
        Binder::new(
            self.source,
            self.places,
            self.catalog,
            &self.environment,
            self.clauses,
        )
    }

    /// Binds one dataset; `bind` returns the relation whose rows are published.
    fn dataset(
        &mut self,
        statement: &'static str,
        target: Option<TableName>,
        span: Span,
        names: &[String],
        bind: impl FnOnce(&mut Binder<'_>) -> Option<RelId>,
    ) {
        let (plan, problems) = {
            let mut binder = self.binder();
            if let Some(root) = bind(&mut binder) {
                let root = binder.output(root, names);
                binder.plan.set_root(root);
            }
            (binder.plan, binder.problems)
        };
        self.datasets.push(Dataset {
            span,
            statement,
            target,
            plan,
            problems,
        });
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
        });
    }

    /// One statement of SQL. Statements that only define, grant or drop yield
    /// no rows; any that is not known to be one of these is unsupported.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the last arm ends in HC007, so a new statement is never passed over"
    )]
    fn statement(&mut self, sql: &'a Statement, span: Span) {
        match sql {
            Statement::Query(query) => {
                self.dataset("query", None, span, &[], |binder| Some(binder.query(query)));
            }
            Statement::CreateTable(table) => self.create_table(table, span),
            Statement::CreateView(view) => {
                let names: Vec<String> = view
                    .columns
                    .iter()
                    .map(|column| column.name.value.clone())
                    .collect();
                let statement = if view.materialized {
                    "create materialized view"
                } else {
                    "create view"
                };
                let target = table_name(&view.name);
                self.dataset(statement, Some(target), span, &names, |binder| {
                    Some(binder.query(&view.query))
                });
            }
            Statement::Insert(insert) => {
                let target = match &insert.table {
                    ast::TableObject::TableName(name) => Some(table_name(name)),
                    ast::TableObject::TableFunction(_) | ast::TableObject::TableQuery(_) => None,
                };
                let names: Vec<String> = insert.columns.iter().filter_map(last_name).collect();
                if let Some(source) = &insert.source
                    && !target
                        .as_ref()
                        .is_some_and(|target| self.is_temporary(target))
                {
                    self.dataset("insert", target, span, &names, |binder| {
                        Some(binder.query(source))
                    });
                }
            }
            Statement::Merge(merge) => {
                let target = factor_name(&merge.table);
                if !target
                    .as_ref()
                    .is_some_and(|target| self.is_temporary(target))
                {
                    self.dataset("merge", target, span, &[], |binder| binder.merge(merge));
                }
            }
            Statement::Update(update) => {
                let target = factor_name(&update.table.relation);
                if !target
                    .as_ref()
                    .is_some_and(|target| self.is_temporary(target))
                {
                    self.dataset("update", target, span, &[], |binder| binder.update(update));
                }
            }
            Statement::ExportData(export) => {
                self.dataset("export data", None, span, &[], |binder| {
                    Some(binder.query(&export.query))
                });
            }
            Statement::CreateFunction(function) => self.create_function(function),
            Statement::Declare {
                stmts,
                separator: _,
            } => self.declare(stmts),
            Statement::Call(_) => {
                let problem = Problem {
                    kind: ProblemKind::Unsupported,
                    span,
                    message: "the procedure that is called is not in this file, so the tables that it writes are unknown".to_owned(),
                    help: "have a data steward read the procedure, or write its statements here".to_owned(),
                };
                self.unassessed("call", None, vec![problem], span);
            }
            Statement::Execute { .. } => {
                let problem = Problem {
                    kind: ProblemKind::DynamicSql,
                    span,
                    message: "the statement is made from a string when the script runs, so what it does is unknown".to_owned(),
                    help: "write the statement itself; if only a table's name changes, a steward reads each of them".to_owned(),
                };
                self.unassessed("execute immediate", None, vec![problem], span);
            }
            Statement::Set(_)
            | Statement::AlterTable(_)
            | Statement::AlterSchema(_)
            | Statement::AlterView { .. }
            | Statement::Drop { .. }
            | Statement::DropFunction(_)
            | Statement::DropProcedure { .. }
            | Statement::Delete(_)
            | Statement::Truncate(_)
            | Statement::CreateSchema { .. }
            | Statement::CreateDatabase { .. }
            | Statement::CreateIndex(_)
            | Statement::Grant(_)
            | Statement::Revoke(_)
            | Statement::StartTransaction { .. }
            | Statement::Commit { .. }
            | Statement::Rollback { .. }
            | Statement::Assert { .. }
            | Statement::Raise(_)
            | Statement::Return(_) => {}
            _ => {
                let problem = Problem {
                    kind: ProblemKind::Unsupported,
                    span,
                    message: "this statement is parsed but not modelled, so the rows that it may write are unknown".to_owned(),
                    help: "have a data steward read it by hand".to_owned(),
                };
                self.unassessed("statement", None, vec![problem], span);
            }
        }
    }

    fn create_table(&mut self, table: &'a ast::CreateTable, span: Span) {
        let target = table_name(&table.name);
        let copied = match (&table.like, &table.clone) {
            (_, Some(source)) => Some(source),
            (Some(_) | None, None) => None,
        };
        if table.temporary {
            let key = target.to_string().to_lowercase();
            let number = self.environment.tables.len();
            let once = self.followed
                && self.writes.get(&key).copied().unwrap_or(0) < 2
                && !self.writes.contains_key("");
            let made = match &table.query {
                Some(query) if once => TempTable::Query { query, number },
                Some(_) | None => TempTable::Unknown,
            };
            self.environment.tables.insert(key, made);
        } else if let Some(query) = &table.query {
            let names: Vec<String> = table
                .columns
                .iter()
                .map(|column| column.name.value.clone())
                .collect();
            self.dataset("create table as", Some(target), span, &names, |binder| {
                Some(binder.query(query))
            });
        } else if let Some(source) = copied {
            self.dataset("create table clone", Some(target), span, &[], |binder| {
                let at = binder.places.object_name(source);
                let name = table_name(source);
                let parts: Vec<&str> = name.parts().iter().map(String::as_str).collect();
                Some(binder.table(&parts, None, "CLONE", at))
            });
        }
    }

    fn is_temporary(&self, target: &TableName) -> bool {
        self.environment
            .tables
            .contains_key(&target.to_string().to_lowercase())
    }

    fn create_function(&mut self, function: &'a ast::CreateFunction) {
        let body = match &function.function_body {
            Some(ast::CreateFunctionBody::AsBeforeOptions {
                body,
                link_symbol: _,
            }) => body,
            Some(ast::CreateFunctionBody::AsAfterOptions(body)) => body,
            Some(
                ast::CreateFunctionBody::AsBeginEnd(_)
                | ast::CreateFunctionBody::Return(_)
                | ast::CreateFunctionBody::BeginAtomic(_)
                | ast::CreateFunctionBody::AsReturnExpr(_)
                | ast::CreateFunctionBody::AsReturnSelect(_),
            )
            | None => return,
        };
        if function.language.is_some() || function.remote_connection.is_some() {
            return;
        }
        let args: Option<Vec<String>> = function
            .args
            .iter()
            .flatten()
            .map(|arg| arg.name.as_ref().map(|name| name.value.clone()))
            .collect();
        let name: Vec<_> = table_name(&function.name).parts().to_vec();
        if let Some(args) = args {
            self.environment
                .functions
                .insert(name.join(".").to_lowercase(), Function { args, body });
        }
    }

    /// A variable that is given a constant where it is declared and never set
    /// again is that constant.
    fn declare(&mut self, declared: &'a [ast::Declare]) {
        for declare in declared {
            let default = match &declare.assignment {
                Some(
                    ast::DeclareAssignment::Default(value)
                    | ast::DeclareAssignment::Expr(value)
                    | ast::DeclareAssignment::DuckAssignment(value),
                ) => Some(&**value),
                Some(
                    ast::DeclareAssignment::For(_) | ast::DeclareAssignment::MsSqlAssignment(_),
                )
                | None => None,
            };
            let literal = default.filter(|_| self.followed).and_then(|value| {
                if let ExprKind::Literal(literal) = self.binder().expr(value).kind {
                    Some(literal)
                } else {
                    None
                }
            });
            for name in &declare.names {
                let never_set = !self.assigned.contains(&name.value.to_lowercase());
                let value = literal.clone().filter(|_| never_set);
                self.environment
                    .variables
                    .insert(name.value.to_lowercase(), value);
            }
        }
    }

    /// A statement that the parser has no tree for.
    fn unmodelled(&mut self, unmodelled: &'a Unmodelled, span: Span) {
        if !unmodelled.publishes {
            return;
        }
        let target = unmodelled.target.clone();
        let query = unmodelled
            .query
            .as_ref()
            .and_then(|query| match &query.kind {
                StatementKind::Sql(sql) => {
                    if let Statement::Query(query) = &**sql {
                        Some(&**query)
                    } else {
                        None
                    }
                }
                StatementKind::Unmodelled(_) | StatementKind::Failed(_) => None,
            });
        let model = unmodelled.word == "CREATE MODEL";
        match query {
            Some(query) if model => {
                self.dataset("create model", target, span, &[], |binder| {
                    let input = binder.query(query);
                    Some(binder.add(
                        Operator::Model {
                            function: "CREATE MODEL".to_owned(),
                            inputs: vec![input],
                        },
                        Vec::new(),
                        "CREATE MODEL",
                        span,
                    ))
                });
            }
            Some(query) => {
                self.dataset("create table copy", target, span, &[], |binder| {
                    Some(binder.query(query))
                });
            }
            None => {
                let problem = Problem {
                    kind: ProblemKind::Unsupported,
                    span,
                    message: format!(
                        "{} is not modelled, so the rows that it may write are unknown",
                        unmodelled.word
                    ),
                    help:
                        "write the statements outside the block, or have a data steward read them"
                            .to_owned(),
                };
                self.unassessed("script", target, vec![problem], span);
            }
        }
    }
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

fn factor_name(factor: &ast::TableFactor) -> Option<TableName> {
    if let ast::TableFactor::Table { name, .. } = factor {
        return Some(table_name(name));
    }
    None
}

fn last_name(name: &ast::ObjectName) -> Option<String> {
    name.0
        .last()
        .and_then(|part| part.as_ident())
        .map(|ident| ident.value.clone())
}
