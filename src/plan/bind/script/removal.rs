//! Statements that remove or change rows of stored tables.
//!
//! The later content of the table discloses what decided the change. A change that
//! always happens and reads no other rows discloses nothing: it affects all rows, or
//! those that their own values select.

use sqlparser::ast;
use sqlparser::ast::Statement as Sql;

use super::Session;
use super::control::Decision;
use super::graph::{Graph, NodeId, Step};
use super::query_of;
use super::solve::factor_name;
use super::table_name;
use crate::catalog::TableName;
use crate::plan::bind::write::reads_other_tables;
use crate::syntax::{DroppedObject, Statement, StatementKind};

/// A change of tables that others have written.
pub(super) enum Change<'a> {
    /// Changes one table; the second value selects the affected rows.
    Of(TableName, ChangeSelector<'a>),
    /// Changes all tables of a dataset.
    Dataset(TableName),
    /// Restores the tables that its transaction has changed.
    Undo,
}

/// What selects the rows that a change affects.
pub(super) enum ChangeSelector<'a> {
    /// Nothing: it affects all of them.
    Nothing,
    /// The condition of a DELETE, in the query for the deleted rows.
    Rows(&'a ast::Query),
    /// The source of a MERGE that deletes.
    Source,
}

/// How a change discloses data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeDisclosure {
    /// By whether it happens.
    Whether,
    /// By which rows it affects.
    Which,
}

impl<'a> Graph<'a> {
    /// Returns how a node changes an existing stored table.
    pub(super) fn change(&self, id: NodeId) -> Option<Change<'a>> {
        let Step::Run(Statement { kind, .. }) = self.node(id).step else {
            return None;
        };
        change(kind)
    }

    /// Returns the data decisions about whether a change happens.
    ///
    /// If a handler ends the script, the transaction is rolled back without it too.
    pub(super) fn deciding_change(
        &self,
        id: NodeId,
        change: &Change<'_>,
    ) -> Vec<(Decision, Option<bool>)> {
        let undoes = matches!(change, Change::Undo);
        let ends = |decision: &Decision| matches!(decision, Decision::Failure(handle) if self.ending.contains(handle));
        let deciding = self.deciding(id).into_iter();
        deciding
            .filter(|(decision, _)| !(undoes && ends(decision)))
            .collect()
    }

    /// Returns whether data decide that a transaction is rolled back.
    fn may_undo_by_data(&self) -> bool {
        self.ids().any(|id| match self.change(id) {
            Some(undo @ Change::Undo) => !self.deciding_change(id, &undo).is_empty(),
            Some(Change::Of(..) | Change::Dataset(_)) | None => false,
        })
    }
}

impl<'a> Session<'a> {
    /// Returns how a change discloses data; `None` if it does not.
    pub(super) fn disclosure_of_change(
        &self,
        id: NodeId,
        change: &Change<'a>,
    ) -> Option<ChangeDisclosure> {
        let asks = match change {
            Change::Of(_, ChangeSelector::Rows(query)) => self.reads_other_tables(id, query),
            Change::Of(_, ChangeSelector::Source) => true,
            Change::Of(_, ChangeSelector::Nothing) | Change::Dataset(_) | Change::Undo => false,
        };
        if asks {
            return Some(ChangeDisclosure::Which);
        }
        let decided = !self.graph.deciding_change(id, change).is_empty()
            || !self.graph.deciding_commit(id).is_empty()
            || !self.graph.deciding_kind(id).is_empty()
            || self.graph.options_of_data(id)
            || self.graph.has_chosen_target(id);
        let undone = || self.graph.may_undo_by_data();
        (decided || *self.undone.get_or_init(undone)).then_some(ChangeDisclosure::Whether)
    }

