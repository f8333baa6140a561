//! Which conditions decide whether a node runs, which nodes may run again, and
//! which query may be the last one.
//!
//! A node depends on a condition where one of the condition's ways always leads
//! to the node and another need not (Ferrante, Ottenstein and Warren, 1987). So
//! what follows `IF … THEN RETURN` depends on it as what stands inside it does.

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

use super::graph::{Graph, NodeId, Step};
use crate::syntax::StatementKind;

/// Stands for "no node" in the tables of this file.
const NONE: NodeId = NodeId::MAX;

impl<'a> Graph<'a> {
    /// Finds what decides about each node, and which run again.
    pub(super) fn decide(&mut self) {
        let parents = self.post_dominators();
        let mut direct: Vec<Vec<(NodeId, bool)>> = vec![Vec::new(); self.nodes.len()];
        for id in self.ids() {
            let node = self.node(id);
            if node.next.len() < 2 {
                continue;
            }
            let asks = matches!(node.step, Step::Ask(..) | Step::Row(..));
            let stop = parents[id as usize];
            for (way, next) in node.next.iter().enumerate() {
                let mut at = *next;
                while asks && at != stop && at != NONE {
                    direct[at as usize].push((id, way == 0));
                    at = parents[at as usize];
                }
            }
        }
        for (handle, nodes) in self.handled() {
            // It runs only where the statements do whose failures it handles.
            let mut around: Vec<(NodeId, bool)> = self
                .ids()
                .filter(|id| self.node(*id).raises == Some(handle))
                .flat_map(|id| direct[id as usize].clone())
                .flat_map(|(condition, _)| [(condition, true), (condition, false)])
                .collect();
            around.sort_unstable();
            around.dedup();
            direct[handle as usize].append(&mut around);
            for id in nodes {
                direct[id as usize].push((handle, true));
            }
        }
        self.conditions = self.ids().map(|id| all_conditions(id, &direct)).collect();
        self.repeated = self.on_cycles();
    }

    /// The nodes that run in a handler, up to where the block goes on.
    fn handled(&self) -> Vec<(NodeId, Vec<NodeId>)> {
        let is_handle = |id: &NodeId| matches!(self.node(*id).step, Step::Handle);
        let mut all = Vec::new();
        for handle in self.ids().filter(is_handle) {
            // The ways that do not go through it end where theirs meet.
            let around = self.reached(0, Some(handle));
            let mut inside: Vec<NodeId> = self.reached(handle, None).into_iter().collect();
            inside.retain(|id| !around.contains(id) && *id != handle);
            all.push((handle, inside));
        }
        all
    }

    /// The nodes that a node leads to, itself included, without those that only
    /// another one leads to.
    fn reached(&self, from: NodeId, without: Option<NodeId>) -> FxHashSet<NodeId> {
        let mut seen = FxHashSet::default();
        let mut waiting = vec![from];
        while let Some(id) = waiting.pop() {
            if Some(id) == without || !seen.insert(id) {
                continue;
            }
            let node = self.node(id);
            waiting.extend(node.next.iter().copied().chain(node.raises));
        }
        seen
    }

