//! Which variables and conditions of a script depend on data.
//!
//! Initially all are assumed to depend only on constants and parameters. What reads
//! anything depends on data, and so does what is computed from such a value or set
//! under such a condition.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

use super::Session;
use super::condition::condition_of;
use super::control::Decision;
use super::environment::Environment;
use super::graph::{Graph, NodeId, Step};
use super::state::{OUTSIDE, Versions};
use super::variable::{Value, set_of};
use super::way::Failure;
use crate::budget;
use crate::plan::bind::Binder;
use crate::plan::{Expr, ExprKind, Operator};
use crate::syntax::StatementKind;

/// A variable as a node sets it; without a name, a condition.
type Item = (NodeId, Option<String>);

/// What depends on data, and how often each variable is set.
pub(super) struct DataDependence {
    items: FxHashSet<Item>,
    sets: FxHashMap<String, usize>,
}

impl Graph<'_> {
    /// Returns whether the value that a node assigns to a variable depends on data.
    pub(super) fn is_data(&self, id: NodeId, name: &str) -> bool {
        id != OUTSIDE
            && self
                .data
                .get()
                .is_none_or(|data| data.items.contains(&(id, Some(name.to_owned()))))
    }

    /// Returns whether a condition depends on data.
    pub(super) fn asks_data(&self, id: NodeId) -> bool {
        self.data
            .get()
            .is_none_or(|data| data.items.contains(&(id, None)))
    }

    /// Returns how many nodes set a variable with this name.
    pub(super) fn sets(&self, name: &str) -> usize {
        let sets = self.data.get().and_then(|data| data.sets.get(name));
        sets.copied().unwrap_or_default()
    }

    /// Returns the variables that a node sets.
    pub(super) fn set_names(&self, id: NodeId) -> Vec<String> {
        let node = self.node(id);
        let lower = |name: &str| name.to_lowercase();
        match node.step {
            Step::Row(name, _) => vec![lower(name)],
            Step::Return { variable, .. } => vec![lower(variable)],
            Step::Give {
                parameter, caller, ..
            } => {
                if node.frame != caller || parameter == "?" {
                    vec![lower(parameter)]
                } else {
                    vec![lower(&format!("@{parameter}"))]
                }
            }
            Step::Unseen(call, _) => super::procedure::named_arguments(call).map(lower).collect(),
            Step::Run(statement) => self.statement_names(id, &statement.kind),
            Step::Meet | Step::Handle | Step::Ask(..) | Step::Source(_) | Step::Forget => {
                Vec::new()
            }
        }
    }
}

impl Graph<'_> {
    fn statement_names(&self, id: NodeId, kind: &StatementKind) -> Vec<String> {
        if let StatementKind::ExecuteImmediate(dynamic) = kind {
            return dynamic.into.clone();
        }
        if let StatementKind::Failed(_) | StatementKind::Unmodelled(_) = kind {
            return self.state(id).names(self.node(id).frame);
        }
        let StatementKind::Sql(sql) = kind else {
            return Vec::new();
        };
        if let ast::Statement::Declare { stmts, .. } = &**sql {
            let names = stmts.iter().flat_map(|declare| &declare.names);
            return names.map(|name| name.value.to_lowercase()).collect();
        }
        if let ast::Statement::Set(set) = &**sql {
            return set_of(set).into_iter().map(|(name, _, _)| name).collect();
        }
        Vec::new()
    }
}

