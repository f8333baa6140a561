//! A script as a graph: a node for each statement and condition, an edge for
//! each way to go on.
//!
//! Procedures of the file stand in the graph once for each call, with variables
//! of their own. The graph says where a script may go; [`super::solve`] finds
//! what holds at each node, [`super::control`] which conditions decide about it.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

use super::control::Decision;
use super::data::Data;
use super::state::{Key, State};
use crate::source::Span;
use crate::syntax::{Places, Statement};

/// A node, by its place in the graph.
pub(in crate::plan::bind) type NodeId = u32;

/// A statement, a condition, or a place where ways meet.
pub(super) struct Node<'a> {
    pub(super) step: Step<'a>,
    pub(super) span: Span,
    /// Where its parts stand.
    pub(super) places: Rc<Places<'a>>,
    /// Whose variables it sees: the script's, or those of one call.
    pub(super) frame: u32,
    /// Where the script goes on. A condition has two: where it holds, and where
    /// it does not.
    pub(super) next: Vec<NodeId>,
    /// The handler that runs when it fails.
    pub(super) raises: Option<NodeId>,
    /// The node before it in the text, for nodes that nothing leads to.
    pub(super) before: Option<NodeId>,
    /// Whether it stands in a procedure.
    pub(super) called: bool,
    /// The procedure around it that nothing in the text calls.
    pub(super) routine: Option<&'a str>,
}

/// What happens at a node.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// Nothing: ways meet.
    Meet,
    /// A handler begins.
    Handle,
    /// A condition, `SELECT condition`, and the word that it stands behind.
    Ask(&'a Statement, &'static str),
    /// The query of FOR is run.
    Source(&'a Statement),
    /// FOR's variable holds another row of the query that a node runs.
    Row(&'a str, NodeId),
    /// A statement that holds no others.
    Run(&'a Statement),
    /// A parameter, as it is called in its frame, gets a value of the caller's
    /// frame: from a call, or from USING.
    Give {
        parameter: &'a str,
        value: Given<'a>,
        caller: u32,
    },
    /// A variable of the caller gets what a parameter of another frame holds.
    Return {
        variable: &'a str,
        parameter: &'a str,
        callee: u32,
    },
    /// Parameters of an executed string are gone.
    Forget,
    /// A procedure that is not seen runs; why it is not.
    Unseen(&'a ast::Function, &'static str),
}

/// What a parameter holds when its procedure begins.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    /// What an expression of the caller is.
    Value(&'a ast::Expr),
    /// NULL, whatever stands in the call: OUT.
    Null,
    /// The call does not say.
    Nothing,
}

/// The nodes that have made one table, as it is before nodes.
type MakersBefore = FxHashMap<NodeId, std::rc::Rc<[NodeId]>>;

/// A script's nodes, and what holds at each of them.
pub(in crate::plan::bind) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// Where it ends.
    pub(super) exit: NodeId,
    /// What holds before each node; solved.
    pub(super) states: Vec<State>,
    /// What decides whether a node runs, and what must be: `None` where it runs
    /// either way, but not equally often.
    pub(super) conditions: Vec<Vec<(Decision, Option<bool>)>>,
    /// The nodes after which a table may be what it was before.
    pub(super) undoing: Vec<NodeId>,
    /// For each node the ones that have begun the transaction which may be open there;
    /// found when it is asked.
    pub(super) transactions: std::cell::OnceCell<Vec<Vec<NodeId>>>,
    /// The handlers that only end the script: as if it had failed without them.
    pub(super) ending: FxHashSet<NodeId>,
    /// Whether a node may run several times.
    pub(super) repeated: Vec<bool>,
    /// The first node that data may make fail, of those whose failure each handler
    /// takes; found once it is known what depends on data.
    pub(super) failing: std::cell::RefCell<FxHashMap<NodeId, Option<NodeId>>>,
    /// Whether versions of tables hold only what the script has put in since it made or
    /// emptied them, of those that were asked for.
    pub(super) fresh: std::cell::RefCell<FxHashMap<Key, FxHashMap<NodeId, bool>>>,
    /// The nodes that have made tables, as they are before nodes, of those that were
    /// asked for.
    pub(super) makers: std::cell::RefCell<FxHashMap<Key, MakersBefore>>,
    /// The columns that statements give a collation; found when a table is read.
    pub(super) collations: std::cell::OnceCell<super::collated::Collations>,
    /// Which variables and conditions depend on what is read; found last.
    pub(super) data: std::cell::OnceCell<Data>,
}

impl<'a> Graph<'a> {
    /// What decides by data whether a node runs, and what must be.
    pub(super) fn deciding(&self, id: NodeId) -> Vec<(Decision, Option<bool>)> {
        let told = |decision: &Decision| match decision {
            Decision::Answer(condition) => self.asks_data(*condition),
            Decision::Failure(handle) => self.may_have_failed(*handle, id),
        };
        let all = self.conditions[id as usize].iter().copied();
        all.filter(|(decision, _)| told(decision)).collect()
    }

    /// The nodes whose failure a handler takes and that may run before another.
    pub(super) fn raising_before(
        &self,
        handle: NodeId,
        before: NodeId,
    ) -> impl Iterator<Item = NodeId> {
        let repeated = self.repeated[before as usize];
        let last = if repeated { self.ids().end } else { before };
        (0..last).filter(move |id| self.node(*id).raises == Some(handle))
    }

    pub(super) fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id as usize]
    }

    pub(super) fn state(&self, id: NodeId) -> &State {
        &self.states[id as usize]
    }

    /// The query of FOR that a node runs.
    pub(super) fn source_query(&self, id: NodeId) -> Option<&'a ast::Query> {
        if let Step::Source(statement) = self.node(id).step {
            return super::query_of(statement);
        }
        None
    }

    pub(super) fn ids(&self) -> std::ops::Range<NodeId> {
        0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }
}
