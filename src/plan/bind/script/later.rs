//! What becomes of a stored table after a statement has written it: a dataset is
//! what the table holds once the script has ended.
//!
//! Rows that a later DELETE takes out by what another table holds, and a table that
//! is emptied, dropped or put back under a condition, tell what was found.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Session;
use super::control::Decision;
use super::graph::{NodeId, Step};
use super::names::{default_name, stored};
use super::options::OPTIONED;
use super::procedure::{call_name, is_of_system};
use super::removal::{Asks, Change};
use super::rewritten::REWRITES_LIMIT;
use super::writes::made_writes;
use crate::budget;
use crate::catalog::{Sameness, TableName, TablePattern};
use crate::plan::bind::{Binder, RelId};
use crate::syntax::StatementKind;

/// The nodes that may change what a stored table holds, as far as that tells
/// something: found once for a script.
#[derive(Default)]
pub(super) struct Changes {
    /// In the order of the text.
    all: Vec<Changing>,
    /// Their places, by the last part of the table's name.
    named: FxHashMap<String, Vec<usize>>,
    /// The places of those whose table may have any name.
    any: Vec<usize>,
}

/// A node that may change a stored table.
struct Changing {
    id: NodeId,
    /// The table; `None` where it may be any.
    target: Option<TablePattern>,
    /// `None` where what it does can't be read beforehand.
    seen: Option<Seen>,
}

/// What a change tells.
struct Seen {
    /// Whether other tables decide which rows it is about.
    asks: bool,
    /// Whether an option that it sets is made of data.
    optioned: bool,
    /// Whether data choose which table it is about.
    chosen: bool,
    /// What it makes of rows that are there: which statements do the same is told by
    /// this text. `None` where it leaves them, or takes all.
    rewrites: Option<String>,
    /// What decides by data whether it happens.
    deciding: Vec<(Decision, Option<bool>)>,
}

impl Changes {
    fn add(&mut self, changing: Changing) {
        let at = self.all.len();
        match changing.target.as_ref().and_then(TablePattern::last) {
            Some(last) => self.named.entry(last).or_default().push(at),
            None => self.any.push(at),
        }
        self.all.push(changing);
    }

    /// Those that may be about a table, in the order of the text.
    fn about(&self, target: &TablePattern) -> Vec<&Changing> {
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
        let may_be = |changing: &&Changing| {
            let known = changing.target.as_ref();
            known.is_none_or(|known| known.compare(target) != Sameness::No)
        };
        let found = places.into_iter().filter_map(|at| self.all.get(at));
        found.filter(may_be).collect()
    }
}

