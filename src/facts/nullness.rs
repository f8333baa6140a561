//! NULL: which values are never NULL, and which are not NULL if a predicate is
//! TRUE.

use super::analysis::Analyzer;
use super::dependency::Dependencies;
use super::numbering::Number;
use super::ordered::OrderedSet;
use crate::plan::functions::{FunctionClass, NullBehaviour, ScalarClass};
use crate::plan::{Comparison, Expr, ExprKind, Literal};

impl Analyzer<'_, '_> {
    /// Whether an expression is never NULL in a relation's rows.
    pub(super) fn never_null(&mut self, expr: &Expr, rows: &Dependencies) -> bool {
        match &expr.kind {
            ExprKind::Literal(literal) => *literal != Literal::Null,
            ExprKind::IsNull(_) => true,
            ExprKind::Compare(Comparison::Same, ..) => true,
            ExprKind::Compare(_, left, right) => self.never_null_compared(left, right, rows),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter().all(|part| self.never_null(part, rows))
            }
            ExprKind::Not(inner) => self.never_null(inner, rows),
            ExprKind::InList {
                value,
                list,
                unnest: false,
            } => list
                .iter()
                .all(|member| self.never_null_compared(value, member, rows)),
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
            // A struct or array is not NULL, whatever it contains.
            ExprKind::Struct(_) | ExprKind::Array(_) => true,
            // Most relations have no such values, and the value number is
            // expensive.
            _ if rows.not_null.is_empty() => false,
            _ => self
                .numbering
                .expression(expr)
                .is_some_and(|number| rows.not_null.contains(&number)),
        }
    }

    /// Whether a comparison is never NULL; that of structs or arrays is NULL if
    /// that of two of their parts is.
    fn never_null_compared(&mut self, left: &Expr, right: &Expr, rows: &Dependencies) -> bool {
        match (&left.kind, &right.kind) {
            (ExprKind::Struct(mine), ExprKind::Struct(theirs)) => {
                mine.len() == theirs.len()
                    && mine.iter().zip(theirs).all(|((_, mine), (_, theirs))| {
                        self.never_null_compared(mine, theirs, rows)
                    })
            }
            (ExprKind::Array(mine), ExprKind::Array(theirs)) => {
                mine.len() == theirs.len()
                    && mine
                        .iter()
                        .zip(theirs)
                        .all(|(mine, theirs)| self.never_null_compared(mine, theirs, rows))
            }
            // A value that is compared with a scalar is a scalar.
            _ => {
                (self.is_single(left) || self.is_single(right))
                    && self.never_null(left, rows)
                    && self.never_null(right, rows)
            }
        }
    }

    /// Whether a value is certainly neither a struct nor an array.
    fn is_single(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Literal(_)
            | ExprKind::Cast { .. }
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::InList { .. }
            | ExprKind::IsNull(_) => true,
            ExprKind::Column(column) => {
                let value = self.column(*column);
                value.count.is_some() || value.unit.is_some()
            }
            ExprKind::Call {
                info: Some(info),
                args,
                ..
            } => match info.class {
                FunctionClass::Scalar(ScalarClass::Measure | ScalarClass::Predicate) => true,
                FunctionClass::Scalar(ScalarClass::Arithmetic | ScalarClass::Coarsening(_)) => {
                    args.iter().any(|arg| self.is_single(arg))
                }
                _ => false,
            },
            ExprKind::Case(case) => {
                let mut values = case.branches.iter().map(|(_, value)| value);
                let chosen = values.any(|value| !value.is_null() && self.is_single(value));
                let otherwise = case.otherwise.iter();
                chosen
                    || otherwise
                        .into_iter()
                        .any(|value| !value.is_null() && self.is_single(value))
            }
            _ => false,
        }
    }

    /// The values that are not NULL if a predicate is TRUE.
    pub(super) fn rejects_null(&mut self, predicate: &Expr) -> OrderedSet<Number> {
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
            ExprKind::Compare(Comparison::Same, ..) => OrderedSet::new(),
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
                } if may_be_empty(list, *unnest) => OrderedSet::new(),
                ExprKind::Compare(..) | ExprKind::InList { .. } => self.rejects_null(inner),
                ExprKind::Call { .. } | ExprKind::Column(_) => self.strict(inner),
                _ => OrderedSet::new(),
            },
            ExprKind::Call { .. } | ExprKind::Column(_) => self.strict(predicate),
            _ => OrderedSet::new(),
        }
    }

    /// The values without which an expression is NULL.
    fn strict(&mut self, expr: &Expr) -> OrderedSet<Number> {
        let mut found: OrderedSet<Number> = match &expr.kind {
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
            _ => OrderedSet::new(),
        };
        found.extend(self.numbering.expression(expr));
        found
    }
}

/// Whether a list may have no member: then no value is in it, not even NULL, and
/// `NULL NOT IN …` is TRUE.
fn may_be_empty(list: &[Expr], unnest: bool) -> bool {
    match list {
        [] => true,
        [only] if unnest => !matches!(&only.kind, ExprKind::Array(members) if !members.is_empty()),
        _ => false,
    }
}

/// Whether an expression is NULL if any column in it is NULL.
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
