//! Decisions about which of several versions of a name is read.
//!
//! A table that a script empties, replaces or drops under a condition discloses what
//! the condition found, even if no row shows it. Therefore the condition applies to
//! all rows that are read, as to those of a statement that runs under it.

use std::rc::Rc;

use super::control::Decision;
use super::environment::{Environment, ReadName};
use super::functions::FunctionKind;
use super::graph::{Graph, NodeId, Step};
use super::names::defaulting;
use super::state::OUTSIDE;
use super::table::TableContent;
use crate::catalog::TableName;
use crate::plan::bind::{Binder, Expr, RelId};
use crate::source::Span;
use crate::syntax::{DroppedObject, StatementKind};

/// What the failure of a node depends on.
pub(super) enum Failure {
    Never,
    /// On its condition.
    Asking,
    /// On the values that it assigns to variables.
    Setting(Vec<String>),
    /// On tables.
    Reading,
}

impl<'a> Binder<'a> {
    /// Filters rows that are read under a name.
    ///
    /// The conditions are those that decide which version of the name is read.
    pub(in crate::plan::bind) fn filter_by_version(
        &mut self,
        rows: RelId,
        read: &ReadName,
    ) -> RelId {
        if self.environment.blank {
            return rows;
        }
        let conditions = self.environment.deciding(read);
        let rows = self.under_all(rows, conditions);
        if read.sources.iter().all(|(key, _)| key.temporary) {
            return rows;
        }
        self.of_chosen(rows, self.environment.defaults, &read.asked)
    }

    /// Returns the conditions that decide which of several functions a name means.
    ///
    /// They become operands of the call.
    pub(in crate::plan::bind) fn way_of_function(
        &mut self,
        kind: FunctionKind,
        name: &str,
        span: Span,
    ) -> Vec<Expr> {
        let conditions = self.environment.deciding_function(kind, name);
        let parts = self.predicates(conditions, span).into_iter();
        parts.map(|(condition, _)| condition).collect()
    }

    /// Filters rows of a table function by what decides which function it is.
    pub(in crate::plan::bind) fn filter_by_function_version(
        &mut self,
        rows: RelId,
        name: &str,
    ) -> RelId {
        let conditions = self
            .environment
            .deciding_function(FunctionKind::Table, name);
        self.under_all(rows, conditions)
    }
}

impl Environment<'_> {
    /// Returns the decisions about which version of a table is read here.
    fn deciding(&self, read: &ReadName) -> Vec<(Decision, Option<bool>)> {
        let graph = &self.graph;
        let mut nodes = self.defaulting(&read.asked);
        let mut several = read.sources.len() > 1;
        let mut seen = rustc_hash::FxHashSet::default();
        let mut waiting = read.sources.to_vec();
        while let Some((key, versions)) = waiting.pop() {
            if !seen.insert((key.clone(), Rc::clone(&versions))) {
                continue;
            }
            several |= versions.len() > 1;
            for id in versions.iter().copied().filter(|id| *id != OUTSIDE) {
                if let TableContent::Inserted(..) = graph.content(id) {
                    // The previous content remains, whether the INSERT runs or not.
                    waiting.push((key.clone(), graph.state(id).versions(&key)));
                } else if versions.len() > 1 || read.sources.len() > 1 {
                    nodes.push(id);
                }
            }
        }
        if several {
            let undoing = graph.undoing.iter().copied();
            nodes.extend(undoing.filter(|id| graph.may_undo(*id, &read.name)));
        }
        graph.conditions_of(nodes)
    }

    /// Returns the decisions about which function a name means here.
    fn deciding_function(&self, kind: FunctionKind, name: &str) -> Vec<(Decision, Option<bool>)> {
        if self.blank {
            return Vec::new();
        }
        let versions = self.function_versions(kind, name);
        let versions = versions.filter(|versions| versions.len() > 1);
        let nodes = versions
            .iter()
            .flat_map(|versions| versions.iter().copied());
        self.graph.conditions_of(nodes.filter(|id| *id != OUTSIDE))
    }

    /// Returns the nodes that may have set the omitted dataset or project of a name.
    ///
    /// Only if there are several.
    fn defaulting(&self, name: &TableName) -> Vec<NodeId> {
        let all = defaulting(self.graph.state(self.defaults), name);
        let several = all.filter(|(_, versions)| versions.len() > 1);
        let nodes = several.flat_map(|(_, versions)| versions.iter().copied());
        nodes.filter(|id| *id != OUTSIDE).collect()
    }
}

