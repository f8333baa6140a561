//! Scales thresholds of thousands down to a few rows.
//!
//! If `required` is more than 5, it becomes 3, and numbers in comparisons and in
//! privacy clauses are replaced as follows; all other numbers stay.
//!
//! | written | executed |
//! |---|---|
//! | `required` + n | 3 + n, at most 5 |
//! | `required` - 1 | 2 |
//! | less, down to 100 | 2 if at least half of `required`, otherwise 1 |

use crate::plan::{Expr, ExprKind, Literal, Operator, Plan, RelId};

/// Numbers below this are not taken for thresholds.
const SMALLEST: i64 = 100;

/// Replacement of a required number of people above 5.
const SCALED_MINIMUM: u64 = 3;

/// A plan with scaled thresholds, and the replaced constants.
pub(super) struct Scaled {
    pub(super) plan: Plan,
    pub(super) least: u64,
    pub(super) constants: Vec<(i64, i64)>,
}

pub(super) fn scaled(plan: &Plan, required: u64) -> Scaled {
    let mut scaled = Scaled {
        plan: plan.clone(),
        least: required,
        constants: Vec::new(),
    };
    let Some(required) = i64::try_from(required)
        .ok()
        .filter(|required| *required > 5)
    else {
        return scaled;
    };
    scaled.least = SCALED_MINIMUM;
    let relations: Vec<RelId> = plan.relations().map(|(id, _)| id).collect();
    for id in relations {
        let operator = &mut scaled.plan.relation_mut(id).operator;
        for expr in operator.expressions_mut() {
            comparisons(expr, required, &mut scaled.constants);
        }
        if let Operator::Aggregate(aggregate) = operator {
            for (name, value) in aggregate
                .privacy
                .iter_mut()
                .flat_map(|clause| &mut clause.options)
            {
                if name == "threshold" {
                    constant(value, required, &mut scaled.constants);
                }
            }
        }
    }
    scaled
}

fn comparisons(expr: &mut Expr, required: i64, done: &mut Vec<(i64, i64)>) {
    match &mut expr.kind {
        ExprKind::Compare(_, left, right) => {
            constant(left, required, done);
            constant(right, required, done);
        }
        ExprKind::InList { list, .. } => {
            for member in list {
                constant(member, required, done);
            }
        }
        _ => {}
    }
    for child in expr.children_mut() {
        comparisons(child, required, done);
    }
}

fn constant(expr: &mut Expr, required: i64, done: &mut Vec<(i64, i64)>) {
    let written = match &expr.kind {
        ExprKind::Literal(Literal::Int(number)) => *number,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast of a float saturates"
        )]
        ExprKind::Literal(Literal::Float(number)) if number.fract() == 0.0 => *number as i64,
        _ => return,
    };
    let Some(small) = small(written, required) else {
        return;
    };
    expr.kind = ExprKind::Literal(Literal::Int(small));
    if !done.contains(&(written, small)) {
        done.push((written, small));
    }
}

fn small(number: i64, required: i64) -> Option<i64> {
    if number >= required {
        Some(3 + (number - required).min(2))
    } else if number == required - 1 || (number >= SMALLEST && number >= required / 2) {
        Some(2)
    } else if number >= SMALLEST {
        Some(1)
    } else {
        None
    }
}
