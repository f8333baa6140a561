//! Targets of statements that data decide.
//!
//! Data may decide which table a statement writes, and whether it has any effect: if
//! the default dataset or project is computed from data, or if data decide whether
//! the table exists or whether a temporary one hides it.

use std::rc::Rc;

use rustc_hash::FxHashSet;
use sqlparser::ast;
use sqlparser::ast::Statement as Sql;

use super::control::Decision;
use super::graph::{Graph, NodeId, Step};
use super::names::{defaulting, named, stored_key};
use super::removal::Change;
use super::solve::factor_name;
use super::state::{NameCandidates, OUTSIDE, TableKey};
use super::table::TableContent;
use super::table_name;
use crate::budget;
use crate::catalog::TableName;
use crate::plan::bind::{Binder, RelId};
use crate::plan::{Comparison, Expr, ExprKind};
use crate::syntax::{DroppedObject, StatementKind};

/// What a statement does to the table that it names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TargetEffect {
    /// Replaces the table, whatever it was before.
    Replaces,
    /// Creates the table if it does not exist.
    Makes,
    /// Changes an existing table.
    Changes,
}

/// Returns the table that a statement is about.
fn target(kind: &StatementKind) -> Option<(TableName, TargetEffect)> {
    match kind {
        StatementKind::Sql(sql) => target_of(sql),
        StatementKind::Model { target, .. } => Some((target.of_model(), TargetEffect::Replaces)),
        StatementKind::Load { target, .. }
        | StatementKind::Delete { target, .. }
        | StatementKind::Truncate { target }
        | StatementKind::Alter { target }
        | StatementKind::Expire { target }
        | StatementKind::Access {
            dataset: false,
            target,
        }
        | StatementKind::Rename { target, .. }
        | StatementKind::Drop {
            object: DroppedObject::Table,
            target,
        } => Some((target.clone(), TargetEffect::Changes)),
        StatementKind::Drop { .. }
        | StatementKind::Access { .. }
        | StatementKind::Block { .. }
        | StatementKind::Branches { .. }
        | StatementKind::Loop { .. }
        | StatementKind::Jump(_)
        | StatementKind::Assert { .. }
        | StatementKind::Procedure(_)
        | StatementKind::TableFunction(_)
        | StatementKind::ExecuteImmediate(_)
        | StatementKind::Inert(_)
        | StatementKind::Unmodelled(_)
        | StatementKind::Failed(_) => None,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "statements that write no table that they name"
)]
fn target_of(sql: &Sql) -> Option<(TableName, TargetEffect)> {
    let made = |replaces: bool| {
        if replaces {
            TargetEffect::Replaces
        } else {
            TargetEffect::Makes
        }
    };
    match sql {
        Sql::CreateTable(table) => Some((table_name(&table.name), made(table.or_replace))),
        Sql::CreateView(view) => Some((table_name(&view.name), made(view.or_replace))),
        Sql::Insert(insert) => match &insert.table {
            ast::TableObject::TableName(name) => Some((table_name(name), TargetEffect::Changes)),
            ast::TableObject::TableFunction(_) | ast::TableObject::TableQuery(_) => None,
        },
        Sql::Merge(merge) => Some((factor_name(&merge.table)?, TargetEffect::Changes)),
        Sql::Update(update) => Some((factor_name(&update.table.relation)?, TargetEffect::Changes)),
        _ => None,
    }
}

