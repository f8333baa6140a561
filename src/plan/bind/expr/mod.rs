//! Lowering of expressions.

mod access;
mod arguments;
mod call;
mod cast;
mod literal;
pub(super) mod marked;
mod operator;
mod place;
mod routine;

pub(super) use call::function_name;
pub(super) use literal::date_part;
pub(super) use place::PlaceType;

use sqlparser::ast;

use super::Binder;
use crate::budget;
use crate::plan::{Case, Comparison, Expr, ExprKind, Literal, SubqueryKind};
use crate::syntax::marker;

impl Binder<'_> {
    /// Lowers an expression.
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Expr {
        budget::spend(1);
        let span = self.places.expr(expr);
        match expr {
            ast::Expr::Identifier(ident) => self.identifier(ident, span),
            ast::Expr::CompoundIdentifier(idents) => self.compound(idents, span),
            ast::Expr::CompoundFieldAccess { root, access_chain } => {
                self.field_access(root, access_chain, span)
            }
            ast::Expr::JsonAccess { value, path } => {
                // BigQuery reads members with dots and brackets, never with a colon.
                let ast::JsonPath { path: _ } = path;
                self.expr(value);
                self.unsupported_expr("a path into JSON after a colon", span)
            }
            ast::Expr::IsTrue(inner) => self.truth("IS TRUE", inner, span),
            ast::Expr::IsNotTrue(inner) => {
                let inner = self.truth("IS TRUE", inner, span);
                Expr::new(ExprKind::Not(Box::new(inner)), span)
            }
            ast::Expr::IsFalse(inner) => {
                let inner = self.expr(inner);
                let not = Expr::new(ExprKind::Not(Box::new(inner)), span);
                self.call_of("IS TRUE", vec![not], span)
            }
            ast::Expr::IsNotFalse(inner) => {
                let inner = self.truth("IS FALSE", inner, span);
                Expr::new(ExprKind::Not(Box::new(inner)), span)
            }
            ast::Expr::IsNull(inner) | ast::Expr::IsUnknown(inner) => {
                let inner = self.expr(inner);
                Expr::new(ExprKind::IsNull(Box::new(inner)), span)
            }
            ast::Expr::IsNotNull(inner) | ast::Expr::IsNotUnknown(inner) => {
                let inner = self.expr(inner);
                let null = Expr::new(ExprKind::IsNull(Box::new(inner)), span);
                Expr::new(ExprKind::Not(Box::new(null)), span)
            }
            ast::Expr::IsDistinctFrom(left, right) => {
                let same = self.comparison(Comparison::Same, left, right, span);
                Expr::new(ExprKind::Not(Box::new(same)), span)
            }
            ast::Expr::IsNotDistinctFrom(left, right) => {
                self.comparison(Comparison::Same, left, right, span)
            }
            ast::Expr::In {
                expr,
                target,
                negated,
                global,
            } => {
                if *global {
                    return self.unsupported_expr("GLOBAL IN", span);
                }
                self.in_target(expr, target, *negated, span)
            }
            ast::Expr::Between {
                expr,
                negated,
                low,
                high,
            } => self.between(expr, low, high, *negated, span),
            ast::Expr::BinaryOp { left, op, right } => self.binary(expr, left, op, right, span),
            ast::Expr::Like {
                negated,
                any,
                expr,
                pattern,
                escape_char,
            } => {
                if *any || escape_char.is_some() {
                    return self.unsupported_expr("this form of LIKE", span);
                }
                self.like(expr, pattern, *negated, span)
            }
            ast::Expr::UnaryOp { op, expr } => self.unary(*op, expr, span),
            ast::Expr::Cast {
                kind,
                expr,
                data_type,
                format,
            } => {
                let safe = match kind {
                    ast::CastKind::Cast => false,
                    ast::CastKind::SafeCast => true,
                    ast::CastKind::TryCast | ast::CastKind::DoubleColon => {
                        return self.unsupported_expr("this form of CAST", span);
                    }
                };
                let value = self.expr(expr);
                let format = format.as_ref().map(|format| self.cast_format(format, span));
                self.cast(value, data_type, safe, format, span)
            }
            ast::Expr::AtTimeZone {
                timestamp,
                time_zone,
            } => {
                let args = vec![self.expr(timestamp), self.expr(time_zone)];
                self.call_of("AT TIME ZONE", args, span)
            }
            ast::Expr::Extract {
                field,
                syntax: _,
                expr,
            } => {
                let part = date_part(&field.to_string(), span);
                let value = self.expr(expr);
                self.call_of("EXTRACT", vec![part, value], span)
            }
            ast::Expr::Ceil { expr, field } => self.rounded("CEIL", expr, field, span),
            ast::Expr::Floor { expr, field } => self.rounded("FLOOR", expr, field, span),
            ast::Expr::Position { expr, r#in } => {
                // `POSITION(a IN b)` searches for `a`.
                let args = vec![self.expr(r#in), self.expr(expr)];
                self.call_of("STRPOS", args, span)
            }
            ast::Expr::Substring {
                expr,
                substring_from,
                substring_for,
                special: _,
                shorthand: _,
            } => {
                if substring_from.is_none() && substring_for.is_some() {
                    return self.unsupported_expr("SUBSTRING … FOR without FROM", span);
                }
                let mut args = vec![self.expr(expr)];
                for arg in [substring_from, substring_for].into_iter().flatten() {
                    args.push(self.expr(arg));
                }
                self.call_of("SUBSTR", args, span)
            }
            ast::Expr::Trim {
                trim_where,
                trim_what,
                expr,
                trim_characters,
            } => {
                if trim_where.is_some() || trim_what.is_some() {
                    return self.unsupported_expr("TRIM … FROM", span);
                }
                let mut args = vec![self.expr(expr)];
                for character in trim_characters.iter().flatten() {
                    args.push(self.expr(character));
                }
                self.call_of("TRIM", args, span)
            }
            ast::Expr::Collate { expr, collation } => {
                let value = self.expr(expr);
                let collation = Literal::String(collation.to_string());
                let collation = Expr::new(ExprKind::Literal(collation), span);
                self.call_of("COLLATE", vec![value, collation], span)
            }
            ast::Expr::Nested(inner) => {
                let mut inner = self.expr(inner);
                inner.span = span;
                inner
            }
            ast::Expr::Value(value) => self.value(&value.value, span),
            ast::Expr::TypedString(ast::TypedString {
                data_type,
                value,
                uses_odbc_syntax,
            }) => {
                if *uses_odbc_syntax {
                    return self.unsupported_expr("a literal in braces", span);
                }
                Expr::new(literal::typed(data_type, &value.value), span)
            }
            ast::Expr::Prefixed { prefix, value } => {
                let mut value = self.expr(value);
                if prefix.value == marker::AT {
                    value.span = span;
                    return value;
                }
                self.unsupported("a prefixed literal", span);
                Expr::unknown("a prefixed literal", value.span)
            }
            ast::Expr::Function(function) => self.function(function, span),
            ast::Expr::Case {
                case_token: _,
                end_token: _,
                operand,
                conditions,
                else_result,
            } => self.case(operand.as_deref(), conditions, else_result.as_deref(), span),
            ast::Expr::Exists { subquery, negated } => {
                let exists = self.subquery(SubqueryKind::Exists, subquery, span);
                negate(exists, *negated)
            }
            ast::Expr::Subquery(query) => self.subquery(SubqueryKind::Scalar, query, span),
            ast::Expr::Tuple(values) => {
                let fields = values
                    .iter()
                    .map(|value| (None, self.expr(value)))
                    .collect();
                Expr::new(ExprKind::Struct(fields), span)
            }
            ast::Expr::Struct { values, fields } => self.structure(values, fields, span),
            // A struct handles the names of its fields itself; this is the name of
            // an argument.
            ast::Expr::Named { expr, name } => {
                let value = self.expr(expr);
                self.labelled("AS", &name.value, value)
            }
            ast::Expr::Array(ast::Array { elem, named: _ }) => {
                let items = elem.iter().map(|item| self.expr(item)).collect();
                Expr::new(ExprKind::Array(items), span)
            }
            ast::Expr::Interval(interval) => self.interval(interval, span),
            ast::Expr::Lambda(lambda) => self.lambda(lambda, span),
            ast::Expr::Wildcard(_) | ast::Expr::QualifiedWildcard(..) => {
                self.unsupported_expr("a `*` in this place", span)
            }
            ast::Expr::GroupingSets(_) | ast::Expr::Cube(_) | ast::Expr::Rollup(_) => {
                self.unsupported_expr("a grouping set outside GROUP BY", span)
            }
            ast::Expr::IsJson { .. }
            | ast::Expr::IsNormalized { .. }
            | ast::Expr::ILike { .. }
            | ast::Expr::SimilarTo { .. }
            | ast::Expr::RLike { .. }
            | ast::Expr::AnyOp { .. }
            | ast::Expr::AllOp { .. }
            | ast::Expr::Convert { .. }
            | ast::Expr::Overlay { .. }
            | ast::Expr::Dictionary(_)
            | ast::Expr::Map(_)
            | ast::Expr::MatchAgainst { .. }
            | ast::Expr::OuterJoin(_)
            | ast::Expr::Prior(_)
            | ast::Expr::MemberOf(_) => {
                self.unsupported_expr("an expression that BigQuery does not have", span)
            }
        }
    }

    /// Lowers `CASE`; a simple one becomes equalities with its operand.
    fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        conditions: &[ast::CaseWhen],
        otherwise: Option<&ast::Expr>,
        span: crate::source::Span,
    ) -> Expr {
        let operand = operand.map(|operand| self.expr(operand));
        let branches = conditions
            .iter()
            .map(|ast::CaseWhen { condition, result }| {
                let condition = self.expr(condition);
                let condition = match &operand {
                    Some(operand) => {
                        let span = condition.span;
                        Expr::new(
                            ExprKind::Compare(
                                Comparison::Eq,
                                Box::new(operand.clone()),
                                Box::new(condition),
                            ),
                            span,
                        )
                    }
                    None => condition,
                };
                (condition, self.expr(result))
            })
            .collect();
        let otherwise = otherwise.map(|otherwise| self.expr(otherwise));
        Expr::new(
            ExprKind::Case(Box::new(Case {
                branches,
                otherwise,
            })),
            span,
        )
    }

    fn structure(
        &mut self,
        values: &[ast::Expr],
        declared: &[ast::StructField],
        span: crate::source::Span,
    ) -> Expr {
        let fields = values
            .iter()
            .enumerate()
            .map(|(at, value)| {
                let ast::StructField {
                    field_name,
                    field_type,
                    options: _,
                } = match declared.get(at) {
                    Some(declared) => declared,
                    None => {
                        let (name, value) = if let ast::Expr::Named { expr, name } = value {
                            (Some(name.value.clone()), &**expr)
                        } else {
                            (inferred_name(value), value)
                        };
                        return (name, self.expr(value));
                    }
                };
                let value = self.expr(value);
                let span = value.span;
                let name = field_name.as_ref().map(|name| name.value.clone());
                (name, self.cast(value, field_type, false, None, span))
            })
            .collect();
        Expr::new(ExprKind::Struct(fields), span)
    }

    /// Lowers `CEIL(x)` and `FLOOR(x)`.
    ///
    /// Only other databases round to a date part or a scale.
    fn rounded(
        &mut self,
        name: &'static str,
        value: &ast::Expr,
        field: &ast::CeilFloorKind,
        span: crate::source::Span,
    ) -> Expr {
        let value = self.expr(value);
        match field {
            ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) => {
                self.call_of(name, vec![value], span)
            }
            ast::CeilFloorKind::DateTimeField(_) | ast::CeilFloorKind::Scale(_) => {
                self.unsupported_expr("CEIL or FLOOR to a part or a scale", span)
            }
        }
    }

    fn interval(&mut self, interval: &ast::Interval, span: crate::source::Span) -> Expr {
        let ast::Interval {
            value,
            leading_field,
            leading_precision,
            last_field,
            fractional_seconds_precision,
        } = interval;
        if leading_precision.is_some() || fractional_seconds_precision.is_some() {
            self.expr(value);
            return self.unsupported_expr("the precision of an INTERVAL", span);
        }
        let value = self.expr(value);
        let parts: Vec<String> = [leading_field, last_field]
            .into_iter()
            .flatten()
            .map(|part| part.to_string().to_uppercase())
            .collect();
        let parts = parts.join(" TO ");
        let amount = match value.as_literal() {
            Some(Literal::Int(number)) => Some(number.to_string()),
            Some(Literal::String(text)) => Some(format!("'{text}'")),
            Some(Literal::Null | Literal::Bool(_) | Literal::Float(_) | Literal::Other(..))
            | None => None,
        };
        if let Some(amount) = amount {
            let text = format!("{amount} {parts}");
            return Expr::new(
                ExprKind::Literal(Literal::Other("INTERVAL".to_owned(), text)),
                span,
            );
        }
        let part = date_part(&parts, span);
        self.call_of("INTERVAL", vec![value, part], span)
    }
}

/// Returns an expression without the parentheses around it.
///
/// GoogleSQL's tree has no parentheses, so a name, an ordinal or a key in
/// parentheses means the same as without them.
pub(super) fn without_parentheses(mut expr: &ast::Expr) -> &ast::Expr {
    while let ast::Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

/// Returns the name that GoogleSQL infers for an expression without an alias.
pub(super) fn inferred_name(expr: &ast::Expr) -> Option<String> {
    let expr = without_parentheses(expr);
    if let ast::Expr::Identifier(ident) = expr {
        return Some(ident.value.clone());
    }
    if let ast::Expr::CompoundIdentifier(idents) = expr {
        return idents.last().map(|ident| ident.value.clone());
    }
    if let ast::Expr::CompoundFieldAccess {
        root: _,
        access_chain,
    } = expr
        && let Some(ast::AccessExpr::Dot(last)) = access_chain.last()
    {
        return inferred_name(last);
    }
    None
}

/// Adds NOT if the expression is negated.
pub(super) fn negate(expr: Expr, negated: bool) -> Expr {
    if negated {
        let span = expr.span;
        Expr::new(ExprKind::Not(Box::new(expr)), span)
    } else {
        expr
    }
}
