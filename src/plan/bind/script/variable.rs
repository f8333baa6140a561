//! Variables of a script: constants, values that are fixed for a run, and data.

use std::rc::Rc;

use sqlparser::ast;

use super::condition::subquery;
use super::environment::Environment;
use super::graph::{Graph, NodeId, ParameterValue, Step};
use super::state::{OUTSIDE, Versions};
use super::table::PendingBinding;
use super::{DEPTH_LIMIT, query_of};
use crate::budget;
use crate::plan::bind::expr::PlaceType;
use crate::plan::bind::{Binder, RelId};
use crate::plan::{
    Case, Expr, ExprKind, Literal, SubqueryKind, VARIABLE_CONSTANTS, VARIABLE_PROVENANCE,
};
use crate::source::Span;
use crate::syntax::{Places, Statement, StatementKind};

/// What a node assigns to a variable.
#[derive(Clone)]
pub(super) enum Value<'a> {
    /// An expression, over the variables of a frame.
    Expr(&'a ast::Expr, u32),
    /// NULL, or the initial value of a system variable.
    Unset,
    /// The column at a position of a query with one row.
    Column(&'a ast::Query, usize, Rc<Places<'a>>),
    /// A row of the query that a node runs, as a struct.
    Row(NodeId),
    /// The value of a variable of another frame.
    Variable(&'a str, u32),
    /// Not followed, with the reason.
    Unknown(&'static str),
}

/// System variables that disclose nothing about what statements read or wrote.
///
/// Any other may: the number of rows written or bytes read, or an error's message.
const QUIET: [&str; 9] = [
    "@@current_job_id",
    "@@dataset_id",
    "@@dataset_project_id",
    "@@location",
    "@@project_id",
    "@@query_label",
    "@@reservation",
    "@@session_id",
    "@@time_zone",
];

impl<'a> Graph<'a> {
    /// Returns what a node assigns to a variable.
    pub(super) fn value(&self, id: NodeId, name: &str) -> Value<'a> {
        if id == OUTSIDE {
            return Value::Unset;
        }
        let node = self.node(id);
        match node.step {
            Step::Give { value, caller, .. } => match value {
                ParameterValue::Value(value) => Value::Expr(value, caller),
                ParameterValue::Null => Value::Unset,
                ParameterValue::Nothing => Value::Unknown("has no value in the call"),
            },
            Step::Return {
                parameter, callee, ..
            } => Value::Variable(parameter, callee),
            Step::Row(_, source) => Value::Row(source),
            Step::Run(statement) => self.statement_value(id, &statement.kind, name),
            Step::Unseen(..) => {
                Value::Unknown("may get a value from a procedure that is not visible")
            }
            Step::Meet | Step::Handle | Step::Ask(..) | Step::Source(_) | Step::Forget => {
                Value::Unset
            }
        }
    }

    /// Returns the types that the variable assigned by a node may have.
    fn places_of(&self, id: NodeId, value: &Value<'_>, name: &str) -> Vec<PlaceType<'a>> {
        let here = match self.node(id).step {
            Step::Run(statement) if matches!(value, Value::Expr(..)) => statement,
            // The types of procedure parameters are not kept.
            Step::Meet
            | Step::Handle
            | Step::Ask(..)
            | Step::Source(_)
            | Step::Row(..)
            | Step::Run(_)
            | Step::Give { .. }
            | Step::Return { .. }
            | Step::Forget
            | Step::Unseen(..) => return vec![PlaceType::Unseen],
        };
        if let Some(place) = declared(here, name) {
            return vec![place];
        }
        let all: Vec<PlaceType<'a>> = self
            .ids()
            .filter_map(|id| match self.node(id).step {
                Step::Run(statement) => declared(statement, name),
                Step::Meet
                | Step::Handle
                | Step::Ask(..)
                | Step::Source(_)
                | Step::Row(..)
                | Step::Give { .. }
                | Step::Return { .. }
                | Step::Forget
                | Step::Unseen(..) => None,
            })
            .collect();
        if all.is_empty() {
            return vec![PlaceType::Unseen];
        }
        all
    }

    fn statement_value(&self, id: NodeId, kind: &'a StatementKind, name: &str) -> Value<'a> {
        let node = self.node(id);
        if let StatementKind::ExecuteImmediate(dynamic) = kind {
            let query = dynamic
                .script
                .as_ref()
                .and_then(|nested| nested.1.statements.last())
                .and_then(query_of);
            let at = dynamic
                .into
                .iter()
                .position(|into| into.eq_ignore_ascii_case(name));
            return match (query, at) {
                (Some(query), Some(at)) => Value::Column(query, at, Rc::clone(&node.places)),
                _ => Value::Unknown("gets its value from a string that is executed"),
            };
        }
        let StatementKind::Sql(sql) = kind else {
            return Value::Unknown("may get a value in a statement that is not understood");
        };
        if let ast::Statement::Declare { stmts, .. } = &**sql {
            let declares = |declare: &&ast::Declare| {
                declare
                    .names
                    .iter()
                    .any(|known| known.value.eq_ignore_ascii_case(name))
            };
            return match stmts
                .iter()
                .find(declares)
                .map(|declare| &declare.assignment)
            {
                Some(Some(
                    ast::DeclareAssignment::Default(value)
                    | ast::DeclareAssignment::Expr(value)
                    | ast::DeclareAssignment::DuckAssignment(value),
                )) => Value::Expr(value, node.frame),
                Some(Some(
                    ast::DeclareAssignment::For(_) | ast::DeclareAssignment::MsSqlAssignment(_),
                )) => Value::Unknown("is declared in a way that is not analysed"),
                Some(None) | None => Value::Unset,
            };
        }
        if let ast::Statement::Set(set) = &**sql
            && let Some((_, Some(value), _)) = set_of(set)
                .into_iter()
                .find(|(known, _, _)| known.eq_ignore_ascii_case(name))
        {
            return Value::Expr(value, node.frame);
        }
        Value::Unknown("is set in a way that is not analysed")
    }
}

/// The maximal number of statements that may have set a variable.
const VERSIONS_LIMIT: usize = 64;

impl<'a> Binder<'a> {
    /// Resolves a name among the variables of the script.
    pub(in crate::plan::bind) fn variable(&mut self, name: &str, span: Span) -> Option<Expr> {
        let mut lower = name.to_lowercase();
        if lower.starts_with('?') {
            // USING parameters without names are not distinguished.
            "?".clone_into(&mut lower);
        }
        if lower.starts_with("@@") && !QUIET.contains(&lower.as_str()) {
            self.not_followed(
                &format!("the system variable `{name}` may depend on the data that statements read or wrote"),
                span,
            );
            return Some(Expr::unknown(
                "a system variable that depends on data",
                span,
            ));
        }
        let frame = self.environment.frame;
        let versions = Rc::clone(self.environment.state().variable(frame, &lower)?);
        if self.environment.blank {
            return Some(Expr::new(ExprKind::Variable(lower), span));
        }
        let graph = Rc::clone(&self.environment.graph);
        if versions.len() > 1 && versions.iter().any(|id| graph.may_be_skipped(*id)) {
            let what = format!(
                "the variable `{name}` shows whether a statement fails, which depends on the data that it reads"
            );
            self.not_followed(&what, span);
            return Some(Expr::unknown("a variable that depends on failures", span));
        }
        if !versions.iter().any(|id| graph.is_data(*id, &lower)) {
            return Some(self.fixed_value(name, &versions, span));
        }
        if versions.len() > VERSIONS_LIMIT {
            let what = format!("the variable `{name}`, which too many statements may have set,");
            return Some(self.unsupported_expr(&what, span));
        }
        if self.followed >= DEPTH_LIMIT {
            let what = format!("the variable `{name}`, made of too many others,");
            return Some(self.unsupported_expr(&what, span));
        }
        if self.grows_too_large(0) {
            return Some(self.unless_too_large(name, Expr::unknown("a variable", span), 0));
        }
        let place = (
            frame,
            lower.clone(),
            versions.clone(),
            self.environment.round,
        );
        if let Some(bound) = self.bound_variables.get(&place) {
            let mut bound = bound.clone();
            bound.span = span;
            let size = bound.size();
            return Some(self.unless_too_large(name, bound, size));
        }
        self.followed += 1;
        let mut values: Vec<Expr> = Vec::new();
        let mut fixed = Vec::new();
        for id in versions.iter() {
            if graph.is_data(*id, &lower) {
                values.push(self.given(*id, &lower, span));
            } else {
                fixed.push(*id);
            }
        }
        if !fixed.is_empty() {
            values.push(self.fixed_value(name, &fixed.into(), span));
        }
        self.followed -= 1;
        let bound = match values.len() {
            1 => values.remove(0),
            _ => Expr::new(ExprKind::Either(values), span),
        };
        let size = bound.size();
        self.bound_variables.insert(place, bound.clone());
        Some(self.unless_too_large(name, bound, size))
    }

    fn unless_too_large(&mut self, name: &str, bound: Expr, size: usize) -> Expr {
        if self.grows_too_large(size) {
            let what = format!("the variable `{name}`, whose value grows too large here,");
            return self.unsupported_expr(&what, bound.span);
        }
        bound
    }

    /// Returns a value that does not depend on data.
    ///
    /// It is the constant if all nodes assign the same one; otherwise a variable
    /// with a name that no other value has.
    fn fixed_value(&mut self, name: &str, versions: &Versions, span: Span) -> Expr {
        let lower = name.to_lowercase();
        let graph = Rc::clone(&self.environment.graph);
        let mut held = Vec::new();
        let constants: Option<Vec<Literal>> = (versions.len() <= VERSIONS_LIMIT)
            .then(|| {
                versions
                    .iter()
                    .map(|id| self.literal(*id, &lower))
                    .collect()
            })
            .flatten();
        if let Some(mut constants) = constants {
            constants.dedup();
            let one = |literal| Expr::new(ExprKind::Literal(literal), span);
            if constants.len() == 1 {
                return one(constants.remove(0));
            }
            held = constants;
        }
        // Different values of one variable are different constants: those before and
        // after a SET, of two calls, of two rounds of a loop.
        let repeated = versions
            .iter()
            .any(|id| *id != OUTSIDE && graph.repeated[*id as usize]);
        let mut shown = name.to_owned();
        if versions.len() > 1 || repeated || graph.sets(&lower) > 1 {
            shown.push('#');
            let ids: Vec<String> = versions.iter().map(ToString::to_string).collect();
            shown.push_str(&ids.join("+"));
            if repeated && self.environment.round > 0 {
                shown.push('\'');
            }
        }
        // How a value is made is part of its identity.
        shown.push(VARIABLE_PROVENANCE);
        shown.push_str(&graph.made(versions, &lower));
        if versions.len() > 1 || repeated || graph.sets(&lower) > 1 {
            let numbers = held.iter().map(|literal| match literal {
                Literal::Int(number) => Some(number.to_string()),
                Literal::Null
                | Literal::Bool(_)
                | Literal::Float(_)
                | Literal::String(_)
                | Literal::Other(..) => None,
            });
            if let Some(numbers) = numbers.collect::<Option<Vec<String>>>() {
                shown.push(VARIABLE_CONSTANTS);
                shown.push_str(&numbers.join(","));
            }
        }
        Expr::new(ExprKind::Variable(shown), span)
    }

    /// Returns the constant that a node assigns to a variable.
    fn literal(&mut self, id: NodeId, name: &str) -> Option<Literal> {
        let value = self.environment.graph.value(id, name);
        if matches!(value, Value::Unset | Value::Unknown(_) | Value::Row(_)) {
            return None;
        }
        if self.followed >= DEPTH_LIMIT {
            return None;
        }
        let key = (id, name.to_owned(), self.environment.round);
        if let Some(known) = self.constants.get(&key) {
            return known.clone();
        }
        let open = PendingBinding::Variable(id, name.to_owned());
        if !self.open.insert(open.clone()) {
            return None;
        }
        self.followed += 1;
        let problems = self.problems.len();
        let mut bound = self.bound_value(id, &value, Span::default());
        for place in self.environment.graph.clone().places_of(id, &value, name) {
            bound = self.placed(bound, place, Span::default());
        }
        self.problems.truncate(problems);
        self.followed -= 1;
        self.open.remove(&open);
        let literal = if let ExprKind::Literal(literal) = bound.kind {
            Some(literal)
        } else {
            None
        };
        self.constants.insert(key, literal.clone());
        literal
    }

    /// Returns the data that a node assigns to a variable, under its conditions.
    pub(super) fn given(&mut self, id: NodeId, name: &str, span: Span) -> Expr {
        let open = PendingBinding::Variable(id, name.to_owned());
        if !self.open.insert(open.clone()) {
            self.not_followed(
                &format!("the variable `{name}` is set in a loop from its own previous value"),
                span,
            );
            return Expr::unknown("a variable that is set in a loop", span);
        }
        let graph = Rc::clone(&self.environment.graph);
        let value = graph.value(id, name);
        let value = if let Value::Unknown(why) = value {
            self.not_followed(&format!("the variable `{name}` {why}"), span);
            Expr::unknown("a variable that is not followed", span)
        } else {
            self.bound_value(id, &value, span)
        };
        let mut conditions: Vec<Expr> = self
            .conditions(id)
            .into_iter()
            .map(|(condition, _)| condition)
            .collect();
        self.open.remove(&open);
        let condition = match conditions.len() {
            0 => return value,
            1 => conditions.remove(0),
            _ => Expr::new(ExprKind::And(conditions), span),
        };
        let case = Case {
            branches: vec![(condition, value)],
            otherwise: None,
        };
        Expr::new(ExprKind::Case(Box::new(case)), span)
    }

    /// Makes rows depend on a time zone that data have chosen.
    ///
    /// Any function without an explicit zone reads it.
    pub(super) fn in_time_zone(&mut self, mut rows: RelId) -> RelId {
        const ZONE: &str = "@@time_zone";
        let graph = Rc::clone(&self.environment.graph);
        if graph.sets(ZONE) == 0 {
            return rows;
        }
        for id in graph.ids().filter(|id| graph.is_data(*id, ZONE)) {
            let span = graph.node(id).span;
            let zone = self.given(id, ZONE, span);
            let null = Expr::new(ExprKind::IsNull(Box::new(zone)), span);
            let other = Expr::new(ExprKind::Not(Box::new(null.clone())), span);
            let predicate = Expr::new(ExprKind::Or(vec![null, other]), span);
            rows = self.filtered(rows, predicate, "SET");
        }
        rows
    }

    fn bound_value(&mut self, id: NodeId, value: &Value<'a>, span: Span) -> Expr {
        budget::spend(4);
        let graph = Rc::clone(&self.environment.graph);
        let places = Rc::clone(&graph.node(id).places);
        let mut environment = Environment::at(&graph, id, self.environment.round);
        environment.blank = self.environment.blank;
        let mut bound = match value {
            Value::Expr(expr, frame) => {
                environment.frame = *frame;
                self.elsewhere(&environment, &places, |binder| binder.expr(expr))
            }
            Value::Variable(name, frame) => {
                environment.frame = *frame;
                self.elsewhere(&environment, &places, |binder| {
                    let value = binder.variable(name, span);
                    value.unwrap_or_else(|| Expr::unknown("a parameter that is not set", span))
                })
            }
            Value::Column(query, position, places) => {
                self.elsewhere(&environment, places, |binder| {
                    let relation = binder.query(query);
                    let columns = binder.columns_of(relation);
                    match columns.get(*position).or(columns.last()) {
                        Some(column) => {
                            let only = binder.pass(*column, span);
                            let relation = binder.project(relation, vec![only], "INTO", span);
                            subquery(SubqueryKind::Scalar, relation, span)
                        }
                        None => Expr::unknown("a column that INTO takes", span),
                    }
                })
            }
            Value::Row(source) => {
                let mut environment = Environment::at(&graph, *source, environment.round);
                environment.blank = self.environment.blank;
                match graph.source_query(*source) {
                    Some(query) => self.elsewhere(&environment, &places, |binder| {
                        let relation = binder.query(query);
                        let row = binder.as_struct(relation, span);
                        subquery(SubqueryKind::Scalar, row, span)
                    }),
                    None => Expr::unknown("the rows of FOR", span),
                }
            }
            Value::Unset => Expr::new(ExprKind::Literal(Literal::Null), span),
            Value::Unknown(why) => Expr::unknown(*why, span),
        };
        bound.span = span;
        bound
    }

    /// Binds what a node assigns to a variable, with all variables in it unresolved.
    ///
    /// This shows what the value is computed from.
    pub(super) fn outline(&mut self, id: NodeId, value: &Value<'a>) -> Expr {
        self.environment.blank = true;
        self.bound_value(id, value, Span::default())
    }
}

/// Returns the type with which a statement declares a variable, if it does.
fn declared<'a>(statement: &'a Statement, name: &str) -> Option<PlaceType<'a>> {
    let StatementKind::Sql(sql) = &statement.kind else {
        return None;
    };
    let ast::Statement::Declare { stmts, .. } = &**sql else {
        return None;
    };
    let declares = |declare: &&ast::Declare| {
        let mut names = declare.names.iter();
        names.any(|known| known.value.eq_ignore_ascii_case(name))
    };
    let declare = stmts.iter().find(declares)?;
    let to = declare.data_type.as_ref();
    Some(to.map_or(PlaceType::OfValue, PlaceType::Declared))
}

/// Returns the names that a SET assigns, each with its expression.
///
/// The last value is whether the expression is the assigned value itself; otherwise
/// the assigned value is a field of it. `None` if the expression is unknown.
pub(super) fn set_of(set: &ast::Set) -> Vec<(String, Option<&ast::Expr>, bool)> {
    let lower = |name: &ast::ObjectName| name.to_string().replace('`', "").to_lowercase();
    if let ast::Set::SingleAssignment {
        scope: _,
        hivevar: _,
        variable,
        values,
    } = set
    {
        let only = values.first().filter(|_| values.len() == 1);
        return vec![(lower(variable), only, true)];
    }
    if let ast::Set::ParenthesizedAssignments { variables, values } = set {
        let each = variables.len() == values.len();
        return variables
            .iter()
            .enumerate()
            .map(|(at, variable)| {
                let value = values.get(if each { at } else { 0 });
                (lower(variable), value, each)
            })
            .collect();
    }
    Vec::new()
}