impl Graph<'_> {
    /// Returns the data decisions about whether nodes have had an effect.
    pub(super) fn conditions_of(
        &self,
        nodes: impl IntoIterator<Item = NodeId>,
    ) -> Vec<(Decision, Option<bool>)> {
        let mut conditions = Vec::new();
        for id in nodes {
            let around = self.deciding(id).into_iter();
            conditions.extend(around.map(|(decision, _)| (decision, None)));
            if self.may_be_skipped(id) {
                let handle = self.node(id).raises;
                conditions.extend(handle.map(|handle| (Decision::Failure(handle), None)));
            }
        }
        conditions.sort_unstable();
        conditions.dedup();
        conditions
    }

    /// Returns whether data may prevent the effect of a node.
    ///
    /// It may fail, or a node before it may fail, in a block with a handler.
    pub(super) fn may_be_skipped(&self, id: NodeId) -> bool {
        let handle = (id != OUTSIDE).then(|| self.node(id).raises).flatten();
        handle.is_some_and(|handle| self.may_fail(id) || self.may_have_failed(handle, id))
    }

    /// Returns whether data may make a statement before a node fail.
    ///
    /// The handler that takes such a failure then runs.
    pub(super) fn may_have_failed(&self, handle: NodeId, before: NodeId) -> bool {
        let repeated = self.repeated[before as usize];
        let first = self.first_failing(handle);
        first.is_some_and(|first| first < before || repeated)
    }

    /// Returns the first statement whose failure a handler takes and data may cause.
    fn first_failing(&self, handle: NodeId) -> Option<NodeId> {
        let mut known = self.failing.borrow_mut();
        if self.data.get().is_some()
            && let Some(first) = known.get(&handle)
        {
            return *first;
        }
        let first = self
            .ids()
            .find(|id| self.node(*id).raises == Some(handle) && self.may_fail(*id));
        if self.data.get().is_some() {
            known.insert(handle, first);
        }
        first
    }

    /// Returns whether what a node reads may make it fail.
    fn may_fail(&self, id: NodeId) -> bool {
        match self.failure(id) {
            Failure::Never => false,
            Failure::Asking => self.asks_data(id),
            Failure::Setting(names) => names.iter().any(|name| self.is_data(id, name)),
            Failure::Reading => true,
        }
    }

    /// Returns what the failure of a node depends on.
    pub(super) fn failure(&self, id: NodeId) -> Failure {
        match self.node(id).step {
            Step::Ask(..) => Failure::Asking,
            Step::Unseen(..) | Step::Source(_) => Failure::Reading,
            Step::Run(statement) => {
                let names = self.set_names(id);
                if !names.is_empty() {
                    return Failure::Setting(names);
                }
                if matches!(
                    statement.kind,
                    StatementKind::Inert(_) | StatementKind::Jump(_)
                ) {
                    Failure::Never
                } else {
                    Failure::Reading
                }
            }
            Step::Give { .. } | Step::Return { .. } => Failure::Setting(self.set_names(id)),
            Step::Meet | Step::Handle | Step::Row(..) | Step::Forget => Failure::Never,
        }
    }

    /// Finds the nodes after which a name may mean what it meant before.
    ///
    /// They leave no version of their own.
    pub(super) fn find_undoing(&mut self) {
        let undoes = |id: &NodeId| {
            let Step::Run(statement) = self.node(*id).step else {
                return false;
            };
            if let StatementKind::Inert(word) = &statement.kind {
                return ["BEGIN", "START", "COMMIT", "ROLLBACK"].contains(&word.as_str());
            }
            matches!(
                statement.kind,
                StatementKind::Rename { .. }
                    | StatementKind::Drop {
                        object: DroppedObject::Table | DroppedObject::Dataset,
                        ..
                    }
            )
        };
        self.undoing = self.ids().filter(undoes).collect();
    }

    /// Returns whether such a node may affect a table.
    pub(super) fn may_undo(&self, id: NodeId, name: &TableName) -> bool {
        let Step::Run(statement) = self.node(id).step else {
            return false;
        };
        let same = |target: &TableName| match (target.parts().last(), name.parts().last()) {
            (Some(target), Some(name)) => target.eq_ignore_ascii_case(name),
            _ => true,
        };
        if let StatementKind::Rename { target, to } = &statement.kind {
            let last = name.parts().last();
            return same(target) || last.is_none_or(|name| name.eq_ignore_ascii_case(to));
        }
        if let StatementKind::Drop {
            object: DroppedObject::Table,
            target,
        } = &statement.kind
        {
            return same(target);
        }
        true
    }
}
