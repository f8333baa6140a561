//! The datasets of a script.
//!
//! Each is bound with the state at its node, and under the conditions that decide
//! whether it runs.

use std::rc::Rc;

use sqlparser::ast;
use sqlparser::ast::Statement;

use super::graph::{NodeId, Step};
use super::later::DELETED;
use super::names::{default_name, stored};
use super::options::OPTIONED;
use super::removal::{Change, ChangeDisclosure};
use super::solve::factor_name;
use super::table::last_name;
use super::{Dataset, Problem, ProblemKind, Session, query_of, table_name};
use crate::budget;
use crate::catalog::TableName;
use crate::plan::Operator;
use crate::plan::bind::{Binder, RelId};
use crate::source::Span;
use crate::syntax;
use crate::syntax::StatementKind;

/// Units of budget for one dataset until it is reported, about 10,000 bytes.
const OF_A_DATASET: usize = 100;
/// The number of compared datasets that cost one unit of budget.
const COMPARED: usize = 128;

/// Returns whether a statement is modelled, or known not to change tables.
///
/// Statements for which this is `false` are reported or may change any table.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the last arm ends in HC007, so a new statement is never passed over"
)]
pub(super) fn is_inert(sql: &Statement) -> bool {
    match sql {
        Statement::Query(_)
        | Statement::CreateTable(_)
        | Statement::CreateView(_)
        | Statement::Insert(_)
        | Statement::Merge(_)
        | Statement::Update(_)
        | Statement::ExportData(_)
        | Statement::CreateFunction(_)
        | Statement::Declare { .. }
        | Statement::Set(_)
        | Statement::Call(_)
        | Statement::AlterSchema(_)
        | Statement::AlterView { .. }
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
        | Statement::Raise(_)
        | Statement::Return(_) => true,
        Statement::Drop { object_type, .. } => !matches!(
            object_type,
            ast::ObjectType::Table | ast::ObjectType::View | ast::ObjectType::MaterializedView
        ),
        _ => false,
    }
}

/// Returns the name of a table after `RENAME TO`; it stays in its dataset.
pub(super) fn renamed(from: &TableName, to: &str) -> TableName {
    let mut parts: Vec<&str> = from.parts().iter().map(String::as_str).collect();
    parts.pop();
    parts.push(to);
    TableName::new(parts)
}

impl<'a> Session<'a> {
    /// Binds all datasets, in textual order.
    pub(super) fn publish(&mut self) {
        let last = self.graph.last_queries();
        let every = self.definitions.publishes_every_query();
        for id in self.graph.ids() {
            if self.graph.is_query(id) && !every && !last.contains(&id) {
                continue;
            }
            let graph = Rc::clone(&self.graph);
            let node = graph.node(id);
            match node.step {
                Step::Run(statement) => self.run(id, &statement.kind, node.span),
                Step::Unseen(_, why) => {
                    let problem = Problem {
                        kind: ProblemKind::Unsupported,
                        span: node.span,
                        message: format!("{why}, so the tables that it writes are unknown"),
                        help:
                            "ask a data steward to read the procedure, or write its statements here"
                                .to_owned(),
                    };
                    self.unassessed("call", None, vec![problem], node.span);
                }
                Step::Meet
                | Step::Handle
                | Step::Ask(..)
                | Step::Source(_)
                | Step::Row(..)
                | Step::Give { .. }
                | Step::Return { .. }
                | Step::Forget => {}
            }
        }
    }

