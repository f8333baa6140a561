//! What decides which of several versions of a name is read.
//!
//! A table that a script empties, replaces or drops under a condition tells what
//! the condition found, even where no row says so: so the condition is over all
//! rows that are read, as over those of a statement that it lets run.

use std::rc::Rc;

use super::environment::{Environment, ReadName};
use super::graph::{Graph, NodeId, Step};
use super::state::{OUTSIDE, Versions};
use super::table::Content;
use crate::catalog::TableName;
use crate::plan::bind::{Binder, RelId};
use crate::syntax::{Object, StatementKind};

impl<'a> Binder<'a> {
    /// Rows that are read by a name, under the conditions that decide which
    /// version of it they are.
    pub(in crate::plan::bind) fn by_way(&mut self, rows: RelId, read: &ReadName) -> RelId {
        if self.environment.blank {
            return rows;
        }
        let conditions = self.environment.deciding(read);
        self.under_all(rows, conditions)
    }
}

impl Environment<'_> {
    /// The conditions that decide which version of a table is read here.
    fn deciding(&self, read: &ReadName) -> Vec<(NodeId, Option<bool>)> {
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
                if let Content::Inserted(..) = graph.content(id) {
                    // What was there before stays, whether it runs or not.
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
        let mut conditions = Vec::new();
        for id in nodes {
            let around = graph.conditions[id as usize].iter();
            conditions.extend(around.map(|(condition, _)| (*condition, None)));
            if graph.may_be_skipped(id) {
                conditions.extend(graph.node(id).raises.map(|handle| (handle, None)));
            }
        }
        conditions.sort_unstable();
        conditions.dedup();
        conditions
    }

    /// The nodes that may have set the dataset or project of a name that leaves
    /// them out, where there are several.
    fn defaulting(&self, name: &TableName) -> Vec<NodeId> {
        let state = self.graph.state(self.defaults);
        let mut nodes = Vec::new();
        for (count, variable) in [(2, "@@dataset_id"), (3, "@@project_id")] {
            let versions: Option<&Versions> = state.variable(0, variable);
            if let Some(versions) = versions
                && name.parts().len() < count
                && versions.len() > 1
            {
                nodes.extend(versions.iter().copied().filter(|id| *id != OUTSIDE));
            }
        }
        nodes
    }
}

impl Graph<'_> {
    /// Whether data may make a statement fail that stands before a node in a block
    /// with a handler, or at it, so that it has no effect.
    pub(super) fn may_be_skipped(&self, id: NodeId) -> bool {
        if id == OUTSIDE {
            return false;
        }
        let Some(handle) = self.node(id).raises else {
            return false;
        };
        let repeated = self.repeated[id as usize];
        self.ids().any(|other| {
            self.node(other).raises == Some(handle)
                && (other <= id || repeated)
                && self.may_fail(other)
        })
    }

    /// Whether what a node reads may make it fail.
    fn may_fail(&self, id: NodeId) -> bool {
        match self.node(id).step {
            Step::Ask(..) => self.asks_data(id),
            Step::Unseen(..) | Step::Source(_) => true,
            Step::Run(statement) => {
                let names = self.set_names(id);
                let sets = names.iter().any(|name| self.is_data(id, name));
                sets || names.is_empty()
                    && !matches!(
                        statement.kind,
                        StatementKind::Inert(_) | StatementKind::Jump(_)
                    )
            }
            Step::Give { .. } | Step::Return { .. } => {
                self.set_names(id).iter().any(|name| self.is_data(id, name))
            }
            Step::Meet | Step::Handle | Step::Row(..) | Step::Forget => false,
        }
    }

    /// The nodes after which a name may mean what it meant before: they leave no
    /// version of their own.
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
                        object: Object::Table | Object::Dataset,
                        ..
                    }
            )
        };
        self.undoing = self.ids().filter(undoes).collect();
    }

    /// Whether what such a node does may be about a table.
    fn may_undo(&self, id: NodeId, name: &TableName) -> bool {
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
            object: Object::Table,
            target,
        } = &statement.kind
        {
            return same(target);
        }
        true
    }
}