    /// Returns whether the condition of a DELETE reads rows of other tables.
    pub(super) fn reads_other_tables(&self, id: NodeId, deleted: &'a ast::Query) -> bool {
        let ast::SetExpr::Select(select) = &*deleted.body else {
            return true;
        };
        let Some(condition) = &select.selection else {
            return false;
        };
        let mut binder = self.binder(id);
        let (_, scope) = binder.factors(&select.from, self.graph.node(id).span);
        reads_other_tables(&binder.over(&scope, condition))
    }
}

fn change(kind: &StatementKind) -> Option<Change<'_>> {
    match kind {
        StatementKind::Delete { target, rows } => {
            let asks = query_of(rows).map_or(ChangeSelector::Source, ChangeSelector::Rows);
            Some(Change::Of(target.clone(), asks))
        }
        StatementKind::Truncate { target }
        | StatementKind::Alter { target }
        | StatementKind::Expire { target }
        | StatementKind::Model { target, .. }
        | StatementKind::Rename { target, .. }
        | StatementKind::Load {
            target,
            temporary: false,
        }
        | StatementKind::Drop {
            object: DroppedObject::Table,
            target,
        } => Some(Change::Of(target.clone(), ChangeSelector::Nothing)),
        StatementKind::Drop {
            object: DroppedObject::Dataset,
            target,
        } => Some(Change::Dataset(target.clone())),
        StatementKind::Access { dataset, target } if *dataset => {
            Some(Change::Dataset(target.clone()))
        }
        StatementKind::Access { target, .. } => {
            Some(Change::Of(target.clone(), ChangeSelector::Nothing))
        }
        StatementKind::Inert(word) if word == "ROLLBACK" => Some(Change::Undo),
        StatementKind::Sql(sql) => change_by(sql),
        // Statements that are not understood are not assessed.
        StatementKind::Unmodelled(_) | StatementKind::Failed(_) => None,
        StatementKind::Load {
            temporary: true, ..
        }
        | StatementKind::Drop {
            object:
                DroppedObject::Function | DroppedObject::TableFunction | DroppedObject::Procedure,
            ..
        }
        | StatementKind::Block { .. }
        | StatementKind::Branches { .. }
        | StatementKind::Loop { .. }
        | StatementKind::Jump(_)
        | StatementKind::Assert { .. }
        | StatementKind::Procedure(_)
        | StatementKind::TableFunction(_)
        | StatementKind::ExecuteImmediate(_)
        | StatementKind::Inert(_) => None,
    }
}

/// Returns how an SQL statement changes existing rows; INSERT keeps them.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "those that `publish` knows to write no table, and those that it reports as not modelled"
)]
fn change_by(sql: &Sql) -> Option<Change<'_>> {
    match sql {
        Sql::Merge(merge) => {
            let deletes = |clause: &ast::MergeClause| {
                matches!(clause.action, ast::MergeAction::Delete { .. })
            };
            let asks = if merge.clauses.iter().any(deletes) {
                ChangeSelector::Source
            } else {
                ChangeSelector::Nothing
            };
            Some(Change::Of(factor_name(&merge.table)?, asks))
        }
        Sql::Update(update) => {
            let target = factor_name(&update.table.relation)?;
            Some(Change::Of(target, ChangeSelector::Nothing))
        }
        Sql::CreateTable(table) if !table.temporary => {
            Some(Change::Of(table_name(&table.name), ChangeSelector::Nothing))
        }
        Sql::CreateView(view) if !view.temporary => {
            Some(Change::Of(table_name(&view.name), ChangeSelector::Nothing))
        }
        _ => None,
    }
}

/// Returns the stored table that a statement changes, if it changes one.
pub fn changed_table(kind: &StatementKind) -> Option<TableName> {
    match change(kind)? {
        Change::Of(name, _) => Some(name),
        Change::Dataset(_) | Change::Undo => None,
    }
}

/// Returns whether a MERGE writes no rows: it only deletes, or does nothing.
pub(super) fn only_deletes(merge: &ast::Merge) -> bool {
    merge.clauses.iter().all(|clause| {
        matches!(
            clause.action,
            ast::MergeAction::Delete { .. } | ast::MergeAction::DoNothing { .. }
        )
    })
}
