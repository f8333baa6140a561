//! The state before each node of a graph, computed as a fixed point.

use sqlparser::ast;
use sqlparser::ast::Statement as Sql;

use super::build::Builder;
use super::functions::FunctionKind;
use super::graph::{Graph, NodeId, Step};
use super::names::{named, stored_key};
use super::procedure::named_arguments;
use super::publish::renamed;
use super::state::{State, TableKey};
use super::table_name;
use super::variable::set_of;
use crate::catalog::TableName;
use crate::source::SourceText;
use crate::syntax::{self, DroppedObject, Places, PossibleEffects, Script, StatementKind};

impl<'a> Graph<'a> {
    /// Builds the graph of a script and computes the state at its nodes.
    pub(super) fn solved(
        script: &'a Script,
        places: std::rc::Rc<Places<'a>>,
        callable: bool,
    ) -> Self {
        let mut graph = Builder::build(script, places, callable);
        graph.repeated = graph.on_cycles();
        graph.solve();
        graph
    }

    fn solve(&mut self) {
        let count = self.nodes.len();
        let mut states: Vec<Option<State>> = vec![None; count];
        if let Some(first) = states.first_mut() {
            *first = Some(State::default());
        }
        self.spread(&mut states, 0, None);
        // Nothing leads to a node after a jump. It is bound as if it followed the
        // previous node in the text, which does not affect the nodes that run.
        for id in 0..count {
            if states[id].is_some() {
                continue;
            }
            let reached: Vec<bool> = states.iter().map(Option::is_some).collect();
            let before = self.nodes[id].before.and_then(|before| {
                let mut state = states.get(before as usize)?.clone()?;
                self.states = Vec::new();
                self.transfer(before, &mut state);
                Some(state)
            });
            states[id] = Some(before.unwrap_or_default());
            let id = NodeId::try_from(id).unwrap_or(NodeId::MAX);
            self.spread(&mut states, id, Some(&reached));
        }
        self.states = states.into_iter().map(Option::unwrap_or_default).collect();
    }

    /// Propagates states from a node along all paths until nothing changes.
    ///
    /// Nodes in `fixed` keep their states.
    fn spread(&self, states: &mut [Option<State>], from: NodeId, fixed: Option<&[bool]>) {
        // In textual order, so that inner loops converge first.
        let mut waiting = std::collections::BTreeSet::from([from]);
        while let Some(id) = waiting.pop_first() {
            let Some(before) = states[id as usize].clone() else {
                continue;
            };
            let mut after = before.clone();
            self.transfer(id, &mut after);
            let node = self.node(id);
            let ways = node.next.iter().map(|next| (*next, &after));
            // A statement that fails has changed nothing.
            for (next, state) in ways.chain(node.raises.iter().map(|next| (*next, &before))) {
                if fixed.is_some_and(|fixed| fixed[next as usize]) {
                    continue;
                }
                let more = match &mut states[next as usize] {
                    Some(known) => known.join(state),
                    unknown @ None => {
                        *unknown = Some(state.clone());
                        true
                    }
                };
                if more {
                    waiting.insert(next);
                }
            }
        }
    }

    /// Applies the changes of a node to a state.
    fn transfer(&self, id: NodeId, state: &mut State) {
        let node = self.node(id);
        let frame = node.frame;
        match node.step {
            Step::Meet | Step::Handle | Step::Ask(..) | Step::Source(_) => {}
            Step::Row(name, _) => state.set(frame, name, id),
            Step::Give { parameter, .. } => {
                // USING sets names that follow `@` in the executed string.
                let of_call = node.frame != self.caller_of(id);
                if of_call {
                    state.set(frame, parameter, id);
                } else if parameter == "?" {
                    state.set_one_of(frame, parameter, id);
                } else {
                    state.set(frame, &format!("@{parameter}"), id);
                }
            }
            Step::Return { variable, .. } => state.set(frame, variable, id),
            Step::Forget => state.forget_parameters(frame),
            Step::Unseen(call, _) => {
                state.lose(id, true);
                state.lose_functions(id);
                for name in named_arguments(call) {
                    state.set(frame, name, id);
                }
            }
            Step::Run(statement) => self.run(id, &statement.kind, state),
        }
    }

    fn caller_of(&self, id: NodeId) -> u32 {
        if let Step::Give { caller, .. } = self.node(id).step {
            return caller;
        }
        self.node(id).frame
    }

