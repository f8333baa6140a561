//! PIVOT and UNPIVOT.

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::expr::without_parentheses;
use super::group::Grouping;
use super::hoist::Hoist;
use super::pivot_name::{PivotValueName, shown_values};
use super::scope::{Frame, RangeVariable, Scope};
use super::{Binder, Expr, Operator, RelId};
use crate::budget;
use crate::plan::{AggregateCall, Comparison, ExprKind, Literal};
use crate::source::Span;

/// Units of budget for an aggregate call with its condition, about 1,000 bytes.
const OF_A_CALL: usize = 12;

impl Binder<'_> {
    /// Lowers PIVOT to a grouping.
    ///
    /// The keys are all columns that it does not name; each value gets an aggregate
    /// over the rows that have it.
    pub(super) fn pivot(
        &mut self,
        input: RelId,
        scope: Scope,
        aggregates: &[ast::ExprWithAlias],
        value_column: &[ast::Expr],
        source: &ast::PivotValueSource,
    ) -> RelId {
        let span = value_column.iter().fold(Span::default(), |span, expr| {
            span.join(self.places.expr(expr))
        });
        let values = match source {
            ast::PivotValueSource::List(values) => values,
            ast::PivotValueSource::Any(_) | ast::PivotValueSource::Subquery(_) => {
                self.unsupported("PIVOT over values that the query does not list", span);
                return self.opaque(vec![input], "PIVOT over values that are not listed", span);
            }
        };
        self.frames.push(Frame::of(scope.clone()));
        let selectors: Vec<Expr> = self
            .without_hoist(|binder| value_column.iter().map(|part| binder.expr(part)).collect());
        let mut calls: Vec<(Option<String>, AggregateCall)> = Vec::new();
        for ast::ExprWithAlias { expr, alias } in aggregates {
            let mut hoist = Hoist::default();
            self.hoisting(&mut hoist, |binder| binder.expr(expr));
            match hoist.aggregates.pop() {
                Some((_, call)) => {
                    calls.push((alias.as_ref().map(|alias| alias.value.clone()), call));
                }
                None => {
                    let span = self.places.expr(expr);
                    self.unsupported("PIVOT of an expression that is not an aggregate", span);
                }
            }
        }
        let mut used = FxHashSet::default();
        let named = calls.iter().flat_map(|(_, call)| call.expressions());
        for expr in named.chain(&selectors) {
            expr.walk(&mut |part| {
                if let ExprKind::Column(column) = part.kind {
                    used.insert(column);
                }
            });
        }
        let keys = self
            .starred(&scope)
            .into_iter()
            .filter(|column| !used.contains(column))
            .map(|column| Expr::column(column, self.plan.column(column).span))
            .collect();
        let mut hoist = Hoist::default();
        for ast::ExprWithAlias { expr, alias } in values {
            let members = if selectors.len() == 1 {
                vec![expr]
            } else {
                parts(expr)
            };
            let members: Vec<Expr> = self.without_hoist(|binder| {
                members.into_iter().map(|part| binder.expr(part)).collect()
            });
            let shown = match alias {
                Some(alias) => Some(PivotValueName::Text(alias.value.clone())),
                None => shown_values(&members),
            };
            let has_value = if members.len() == selectors.len() {
                has_values(&selectors, &members, span)
            } else {
                let at = self.places.expr(expr);
                self.unsupported_expr("a value of PIVOT that does not match its columns", at)
            };
            // Each call is copied for each value, with all its operands.
            budget::spend(OF_A_CALL * calls.len());
            for (prefix, call) in &calls {
                // An unknown name is left empty, so that later lookups take into
                // account that the column may have any name.
                let name = shown
                    .as_ref()
                    .map(|shown| shown.after(prefix.as_deref()))
                    .unwrap_or_default();
                let has_value = has_value.clone();
                let mut call = call.clone();
                call.filter = Some(match call.filter {
                    None => has_value,
                    Some(own) => Expr::new(ExprKind::And(vec![own, has_value]), span),
                });
                let place = call.span;
                hoist.aggregates.push((self.column(name, place), call));
            }
        }
        let grouping = Grouping {
            keys,
            sets: Vec::new(),
            word: "PIVOT",
            span,
            ..Grouping::default()
        };
        let relation = self.aggregate(input, grouping, &mut hoist, Vec::new(), None, span);
        self.frames.pop();
        relation
    }

    /// Lowers UNPIVOT: unnests an array of the columns and their names beside the
    /// others.
    pub(super) fn unpivot(
        &mut self,
        input: RelId,
        scope: &Scope,
        value: &ast::Expr,
        name: &ast::Ident,
        columns: &[ast::ExprWithAlias],
        keep_nulls: bool,
    ) -> RelId {
        let span = self.places.span(name.span);
        let value_names: Vec<String> = parts(value)
            .into_iter()
            .filter_map(super::expr::inferred_name)
            .collect();
        self.frames.push(Frame::of(scope.clone()));
        let mut used = Vec::new();
        let mut rows = Vec::new();
        for ast::ExprWithAlias { expr, alias } in columns {
            let values: Vec<Expr> = self.without_hoist(|binder| {
                parts(expr)
                    .into_iter()
                    .map(|part| binder.expr(part))
                    .collect()
            });
            let mut label = Vec::new();
            for value in &values {
                if let ExprKind::Column(column) = value.kind {
                    used.push(column);
                    label.push(self.plan.column(column).name.clone());
                }
            }
            let label = alias
                .as_ref()
                .map_or_else(|| label.join("_"), |alias| alias.value.clone());
            let mut fields: Vec<(Option<String>, Expr)> =
                value_names.iter().cloned().map(Some).zip(values).collect();
            let label = Expr::new(ExprKind::Literal(Literal::String(label)), span);
            fields.push((Some(name.value.clone()), label));
            rows.push(Expr::new(ExprKind::Struct(fields), span));
        }
        self.frames.pop();
        let array = Expr::new(ExprKind::Array(rows), span);
        let element = self.column(String::new(), span);
        let mut outputs = self.columns_of(input);
        outputs.push(element);
        let mut relation = self.add(
            Operator::Unnest {
                input: Some(input),
                array,
                element,
                offset: None,
                outer: false,
            },
            outputs,
            "UNPIVOT",
            span,
        );
        let field = |name: &str| {
            Expr::new(
                ExprKind::Field(Box::new(Expr::column(element, span)), name.to_owned()),
                span,
            )
        };
        if !keep_nulls {
            let present: Vec<Expr> = value_names
                .iter()
                .map(|name| {
                    let null = Expr::new(ExprKind::IsNull(Box::new(field(name))), span);
                    Expr::new(ExprKind::Not(Box::new(null)), span)
                })
                .collect();
            let predicate = Expr::new(ExprKind::Or(present), span);
            relation = self.filter(relation, predicate, "UNPIVOT", span);
        }
        let mut projected: Vec<_> = self
            .starred(scope)
            .into_iter()
            .filter(|column| !used.contains(column))
            .map(|column| self.pass(column, span))
            .collect();
        for made in value_names.iter().chain([&name.value]) {
            projected.push((self.column(made.clone(), span), field(made)));
        }
        self.project(relation, projected, "UNPIVOT", span)
    }

    /// Returns a scope of one range without alias, with all columns of a relation.
    pub(super) fn scope_of_relation(&self, relation: RelId) -> Scope {
        Scope {
            ranges: vec![RangeVariable {
                alias: None,
                columns: self.columns_of(relation),
                element: None,
                behind: false,
                scan: None,
            }],
            ..Scope::default()
        }
    }
}

/// Returns the condition that the columns of a PIVOT have these values.
fn has_values(columns: &[Expr], values: &[Expr], span: Span) -> Expr {
    let mut equal: Vec<Expr> = columns
        .iter()
        .zip(values)
        .map(|(column, value)| {
            // PIVOT treats NULL as an ordinary value.
            let comparison = match value.as_literal() {
                Some(literal) if *literal != Literal::Null => Comparison::Eq,
                Some(_) | None => Comparison::Same,
            };
            let (column, value) = (Box::new(column.clone()), Box::new(value.clone()));
            Expr::new(ExprKind::Compare(comparison, column, value), span)
        })
        .collect();
    if equal.len() == 1 {
        return equal.remove(0);
    }
    Expr::new(ExprKind::And(equal), span)
}

/// Returns the members of a parenthesized list, or the single expression.
fn parts(expr: &ast::Expr) -> Vec<&ast::Expr> {
    let expr = without_parentheses(expr);
    if let ast::Expr::Tuple(members) = expr {
        members.iter().collect()
    } else {
        vec![expr]
    }
}
