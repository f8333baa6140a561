//! The meaning of table names at a position in a script.
//!
//! `@@dataset_id` and `@@dataset_project_id` complete a name that omits its dataset
//! or project, and `_SESSION` contains the temporary tables.

use std::rc::Rc;

use sqlparser::ast;

use super::graph::{Graph, NodeId, Step};
use super::solve::bare;
use super::state::{Defaults, NameCandidates, OUTSIDE, State, TableKey, Versions};
use super::variable::set_of;
use crate::catalog::TableName;
use crate::syntax::StatementKind;

/// The variables for the parts that a name of one or two parts omits.
pub(super) const DATASET: &str = "@@dataset_id";
pub(super) const PROJECT: &str = "@@dataset_project_id";

/// Returns the stored table that a name may mean at a node.
///
/// `None` if it means a temporary table.
pub(super) fn stored(graph: &Graph<'_>, id: NodeId, target: &TableName) -> Option<TableName> {
    let state = graph.state(id);
    let named = named(graph, state, target);
    let stored = state.targets(&named).iter().any(|(key, _)| !key.temporary);
    stored.then(|| named.stored.map_or_else(|| target.clone(), |key| key.name))
}

/// Returns the tables that a name may mean.
pub(super) fn named(graph: &Graph<'_>, state: &State, name: &TableName) -> NameCandidates {
    let name = &name.undecorated();
    if let [first, _] = name.parts()
        && first.eq_ignore_ascii_case("_SESSION")
    {
        return NameCandidates {
            temporary: Some(bare(name)),
            stored: None,
        };
    }
    NameCandidates {
        temporary: (name.parts().len() == 1).then(|| name.clone()),
        stored: Some(stored_key(graph, state, name)),
    }
}

/// Completes the name of a stored table with its dataset and project, if known.
pub(super) fn default_name(graph: &Graph<'_>, state: &State, name: &TableName) -> TableName {
    stored_key(graph, state, name).name
}

/// Returns the key of a stored table.
///
/// It contains the parts that the name omits or, if they are unknown, the nodes that
/// may have set them.
pub(super) fn stored_key(graph: &Graph<'_>, state: &State, name: &TableName) -> TableKey {
    let mut name = name.undecorated();
    for (count, variable) in [(1, DATASET), (2, PROJECT)] {
        if name.parts().len() == count
            && let Some(value) = constant(graph, state, variable)
        {
            let parts = name.parts().iter().map(String::as_str);
            name = TableName::new(std::iter::once(value.as_str()).chain(parts));
        }
    }
    let repeated = |id: &NodeId| {
        let known = graph.repeated.get(*id as usize);
        known.copied().unwrap_or_default()
    };
    let mut defaults = Defaults::default();
    for (variable, versions) in defaulting(state, &name) {
        let set = match variable {
            DATASET => &mut defaults.dataset,
            _ => &mut defaults.project,
        };
        *set = Some(Rc::clone(versions));
        // A node that runs repeatedly may set a different value each time.
        defaults.moving |= versions.iter().any(repeated);
    }
    TableKey {
        name,
        temporary: false,
        defaults,
    }
}

/// Iterates over the variables for the omitted parts of a name.
///
/// Each comes with the nodes that may have set it.
pub(super) fn defaulting<'s>(
    state: &'s State,
    name: &TableName,
) -> impl Iterator<Item = (&'static str, &'s Versions)> {
    let parts = name.parts().len();
    let left_out = [(2, DATASET), (3, PROJECT)].into_iter();
    let left_out = left_out.filter(move |(count, _)| parts < *count);
    left_out.filter_map(|(_, variable)| Some((variable, state.variable(0, variable)?)))
}

/// Returns the text that a system variable was set to.
///
/// `None` if it is not a literal, or if several nodes may have set the variable.
fn constant(graph: &Graph<'_>, state: &State, variable: &str) -> Option<String> {
    let [only] = **state.variable(0, variable)? else {
        return None;
    };
    if only == OUTSIDE {
        return None;
    }
    let Step::Run(statement) = graph.node(only).step else {
        return None;
    };
    let StatementKind::Sql(sql) = &statement.kind else {
        return None;
    };
    let ast::Statement::Set(set) = &**sql else {
        return None;
    };
    let (_, mut value, _) = set_of(set)
        .into_iter()
        .find(|(name, _, whole)| *whole && name.eq_ignore_ascii_case(variable))?;
    while let Some(ast::Expr::Nested(inner)) = value {
        value = Some(inner);
    }
    match value {
        Some(ast::Expr::Value(value)) => value.value.clone().into_string(),
        Some(_) | None => None,
    }
}
