//! The control-flow graph of a script: one node per statement and condition.
//!
//! Each procedure of the file occurs once per call, with variables of its own. The
//! graph describes where control may go; [`super::solve`] computes the state at each
//! node, [`super::control`] which conditions decide about it.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

use super::control::Decision;
use super::data::DataDependence;
use super::state::{State, TableKey};
use crate::source::Span;
use crate::syntax::{Places, Statement};

/// The index of a node in the graph.
pub(in crate::plan::bind) type NodeId = u32;

/// A statement, a condition, or a point where paths meet.
pub(super) struct UpstreamTable<'a> {
    pub(super) step: Step<'a>,
    pub(super) span: Span,
    /// The places of the parts of its text.
    pub(super) places: Rc<Places<'a>>,
    /// The frame whose variables it sees: the script's, or that of one call.
    pub(super) frame: u32,
    /// The successors. A condition has two: one if it holds, one if it does not.
    pub(super) next: Vec<NodeId>,
    /// The handler that runs if it fails.
    pub(super) raises: Option<NodeId>,
    /// The previous node in the text, for nodes without predecessors.
    pub(super) before: Option<NodeId>,
    /// Whether it is in a procedure.
    pub(super) called: bool,
    /// The enclosing procedure, if nothing in the text calls it.
    pub(super) routine: Option<&'a str>,
}

/// What happens at a node.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// Nothing: paths meet.
    Meet,
    /// A handler begins.
    Handle,
    /// A condition, `SELECT condition`, and its keyword.
    Ask(&'a Statement, &'static str),
    /// The query of FOR runs.
    Source(&'a Statement),
    /// The variable of FOR takes another row of the query that the given node runs.
    Row(&'a str, NodeId),
    /// A statement that contains no others.
    Run(&'a Statement),
    /// A parameter is set to a value of the caller's frame.
    ///
    /// It belongs to a call, or to USING. The name is that in the parameter's frame.
    Give {
        parameter: &'a str,
        value: ParameterValue<'a>,
        caller: u32,
    },
    /// A variable of the caller is set to a parameter of another frame.
    Return {
        variable: &'a str,
        parameter: &'a str,
        callee: u32,
    },
    /// The parameters of an executed string end.
    Forget,
    /// A procedure that is not visible runs; the text is the reason.
    Unseen(&'a ast::Function, &'static str),
}

/// The value of a parameter when its procedure begins.
#[derive(Clone, Copy)]
pub(super) enum ParameterValue<'a> {
    /// The value of an expression of the caller.
    Value(&'a ast::Expr),
    /// NULL, whatever the call contains: OUT.
    Null,
    /// Not given by the call.
    Nothing,
}

/// The nodes that may have created one table, as it is before a node.
type MakersBefore = FxHashMap<NodeId, std::rc::Rc<[NodeId]>>;

/// The nodes of a script, with what holds at each of them.
pub(in crate::plan::bind) struct Graph<'a> {
    pub(super) nodes: Vec<UpstreamTable<'a>>,
    /// The node where the script ends.
    pub(super) exit: NodeId,
    /// The state before each node; the fixed point.
    pub(super) states: Vec<State>,
    /// The decisions about whether a node runs, with the required answer.
    ///
    /// `None` if it runs on both answers, but not equally often.
    pub(super) conditions: Vec<Vec<(Decision, Option<bool>)>>,
    /// The nodes after which a table may be what it was before.
    pub(super) undoing: Vec<NodeId>,
    /// For each node, the nodes that may have begun the transaction open there.
    ///
    /// Computed on demand.
    pub(super) transactions: std::cell::OnceCell<Vec<Vec<NodeId>>>,
    /// The handlers that only end the script, as it would end without them.
    pub(super) ending: FxHashSet<NodeId>,
    /// Whether a node may run several times.
    pub(super) repeated: Vec<bool>,
    /// For each handler, the first node whose failure it takes and data may cause.
    ///
    /// Computed after it is known what depends on data.
    pub(super) failing: std::cell::RefCell<FxHashMap<NodeId, Option<NodeId>>>,
    /// Whether versions of tables contain only rows of this run; a cache.
    pub(super) fresh: std::cell::RefCell<FxHashMap<TableKey, FxHashMap<NodeId, bool>>>,
    /// The nodes that may have created tables, as they are before nodes; a cache.
    pub(super) makers: std::cell::RefCell<FxHashMap<TableKey, MakersBefore>>,
    /// The columns to which statements give a collation; computed on demand.
    pub(super) collations: std::cell::OnceCell<super::collated::Collations>,
    /// Which variables and conditions depend on data; computed last.
    pub(super) data: std::cell::OnceCell<DataDependence>,
}

impl<'a> Graph<'a> {
    /// Returns the data decisions about whether a node runs, with the required
    /// answer.
    pub(super) fn deciding(&self, id: NodeId) -> Vec<(Decision, Option<bool>)> {
        let told = |decision: &Decision| match decision {
            Decision::Answer(condition) => self.asks_data(*condition),
            Decision::Failure(handle) => self.may_have_failed(*handle, id),
        };
        let all = self.conditions[id as usize].iter().copied();
        all.filter(|(decision, _)| told(decision)).collect()
    }

    /// Iterates over the nodes whose failure a handler takes and that may run
    /// earlier.
    pub(super) fn raising_before(
        &self,
        handle: NodeId,
        before: NodeId,
    ) -> impl Iterator<Item = NodeId> {
        let repeated = self.repeated[before as usize];
        let last = if repeated { self.ids().end } else { before };
        (0..last).filter(move |id| self.node(*id).raises == Some(handle))
    }

    pub(super) fn node(&self, id: NodeId) -> &UpstreamTable<'a> {
        &self.nodes[id as usize]
    }

    pub(super) fn state(&self, id: NodeId) -> &State {
        &self.states[id as usize]
    }

    /// Returns the query of FOR that a node runs.
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
