//! Changes of a stored table after a statement has written it.
//!
//! A dataset is what the table contains once the script has ended.
//!
//! Rows that a later DELETE removes by the content of another table, and a table
//! that is emptied, dropped or restored under a condition, disclose what was found.
//! What a later statement does by the content of the rows themselves is handled in
//! [`super::rewritten`].

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Session;
use super::control::Decision;
use super::graph::{NodeId, Step};
use super::names::{default_name, stored};
use super::options::OPTIONED;
use super::procedure::{call_name, is_of_system};
use super::publish::renamed;
use super::removal::{Change, ChangeSelector};
use super::writes::made_writes;
use crate::budget;
use crate::catalog::{NameMatch, TableName, TablePattern};
use crate::plan::bind::{Binder, RelId};
use crate::source::SourceText;
use crate::syntax::{PossibleEffects, StatementKind, unread};

/// The nodes that may change a stored table in a way that discloses something.
///
/// Computed once per script.
#[derive(Default)]
pub(super) struct Changes {
    /// In textual order.
    all: Vec<StoredTableChange>,
    /// Their positions, by the last part of the table's name.
    named: FxHashMap<String, Vec<usize>>,
    /// The positions of those whose table may have any name.
    any: Vec<usize>,
    /// The nodes that rename tables, with the old and the new name.
    renaming: Vec<(NodeId, TablePattern, TablePattern)>,
}

/// A node that may change a stored table.
struct StoredTableChange {
    id: NodeId,
    /// The table; `None` if it may be any.
    target: Option<TablePattern>,
    /// What the change discloses; `None` if it cannot be read in advance.
    seen: Option<ChangeEffects>,
}

/// What a change discloses.
#[derive(Default)]
struct ChangeEffects {
    /// Whether other tables decide which rows it affects.
    asks: bool,
    /// Whether an option that it sets is computed from data.
    optioned: bool,
    /// Whether data choose the table that it affects.
    chosen: bool,
    /// How it changes existing rows, as a text that is equal for equal changes.
    ///
    /// `None` if it keeps them, or removes all of them.
    rewrites: Option<String>,
    /// Whether it renames columns.
    renames_columns: bool,
    /// The data decisions about whether it happens.
    deciding: Vec<(Decision, Option<bool>)>,
}

impl Changes {
    fn add(&mut self, changing: StoredTableChange) {
        let at = self.all.len();
        match changing.target.as_ref().and_then(TablePattern::last) {
            Some(last) => self.named.entry(last).or_default().push(at),
            None => self.any.push(at),
        }
        self.all.push(changing);
    }

    /// Returns the later nodes that may affect a table, in textual order.
    ///
    /// They may affect it under this or a later name.
    fn about_all(
        &self,
        target: &TablePattern,
        is_later: impl Fn(NodeId) -> bool,
    ) -> Vec<&StoredTableChange> {
        let mut names: Vec<&TablePattern> = vec![target];
        let mut known: FxHashSet<&TablePattern> = FxHashSet::from_iter([target]);
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(name) = names.get(at).copied() {
            at += 1;
            found.extend(self.about(name));
            budget::spend(self.renaming.len() / 16);
            for (id, from, to) in &self.renaming {
                let is_it = is_later(*id) && from.compare(name) != NameMatch::No;
                if is_it && known.insert(to) {
                    names.push(to);
                }
            }
        }
        found.retain(|changing| is_later(changing.id));
        if names.len() > 1 {
            found.sort_by_key(|changing| changing.id);
            found.dedup_by(|one, other| std::ptr::eq(*one, *other));
        }
        found
    }

    /// Returns the nodes that may affect a table, in textual order.
    fn about(&self, target: &TablePattern) -> Vec<&StoredTableChange> {
        let places: Vec<usize> = match target.last() {
            None => (0..self.all.len()).collect(),
            Some(last) => {
                let named = self.named.get(&last).into_iter().flatten();
                let mut places: Vec<usize> = named.chain(&self.any).copied().collect();
                places.sort_unstable();
                places
            }
        };
        budget::spend(places.len() / 64);
        let may_be = |changing: &&StoredTableChange| {
            let known = changing.target.as_ref();
            known.is_none_or(|known| known.compare(target) != NameMatch::No)
        };
        let found = places.into_iter().filter_map(|at| self.all.get(at));
        found.filter(may_be).collect()
    }
}

