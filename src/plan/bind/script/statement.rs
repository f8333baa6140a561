//! Statements that the parser has a tree for.

use std::rc::Rc;

use sqlparser::ast;
use sqlparser::ast::Statement;

use super::environment::Function;
use super::table::{Table, Writer, Written, key};
use super::variable::{Variable, set_of};
use super::{Problem, ProblemKind, Session, query_of, table_name};
use crate::catalog::TableName;
use crate::plan::Operator;
use crate::plan::routine::visible;
use crate::source::Span;
use crate::syntax;

impl<'a> Session<'a> {
    /// One statement of SQL. Statements that only define, grant or drop yield
    /// no rows; any that is not known to be one of these is unsupported.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the last arm ends in HC007, so a new statement is never passed over"
    )]
    pub(super) fn statement(&mut self, sql: &'a Statement, span: Span) {
        match sql {
            Statement::Query(query) => {
                self.dataset("query", None, span, &[], |binder| Some(binder.query(query)));
            }
            Statement::CreateTable(table) => self.create_table(table, span),
            Statement::CreateView(view) => self.create_view(view, span),
            Statement::Insert(insert) => self.insert(insert, span),
            Statement::Merge(merge) => {
                let target = factor_name(&merge.table);
                if !self.is_temporary(target.as_ref()) {
                    self.dataset("merge", target.clone(), span, &[], |binder| {
                        binder.merge(merge)
                    });
                }
                if let Some(target) = target {
                    self.change(&target, |table| table.unknown = Some("is written by MERGE"));
                }
            }
            Statement::Update(update) => {
                let target = factor_name(&update.table.relation);
                if !self.is_temporary(target.as_ref()) {
                    self.dataset("update", target.clone(), span, &[], |binder| {
                        binder.update(update)
                    });
                }
                if let Some(target) = target {
                    let names: Option<Vec<String>> =
                        update.assignments.iter().map(assigned_column).collect();
                    self.change(&target, |table| match names {
                        Some(names) => table.changed.extend(names),
                        None => table.unknown = Some("is written by UPDATE"),
                    });
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
            Statement::Set(set) => self.set(set),
            Statement::Call(call) => self.call(call, span),
            Statement::AlterTable(_)
            | Statement::AlterSchema(_)
            | Statement::AlterView { .. }
            | Statement::Drop { .. }
            | Statement::DropFunction(_)
            | Statement::DropProcedure { .. }
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
                self.lose_track("may be written by a statement that is not modelled");
            }
        }
    }

    fn create_table(&mut self, table: &'a ast::CreateTable, span: Span) {
        let target = table_name(&table.name);
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| column.name.value.clone())
            .collect();
        let (rows, what) = match (&table.query, &table.clone) {
            (Some(query), _) => (Some(Written::Query(query)), "create table as"),
            (None, Some(source)) => (Some(Written::Table(source)), "create table clone"),
            (None, None) => (None, ""),
        };
        if let Some(rows) = rows
            && !table.temporary
        {
            self.dataset(what, Some(target.clone()), span, &columns, |binder| {
                Some(match rows {
                    Written::Query(query) => binder.query(query),
                    Written::Table(source) => {
                        let at = binder.places.object_name(source);
                        let name = table_name(source);
                        let parts: Vec<&str> = name.parts().iter().map(String::as_str).collect();
                        binder.table(&parts, None, "CLONE", at)
                    }
                })
            });
        }
        if table.if_not_exists && self.environment.table(&target).is_some() {
            // It is there already.
            return;
        }
        let mut made = Table::empty(target, columns);
        made.temporary = table.temporary;
        // Without a list of columns and without a query it has those of another
        // table (LIKE), or of files.
        if rows.is_none() && made.columns.is_empty() {
            if !table.temporary {
                return;
            }
            made.unknown = Some("has columns that are not declared");
        }
        if table.if_not_exists && !table.temporary {
            // What it holds may be of another day.
            made.unknown = Some("may have been there before");
        }
        made.writers
            .extend(rows.map(|rows| self.writer(rows, Vec::new())));
        self.define(made);
    }

    fn create_view(&mut self, view: &'a ast::CreateView, span: Span) {
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
        if !view.temporary {
            self.dataset(statement, Some(target.clone()), span, &names, |binder| {
                let rows = binder.query(&view.query);
                Some(binder.protected(rows, view))
            });
        }
        let mut made = Table::empty(target, names);
        made.temporary = view.temporary;
        made.writers
            .push(self.writer(Written::Query(&view.query), Vec::new()));
        self.define(made);
    }

    fn insert(&mut self, insert: &'a ast::Insert, span: Span) {
        let target = match &insert.table {
            ast::TableObject::TableName(name) => Some(table_name(name)),
            ast::TableObject::TableFunction(_) | ast::TableObject::TableQuery(_) => None,
        };
        let names: Vec<String> = insert.columns.iter().filter_map(last_name).collect();
        let Some(source) = &insert.source else {
            return;
        };
        if !self.is_temporary(target.as_ref()) {
            self.dataset("insert", target.clone(), span, &names, |binder| {
                Some(binder.query(source))
            });
        }
        if let Some(target) = target {
            let writer = self.writer(Written::Query(source), names);
            self.change(&target, |table| {
                if table.writers.len() < WRITERS_LIMIT {
                    table.writers.push(writer);
                } else {
                    table.unknown = Some("is written by too many statements");
                }
            });
        }
    }

    fn writer(&self, rows: Written<'a>, columns: Vec<String>) -> Writer<'a> {
        Writer {
            rows,
            columns,
            environment: self.environment.clone(),
            places: Rc::clone(&self.places),
        }
    }

    fn define(&mut self, table: Table<'a>) {
        self.environment
            .tables
            .insert(key(&table.name), Rc::new(table));
    }

    /// Changes a table that the script makes.
    pub(super) fn change(&mut self, target: &TableName, change: impl FnOnce(&mut Table<'a>)) {
        if let Some(known) = self.environment.table(target) {
            let mut changed = (**known).clone();
            change(&mut changed);
            self.define(changed);
        }
    }

    fn is_temporary(&self, target: Option<&TableName>) -> bool {
        target
            .and_then(|target| self.environment.table(target))
            .is_some_and(|table| table.temporary)
    }

    /// LOAD DATA: nobody knows what is in files.
    pub(super) fn load(&mut self, target: &TableName, temporary: bool, span: Span) {
        if !temporary {
            let problem = Problem {
                kind: ProblemKind::Unsupported,
                span,
                message: "the rows come from files, so whose they are is unknown".to_owned(),
                help: "have a data steward look at the files".to_owned(),
            };
            self.unassessed("load data", Some(target.clone()), vec![problem], span);
        }
        let mut table = Table::unknown(target.clone(), "is loaded from files");
        table.temporary = temporary;
        self.define(table);
    }

    pub(super) fn model(
        &mut self,
        target: &TableName,
        queries: &'a [syntax::Statement],
        span: Span,
    ) {
        if queries.is_empty() {
            // Remote and imported models hold nothing of the warehouse.
            return;
        }
        let known: Option<Vec<&ast::Query>> = queries.iter().map(query_of).collect();
        match known {
            Some(known) => {
                self.dataset("create model", Some(target.clone()), span, &[], |binder| {
                    let inputs = known.into_iter().map(|query| binder.query(query)).collect();
                    let operator = Operator::Model {
                        function: "CREATE MODEL".to_owned(),
                        inputs,
                    };
                    Some(binder.add(operator, Vec::new(), "CREATE MODEL", span))
                });
            }
            None => self.unassessed("create model", Some(target.clone()), Vec::new(), span),
        }
    }

    fn create_function(&mut self, function: &'a ast::CreateFunction) {
        let name: Vec<_> = table_name(&function.name).parts().to_vec();
        if let Some((args, body)) = visible(function) {
            self.environment.functions.insert(
                name.join(".").to_lowercase(),
                Function {
                    args,
                    body,
                    places: Rc::clone(&self.places),
                },
            );
        }
    }

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
            let value = match default {
                Some(value) => {
                    let mut binder = self.binder();
                    Variable::of_expr(&mut binder, value, &self.environment, &self.places)
                }
                None => Variable::Fixed,
            };
            let value = Rc::new(value);
            for name in &declare.names {
                self.environment
                    .variables
                    .insert(name.value.to_lowercase(), Rc::clone(&value));
            }
        }
    }

    fn set(&mut self, set: &'a ast::Set) {
        // All values are those before the statement.
        let values: Vec<(String, Variable<'a>)> = set_of(set)
            .into_iter()
            .map(|(name, value)| {
                let value = match value {
                    Some(value) => {
                        let mut binder = self.binder();
                        Variable::of_expr(&mut binder, value, &self.environment, &self.places)
                    }
                    None => Variable::Unknown("is set in a way that is not followed"),
                };
                (name, value)
            })
            .collect();
        for (name, value) in values {
            self.environment.variables.insert(name, Rc::new(value));
        }
    }
}

/// Statements that may write one table and are followed.
const WRITERS_LIMIT: usize = 200;

/// The table that a statement writes.
pub(super) fn target(sql: &Statement) -> Option<TableName> {
    if let Statement::CreateTable(table) = sql {
        return Some(table_name(&table.name));
    }
    if let Statement::CreateView(view) = sql {
        return Some(table_name(&view.name));
    }
    if let Statement::Insert(insert) = sql
        && let ast::TableObject::TableName(name) = &insert.table
    {
        return Some(table_name(name));
    }
    if let Statement::Merge(merge) = sql {
        return factor_name(&merge.table);
    }
    if let Statement::Update(update) = sql {
        return factor_name(&update.table.relation);
    }
    None
}

/// The column that an assignment of UPDATE gives a value to.
fn assigned_column(assignment: &ast::Assignment) -> Option<String> {
    match &assignment.target {
        // A field of a record changes the record.
        ast::AssignmentTarget::ColumnName(name) => name
            .0
            .first()
            .and_then(|part| part.as_ident())
            .map(|ident| ident.value.clone()),
        ast::AssignmentTarget::Tuple(_) => None,
    }
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
