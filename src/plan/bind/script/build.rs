//! Construction of a script's graph, in the order of the text.

use std::rc::Rc;

use sqlparser::ast;

use super::condition::is_true;
use super::graph::{Graph, NodeId, ParameterValue, Step, UpstreamTable};
use super::procedure::{CallTargets, arguments, call_name, routine, variable_name};
use crate::catalog::{NameMatch, TablePattern};
use crate::source::{SourceText, Span};
use crate::syntax::{
    self, DroppedObject, ExecuteImmediate, Jump, LoopKind, Places, PossibleEffects, Procedure,
    Script, Statement, StatementKind,
};

/// The maximal number of nodes; further calls are not followed.
pub(super) const NODE_LIMIT: usize = 20_000;
/// The maximal nesting depth of calls that are followed.
const CALL_LIMIT: usize = 32;

/// An enclosing block or loop that BREAK, LEAVE or CONTINUE may refer to.
pub(super) struct EnclosingBlock {
    label: Option<String>,
    /// The node after it.
    behind: NodeId,
    /// The node that starts the next round, for a loop.
    again: Option<NodeId>,
}

pub(super) struct Builder<'a> {
    pub(super) nodes: Vec<UpstreamTable<'a>>,
    pub(super) places: Rc<Places<'a>>,
    pub(super) frame: u32,
    pub(super) frames: u32,
    /// The open ends that the next node follows: a node, and which of its
    /// successors.
    pub(super) tails: Vec<(NodeId, usize)>,
    pub(super) around: Vec<EnclosingBlock>,
    handlers: Vec<NodeId>,
    /// The node where RETURN goes, for each enclosing body.
    pub(super) exits: Vec<NodeId>,
    procedures: Vec<(TablePattern, CallTargets<'a>)>,
    /// The addresses of the enclosing procedures, to detect recursion.
    pub(super) running: Vec<usize>,
    /// The number of enclosing blocks that may not run, or not to their end.
    uncertain: usize,
    /// The procedures of the text, and whether the text calls each of them.
    pub(super) defined: Vec<(&'a Procedure, Rc<Places<'a>>, bool)>,
    /// The enclosing procedure that only other texts call.
    pub(super) routine: Option<&'a str>,
}