impl Graph<'_> {
    fn target(&self, id: NodeId) -> Option<(TableName, TargetEffect)> {
        let Step::Run(statement) = self.node(id).step else {
            return None;
        };
        target(&statement.kind)
    }

    /// Returns the tables that the target of a node may be.
    fn named_target(&self, id: NodeId) -> Option<(NameCandidates, TargetEffect)> {
        let (name, how) = self.target(id)?;
        let state = self.state(id);
        let named = if how == TargetEffect::Changes {
            named(self, state, &name)
        } else {
            NameCandidates {
                temporary: None,
                stored: Some(stored_key(self, state, &name)),
            }
        };
        Some((named, how))
    }

    /// Returns whether the target of a node may be a temporary or a stored table.
    fn is_of_two_kinds(&self, id: NodeId) -> bool {
        let Some((named, _)) = self.named_target(id) else {
            return false;
        };
        let targets = self.state(id).targets(&named);
        targets.iter().any(|(key, _)| key.temporary)
            && targets.iter().any(|(key, _)| !key.temporary)
    }

    /// Returns the data decisions about whether a node removes rows of a stored
    /// table.
    pub(super) fn deciding_kind(&self, id: NodeId) -> Vec<(Decision, Option<bool>)> {
        if self.is_of_two_kinds(id) {
            self.deciding_target(id)
        } else {
            Vec::new()
        }
    }

    /// Returns the data decisions about whether and which target of a node exists.
    ///
    /// If the table does not exist, or exists already, the statement may write
    /// nothing, or elsewhere.
    pub(super) fn deciding_target(&self, id: NodeId) -> Vec<(Decision, Option<bool>)> {
        let Some((named, how)) = self.named_target(id) else {
            return Vec::new();
        };
        // Without a handler, a failure to replace (a view by a table) ends the
        // script.
        if how == TargetEffect::Replaces && self.node(id).raises.is_none() {
            return Vec::new();
        }
        let makers = self.makers(id, &named);
        let mut nodes: Vec<NodeId> = Vec::new();
        if makers.len() > 1 {
            nodes.extend(makers.into_iter().filter(|maker| *maker != OUTSIDE));
        }
        // A table that was dropped has no version.
        let name = named.stored.as_ref().map(|key| &key.name);
        let repeated = self.repeated[id as usize];
        let gone = self.undoing.iter().copied().filter(|undoing| {
            (*undoing < id || repeated)
                && matches!(
                    self.change(*undoing),
                    Some(Change::Of(..) | Change::Dataset(_))
                )
                && name.is_some_and(|name| self.may_undo(*undoing, name))
        });
        nodes.extend(gone);
        self.conditions_of(nodes.into_iter().filter(|node| *node != id))
    }

    /// Returns the nodes that may have created the target, as it is before a node.
    ///
    /// The table exists with its columns since that node.
    pub(super) fn makers(&self, id: NodeId, named: &NameCandidates) -> Vec<NodeId> {
        let mut makers = Vec::new();
        for (key, _) in self.state(id).targets(named) {
            makers.extend(self.makers_before(id, &key).iter().copied());
        }
        makers
    }

    /// Returns the nodes that may have created one table, as it is before a node.
    ///
    /// Results for earlier nodes are reused.
    fn makers_before(&self, id: NodeId, key: &TableKey) -> Rc<[NodeId]> {
        let mut known = self.makers.borrow_mut();
        let known = known.entry(key.clone()).or_default();
        if let Some(found) = known.get(&id) {
            return Rc::clone(found);
        }
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut makers: Vec<NodeId> = Vec::new();
        let mut waiting: Vec<NodeId> = vec![id];
        while let Some(node) = waiting.pop() {
            let versions = self.state(node).versions(key);
            budget::spend(1 + versions.len() / 64);
            for version in versions.iter().copied() {
                if !seen.insert(version) {
                    continue;
                }
                if version == OUTSIDE || !keeps_table(&self.content(version)) {
                    makers.push(version);
                } else if let Some(found) = known.get(&version) {
                    let more = found.iter().copied();
                    makers.extend(more.filter(|maker| seen.insert(*maker)));
                } else {
                    waiting.push(version);
                }
            }
        }
        let found: Rc<[NodeId]> = makers.into();
        known.insert(id, Rc::clone(&found));
        found
    }

    /// Returns whether data choose the omitted dataset or project of a name.
    pub(super) fn is_chosen(&self, id: NodeId, name: &TableName) -> bool {
        !self.choosing(id, name).is_empty()
    }

    /// Returns whether data choose the omitted dataset or project of a node's
    /// target.
    pub(super) fn has_chosen_target(&self, id: NodeId) -> bool {
        self.target(id)
            .is_some_and(|(name, _)| self.is_chosen(id, &name))
    }

    /// Returns the nodes that may have set an omitted dataset or project from data.
    ///
    /// Each comes with the variable that it sets.
    fn choosing(&self, id: NodeId, name: &TableName) -> Vec<(NodeId, &'static str)> {
        let mut nodes = Vec::new();
        for (variable, versions) in defaulting(self.state(id), name) {
            let by_data = versions.iter().filter(|id| self.is_data(**id, variable));
            nodes.extend(by_data.map(|id| (*id, variable)));
        }
        nodes
    }
}

/// Returns whether a statement keeps the table that exists before it.
fn keeps_table(content: &TableContent<'_>) -> bool {
    match content {
        TableContent::Inserted(..)
        | TableContent::Kept(_)
        | TableContent::Updated(_)
        | TableContent::Merged(_)
        | TableContent::Empty([]) => true,
        TableContent::Empty(_)
        | TableContent::Query(..)
        | TableContent::View(_)
        | TableContent::Copied(_)
        | TableContent::Renamed(_)
        | TableContent::Trained(_)
        | TableContent::Bare
        | TableContent::Unknown(_) => false,
    }
}

impl Binder<'_> {
    /// Makes the rows that a statement writes or removes depend on its target's
    /// choice.
    ///
    /// That includes whether the target exists.
    pub(super) fn at_target(&mut self, mut rows: RelId, id: NodeId) -> RelId {
        let graph = Rc::clone(&self.environment.graph);
        if let Some((name, _)) = graph.target(id) {
            rows = self.of_chosen(rows, id, &name);
        }
        let conditions = graph.deciding_target(id);
        self.under_all(rows, conditions)
    }

    /// Makes rows depend on the data that choose the dataset or project of a table.
    pub(super) fn of_chosen(&mut self, mut rows: RelId, id: NodeId, name: &TableName) -> RelId {
        let graph = Rc::clone(&self.environment.graph);
        for (node, variable) in graph.choosing(id, name) {
            let span = graph.node(node).span;
            let value = self.given(node, variable, span);
            let known = Expr::new(ExprKind::Variable("a dataset".to_owned()), span);
            let compared = ExprKind::Compare(Comparison::Eq, Box::new(value), Box::new(known));
            let predicate = always_true_reading(Expr::new(compared, span));
            rows = self.filtered(rows, predicate, "SET");
        }
        rows
    }
}

/// Returns a condition that always holds but reads another condition.
///
/// It filters nothing visible, but what it reads flows into the rows.
pub(super) fn always_true_reading(condition: Expr) -> Expr {
    let span = condition.span;
    let null = Expr::new(ExprKind::IsNull(Box::new(condition.clone())), span);
    let not = Expr::new(ExprKind::Not(Box::new(condition.clone())), span);
    Expr::new(ExprKind::Or(vec![condition, not, null]), span)
}
