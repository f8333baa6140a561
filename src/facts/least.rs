//! `least(p)`: the least count that a predicate admits (`design/proof.md`, "What
//! a predicate proves").

use super::analysis::Analyzer;
use super::constant::number;
use super::lattice::Pop;
use crate::plan::{Case, Comparison, Expr, ExprKind, Literal};

impl Analyzer<'_, '_> {
    /// The least number of distinct people of `pop` behind a row for which the
    /// predicate is TRUE.
    pub(super) fn least(&mut self, predicate: &Expr, pop: Pop) -> u64 {
        self.least_of(predicate, pop, true)
    }

    /// The same for a predicate that is TRUE, or FALSE where `truth` is not.
    fn least_of(&mut self, predicate: &Expr, pop: Pop, truth: bool) -> u64 {
        match &predicate.kind {
            ExprKind::Not(inner) => self.least_of(inner, pop, !truth),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                let all = matches!(predicate.kind, ExprKind::And(_)) == truth;
                let mut least = None;
                for part in parts {
                    let found = self.least_of(part, pop, truth);
                    least = Some(match least {
                        Some(known) if all => found.max(known),
                        Some(known) => found.min(known),
                        None => found,
                    });
                }
                least.unwrap_or(0)
            }
            ExprKind::Compare(comparison, left, right) => {
                let comparison = if truth {
                    Some(*comparison)
                } else {
                    comparison.negated()
                };
                let Some(comparison) = comparison else {
                    return 0;
                };
                let found = self.bound(comparison, left, right, pop);
                found.max(self.bound(comparison.flipped(), right, left, pop))
            }
            ExprKind::InList {
                value,
                list,
                unnest: false,
            } if truth => {
                let mut least = u64::MAX;
                for member in list {
                    least = least.min(self.bound(Comparison::Eq, value, member, pop));
                }
                least
            }
            ExprKind::Case(case) => self.least_of_case(case, pop, truth),
            ExprKind::Literal(Literal::Bool(value)) if *value != truth => u64::MAX,
            ExprKind::Literal(Literal::Null) => u64::MAX,
            _ => 0,
        }
    }

    /// The smallest over the branches that can be chosen; each has the larger
    /// of what its condition and its value prove.
    fn least_of_case(&mut self, case: &Case, pop: Pop, truth: bool) -> u64 {
        // ELSE is also taken where a condition is NULL: only its value counts.
        let mut least = match &case.otherwise {
            Some(value) => self.least_of(value, pop, truth),
            None => u64::MAX,
        };
        for (condition, value) in &case.branches {
            let condition = self.least_of(condition, pop, true);
            let value = self.least_of(value, pop, truth);
            least = least.min(condition.max(value));
        }
        least
    }

    fn bound(&mut self, comparison: Comparison, count: &Expr, constant: &Expr, pop: Pop) -> u64 {
        let Some(constant) = number(constant) else {
            return 0;
        };
        let Some(fact) = self.value(count).count.and_then(|count| count.people) else {
            return 0;
        };
        if self.populations.find(fact.pop) != self.populations.find(pop) {
            return 0;
        }
        least_integer(comparison, constant).saturating_sub(fact.slack)
    }
}

/// The least whole number that compares so with a constant.
pub(super) fn least_integer(comparison: Comparison, constant: f64) -> u64 {
    let least = match comparison {
        Comparison::GtEq | Comparison::Eq | Comparison::Same => constant.ceil(),
        Comparison::Gt => constant.floor() + 1.0,
        Comparison::Lt | Comparison::LtEq | Comparison::NotEq => 0.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped; a cast of a float saturates"
    )]
    {
        least.max(0.0) as u64
    }
}