impl<'a> Builder<'a> {
    /// Builds the graph of a script.
    ///
    /// If `callable` is set, procedures that the script defines and does not call
    /// are included, as if each were called once.
    pub(super) fn build(script: &'a Script, places: Rc<Places<'a>>, callable: bool) -> Graph<'a> {
        let mut builder = Self {
            nodes: Vec::new(),
            places,
            frame: 0,
            frames: 0,
            tails: Vec::new(),
            around: Vec::new(),
            handlers: Vec::new(),
            exits: Vec::new(),
            procedures: Vec::new(),
            running: Vec::new(),
            uncertain: 0,
            defined: Vec::new(),
            routine: None,
        };
        let entry = builder.add_node(Step::Meet, Span::default());
        let exit = builder.add_node(Step::Meet, Span::default());
        builder.exits.push(exit);
        builder.tails.push((entry, 0));
        builder.list(&script.statements);
        builder.enter(exit);
        if callable {
            builder.called_elsewhere(entry, exit);
        }
        let count = builder.nodes.len();
        Graph {
            nodes: builder.nodes,
            exit,
            states: Vec::new(),
            conditions: vec![Vec::new(); count],
            undoing: Vec::new(),
            transactions: std::cell::OnceCell::new(),
            ending: rustc_hash::FxHashSet::default(),
            repeated: vec![false; count],
            failing: std::cell::RefCell::default(),
            fresh: std::cell::RefCell::default(),
            makers: std::cell::RefCell::default(),
            collations: std::cell::OnceCell::new(),
            data: std::cell::OnceCell::new(),
        }
    }

    /// Adds a node without predecessors.
    pub(super) fn add_node(&mut self, step: Step<'a>, span: Span) -> NodeId {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(UpstreamTable {
            step,
            span,
            places: Rc::clone(&self.places),
            frame: self.frame,
            next: Vec::new(),
            raises: match step {
                Step::Meet | Step::Handle | Step::Row(..) | Step::Forget => None,
                Step::Ask(..)
                | Step::Source(_)
                | Step::Run(_)
                | Step::Give { .. }
                | Step::Return { .. }
                | Step::Unseen(..) => self.handlers.last().copied(),
            },
            before: id.checked_sub(1),
            called: !self.running.is_empty(),
            routine: self.routine,
        });
        id
    }

    /// Adds a node after the open ends, and makes it the only open end.
    pub(super) fn then(&mut self, step: Step<'a>, span: Span) -> NodeId {
        let id = self.add_node(step, span);
        self.enter(id);
        self.tails.push((id, 0));
        id
    }

    /// Connects all open ends to a node; none is open afterwards.
    pub(super) fn enter(&mut self, id: NodeId) {
        for (tail, slot) in std::mem::take(&mut self.tails) {
            let next = &mut self.nodes[tail as usize].next;
            // The second successor of a condition may be known before the first one.
            while next.len() < slot {
                next.push(id);
            }
            if next.len() == slot {
                next.push(id);
            } else {
                next[slot] = id;
            }
        }
    }

    fn is_entered(&self, id: NodeId) -> bool {
        self.nodes.iter().any(|node| node.next.contains(&id))
            || self.tails.iter().any(|(tail, _)| *tail == id)
    }

    pub(super) fn list(&mut self, statements: &'a [Statement]) {
        for statement in statements {
            self.one(statement);
        }
    }

    fn one(&mut self, statement: &'a Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Block {
                label,
                body,
                handler,
            } => self.block(label.as_ref(), body, handler.as_deref(), span),
            StatementKind::Branches {
                branches,
                otherwise,
            } => {
                if let ([only], None) = (branches.as_slice(), otherwise)
                    && is_true(&only.condition)
                {
                    self.ask(&only.condition, "IF");
                    self.list(&only.body);
                    self.then(Step::Meet, span);
                    return;
                }
                let mut ends = Vec::new();
                self.uncertain += 1;
                for branch in branches {
                    let asked = self.ask(&branch.condition, "IF");
                    self.list(&branch.body);
                    ends.append(&mut self.tails);
                    self.tails = vec![(asked, 1)];
                }
                self.list(otherwise.as_deref().unwrap_or_default());
                self.uncertain -= 1;
                self.tails.append(&mut ends);
                self.then(Step::Meet, span);
            }
            StatementKind::Loop {
                label,
                rounds,
                body,
            } => self.repeat(label.as_ref(), rounds, body, span),
            StatementKind::Jump(jump) => {
                self.then(Step::Run(statement), span);
                self.jump(jump);
            }
            StatementKind::Assert { condition } => {
                let asked = self.ask(condition, "ASSERT");
                let tails = std::mem::replace(&mut self.tails, vec![(asked, 1)]);
                let failed = self.handlers.last().or(self.exits.first()).copied();
                if let Some(failed) = failed {
                    self.enter(failed);
                }
                self.tails = tails;
                self.then(Step::Meet, span);
            }
            StatementKind::Procedure(procedure) => {
                self.define(procedure, self.uncertain == 0);
            }
            StatementKind::Drop {
                object: DroppedObject::Procedure,
                target,
            } => {
                let gone = routine(&target.to_string().to_lowercase());
                for (name, callable) in &mut self.procedures {
                    callable.unseen |= name.compare(&gone) != NameMatch::No;
                }
            }
            StatementKind::ExecuteImmediate(dynamic) => self.dynamic(statement, dynamic, span),
            StatementKind::Sql(sql) => {
                if let ast::Statement::Call(call) = &**sql {
                    self.call(call, span);
                } else {
                    self.then(Step::Run(statement), span);
                }
            }
            StatementKind::TableFunction(_)
            | StatementKind::Model { .. }
            | StatementKind::Load { .. }
            | StatementKind::Delete { .. }
            | StatementKind::Truncate { .. }
            | StatementKind::Alter { .. }
            | StatementKind::Expire { .. }
            | StatementKind::Access { .. }
            | StatementKind::Rename { .. }
            | StatementKind::Drop { .. }
            | StatementKind::Inert(_)
            | StatementKind::Unmodelled(_)
            | StatementKind::Failed(_) => {
                if let StatementKind::Unmodelled(_) | StatementKind::Failed(_) = statement.kind {
                    let text = SourceText::new("", self.places.slice(span));
                    if syntax::unread(&text) == PossibleEffects::Any {
                        // It may redefine them.
                        for (_, callable) in &mut self.procedures {
                            callable.unseen = true;
                        }
                    }
                }
                self.then(Step::Run(statement), span);
            }
        }
    }

    /// Makes a procedure callable by its name from here on.
    fn define(&mut self, procedure: &'a Procedure, surely: bool) {
        let known = |(known, _, _): &(&Procedure, _, _)| std::ptr::eq(*known, procedure);
        if !self.defined.iter().any(known) {
            let places = Rc::clone(&self.places);
            self.defined.push((procedure, places, false));
        }
        let name = routine(&procedure.name);
        // A name without a dataset or project may refer to that of any.
        for (other, callable) in &mut self.procedures {
            callable.unseen |= other.compare(&name) == NameMatch::Perhaps;
        }
        let same = |(other, _): &(TablePattern, _)| other.compare(&name) == NameMatch::Certain;
        let at = self.procedures.iter().position(same).unwrap_or_else(|| {
            self.procedures.push((name.clone(), CallTargets::default()));
            self.procedures.len() - 1
        });
        self.procedures[at]
            .1
            .define(procedure, &self.places, surely);
    }

    /// Returns the procedures that a call may refer to; empty if that is uncertain.
    fn callable(&self, call: &ast::Function) -> CallTargets<'a> {
        let name = routine(&call_name(call));
        let same = |(other, _): &&(TablePattern, _)| other.compare(&name) == NameMatch::Certain;
        let known = self.procedures.iter().find(same);
        known.map_or_else(CallTargets::default, |(_, callable)| callable.clone())
    }

    /// Adds a condition; the branch on which it holds is the open end afterwards.
    fn ask(&mut self, condition: &'a Statement, word: &'static str) -> NodeId {
        self.then(Step::Ask(condition, word), condition.span)
    }

    fn block(
        &mut self,
        label: Option<&String>,
        body: &'a [Statement],
        handler: Option<&'a [Statement]>,
        span: Span,
    ) {
        let behind = self.add_node(Step::Meet, span);
        self.around.push(EnclosingBlock {
            label: label.cloned(),
            behind,
            again: None,
        });
        let uncertain = usize::from(label.is_some() || handler.is_some());
        self.uncertain += uncertain;
        if let Some(handler) = handler {
            let caught = self.add_node(Step::Handle, span);
            self.handlers.push(caught);
            self.list(body);
            self.handlers.pop();
            let ends = std::mem::replace(&mut self.tails, vec![(caught, 0)]);
            self.list(handler);
            self.tails.extend(ends);
        } else {
            self.list(body);
        }
        self.uncertain -= uncertain;
        self.around.pop();
        self.go_on(behind);
    }

    /// Connects all open ends to a node and continues there.
    pub(super) fn go_on(&mut self, behind: NodeId) {
        self.enter(behind);
        self.tails.push((behind, 0));
    }

    fn repeat(
        &mut self,
        label: Option<&String>,
        rounds: &'a LoopKind,
        body: &'a [Statement],
        span: Span,
    ) {
        self.uncertain += 1;
        // A later round may call what an earlier one defines.
        for statement in body {
            statement.each(&mut |inner| {
                if let StatementKind::Procedure(procedure) = &inner.kind {
                    self.define(procedure, false);
                }
            });
        }
        let behind = self.add_node(Step::Meet, span);
        let around = |again| EnclosingBlock {
            label: label.cloned(),
            behind,
            again: Some(again),
        };
        match rounds {
            LoopKind::Endless => {
                let head = self.then(Step::Meet, span);
                self.around.push(around(head));
                self.list(body);
                self.enter(head);
                if !self.is_entered(behind) {
                    // It ends when something fails, or never.
                    self.tails.push((head, 1));
                }
            }
            LoopKind::While(asked) => {
                let head = self.ask(asked, "WHILE");
                self.around.push(around(head));
                self.list(body);
                self.enter(head);
                if !is_true(asked) || !self.is_entered(behind) {
                    self.tails.push((head, 1));
                }
            }
            LoopKind::Until(asked) => {
                let head = self.then(Step::Meet, span);
                let step = match asked {
                    Some(asked) => Step::Ask(asked, "UNTIL"),
                    None => Step::Meet,
                };
                let foot = self.add_node(step, asked.as_ref().map_or(span, |asked| asked.span));
                self.around.push(around(foot));
                self.list(body);
                self.enter(foot);
                self.tails = vec![(foot, 0)];
                self.enter(behind);
                self.tails = vec![(foot, 1)];
                self.enter(head);
            }
            LoopKind::Rows(name, query) => {
                let source = self.then(Step::Source(query), query.span);
                let head = self.then(Step::Row(name, source), query.span);
                self.around.push(around(head));
                self.list(body);
                self.enter(head);
                self.tails.push((head, 1));
            }
        }
        self.around.pop();
        self.uncertain -= 1;
        self.go_on(behind);
    }

    fn jump(&mut self, jump: &Jump) {
        let named = |around: &&EnclosingBlock, label: &Option<String>| match label {
            Some(label) => around.label.as_ref() == Some(label),
            None => around.again.is_some(),
        };
        let mut innermost = self.around.iter().rev();
        let to = match jump {
            Jump::Leave(label) => innermost
                .find(|around| named(around, label))
                .map(|around| around.behind),
            Jump::Continue(label) => innermost
                .find(|around| named(around, label))
                .and_then(|around| around.again),
            Jump::Return => self.exits.last().copied(),
            Jump::Raise => self.handlers.last().or(self.exits.first()).copied(),
        };
        // A jump without a target is an error of the script, which then stops.
        if let Some(to) = to.or(self.exits.first().copied()) {
            self.enter(to);
        }
        self.tails.clear();
    }

    fn call(&mut self, call: &'a ast::Function, span: Span) {
        let CallTargets { procedures, unseen } = self.callable(call);
        if procedures.is_empty() {
            self.then(
                Step::Unseen(call, "the called procedure is not in this file"),
                span,
            );
            return;
        }
        if procedures.len() > 1 {
            // Which procedure runs discloses the data that decided it; none is
            // followed.
            let why = "several procedures have the name of the called procedure";
            self.then(Step::Unseen(call, why), span);
            return;
        }
        let fork = self.then(Step::Meet, span);
        let mut ends = Vec::new();
        for (slot, (procedure, places)) in procedures.iter().enumerate() {
            self.tails = vec![(fork, slot)];
            let address = std::ptr::from_ref(*procedure).cast::<()>() as usize;
            let why = if procedure.body.is_none() {
                Some("the called procedure is not in this file")
            } else if self.running.contains(&address) {
                Some("the procedure calls itself")
            } else if self.running.len() >= CALL_LIMIT || self.nodes.len() >= NODE_LIMIT {
                Some("procedure calls are nested too deeply here")
            } else {
                None
            };
            if let Some(why) = why {
                self.then(Step::Unseen(call, why), span);
                ends.append(&mut self.tails);
                continue;
            }
            let given = arguments(call, procedure);
            let callee = self.body(procedure, places, &given, span);
            for (parameter, value) in procedure.parameters.iter().zip(given) {
                if parameter.out
                    && let Some(variable) = value.and_then(variable_name)
                {
                    let back = Step::Return {
                        variable,
                        parameter: &parameter.name,
                        callee,
                    };
                    self.then(back, span);
                }
            }
            ends.append(&mut self.tails);
        }
        if unseen {
            self.tails = vec![(fork, procedures.len())];
            let why = "the called procedure may be a different one than the procedure of this file";
            self.then(Step::Unseen(call, why), span);
        }
        self.tails.append(&mut ends);
        self.then(Step::Meet, span);
    }

    fn dynamic(&mut self, statement: &'a Statement, dynamic: &'a ExecuteImmediate, span: Span) {
        let Some(nested) = &dynamic.script else {
            self.then(Step::Run(statement), span);
            return;
        };
        for (value, name) in &dynamic.using {
            let give = Step::Give {
                // Parameters without a name are not distinguished.
                parameter: name.as_deref().unwrap_or("?"),
                value: ParameterValue::Value(value),
                caller: self.frame,
            };
            self.then(give, span);
        }
        let (source, script) = &**nested;
        let places = Rc::new(Places::new(source, script));
        let here = std::mem::replace(&mut self.places, places);
        if dynamic.into.is_empty() {
            self.list(&script.statements);
        } else {
            self.then(Step::Run(statement), span);
        }
        self.places = here;
        if !dynamic.using.is_empty() {
            self.then(Step::Forget, span);
        }
    }
}