impl<'a> Session<'a> {
    /// Applies the changes of later nodes to rows that a node writes to a stored
    /// table.
    pub(super) fn apply_later_changes(
        &self,
        binder: &mut Binder<'a>,
        mut rows: RelId,
        id: NodeId,
        target: &TableName,
    ) -> RelId {
        let graph = &self.graph;
        let target = TablePattern::of(&default_name(graph, graph.state(id), target));
        let again = |later: NodeId| {
            later != id
                && (later > id || graph.repeated[later as usize] && graph.repeated[id as usize])
        };
        let mut rewriting = Vec::new();
        let mut columns_renamed = false;
        // One change that is not visible discloses as much as many.
        let mut unseen = false;
        for changing in self.changes().about_all(&target, again) {
            let later = changing.id;
            let span = graph.node(later).span;
            let Some(seen) = &changing.seen else {
                if !unseen && let Some(what) = self.unseen_change(later, &target) {
                    rows = binder.filter_by_unknown(rows, what, span);
                    unseen = true;
                }
                continue;
            };
            let deciding = seen.deciding.iter();
            rows = binder.under_all(
                rows,
                deciding.map(|(decision, _)| (*decision, None)).collect(),
            );
            if seen.chosen {
                rows = binder.at_target(rows, later);
            }
            if seen.optioned {
                rows = binder.filter_by_unknown(rows, OPTIONED, span);
            }
            columns_renamed |= seen.renames_columns;
            if seen.asks {
                rows = binder.filter_by_unknown(rows, DELETED, span);
            } else if let Some(rewrites) = &seen.rewrites {
                if columns_renamed {
                    rows = binder.not_rewritten(rows, span);
                } else {
                    rewriting.push((later, rewrites.as_str()));
                }
            }
        }
        self.rewritten(binder, rows, id, &rewriting)
    }

    fn changes(&self) -> &Changes {
        self.changes.get_or_init(|| {
            let mut changes = Changes::default();
            for id in self.graph.ids() {
                for changing in self.changing_unread(id) {
                    changes.add(changing);
                }
                if let Some(changing) = self.changing(id) {
                    changes.add(changing);
                }
                changes.renaming.extend(self.renaming(id));
            }
            changes
        })
    }

    /// Returns the renaming of a stored table by a node.
    fn renaming(&self, id: NodeId) -> Option<(NodeId, TablePattern, TablePattern)> {
        let graph = &self.graph;
        let Step::Run(statement) = graph.node(id).step else {
            return None;
        };
        let StatementKind::Rename { target, to } = &statement.kind else {
            return None;
        };
        stored(graph, id, target)?;
        let pattern = |name: &TableName| {
            let name = default_name(graph, graph.state(id), name);
            TablePattern::of(&name)
        };
        Some((id, pattern(target), pattern(&renamed(target, to))))
    }

    /// Returns how a node that is not understood may change stored tables.
    ///
    /// Only if data decide whether the node runs.
    fn changing_unread(&self, id: NodeId) -> Vec<StoredTableChange> {
        let graph = &self.graph;
        let node = graph.node(id);
        let Step::Run(statement) = node.step else {
            return Vec::new();
        };
        let is_unread = if let StatementKind::Unmodelled(word) = &statement.kind {
            !word.starts_with("EXPORT")
        } else {
            matches!(statement.kind, StatementKind::Failed(_))
        };
        let deciding = if is_unread {
            graph.deciding(id)
        } else {
            Vec::new()
        };
        if deciding.is_empty() {
            return Vec::new();
        }
        let targets = match unread(&SourceText::new("", node.places.slice(node.span))) {
            PossibleEffects::Nothing
            | PossibleEffects::Variables
            | PossibleEffects::Function(_) => return Vec::new(),
            PossibleEffects::Any => vec![None],
            PossibleEffects::Tables(names) => {
                let pattern = |name: &TableName| {
                    TablePattern::of(&default_name(graph, graph.state(id), name))
                };
                names.iter().map(|name| Some(pattern(name))).collect()
            }
        };
        let changing = |target| StoredTableChange {
            id,
            target,
            seen: Some(ChangeEffects {
                deciding: deciding.clone(),
                ..ChangeEffects::default()
            }),
        };
        targets.into_iter().map(changing).collect()
    }