impl Session<'_> {
    /// Computes what depends on data.
    pub(super) fn find_data(&self) -> DataDependence {
        let graph = &self.graph;
        let mut sets: FxHashMap<String, usize> = FxHashMap::default();
        // The inverse of what an item is computed from.
        let mut feeds: FxHashMap<Item, Vec<Item>> = FxHashMap::default();
        let mut waiting: Vec<Item> = Vec::new();
        for id in graph.ids() {
            let mut items = Vec::new();
            for name in graph.set_names(id) {
                *sets.entry(name.clone()).or_default() += 1;
                items.push((id, Some(name)));
            }
            if matches!(graph.node(id).step, Step::Ask(..) | Step::Row(..)) {
                items.push((id, None));
            }
            for item in items {
                let (reads, uses) = self.made_of(&item);
                if reads {
                    waiting.push(item.clone());
                }
                for used in uses {
                    budget::spend(1);
                    feeds.entry(used).or_default().push(item.clone());
                }
                if item.1.is_some() {
                    for (decision, _) in &graph.conditions[id as usize] {
                        match decision {
                            Decision::Answer(asked) => {
                                feeds.entry((*asked, None)).or_default().push(item.clone());
                            }
                            Decision::Failure(handle) => {
                                for raising in graph.raising_before(*handle, id) {
                                    match graph.failure(raising) {
                                        Failure::Never => {}
                                        Failure::Asking => feeds
                                            .entry((raising, None))
                                            .or_default()
                                            .push(item.clone()),
                                        Failure::Setting(names) => {
                                            for name in names {
                                                let from = (raising, Some(name));
                                                feeds.entry(from).or_default().push(item.clone());
                                            }
                                        }
                                        Failure::Reading => waiting.push(item.clone()),
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        let mut items = FxHashSet::default();
        while let Some(item) = waiting.pop() {
            if items.contains(&item) {
                continue;
            }
            waiting.extend(feeds.get(&item).into_iter().flatten().cloned());
            items.insert(item);
        }
        DataDependence { items, sets }
    }

    /// Returns whether an item reads tables or something unknown, and its variables.
    fn made_of(&self, (id, name): &Item) -> (bool, Vec<Item>) {
        let graph = &self.graph;
        let node = graph.node(*id);
        let mut binder = self.binder(*id);
        binder.environment.blank = true;
        let (bound, environment) = match (name, node.step) {
            (Some(name), _) => match graph.value(*id, name) {
                Value::Unset => return (false, Vec::new()),
                Value::Unknown(_) | Value::Row(_) | Value::Column(..) => return (true, Vec::new()),
                value @ (Value::Expr(..) | Value::Variable(..)) => {
                    let mut environment = binder.environment.clone();
                    if let Value::Expr(_, frame) | Value::Variable(_, frame) = &value {
                        environment.frame = *frame;
                    }
                    let bound = binder.outline(*id, &value);
                    if !bound.is_fixed() {
                        return (true, Vec::new());
                    }
                    (Some(bound), environment)
                }
            },
            (None, Step::Ask(statement, _)) => {
                let Some(asked) = condition_of(statement) else {
                    return (true, Vec::new());
                };
                (Some(binder.expr(asked)), binder.environment.clone())
            }
            (None, Step::Row(_, source)) => {
                let Some(query) = graph.source_query(source) else {
                    return (true, Vec::new());
                };
                binder.environment = Environment::at(graph, source, 0);
                binder.environment.blank = true;
                binder.query(query);
                (None, binder.environment.clone())
            }
            (None, _) => return (true, Vec::new()),
        };
        let mut found = ReadItems::default();
        if let Some(bound) = &bound {
            found.look_at(bound);
        }
        found.look_at_plan(&binder);
        let uses = found
            .names
            .iter()
            .filter_map(|name| Some((name, environment.state().variable(environment.frame, name)?)))
            .flat_map(|(name, versions): (&String, &Versions)| {
                versions.iter().map(|id| (*id, Some(name.clone())))
            })
            .collect();
        (found.reads, uses)
    }
}

/// What an expression and its subqueries read.
#[derive(Default)]
struct ReadItems {
    reads: bool,
    names: FxHashSet<String>,
}

impl ReadItems {
    fn look_at(&mut self, expr: &Expr) {
        expr.walk(&mut |part| {
            self.reads |= matches!(
                part.kind,
                ExprKind::Unknown(_) | ExprKind::Either(_) | ExprKind::Call { info: None, .. }
            );
            if let ExprKind::Variable(name) = &part.kind {
                self.names.insert(name.clone());
            }
        });
    }

    fn look_at_plan(&mut self, binder: &Binder<'_>) {
        for (_, relation) in binder.plan.relations() {
            self.reads |= matches!(
                relation.operator,
                Operator::Scan(_) | Operator::Opaque { .. } | Operator::Model { .. }
            );
            for expr in relation.operator.expressions() {
                self.look_at(expr);
            }
        }
    }
}

/// Computes what depends on data and stores it in the graph.
pub(super) fn note_data(session: &Session<'_>) {
    let data = session.find_data();
    // It is computed only once.
    let _ = Rc::clone(&session.graph).data.set(data);
}
