//! Control dependence: which conditions decide whether a node runs.
//!
//! Also which nodes may run again, and which query may be the last one.
//!
//! A node depends on a condition if one branch of the condition always leads to the
//! node and another may not (Ferrante, Ottenstein and Warren, 1987). So the
//! statements after `IF … THEN RETURN` depend on it as the ones inside do.

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

use super::graph::{Graph, NodeId, Step};
use crate::budget;
use crate::syntax::{Jump, StatementKind};

/// Denotes "no node" in the tables of this file.
const NONE: NodeId = NodeId::MAX;

/// The number of recorded decisions that cost one unit of budget.
const NOTED: usize = 2;

/// A decision on which it depends whether a node runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::plan::bind) enum Decision {
    /// The answer of a node's condition, or whether the query of FOR has a row.
    Answer(NodeId),
    /// Whether a statement whose failure this handler takes fails before the node.
    Failure(NodeId),
}

impl Decision {
    fn node(self) -> NodeId {
        match self {
            Self::Answer(id) | Self::Failure(id) => id,
        }
    }
}

/// The direct decisions of each node, with the answer that leads to it.
type DirectDecisions = Vec<Vec<(Decision, bool)>>;

impl<'a> Graph<'a> {
    /// Computes the decisions of each node.
    pub(super) fn decide(&mut self) {
        let raising = self.raising();
        // If a handler only ends the script, what runs after it discloses nothing.
        let ending: FxHashMap<NodeId, FxHashSet<NodeId>> = raising
            .keys()
            .filter_map(|handle| Some((*handle, self.only_ends(*handle)?)))
            .collect();
        self.ending = ending.keys().copied().collect();
        let parents = self.post_dominators(&ending);
        let mut direct: DirectDecisions = vec![Vec::new(); self.nodes.len()];
        for (handle, nodes) in &ending {
            for id in nodes {
                direct[*id as usize].push((Decision::Failure(*handle), true));
            }
        }
        for id in self.ids() {
            let node = self.node(id);
            let asks = matches!(node.step, Step::Ask(..) | Step::Row(..));
            let answers = node.next.iter().enumerate();
            let answers = answers
                .filter(|_| asks && node.next.len() > 1)
                .map(|(way, next)| (Decision::Answer(id), way == 0, *next));
            // Each successor shows whether the node failed, including the handler.
            let handle = node.raises.filter(|handle| !ending.contains_key(handle));
            let failures = handle.into_iter().flat_map(|handle| {
                let ways = node.next.iter().map(|next| (false, *next));
                ways.chain([(true, handle)])
                    .map(move |(fails, next)| (Decision::Failure(handle), fails, next))
            });
            let stop = parents[id as usize];
            for (decision, holds, next) in answers.chain(failures) {
                let (mut at, mut noted) = (next, 0);
                while at != stop && at != NONE {
                    direct[at as usize].push((decision, holds));
                    at = parents[at as usize];
                    noted += 1;
                    budget::spend(usize::from(noted % NOTED == 0));
                }
            }
        }
        for known in &mut direct {
            known.sort_unstable();
            known.dedup();
        }
        self.conditions = self
            .ids()
            .map(|id| self.all_decisions(id, &direct, &raising))
            .collect();
    }

    /// Returns the nodes whose failures each handler takes, in textual order.
    fn raising(&self) -> FxHashMap<NodeId, Vec<NodeId>> {
        let mut raising: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        for id in self.ids() {
            if let Some(handle) = self.node(id).raises {
                raising.entry(handle).or_default().push(id);
            }
        }
        raising
    }

    /// Returns the nodes from a handler on, if all paths end in an unhandled RAISE.
    ///
    /// The script then fails, as it would without the handler.
    fn only_ends(&self, handle: NodeId) -> Option<FxHashSet<NodeId>> {
        let mut seen = FxHashSet::default();
        let mut waiting = vec![handle];
        while let Some(id) = waiting.pop() {
            if id == self.exit {
                return None;
            }
            if !seen.insert(id) {
                continue;
            }
            let node = self.node(id);
            let ends = node.raises.is_none()
                && matches!(node.step, Step::Run(statement)
                    if matches!(statement.kind, StatementKind::Jump(Jump::Raise)));
            if !ends {
                waiting.extend(node.next.iter().copied().chain(node.raises));
            }
        }
        Some(seen)
    }

    /// Returns the decisions of a node and, transitively, those of the decisions.
    fn all_decisions(
        &self,
        id: NodeId,
        direct: &DirectDecisions,
        raising: &FxHashMap<NodeId, Vec<NodeId>>,
    ) -> Vec<(Decision, Option<bool>)> {
        let mut all: Vec<(Decision, Option<bool>)> = Vec::new();
        let mut places: FxHashMap<Decision, usize> = FxHashMap::default();
        let mut around: FxHashSet<NodeId> = FxHashSet::default();
        let mut waiting = vec![id];
        while let Some(at) = waiting.pop() {
            for (decision, holds) in &direct[at as usize] {
                match places.get(decision) {
                    Some(place) => {
                        if all[*place].1 != Some(*holds) {
                            all[*place].1 = None;
                        }
                    }
                    None => {
                        places.insert(*decision, all.len());
                        all.push((*decision, Some(*holds)));
                        waiting.push(decision.node());
                        if let Decision::Failure(handle) = decision {
                            // A statement can fail only if it runs.
                            let earlier = raising.get(handle).into_iter().flatten().copied();
                            let earlier = earlier
                                .take_while(|other| self.repeated[id as usize] || *other < id);
                            waiting.extend(earlier.filter(|other| around.insert(*other)));
                        }
                    }
                }
            }
        }
        budget::spend(all.len() / NOTED);
        all.sort_unstable_by_key(|(decision, _)| *decision);
        all.shrink_to_fit();
        all
    }

    /// Computes the immediate post-dominator of each node.
    ///
    /// It is the next node through which all paths to the end lead. A failure that
    /// only ends the script is not a path.
    fn post_dominators(&self, ending: &FxHashMap<NodeId, FxHashSet<NodeId>>) -> Vec<NodeId> {
        let count = self.nodes.len();
        let ways = |id: NodeId| {
            let node = self.node(id);
            let handle = node.raises.filter(|handle| !ending.contains_key(handle));
            node.next.iter().copied().chain(handle)
        };
        let mut before: Vec<Vec<NodeId>> = vec![Vec::new(); count];
        for id in self.ids() {
            for next in ways(id) {
                before[next as usize].push(id);
            }
        }
        // Nodes from the end backwards, each after one of its successors.
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
                for next in ways(*id) {
                    if parents[next as usize] == NONE {
                        continue;
                    }
                    parent = if parent == NONE {
                        next
                    } else {
                        meet(parent, next, &parents, &rank)
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

    /// Returns whether each node is on a cycle.
    ///
    /// Tarjan's strongly connected components, without recursion.
    pub(super) fn on_cycles(&self) -> Vec<bool> {
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

    /// Returns the queries that may be the last one that returns rows.
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
                // A query that fails returns nothing.
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

/// Returns the nearest common post-dominator of two nodes.
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