    /// The next node that all ways from a node to the end lead through.
    fn post_dominators(&self) -> Vec<NodeId> {
        let count = self.nodes.len();
        let mut before: Vec<Vec<NodeId>> = vec![Vec::new(); count];
        for id in self.ids() {
            for next in &self.node(id).next {
                before[*next as usize].push(id);
            }
        }
        // Nodes from the end backwards, each after one that it leads to.
        let mut order = Vec::with_capacity(count);
        let mut rank = vec![NONE; count];
        let mut seen = vec![false; count];
        let mut stack = vec![(self.exit, 0_usize)];
        seen[self.exit as usize] = true;
        while let Some((id, at)) = stack.pop() {
            if let Some(next) = before[id as usize].get(at) {
                stack.push((id, at + 1));
                if !std::mem::replace(&mut seen[*next as usize], true) {
                    stack.push((*next, 0));
                }
            } else {
                order.push(id);
            }
        }
        order.reverse();
        for (at, id) in order.iter().enumerate() {
            rank[*id as usize] = NodeId::try_from(at).unwrap_or(NONE);
        }
        let mut parents = vec![NONE; count];
        parents[self.exit as usize] = self.exit;
        loop {
            let mut changed = false;
            for id in order.iter().skip(1) {
                let mut parent = NONE;
                for next in &self.node(*id).next {
                    if parents[*next as usize] == NONE {
                        continue;
                    }
                    parent = if parent == NONE {
                        *next
                    } else {
                        meet(parent, *next, &parents, &rank)
                    };
                }
                if parents[*id as usize] != parent {
                    parents[*id as usize] = parent;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        parents[self.exit as usize] = NONE;
        parents
    }

    /// Whether each node stands on a cycle: Tarjan's components, without
    /// recursion.
    fn on_cycles(&self) -> Vec<bool> {
        let count = self.nodes.len();
        let (mut index, mut low) = (vec![NONE; count], vec![0; count]);
        let (mut open, mut on_stack) = (Vec::new(), vec![false; count]);
        let mut cyclic = vec![false; count];
        let mut next_index = 0;
        for root in self.ids() {
            if index[root as usize] != NONE {
                continue;
            }
            let mut work = vec![(root, 0_usize)];
            while let Some((id, at)) = work.pop() {
                let here = id as usize;
                if at == 0 {
                    index[here] = next_index;
                    low[here] = next_index;
                    next_index += 1;
                    open.push(id);
                    on_stack[here] = true;
                }
                let node = self.node(id);
                let mut ways = node.next.iter().copied().chain(node.raises).skip(at);
                if let Some(next) = ways.next() {
                    work.push((id, at + 1));
                    if index[next as usize] == NONE {
                        work.push((next, 0));
                    } else if on_stack[next as usize] {
                        low[here] = low[here].min(index[next as usize]);
                        cyclic[here] |= next == id;
                    }
                    continue;
                }
                if low[here] == index[here] {
                    let start = open.iter().rposition(|open| *open == id).unwrap_or(0);
                    let members = open.split_off(start);
                    for member in &members {
                        on_stack[*member as usize] = false;
                        cyclic[*member as usize] |= members.len() > 1;
                    }
                }
                if let Some((above, _)) = work.last() {
                    let above = *above as usize;
                    low[above] = low[above].min(low[here]);
                }
            }
        }
        cyclic
    }

    /// The queries that may be the last one of the script that yields rows.
    pub(super) fn last_queries(&self) -> FxHashSet<NodeId> {
        let mut before: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        for id in self.ids() {
            let node = self.node(id);
            for next in node.next.iter().chain(&node.raises) {
                before.entry(*next).or_default().push(id);
            }
        }
        let (mut last, mut seen) = (FxHashSet::default(), FxHashSet::default());
        let mut waiting = vec![self.exit];
        while let Some(id) = waiting.pop() {
            for earlier in before.get(&id).into_iter().flatten() {
                // A query that fails yields nothing.
                let yields = self.is_query(*earlier) && self.node(*earlier).next.contains(&id);
                if yields {
                    last.insert(*earlier);
                } else if seen.insert(*earlier) {
                    waiting.push(*earlier);
                }
            }
        }
        last
    }

    pub(super) fn is_query(&self, id: NodeId) -> bool {
        if let Step::Run(statement) = self.node(id).step
            && let StatementKind::Sql(sql) = &statement.kind
        {
            return matches!(**sql, ast::Statement::Query(_));
        }
        false
    }
}

/// The first node that the ways of two to the end have in common.
fn meet(mut one: NodeId, mut other: NodeId, parents: &[NodeId], rank: &[NodeId]) -> NodeId {
    while one != other {
        while rank[one as usize] > rank[other as usize] {
            one = parents[one as usize];
        }
        while rank[other as usize] > rank[one as usize] {
            other = parents[other as usize];
        }
    }
    one
}

/// The conditions of a node, and those of its conditions.
fn all_conditions(id: NodeId, direct: &[Vec<(NodeId, bool)>]) -> Vec<(NodeId, Option<bool>)> {
    let mut all: Vec<(NodeId, Option<bool>)> = Vec::new();
    let mut places: FxHashMap<NodeId, usize> = FxHashMap::default();
    let mut waiting = vec![id];
    while let Some(at) = waiting.pop() {
        for (condition, holds) in &direct[at as usize] {
            match places.get(condition) {
                Some(place) => {
                    if all[*place].1 != Some(*holds) {
                        all[*place].1 = None;
                    }
                }
                None => {
                    places.insert(*condition, all.len());
                    all.push((*condition, Some(*holds)));
                    waiting.push(*condition);
                }
            }
        }
    }
    all.sort_unstable_by_key(|(condition, _)| *condition);
    all
}
