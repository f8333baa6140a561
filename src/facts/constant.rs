//! Values of expressions that are the same for every row.

use crate::plan::{Expr, ExprKind, Literal};

/// A number, where an expression is one: constants are folded.
pub(super) fn number(expr: &Expr) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "bounds on people are far below 2^53"
    )]
    match &expr.kind {
        ExprKind::Literal(Literal::Int(value)) => Some(*value as f64),
        ExprKind::Literal(Literal::Float(value)) => Some(*value),
        ExprKind::Literal(Literal::Other(_, text)) => text.parse().ok(),
        ExprKind::Cast { value, .. } => match &value.kind {
            ExprKind::Literal(Literal::String(text)) => text.trim().parse().ok(),
            _ => number(value),
        },
        ExprKind::Call { name, args, .. } => {
            let args: Option<Vec<f64>> = args.iter().map(number).collect();
            match (name.as_str(), args?.as_slice()) {
                ("+", all) => Some(all.iter().sum()),
                ("-", [a, b]) => Some(a - b),
                ("*", all) => Some(all.iter().product()),
                ("/", [a, b]) if *b != 0.0 => Some(a / b),
                ("UNARY -", [a]) => Some(-a),
                ("POW" | "POWER", [a, b]) => Some(a.powf(*b)),
                _ => None,
            }
        }
        _ => None,
    }
    .filter(|value: &f64| value.is_finite())
}