    fn run(&mut self, id: NodeId, kind: &'a StatementKind, span: Span) {
        match kind {
            StatementKind::Sql(sql) => self.statement(id, sql, span),
            StatementKind::Model { target, queries } => self.model(id, target, queries, span),
            StatementKind::Load { target, temporary } if !temporary => {
                let problem = Problem {
                    kind: ProblemKind::Unsupported,
                    span,
                    message: "the rows come from files, so the people in them are unknown"
                        .to_owned(),
                    help: "ask a data steward to check the files".to_owned(),
                };
                let target = self.stored_name(id, target);
                self.unassessed("load data", Some(target), vec![problem], span);
            }
            StatementKind::ExecuteImmediate(dynamic) if dynamic.script.is_none() => {
                let problem = Problem {
                    kind: ProblemKind::DynamicSql,
                    span,
                    message: "the statement is built from a string when the script runs, so its effect is unknown".to_owned(),
                    help: "write the statement itself; if only the name of a table changes, a data steward reads each of the statements".to_owned(),
                };
                self.unassessed("execute immediate", None, vec![problem], span);
            }
            StatementKind::TableFunction(function) => {
                if matches!(function.query.kind, StatementKind::Failed(_)) {
                    self.unassessed("statement", None, Vec::new(), function.query.span);
                }
            }
            StatementKind::Unmodelled(word) => {
                let problem = Problem {
                    kind: ProblemKind::Unsupported,
                    span,
                    message: format!("{word} is not modelled, so its output is unknown"),
                    help: "ask a data steward to check its output".to_owned(),
                };
                self.unassessed("statement", None, vec![problem], span);
            }
            StatementKind::Failed(_) => self.unassessed("statement", None, Vec::new(), span),
            StatementKind::Delete { rows, .. } => {
                if matches!(rows.kind, StatementKind::Failed(_)) {
                    self.unassessed("statement", None, Vec::new(), span);
                } else {
                    let text = self.graph.node(id).places.slice(span);
                    let policy = text
                        .get(..6)
                        .is_some_and(|word| word.eq_ignore_ascii_case("create"));
                    let statement = if policy {
                        "create row access policy"
                    } else {
                        "delete"
                    };
                    self.taken(id, statement, span);
                }
            }
            StatementKind::Truncate { .. } => self.taken(id, "truncate table", span),
            StatementKind::Alter { .. } | StatementKind::Expire { .. } => {
                self.taken(id, "alter table", span);
            }
            StatementKind::Drop { .. } => self.taken(id, "drop", span),
            StatementKind::Access { .. } => self.taken(id, "grant", span),
            StatementKind::Block { .. }
            | StatementKind::Branches { .. }
            | StatementKind::Loop { .. }
            | StatementKind::Jump(_)
            | StatementKind::Assert { .. }
            | StatementKind::Procedure(_)
            | StatementKind::Load { .. }
            | StatementKind::ExecuteImmediate(_)
            | StatementKind::Inert(_) => {}
            StatementKind::Rename { target, to } => {
                if self.writers
                    && let Some(Some(from)) = self.published(id, Some(target.clone()))
                {
                    let to = renamed(&from, to);
                    self.dataset(id, "rename", Some(to), &[], |binder| {
                        let parts: Vec<&str> = target.parts().iter().map(String::as_str).collect();
                        Some(binder.table(&parts, None, "RENAME TO", span))
                    });
                }
                self.taken(id, "rename", span);
            }
        }
    }