impl<'a> Session<'a> {
    /// Rows that a node writes into a stored table, as later nodes leave them.
    pub(super) fn left_by_later(
        &self,
        binder: &mut Binder<'a>,
        mut rows: RelId,
        id: NodeId,
        target: &TableName,
    ) -> RelId {
        let graph = &self.graph;
        let target = TablePattern::of(&default_name(graph, graph.state(id), target));
        let mut rewriting = Vec::new();
        // One that is not seen tells as much as many.
        let mut unseen = false;
        for changing in self.changes().about(&target) {
            let later = changing.id;
            let again = graph.repeated[later as usize] && graph.repeated[id as usize];
            if later == id || later < id && !again {
                continue;
            }
            let span = graph.node(later).span;
            let Some(seen) = &changing.seen else {
                if !unseen && let Some(what) = self.unseen_change(later, &target) {
                    rows = binder.left_by_unknown(rows, what, span);
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
                rows = binder.into_target(rows, later);
            }
            if seen.optioned {
                rows = binder.left_by_unknown(rows, OPTIONED, span);
            }
            if seen.asks {
                rows = binder.left_by_unknown(rows, DELETED, span);
            } else if let Some(rewrites) = &seen.rewrites {
                rewriting.push((later, rewrites.as_str()));
            }
        }
        self.rewritten(binder, rows, id, &rewriting)
    }

    /// Rows that a node writes, as later nodes may rewrite them.
    fn rewritten(
        &self,
        binder: &mut Binder<'a>,
        mut rows: RelId,
        id: NodeId,
        rewriting: &[(NodeId, &str)],
    ) -> RelId {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let mut nodes: Vec<NodeId> = rewriting
            .iter()
            .filter(|(_, text)| seen.insert(text))
            .map(|(later, _)| *later)
            .collect();
        let Some(last) = nodes.last().copied() else {
            return rows;
        };
        if nodes.len() > REWRITES_LIMIT {
            return binder.not_rewritten(rows, self.graph.node(last).span);
        }
        // In a loop each is before the others, too.
        if nodes.iter().any(|id| self.graph.repeated[*id as usize]) {
            nodes.extend_from_within(..);
        }
        let columns = binder.columns_of(rows);
        let own: Vec<String> = columns
            .iter()
            .map(|column| binder.plan.column(*column).name.clone())
            .collect();
        // Rows that are put in without a list go by the places of their columns.
        if let Some(target) = self.graph.put_in_order(id)
            && let Some(names) = binder.names_of_target(id, &target)
            && names.len() == own.len()
        {
            rows = binder.named(rows, &names);
        }
        for later in nodes {
            rows = binder.rewritten_by(rows, later);
        }
        binder.output(rows, &own)
    }

    fn changes(&self) -> &Changes {
        self.changes.get_or_init(|| {
            let mut changes = Changes::default();
            for id in self.graph.ids() {
                if let Some(changing) = self.changing(id) {
                    changes.add(changing);
                }
            }
            changes
        })
    }

    /// How a node may change a stored table; `None` where that tells nothing.
    fn changing(&self, id: NodeId) -> Option<Changing> {
        let graph = &self.graph;
        let unseen = match graph.node(id).step {
            Step::Unseen(..) => true,
            Step::Run(statement) => matches!(statement.kind, StatementKind::Dynamic(_)),
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
            return Some(Changing {
                id,
                target: None,
                seen: None,
            });
        }
        let change = graph.change(id)?;
        let (target, asks) = match &change {
            Change::Of(name, asks) => {
                // A temporary one goes with the script.
                stored(graph, id, name)?;
                let name = default_name(graph, graph.state(id), name);
                let asks = match asks {
                    Asks::Nothing => false,
                    Asks::Rows(query) => self.asks_others(id, query),
                    Asks::Source => true,
                };
                (Some(TablePattern::of(&name)), asks)
            }
            Change::Dataset(_) | Change::Undo => (None, false),
        };
        let mut deciding = graph.deciding_change(id, &change);
        deciding.extend(graph.deciding_commit(id));
        let rewrites = graph.rewrites(id);
        let chosen = graph.has_chosen_target(id) || !graph.deciding_kind(id).is_empty();
        let optioned = graph.options_of_data(id);
        let tells = asks || chosen || optioned || rewrites.is_some() || !deciding.is_empty();
        tells.then_some(Changing {
            id,
            target,
            seen: Some(Seen {
                asks,
                optioned,
                chosen,
                rewrites,
                deciding,
            }),
        })
    }

    /// What a node may do to a table that can't be read beforehand.
    fn unseen_change(&self, id: NodeId, target: &TablePattern) -> Option<&'static str> {
        // What one does that somebody else calls is said of the tables that it may mean.
        let node = self.graph.node(id);
        if node.routine.is_some() {
            return None;
        }
        match node.step {
            Step::Unseen(call, _) if !is_of_system(&call_name(call)) => Some(
                "which rows stay in the table depends on a procedure that is called and is not seen",
            ),
            Step::Run(statement) => {
                let StatementKind::Dynamic(dynamic) = &statement.kind else {
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
                    let is_it = |pattern: &TablePattern| pattern.compare(target) != Sameness::No;
                    calls || made.writes.iter().any(|write| is_it(&write.target))
                });
                may.then_some(
                    "which rows stay in the table depends on a statement that is made when the script runs",
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

/// What a DELETE that asks other rows does.
pub(in crate::plan::bind) const DELETED: &str =
    "which rows are left in the table depends on what another holds";
