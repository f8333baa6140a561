//! Transactions: what a script writes in one remains only if it is committed.
//!
//! A transaction that is open when the script ends is rolled back.

use rustc_hash::FxHashSet;

use super::control::Decision;
use super::graph::{Graph, NodeId, Step};
use super::removal::Change;
use crate::budget;
use crate::syntax::StatementKind;

/// What a node does to the open transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TransactionMark {
    Begins,
    Ends,
}

impl Graph<'_> {
    fn mark(&self, id: NodeId) -> Option<TransactionMark> {
        let Step::Run(statement) = self.node(id).step else {
            return None;
        };
        let StatementKind::Inert(word) = &statement.kind else {
            return None;
        };
        match word.as_str() {
            "BEGIN" | "START" => Some(TransactionMark::Begins),
            "COMMIT" | "ROLLBACK" => Some(TransactionMark::Ends),
            _ => None,
        }
    }

    /// For each node, returns the nodes that may have begun the transaction open
    /// there.
    ///
    /// They are in order; the result is empty if no transaction begins at all.
    fn open_transactions(&self) -> &[Vec<NodeId>] {
        self.transactions.get_or_init(|| {
            let begins: Vec<NodeId> = self
                .ids()
                .filter(|id| self.mark(*id) == Some(TransactionMark::Begins))
                .collect();
            if begins.is_empty() {
                return Vec::new();
            }
            let mut open: Vec<Vec<NodeId>> = vec![Vec::new(); self.nodes.len()];
            for begin in begins {
                let mut seen: FxHashSet<NodeId> = FxHashSet::default();
                let mut waiting = self.node(begin).next.clone();
                while let Some(id) = waiting.pop() {
                    if !seen.insert(id) {
                        continue;
                    }
                    open[id as usize].push(begin);
                    let node = self.node(id);
                    // A node that fails has ended nothing.
                    waiting.extend(node.raises);
                    if self.mark(id).is_none() {
                        waiting.extend(node.next.iter().copied());
                    }
                }
                budget::spend(seen.len() / 16);
            }
            open
        })
    }

    /// Returns the data decisions about the transaction in which a node writes.
    ///
    /// They decide whether it begins, and whether it is committed.
    pub(super) fn deciding_commit(&self, id: NodeId) -> Vec<(Decision, Option<bool>)> {
        let open = self.open_transactions();
        let begun = |id: NodeId| open.get(id as usize).map_or(&[][..], Vec::as_slice);
        let own = begun(id);
        if own.is_empty() {
            return Vec::new();
        }
        let commits = self.ids().filter(|other| {
            self.mark(*other) == Some(TransactionMark::Ends)
                && begun(*other).iter().any(|begin| own.contains(begin))
        });
        let marks: Vec<NodeId> = own.iter().copied().chain(commits).collect();
        let mut all: Vec<(Decision, Option<bool>)> = marks
            .into_iter()
            .flat_map(|mark| self.deciding_change(mark, &Change::Undo))
            .map(|(decision, _)| (decision, None))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