    /// Binds the dataset of one SQL statement, if it has one.
    ///
    /// Statements that only define, grant or drop yield no rows; any that is not
    /// known to be one of these is reported as unsupported.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the last arm ends in HC007, so a new statement is never passed over"
    )]
    fn statement(&mut self, id: NodeId, sql: &'a Statement, span: Span) {
        match sql {
            Statement::Query(query) => {
                self.dataset(id, "query", None, &[], |binder| Some(binder.query(query)));
            }
            Statement::CreateTable(table) => self.create_table(id, table, span),
            Statement::CreateView(view) => self.create_view(id, view),
            Statement::Insert(insert) => self.insert(id, insert),
            Statement::Merge(merge) => {
                let target = factor_name(&merge.table);
                if let Some(target) = self.published(id, target)
                    && !self.dataset(id, "merge", target, &[], |binder| binder.merge(merge))
                {
                    self.taken(id, "merge", span);
                }
            }
            Statement::Update(update) => {
                let target = factor_name(&update.table.relation);
                if let Some(target) = self.published(id, target)
                    && !self.dataset(id, "update", target, &[], |binder| binder.update(update))
                {
                    self.taken(id, "update", span);
                }
            }
            Statement::ExportData(export) => {
                self.dataset(id, "export data", None, &[], |binder| {
                    Some(binder.query(&export.query))
                });
            }
            other if is_inert(other) => {}
            _ => {
                let problem = Problem {
                    kind: ProblemKind::Unsupported,
                    span,
                    message: "this statement is parsed but not modelled, so the rows that it may write are unknown".to_owned(),
                    help: "ask a data steward to read it".to_owned(),
                };
                self.unassessed("statement", None, vec![problem], span);
            }
        }
    }

    fn create_table(&mut self, id: NodeId, table: &'a ast::CreateTable, span: Span) {
        if table.temporary {
            return;
        }
        let target = self.stored_name(id, &table_name(&table.name));
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| column.name.value.clone())
            .collect();
        if let Some(query) = &table.query {
            self.dataset(id, "create table as", Some(target), &columns, |binder| {
                Some(binder.query(query))
            });
        } else if let Some(source) = &table.clone {
            self.dataset(id, "create table clone", Some(target), &columns, |binder| {
                let at = binder.places.object_name(source);
                let name = table_name(source);
                let parts: Vec<&str> = name.parts().iter().map(String::as_str).collect();
                Some(binder.table(&parts, None, "CLONE", at))
            });
        } else {
            self.taken(id, "create table", span);
        }
    }

    fn create_view(&mut self, id: NodeId, view: &'a ast::CreateView) {
        if view.temporary {
            return;
        }
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
        let target = self.stored_name(id, &table_name(&view.name));
        self.dataset(id, statement, Some(target), &names, |binder| {
            let lasting = binder.environment.lasting();
            let here = std::mem::replace(&mut binder.environment, lasting);
            let rows = binder.query(&view.query);
            let rows = binder.protected(rows, view);
            binder.environment = here;
            Some(rows)
        });
    }

    fn insert(&mut self, id: NodeId, insert: &'a ast::Insert) {
        let target = match &insert.table {
            ast::TableObject::TableName(name) => Some(table_name(name)),
            ast::TableObject::TableFunction(_) | ast::TableObject::TableQuery(_) => None,
        };
        let names: Vec<String> = insert.columns.iter().filter_map(last_name).collect();
        let Some(source) = &insert.source else {
            return;
        };
        let fresh = target
            .as_ref()
            .is_some_and(|target| self.graph.is_fresh(id, target));
        if let Some(target) = self.published(id, target) {
            self.dataset(id, "insert", target, &names, |binder| {
                Some(binder.query(source))
            });
            if let Some(dataset) = self.datasets.last_mut() {
                dataset.fresh = fresh;
            }
        }
    }

    fn model(
        &mut self,
        id: NodeId,
        target: &TableName,
        queries: &'a [syntax::Statement],
        span: Span,
    ) {
        if queries.is_empty() {
            // Remote and imported models contain no data of the warehouse.
            return;
        }
        // A reader of the model looks it up among the tables.
        let target = if self.writers {
            self.stored_name(id, &target.of_model())
        } else {
            target.clone()
        };
        let known: Option<Vec<&ast::Query>> = queries.iter().map(query_of).collect();
        match known {
            Some(known) => {
                self.dataset(id, "create model", Some(target), &[], |binder| {
                    Some(binder.trained(&known, span))
                });
            }
            None => self.unassessed("create model", Some(target), Vec::new(), span),
        }
    }

    /// Binds a statement that removes rows, or writes constants only.
    ///
    /// What it discloses is that it ran, and which rows it affected. A reader of the
    /// table finds it as a doubt instead.
    fn taken(&mut self, id: NodeId, statement: &'static str, span: Span) {
        if self.writers {
            return;
        }
        let Some(change) = self.graph.change(id) else {
            return;
        };
        let Some(told) = self.disclosure_of_change(id, &change) else {
            return;
        };
        let target = match change {
            Change::Of(name, _) => match self.published(id, Some(name)) {
                Some(target) => target,
                None => return,
            },
            Change::Dataset(_) => None,
            Change::Undo => return,
        };
        self.dataset(id, statement, target, &[], |binder| {
            let rows = Operator::Rows(vec![Vec::new()]);
            let rows = binder.add(rows, Vec::new(), "FROM", span);
            Some(match told {
                ChangeDisclosure::Whether => rows,
                ChangeDisclosure::Which => binder.filter_by_unknown(rows, DELETED, span),
            })
        });
    }

    fn stored_name(&self, id: NodeId, name: &TableName) -> TableName {
        default_name(&self.graph, self.graph.state(id), name)
    }

    /// Returns the stored table that a statement may write.
    ///
    /// `None` if it writes a temporary table; `Some(None)` if it names none.
    fn published(&self, id: NodeId, target: Option<TableName>) -> Option<Option<TableName>> {
        let Some(target) = target else {
            return Some(None);
        };
        stored(&self.graph, id, &target).map(Some)
    }

    /// Binds one dataset; returns whether there is one.
    ///
    /// `bind` returns the relation whose rows are published, if there is one. A
    /// dataset that exceeds the budget of a file is reported as not assessed; those
    /// before it are kept.
    fn dataset(
        &mut self,
        id: NodeId,
        statement: &'static str,
        target: Option<TableName>,
        names: &[String],
        bind: impl FnOnce(&mut Binder<'a>) -> Option<RelId>,
    ) -> bool {
        let named = target.clone();
        let done = budget::part(|| self.bound(id, statement, target, names, bind));
        done.unwrap_or_else(|stop| {
            let span = self.graph.node(id).span;
            let problem = Problem::stopped(&stop, span, "statement");
            self.unassessed(statement, named, vec![problem], span);
            true
        })
    }

    fn bound(
        &mut self,
        id: NodeId,
        statement: &'static str,
        target: Option<TableName>,
        names: &[String],
        bind: impl FnOnce(&mut Binder<'a>) -> Option<RelId>,
    ) -> bool {
        let mut binder = self.binder(id);
        // A MERGE that only deletes, or an UPDATE that assigns constants, writes no
        // rows of another table.
        let Some(root) = bind(&mut binder) else {
            return false;
        };
        let node = self.graph.node(id);
        // A reader of the table finds these doubts through the table.
        if !self.writers && (target.is_some() || statement == "query") {
            for doubt in self.definitions.other_writers(target.as_ref()) {
                binder.doubted(&doubt, node.span);
            }
        }
        let root = binder.output(root, names);
        let mut root = binder.under(root, id);
        if self.graph.options_of_data(id) {
            root = binder.filter_by_unknown(root, OPTIONED, node.span);
        }
        if let Some(target) = &target {
            root = binder.at_target(root, id);
            let kept = self.graph.deciding_commit(id);
            root = binder.under_all(root, kept);
            root = self.apply_later_changes(&mut binder, root, id, target);
        }
        let root = binder.in_time_zone(root);
        binder.plan.set_root(root);
        let ids = binder.plan.sort();
        for (_, relation) in &mut binder.grafted.tables {
            *relation = ids[relation.0 as usize];
        }
        let dataset = Dataset {
            span: node.span,
            statement,
            target,
            named: !names.is_empty() || matches!(statement, "merge" | "update"),
            fresh: false,
            plan: binder.plan,
            problems: binder.problems,
            grafted: binder.grafted,
        };
        // A procedure that is called twice writes the same twice.
        budget::spend(self.datasets.len() / COMPARED);
        let known = node.called
            && self.datasets.iter().any(|known| {
                known.span == dataset.span
                    && known.plan == dataset.plan
                    && known.problems == dataset.problems
            });
        if !known {
            budget::spend(OF_A_DATASET);
            self.datasets.push(dataset);
        }
        true
    }

    fn unassessed(
        &mut self,
        statement: &'static str,
        target: Option<TableName>,
        problems: Vec<Problem>,
        span: Span,
    ) {
        let same = |known: &Dataset| {
            known.span == span && known.plan.root().is_none() && known.problems == problems
        };
        budget::spend(OF_A_DATASET + self.datasets.len() / COMPARED);
        if self.datasets.iter().any(same) {
            return;
        }
        self.datasets
            .push(Dataset::unassessed(span, statement, target, problems));
    }
}
