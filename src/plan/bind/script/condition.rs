//! Conditions of a script as predicates.
//!
//! What they read flows into what they decide (design: a condition is data).

use std::rc::Rc;

use sqlparser::ast;

use super::chosen::always_true_reading;
use super::control::Decision;
use super::environment::Environment;
use super::fresh::holds_always;
use super::graph::{NodeId, Step};
use super::query_of;
use super::table::PendingBinding;
use crate::plan::bind::{Binder, Expr, Operator, ProblemKind, RelId};
use crate::plan::{ExprKind, Subquery, SubqueryKind};
use crate::source::Span;
use crate::syntax::Statement;

/// The maximal number of conditions of one statement that are followed.
const CONDITION_LIMIT: usize = 64;

impl<'a> Binder<'a> {
    /// Filters rows of a node by the conditions under which it runs.
    pub(super) fn under(&mut self, rows: RelId, id: NodeId) -> RelId {
        let graph = Rc::clone(&self.environment.graph);
        self.under_all(rows, graph.deciding(id))
    }

    /// Filters rows by decisions, each with the required answer.
    pub(super) fn under_all(
        &mut self,
        mut rows: RelId,
        conditions: Vec<(Decision, Option<bool>)>,
    ) -> RelId {
        let span = self.plan.relation(rows).origin.span;
        for (predicate, word) in self.predicates(conditions, span) {
            let columns = self.columns_of(rows);
            let span = predicate.span;
            let filter = Operator::Filter {
                input: rows,
                predicate,
            };
            rows = self.add(filter, columns, word, span);
        }
        rows
    }

    /// Returns the conditions on data that decide whether a node runs.
    ///
    /// Each is bound in the environment where it is evaluated.
    pub(super) fn conditions(&mut self, id: NodeId) -> Vec<(Expr, &'static str)> {
        let graph = Rc::clone(&self.environment.graph);
        self.predicates(graph.deciding(id), graph.node(id).span)
    }

    pub(super) fn predicates(
        &mut self,
        conditions: Vec<(Decision, Option<bool>)>,
        span: Span,
    ) -> Vec<(Expr, &'static str)> {
        if conditions.len() > CONDITION_LIMIT {
            self.undecided("more than 64 conditions control a statement", span);
            return vec![(Expr::unknown("too many conditions", span), "IF")];
        }
        conditions
            .into_iter()
            .map(|(condition, holds)| {
                let (value, word) = self.condition(condition);
                let span = value.span;
                let not = |value: Expr| Expr::new(ExprKind::Not(Box::new(value)), span);
                let predicate = match holds {
                    Some(true) => value,
                    // NULL takes the branch of FALSE.
                    Some(false) => {
                        let null = ExprKind::IsNull(Box::new(value.clone()));
                        Expr::new(ExprKind::Or(vec![not(value), Expr::new(null, span)]), span)
                    }
                    None => always_true_reading(value),
                };
                (predicate, word)
            })
            .collect()
    }

    /// Reports a condition that is not followed.
    pub(in crate::plan::bind) fn undecided(&mut self, what: &str, span: Span) {
        self.problem(
            ProblemKind::Unsupported,
            span,
            format!("{what}, so the condition on the rows is unknown"),
            "ask a data steward to read what it depends on",
        );
    }

    fn condition(&mut self, decision: Decision) -> (Expr, &'static str) {
        let graph = Rc::clone(&self.environment.graph);
        let id = match decision {
            Decision::Answer(id) => id,
            Decision::Failure(handle) => {
                let span = graph.node(handle).span;
                self.undecided(
                    "whether a statement of the block fails, and so whether its handler runs, depends on the data that the statement reads",
                    span,
                );
                return (
                    Expr::unknown("whether a statement fails", span),
                    "EXCEPTION",
                );
            }
        };
        let node = graph.node(id);
        let word = if let Step::Ask(_, word) = node.step {
            word
        } else {
            "FOR"
        };
        let round = self.environment.round;
        if let Some(known) = self.asked.get(&(id, round)) {
            return (known.clone(), word);
        }
        let span = node.span;
        if !self.open.insert(PendingBinding::Condition(id)) {
            self.undecided(
                "a condition depends on the statements that it controls",
                span,
            );
            return (
                Expr::unknown("a condition that depends on itself", span),
                word,
            );
        }
        let value = if let Step::Ask(statement, _) = node.step {
            let environment = Environment::at(&graph, id, round);
            match condition_of(statement) {
                Some(asked) => {
                    self.elsewhere(&environment, &node.places, |binder| binder.expr(asked))
                }
                None => {
                    self.undecided("a condition is not understood", span);
                    Expr::unknown("a condition that is not understood", span)
                }
            }
        } else if let Step::Row(_, source) = node.step
            && let Some(query) = graph.source_query(source)
        {
            let environment = Environment::at(&graph, source, round);
            self.elsewhere(&environment, &node.places, |binder| {
                let relation = binder.query(query);
                subquery(SubqueryKind::Exists, relation, span)
            })
        } else {
            Expr::unknown("the rows of FOR", span)
        };
        self.open.remove(&PendingBinding::Condition(id));
        self.asked.insert((id, round), value.clone());
        (value, word)
    }
}

/// Creates a subquery that reads nothing of the enclosing queries.
pub(in crate::plan::bind) fn subquery(kind: SubqueryKind, relation: RelId, span: Span) -> Expr {
    let subquery = Subquery {
        kind,
        relation,
        outer: Vec::new(),
    };
    Expr::new(ExprKind::Subquery(Box::new(subquery)), span)
}

/// Returns whether a condition holds for all data.
pub(super) fn is_true(condition: &Statement) -> bool {
    condition_of(condition).is_some_and(holds_always)
}

/// Returns the condition of a statement `SELECT (condition)`.
pub(super) fn condition_of(statement: &Statement) -> Option<&ast::Expr> {
    let query = query_of(statement)?;
    if let ast::SetExpr::Select(select) = &*query.body
        && let [ast::SelectItem::UnnamedExpr(asked)] = select.projection.as_slice()
        && select.from.is_empty()
    {
        let mut asked = asked;
        while let ast::Expr::Nested(inner) = asked {
            asked = inner;
        }
        return Some(asked);
    }
    None
}