    /// Returns how a node may change a stored table; `None` if that discloses
    /// nothing.
    fn changing(&self, id: NodeId) -> Option<StoredTableChange> {
        let graph = &self.graph;
        let unseen = match graph.node(id).step {
            Step::Unseen(..) => true,
            Step::Run(statement) => matches!(statement.kind, StatementKind::ExecuteImmediate(_)),
            Step::Meet
            | Step::Handle
            | Step::Ask(..)
            | Step::Source(_)
            | Step::Row(..)
            | Step::Give { .. }
            | Step::Return { .. }
            | Step::Forget => false,
        };
        if unseen {
            return Some(StoredTableChange {
                id,
                target: None,
                seen: None,
            });
        }
        let change = graph.change(id)?;
        let (target, asks) = match &change {
            Change::Of(name, asks) => {
                // A temporary table ends with the script.
                stored(graph, id, name)?;
                let name = default_name(graph, graph.state(id), name);
                let asks = match asks {
                    ChangeSelector::Nothing => false,
                    ChangeSelector::Rows(query) => self.reads_other_tables(id, query),
                    ChangeSelector::Source => true,
                };
                (Some(TablePattern::of(&name)), asks)
            }
            Change::Dataset(_) | Change::Undo => (None, false),
        };
        let mut deciding = graph.deciding_change(id, &change);
        if let Change::Of(..) = change {
            deciding.extend(graph.deciding_commit(id));
        }
        let rewrites = graph.rewrites(id);
        let chosen = graph.has_chosen_target(id) || !graph.deciding_kind(id).is_empty();
        let optioned = graph.options_of_data(id);
        let renames_columns = graph.renames_columns(id);
        let tells = asks
            || chosen
            || optioned
            || renames_columns
            || rewrites.is_some()
            || !deciding.is_empty();
        tells.then_some(StoredTableChange {
            id,
            target,
            seen: Some(ChangeEffects {
                asks,
                optioned,
                chosen,
                rewrites,
                renames_columns,
                deciding,
            }),
        })
    }

    /// Returns what a node may do to a table that cannot be read in advance.
    fn unseen_change(&self, id: NodeId, target: &TablePattern) -> Option<&'static str> {
        // A change in a procedure that only other texts call is reported for the
        // tables that it may mean.
        let node = self.graph.node(id);
        if node.routine.is_some() {
            return None;
        }
        match node.step {
            Step::Unseen(call, _) if !is_of_system(&call_name(call)) => Some(
                "which rows remain in the table depends on a called procedure that is not visible",
            ),
            Step::Run(statement) => {
                let StatementKind::ExecuteImmediate(dynamic) = &statement.kind else {
                    return None;
                };
                if dynamic.script.is_some() {
                    return None;
                }
                let known = self.made.borrow().get(&id).cloned();
                let made = known.unwrap_or_else(|| {
                    let made = Rc::new(made_writes(&dynamic.likely));
                    self.made.borrow_mut().insert(id, Rc::clone(&made));
                    made
                });
                let may = made.as_ref().as_ref().is_none_or(|made| {
                    let calls = made.calls.iter().any(|call| !is_of_system(&call.name));
                    let is_it = |pattern: &TablePattern| pattern.compare(target) != NameMatch::No;
                    calls || made.writes.iter().any(|write| is_it(&write.target))
                });
                may.then_some(
                    "which rows remain in the table depends on a statement that is built when the script runs",
                )
            }
            Step::Unseen(..)
            | Step::Meet
            | Step::Handle
            | Step::Ask(..)
            | Step::Source(_)
            | Step::Row(..)
            | Step::Give { .. }
            | Step::Return { .. }
            | Step::Forget => None,
        }
    }
}

/// The effect of a DELETE whose condition reads other tables.
pub(in crate::plan::bind) const DELETED: &str =
    "which rows remain in the table depends on the content of another table";
