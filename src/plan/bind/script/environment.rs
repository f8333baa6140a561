//! What a script defines, as the binder sees it from one node of the graph.
//!
//! An environment is cheap to copy, so that what is read later is bound as it was at
//! the node where it was written.

use std::rc::Rc;

use sqlparser::ast;

use super::functions::FunctionKind;
use super::graph::{Graph, NodeId, Step};
use super::names::named;
use super::state::{NameCandidates, OUTSIDE, State, TableKey, Versions};
use crate::catalog::TableName;
use crate::plan::routine::{types, visible};
use crate::syntax::{Places, StatementKind};

/// A position in a script, with what is visible there.
#[derive(Clone)]
pub(in crate::plan::bind) struct Environment<'a> {
    pub(super) graph: Rc<Graph<'a>>,
    /// The node whose state is visible.
    pub(super) at: NodeId,
    /// The node whose default dataset applies; a view keeps that of its creation.
    pub(super) defaults: NodeId,
    /// The frame whose variables are visible.
    pub(super) frame: u32,
    /// Which of two rounds of a loop this is.
    ///
    /// What differs between the rounds has two names.
    pub(super) round: u32,
    /// Whether temporary tables created after the view are invisible: in a stored
    /// view.
    pub(super) stored_only: bool,
    /// Whether it is read by others after the script has ended: a stored view.
    pub(super) lasting: bool,
    /// Whether variables are only named, not followed.
    pub(super) blank: bool,
}

/// A function with a visible SQL body.
#[derive(Clone)]
pub(in crate::plan::bind) struct Function<'a> {
    /// The names of the parameters, in order.
    pub(in crate::plan::bind) args: Vec<String>,
    /// The types of the parameters.
    pub(in crate::plan::bind) types: Vec<&'a ast::DataType>,
    /// The type of the result, if declared.
    pub(in crate::plan::bind) returns: Option<&'a ast::DataType>,
    /// The body.
    pub(in crate::plan::bind) body: &'a ast::Expr,
    /// The places of the parts of its text.
    pub(in crate::plan::bind) places: Rc<Places<'a>>,
}

/// A table function with a visible body.
#[derive(Clone)]
pub(in crate::plan::bind) struct TableFunction<'a> {
    /// The names of the parameters, in order.
    pub(in crate::plan::bind) arguments: &'a [String],
    /// For each parameter, whether it is a table.
    pub(in crate::plan::bind) tables: &'a [bool],
    /// The body.
    pub(in crate::plan::bind) query: &'a ast::Query,
    /// The places of the parts of its text.
    pub(in crate::plan::bind) places: Rc<Places<'a>>,
}

/// The meaning of a name among the definitions of a script.
pub(in crate::plan::bind) enum ScriptDefinition<T> {
    /// The script defines nothing with this name.
    Outside,
    /// It may be one of several, or its body is not visible.
    Hidden,
    /// Exactly this definition.
    Seen(T),
}

/// The meaning of a table name at a position in a script.
#[derive(Clone)]
pub(in crate::plan::bind) struct ReadName {
    /// The stored table that it names, with its dataset and project if they are
    /// known.
    pub(in crate::plan::bind) name: TableName,
    /// The name as written.
    pub(super) asked: TableName,
    /// The tables that it may be, each with the nodes that may have made it.
    pub(super) sources: Vec<(TableKey, Versions)>,
}

impl ReadName {
    /// Returns whether nothing in the script makes the table.
    pub(in crate::plan::bind) fn is_outside(&self) -> bool {
        self.sources
            .iter()
            .all(|(key, versions)| !key.temporary && **versions == [OUTSIDE])
    }
}

impl<'a> Environment<'a> {
    /// Creates the environment of a node.
    pub(super) fn at(graph: &Rc<Graph<'a>>, at: NodeId, round: u32) -> Self {
        Self {
            graph: Rc::clone(graph),
            at,
            defaults: at,
            frame: graph.node(at).frame,
            round,
            stored_only: false,
            lasting: false,
            blank: false,
        }
    }

    /// Returns what a text outside the script sees of it.
    ///
    /// That is the stored tables as the script has written them so far.
    pub(in crate::plan::bind) fn outside(&self) -> Self {
        Self {
            defaults: 0,
            frame: u32::MAX,
            stored_only: true,
            ..self.clone()
        }
    }

