//! Conditions that look like thresholds: comparisons of a count with a value that
//! is the same for all rows.

use std::rc::Rc;

use super::analysis::Analyzer;
use super::column::Counted;
use super::constant::number;
use super::least::lowest_integer;
use super::relation::RelationFacts;
use crate::plan::{Comparison, Expr, ExprKind, UNRENDERED};
use crate::source::Span;

/// The value with which a count is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThresholdBound {
    /// A constant: the lowest count that the comparison admits.
    Constant(u64),
    /// A parameter or variable whose value is not known.
    Unknown,
}

/// A condition that looks like a threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThresholdCondition {
    /// The count that is compared.
    pub count: Rc<Counted>,
    /// The value that it is compared with.
    pub bound: ThresholdBound,
    /// The comparison.
    pub span: Span,
    /// The place of that value.
    pub constant: Span,
    /// The clause: HAVING, WHERE, QUALIFY, CASE.
    pub word: &'static str,
    /// An OR around the condition, or a branch that is taken without it.
    pub escape: Option<Span>,
}

impl ThresholdCondition {
    /// The lowest count that it admits, less the counted values that may not be
    /// people; 0 if the compared value is unknown.
    pub fn proven(&self) -> u64 {
        let ThresholdBound::Constant(least) = self.bound else {
            return 0;
        };
        least.saturating_sub(self.count.slack().unwrap_or(0))
    }
}

impl Analyzer<'_, '_> {
    /// Notes the conditions in an expression that look like thresholds.
    pub(super) fn attempts(&mut self, expr: &Expr, word: &'static str, facts: &mut RelationFacts) {
        self.attempts_in(expr, word, true, None, facts);
    }

    fn attempts_in(
        &mut self,
        expr: &Expr,
        word: &'static str,
        truth: bool,
        escape: Option<Span>,
        facts: &mut RelationFacts,
    ) {
        match &expr.kind {
            ExprKind::Not(inner) => self.attempts_in(inner, word, !truth, escape, facts),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                let either = matches!(expr.kind, ExprKind::Or(_)) == truth;
                let escape = if either && parts.len() > 1 {
                    Some(expr.span)
                } else {
                    escape
                };
                for part in parts {
                    self.attempts_in(part, word, truth, escape, facts);
                }
            }
            ExprKind::Compare(comparison, left, right) => {
                let comparison = if truth {
                    Some(*comparison)
                } else {
                    comparison.negated()
                };
                if let Some(comparison) = comparison {
                    self.attempt(comparison, (left, right), expr.span, (word, escape), facts);
                    let turned = comparison.flipped();
                    self.attempt(turned, (right, left), expr.span, (word, escape), facts);
                }
            }
            ExprKind::Case(case) => {
                for (condition, value) in &case.branches {
                    self.attempts_in(condition, word, true, escape, facts);
                    self.attempts_in(value, word, truth, escape, facts);
                }
                if let Some(value) = &case.otherwise {
                    self.attempts_in(value, word, truth, escape, facts);
                }
            }
            _ => {
                expr.visit_children(&mut |part| self.attempts_in(part, word, truth, escape, facts));
            }
        }
    }

    fn attempt(
        &mut self,
        comparison: Comparison,
        (count, constant): (&Expr, &Expr),
        span: Span,
        (word, escape): (&'static str, Option<Span>),
        facts: &mut RelationFacts,
    ) {
        let left_open = matches!(&constant.kind, ExprKind::Unknown(why) if why == UNRENDERED);
        if !matches!(comparison, Comparison::Gt | Comparison::GtEq)
            || !(constant.is_fixed() || left_open)
        {
            return;
        }
        let Some(counted) = self.value(count).count.clone() else {
            return;
        };
        let bound = match number(constant) {
            Some(value) => ThresholdBound::Constant(lowest_integer(comparison, value)),
            None => ThresholdBound::Unknown,
        };
        // `> 0` and `> 1` ask whether anything exists, not how many people.
        if matches!(bound, ThresholdBound::Constant(0..=2)) {
            return;
        }
        let attempt = ThresholdCondition {
            count: counted,
            bound,
            span,
            constant: constant.span,
            word,
            escape,
        };
        facts.history_mut().tried(attempt);
    }
}
