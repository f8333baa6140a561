//! NULL: which values never are, and which are not where a predicate is TRUE.

use vecset::VecSet;

use super::analysis::Analyzer;
use super::dependency::Dependencies;
use super::numbering::Number;
use crate::plan::functions::{FunctionClass, NullBehaviour};
use crate::plan::{Comparison, Expr, ExprKind, Literal};

impl Analyzer<'_, '_> {
    /// Whether an expression is never NULL in a relation's rows.
    pub(super) fn never_null(&mut self, expr: &Expr, rows: &Dependencies) -> bool {
        match &expr.kind {
            ExprKind::Literal(literal) => *literal != Literal::Null,
            ExprKind::IsNull(_) => true,
            ExprKind::Compare(Comparison::Same, ..) => true,
            ExprKind::Compare(_, left, right) => {
                self.never_null(left, rows) && self.never_null(right, rows)
            }
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter().all(|part| self.never_null(part, rows))
            }
            ExprKind::Not(inner) => self.never_null(inner, rows),
            ExprKind::InList {
                value,
                list,
                unnest: false,
            } => {
                self.never_null(value, rows)
                    && list.iter().all(|member| self.never_null(member, rows))
            }
            ExprKind::Case(case) => {
                case.otherwise
                    .as_ref()
                    .is_some_and(|value| self.never_null(value, rows))
                    && case
                        .branches
                        .iter()
                        .all(|(_, value)| self.never_null(value, rows))
            }
            ExprKind::Cast { value, safe, .. } => !safe && self.never_null(value, rows),
            ExprKind::Call { name, args, .. } => match name.as_str() {
                "COALESCE" | "IFNULL" => args.iter().any(|arg| self.never_null(arg, rows)),
                "+" | "-" | "*" | "CONCAT" | "||" => {
                    args.iter().all(|arg| self.never_null(arg, rows))
                }
                _ => false,
            },
            ExprKind::Struct(_) | ExprKind::Array(_) => true,
            // Most relations tell of none, and the number is dear.
            _ if rows.not_null.is_empty() => false,
            _ => self
                .numbering
                .expression(expr)
                .is_some_and(|number| rows.not_null.contains(&number)),
        }
    }

    /// The values that are not NULL where a predicate is TRUE.
    pub(super) fn rejects_null(&mut self, predicate: &Expr) -> VecSet<Number> {
        match &predicate.kind {
            ExprKind::And(parts) => parts
                .iter()
                .flat_map(|part| self.rejects_null(part))
                .collect(),
            ExprKind::Or(parts) => parts
                .iter()
                .map(|part| self.rejects_null(part))
                .reduce(|all, next| all.intersection(&next).copied().collect())
                .unwrap_or_default(),
            ExprKind::Compare(Comparison::Same, ..) => VecSet::new(),
            ExprKind::Compare(_, left, right) => {
                let mut found = self.strict(left);
                found.extend(self.strict(right));
                found
            }
            ExprKind::InList { value, .. } => self.strict(value),
            ExprKind::Not(inner) => match &inner.kind {
                ExprKind::IsNull(value) => self.strict(value),
                ExprKind::InList {
                    value: _,
                    list,
                    unnest,
                } if may_be_empty(list, *unnest) => VecSet::new(),
                ExprKind::Compare(..) | ExprKind::InList { .. } => self.rejects_null(inner),
                ExprKind::Call { .. } | ExprKind::Column(_) => self.strict(inner),
                _ => VecSet::new(),
            },
            ExprKind::Call { .. } | ExprKind::Column(_) => self.strict(predicate),
            _ => VecSet::new(),
        }
    }

    /// The values without which an expression is NULL.
    fn strict(&mut self, expr: &Expr) -> VecSet<Number> {
        let mut found: VecSet<Number> = match &expr.kind {
            ExprKind::Cast { value, .. } => self.strict(value),
            ExprKind::Field(base, _) => self.strict(base),
            ExprKind::Call {
                info: Some(info),
                args,
                ..
            } if info.null == NullBehaviour::Propagates
                && matches!(info.class, FunctionClass::Scalar(_)) =>
            {
                args.iter().flat_map(|arg| self.strict(arg)).collect()
            }
            _ => VecSet::new(),
        };
        found.extend(self.numbering.expression(expr));
        found
    }
}

/// Whether a list may have no member: then nothing is in it, NULL included, and
/// `NULL NOT IN …` is TRUE.
fn may_be_empty(list: &[Expr], unnest: bool) -> bool {
    match list {
        [] => true,
        [only] if unnest => !matches!(&only.kind, ExprKind::Array(members) if !members.is_empty()),
        _ => false,
    }
}

/// Whether an expression is NULL where any column in it is.
pub(super) fn is_strict(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Column(_) | ExprKind::Literal(_) => true,
        ExprKind::Cast { value, .. } => is_strict(value),
        ExprKind::Call {
            info: Some(info),
            args,
            ..
        } => {
            info.null == NullBehaviour::Propagates
                && matches!(info.class, FunctionClass::Scalar(_))
                && args.iter().all(is_strict)
        }
        _ => false,
    }
}
