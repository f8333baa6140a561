//! What a name means at a place: `@@dataset_id` and `@@dataset_project_id` go
//! before a name that leaves them out, and `_SESSION` is where temporary tables
//! are.

use std::rc::Rc;

use sqlparser::ast;

use super::graph::{Graph, NodeId, Step};
use super::solve::bare;
use super::state::{Defaults, Key, Named, OUTSIDE, State, Versions};
use super::variable::set_of;
use crate::catalog::TableName;
use crate::syntax::StatementKind;

/// The variables that stand for the parts which a name of so many leaves out.
pub(super) const DATASET: &str = "@@dataset_id";
pub(super) const PROJECT: &str = "@@dataset_project_id";

/// The stored table that a name may mean at a node; `None` where it means a
/// temporary one.
pub(super) fn stored(graph: &Graph<'_>, id: NodeId, target: &TableName) -> Option<TableName> {
    let state = graph.state(id);
    let named = named(graph, state, target);
    let stored = state.targets(&named).iter().any(|(key, _)| !key.temporary);
    stored.then(|| named.stored.map_or_else(|| target.clone(), |key| key.name))
}

/// What a name may mean.
pub(super) fn named(graph: &Graph<'_>, state: &State, name: &TableName) -> Named {
    let name = &name.undecorated();
    if let [first, _] = name.parts()
        && first.eq_ignore_ascii_case("_SESSION")
    {
        return Named {
            temporary: Some(bare(name)),
            stored: None,
        };
    }
    Named {
        temporary: (name.parts().len() == 1).then(|| name.clone()),
        stored: Some(stored_key(graph, state, name)),
    }
}

/// A stored table's name, with the dataset and project that it leaves out where
/// they are known.
pub(super) fn default_name(graph: &Graph<'_>, state: &State, name: &TableName) -> TableName {
    stored_key(graph, state, name).name
}

/// A stored table by its name: what the parts are that it leaves out or, where that is
/// not known, who has set them.
pub(super) fn stored_key(graph: &Graph<'_>, state: &State, name: &TableName) -> Key {
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
        // What runs again may have set another one each time.
        defaults.moving |= versions.iter().any(repeated);
    }
    Key {
        name,
        temporary: false,
        defaults,
    }
}

/// The variables that stand for the parts which a name leaves out, each with the nodes
/// that may have set it.
pub(super) fn defaulting<'s>(
    state: &'s State,
    name: &TableName,
) -> impl Iterator<Item = (&'static str, &'s Versions)> {
    let parts = name.parts().len();
    let left_out = [(2, DATASET), (3, PROJECT)].into_iter();
    let left_out = left_out.filter(move |(count, _)| parts < *count);
    left_out.filter_map(|(_, variable)| Some((variable, state.variable(0, variable)?)))
}

/// The text that a system variable was set to; `None` where it is not written
/// there, or there are several.
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
