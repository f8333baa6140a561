//! Simplification of conditions for which only TRUE matters.

use crate::plan::{Comparison, Expr, ExprKind, Literal};

/// Simplifies the condition of a filter, which keeps rows for which it is TRUE.
///
/// `c IS TRUE`, `c = TRUE` and `CASE WHEN c THEN TRUE END` keep the same rows as
/// `c`.
pub(super) fn plain(mut condition: Expr) -> Expr {
    loop {
        match inner(condition) {
            Ok(inner) => condition = inner,
            Err(mut plainest) => {
                if let ExprKind::And(parts) | ExprKind::Or(parts) = &mut plainest.kind {
                    for part in parts {
                        let asked = std::mem::replace(part, Expr::unknown("", part.span));
                        *part = plain(asked);
                    }
                }
                return plainest;
            }
        }
    }
}

/// Removes one such wrapper; `Err` returns a condition that has none.
fn inner(mut condition: Expr) -> Result<Expr, Expr> {
    let span = condition.span;
    let found = if let ExprKind::Call {
        name,
        args,
        info: _,
    } = &mut condition.kind
        && name == "IS TRUE"
        && args.len() == 1
    {
        args.pop()
    } else if let ExprKind::Compare(Comparison::Eq | Comparison::Same, left, right) =
        &mut condition.kind
        && (is_true(left) || is_true(right))
    {
        let asked = if is_true(right) { left } else { right };
        Some(std::mem::replace(&mut **asked, Expr::unknown("", span)))
    } else if let ExprKind::Case(case) = &mut condition.kind
        && case.branches.len() == 1
        && case.branches.iter().all(|(_, value)| is_true(value))
        && case.otherwise.as_ref().is_none_or(is_never_true)
    {
        case.branches.pop().map(|(condition, _)| condition)
    } else {
        None
    };
    match found {
        Some(mut found) => {
            found.span = span;
            Ok(found)
        }
        None => Err(condition),
    }
}

fn is_true(value: &Expr) -> bool {
    value.as_literal() == Some(&Literal::Bool(true))
}

fn is_never_true(value: &Expr) -> bool {
    matches!(
        value.as_literal(),
        Some(Literal::Bool(false) | Literal::Null)
    )
}