    /// Returns what a stored view created here sees, whenever it is read.
    ///
    /// That is the tables as the script leaves them.
    pub(super) fn lasting(&self) -> Self {
        Self {
            at: self.graph.exit,
            frame: u32::MAX,
            stored_only: true,
            lasting: true,
            ..self.clone()
        }
    }

    /// Returns the stored tables that a name may mean and that others may write.
    ///
    /// They may do so before the view is read; empty outside a stored view.
    pub(in crate::plan::bind) fn lasting_tables(&self, read: &ReadName) -> Vec<TableName> {
        let stored = read.sources.iter().filter(|(key, _)| !key.temporary);
        stored
            .filter(|_| self.lasting)
            .map(|(key, _)| key.name.clone())
            .collect()
    }

    /// Returns whether this is read by others after the script has ended.
    pub(in crate::plan::bind) fn is_lasting(&self) -> bool {
        self.lasting
    }

    /// Returns the node whose state is visible.
    pub(in crate::plan::bind) fn node(&self) -> NodeId {
        self.at
    }

    pub(super) fn state(&self) -> &State {
        self.graph.state(self.at)
    }

    /// Resolves the name of a table here.
    pub(in crate::plan::bind) fn table(&self, name: &TableName) -> ReadName {
        let NameCandidates { temporary, stored } =
            named(&self.graph, self.graph.state(self.defaults), name);
        let then = self.graph.state(self.defaults);
        let is_visible = |name: &TableName| !self.stored_only || then.temporary(name).is_some();
        let named = NameCandidates {
            temporary: temporary.filter(is_visible),
            stored,
        };
        let sources = self.state().read(&named);
        let stored = named.stored.map_or_else(|| name.clone(), |key| key.name);
        ReadName {
            name: stored.with_decorator_of(name),
            asked: name.clone(),
            sources,
        }
    }

    /// Returns whether a variable with this name is declared.
    pub(in crate::plan::bind) fn has_variable(&self, name: &str) -> bool {
        self.state().variable(self.frame, name).is_some()
    }

    /// Resolves a function of the script.
    pub(in crate::plan::bind) fn function(&self, name: &str) -> ScriptDefinition<Function<'a>> {
        let Some(id) = self.only(FunctionKind::Scalar, name) else {
            return ScriptDefinition::Outside;
        };
        let seen = id.and_then(|id| {
            let node = self.graph.node(id);
            let Step::Run(statement) = node.step else {
                return None;
            };
            let StatementKind::Sql(sql) = &statement.kind else {
                return None;
            };
            let ast::Statement::CreateFunction(function) = &**sql else {
                return None;
            };
            let (args, body) = visible(function)?;
            let (types, returns) = types(function);
            Some(Function {
                args,
                types,
                returns,
                body,
                places: Rc::clone(&node.places),
            })
        });
        seen.map_or(ScriptDefinition::Hidden, ScriptDefinition::Seen)
    }

    /// Resolves a table function of the script.
    pub(in crate::plan::bind) fn table_function(
        &self,
        name: &str,
    ) -> ScriptDefinition<TableFunction<'a>> {
        let Some(id) = self.only(FunctionKind::Table, name) else {
            return ScriptDefinition::Outside;
        };
        let seen = id.and_then(|id| {
            let node = self.graph.node(id);
            let Step::Run(statement) = node.step else {
                return None;
            };
            let StatementKind::TableFunction(function) = &statement.kind else {
                return None;
            };
            Some(TableFunction {
                arguments: &function.arguments,
                tables: &function.tables,
                query: super::query_of(&function.query)?,
                places: Rc::clone(&node.places),
            })
        });
        seen.map_or(ScriptDefinition::Hidden, ScriptDefinition::Seen)
    }

    /// Returns the nodes that may have defined the function with this name.
    pub(super) fn function_versions(&self, kind: FunctionKind, name: &str) -> Option<Versions> {
        if !self.state().has_functions() {
            return None;
        }
        let then = self.graph.state(self.defaults);
        let named = named(&self.graph, then, &TableName::new([name]));
        self.state().function(kind, &named)
    }

    /// Returns the only node that defines a function; `Some(None)` if there are
    /// several.
    fn only(&self, kind: FunctionKind, name: &str) -> Option<Option<NodeId>> {
        let versions = self.function_versions(kind, name)?;
        match *versions {
            [only] if only != OUTSIDE => Some(Some(only)),
            _ => Some(None),
        }
    }
}