    fn run(&self, id: NodeId, kind: &'a StatementKind, state: &mut State) {
        let frame = self.node(id).frame;
        match kind {
            StatementKind::Sql(sql) => self.sql(id, sql, state),
            StatementKind::TableFunction(function) => {
                let name = TableName::new([function.name.as_str()]);
                let key = stored_key(self, state, &name);
                state.define_function(FunctionKind::Table, &key, id, function.keeps);
            }
            StatementKind::Load { target, temporary } => {
                let named = named(self, state, target);
                if *temporary {
                    state.create(&temporary_key(target), id, false);
                } else {
                    state.change(&named, id);
                }
            }
            StatementKind::Delete { target, .. }
            | StatementKind::Truncate { target }
            | StatementKind::Alter { target } => {
                let named = named(self, state, target);
                state.change(&named, id);
            }
            // A read before the table is gone still finds its content.
            StatementKind::Expire { .. } | StatementKind::Access { .. } => {}
            StatementKind::Rename { target, to } => {
                let from = named(self, state, target);
                let to = renamed(target, to);
                for (key, _) in state.targets(&from) {
                    let renamed = self.created(state, &to, key.temporary);
                    state.create(&renamed, id, false);
                }
                state.drop(&from);
            }
            StatementKind::Drop { object, target } => match object {
                DroppedObject::Table => {
                    let named = named(self, state, target);
                    state.drop(&named);
                }
                DroppedObject::Function | DroppedObject::TableFunction => {
                    let kind = if *object == DroppedObject::Function {
                        FunctionKind::Scalar
                    } else {
                        FunctionKind::Table
                    };
                    let named = named(self, state, target);
                    state.drop_function(kind, &named, id);
                }
                DroppedObject::Procedure => {}
                DroppedObject::Dataset => state.lose(id, false),
            },
            StatementKind::ExecuteImmediate(dynamic) => {
                if dynamic.script.is_none() {
                    state.lose(id, true);
                    state.lose_functions(id);
                }
                for name in &dynamic.into {
                    state.set(frame, name, id);
                }
            }
            StatementKind::Inert(word) => match word.as_str() {
                "BEGIN" | "START" => state.begin(),
                "ROLLBACK" => state.roll_back(),
                // Only the name of the function is known.
                "CREATE AGGREGATE FUNCTION" => self.unread(id, state),
                _ => {}
            },
            // Exported rows go elsewhere.
            StatementKind::Unmodelled(word) if word.starts_with("EXPORT") => {}
            StatementKind::Unmodelled(_) | StatementKind::Failed(_) => self.unread(id, state),
            StatementKind::Block { .. }
            | StatementKind::Branches { .. }
            | StatementKind::Loop { .. }
            | StatementKind::Jump(_)
            | StatementKind::Assert { .. }
            | StatementKind::Procedure(_) => {}
            // A model that is imported or remote is not trained on rows.
            StatementKind::Model { target, queries } => {
                let target = target.of_model();
                if queries.is_empty() {
                    let named = named(self, state, &target);
                    state.drop(&named);
                } else {
                    let key = stored_key(self, state, &target);
                    state.create(&key, id, false);
                }
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "statements that change no table, variable or function; `publish` reports those that are not known"
    )]
    fn sql(&self, id: NodeId, sql: &'a Sql, state: &mut State) {
        let frame = self.node(id).frame;
        match sql {
            Sql::CreateTable(table) => {
                let name = table_name(&table.name);
                let key = self.created(state, &name, table.temporary);
                state.create(&key, id, table.if_not_exists);
            }
            Sql::CreateView(view) => {
                let name = table_name(&view.name);
                let key = self.created(state, &name, view.temporary);
                state.create(&key, id, view.if_not_exists);
            }
            Sql::Insert(insert) => {
                if let ast::TableObject::TableName(name) = &insert.table {
                    let named = named(self, state, &table_name(name));
                    state.change(&named, id);
                }
            }
            Sql::Merge(merge) => self.changed(id, &merge.table, state),
            Sql::Update(update) => self.changed(id, &update.table.relation, state),
            Sql::CreateFunction(function) => {
                let key = self.created(state, &table_name(&function.name), function.temporary);
                state.define_function(FunctionKind::Scalar, &key, id, function.if_not_exists);
            }
            Sql::Declare { stmts, .. } => {
                for name in stmts.iter().flat_map(|declare| &declare.names) {
                    state.set(frame, &name.value, id);
                }
            }
            Sql::Set(set) => {
                for (name, _, _) in set_of(set) {
                    state.set(frame, &name, id);
                }
            }
            other if !super::publish::is_inert(other) => self.unread(id, state),
            _ => {}
        }
    }

    /// Returns the key of the table or function that CREATE makes.
    fn created(&self, state: &State, name: &TableName, temporary: bool) -> TableKey {
        if temporary {
            temporary_key(name)
        } else {
            stored_key(self, state, name)
        }
    }

    fn changed(&self, id: NodeId, target: &ast::TableFactor, state: &mut State) {
        match factor_name(target) {
            Some(name) => {
                let named = named(self, state, &name);
                state.change(&named, id);
            }
            None => state.lose(id, true),
        }
    }

    /// Applies a statement that is not understood: what it may change may be
    /// unchanged.
    fn unread(&self, id: NodeId, state: &mut State) {
        let node = self.node(id);
        let frame = node.frame;
        let text = SourceText::new("", node.places.slice(node.span));
        let found = syntax::unread(&text);
        if let PossibleEffects::Variables | PossibleEffects::Any = found {
            for name in state.names(frame) {
                state.set(frame, &name, id);
            }
        }
        match found {
            PossibleEffects::Nothing | PossibleEffects::Variables => {}
            PossibleEffects::Any => {
                state.lose(id, true);
                state.lose_functions(id);
            }
            PossibleEffects::Tables(names) => {
                for name in names {
                    let named = named(self, state, &name);
                    state.perhaps_change(&named, id);
                }
            }
            PossibleEffects::Function(name) => {
                let key = stored_key(self, state, &TableName::new([name.as_str()]));
                for kind in [FunctionKind::Scalar, FunctionKind::Table] {
                    state.define_function(kind, &key, id, true);
                    let bare = temporary_key(&key.name);
                    if key.name.parts().len() == 1 {
                        state.define_function(kind, &bare, id, true);
                    }
                }
            }
        }
    }
}

/// Returns the table that a FROM item names.
pub(in crate::plan::bind) fn factor_name(factor: &ast::TableFactor) -> Option<TableName> {
    if let ast::TableFactor::Table { name, .. } = factor {
        return Some(table_name(name));
    }
    None
}

fn temporary_key(name: &TableName) -> TableKey {
    TableKey::temporary(bare(name))
}

/// Returns the last part of a name.
pub(super) fn bare(name: &TableName) -> TableName {
    TableName::new(name.parts().last().map(String::as_str))
}
