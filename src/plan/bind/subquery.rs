//! Subqueries in expressions, and those in WHERE that are lowered to joins.

use sqlparser::ast;

use super::{Binder, Expr, Operator, RelId};
use crate::plan::{Comparison, ExprKind, JoinKind, Literal, Subquery, SubqueryKind};
use crate::source::Span;

impl Binder<'_> {
    /// Lowers a subquery that is used as a value.
    pub(super) fn subquery(&mut self, kind: SubqueryKind, query: &ast::Query, span: Span) -> Expr {
        let (mut relation, outer) = self.inner_query(query);
        let value = matches!(kind, SubqueryKind::Scalar | SubqueryKind::Array);
        if value && is_struct(&query.body) {
            relation = self.as_struct(relation, span);
        }
        if matches!(kind, SubqueryKind::Scalar)
            && let [only] = self.plan.relation(relation).columns.as_slice()
            && let Some(constant) = self.constant_of_one_row(relation, *only)
            // A table's column may have rounded it.
            && !constant.may_be_rounded()
        {
            return Expr::new(ExprKind::Literal(constant), span);
        }
        Expr::new(
            ExprKind::Subquery(Box::new(Subquery {
                kind,
                relation,
                outer,
            })),
            span,
        )
    }

    /// Returns the constant value of a column in a relation of exactly one row.
    ///
    /// A threshold in a CTE of settings is such a constant.
    fn constant_of_one_row(&self, relation: RelId, column: super::ColId) -> Option<Literal> {
        let (mut relation, mut column) = (relation, column);
        let mut constant = None;
        loop {
            let known = self.plan.relation(relation);
            match &known.operator {
                Operator::Rows(rows) => {
                    let [row] = rows.as_slice() else {
                        return None;
                    };
                    if constant.is_none() {
                        let at = known.columns.iter().position(|made| *made == column)?;
                        constant = row.get(at).and_then(Expr::as_literal).cloned();
                    }
                    return constant;
                }
                Operator::Project { input, columns } => {
                    let made = columns.iter().find(|(made, _)| *made == column);
                    if let (None, Some((_, expr))) = (&constant, made) {
                        match expr.as_column() {
                            Some(inner) => column = inner,
                            None => constant = Some(expr.as_literal()?.clone()),
                        }
                    }
                    relation = *input;
                }
                Operator::Reader { of, columns } => {
                    if constant.is_none() {
                        (_, column) = *columns.iter().find(|(copy, _)| *copy == column)?;
                    }
                    relation = *of;
                }
                Operator::Sort { input, by: _ } => relation = *input,
                Operator::Scan(_)
                | Operator::Filter { .. }
                | Operator::Aggregate(_)
                | Operator::Window { .. }
                | Operator::Join { .. }
                | Operator::Unnest { .. }
                | Operator::SetOperation { .. }
                | Operator::Limit { .. }
                | Operator::Recursion { .. }
                | Operator::Loop { .. }
                | Operator::Model { .. }
                | Operator::Opaque { .. } => return None,
            }
        }
    }

    /// Binds a query that may read columns of enclosing queries; returns those
    /// columns.
    fn inner_query(&mut self, query: &ast::Query) -> (RelId, Vec<super::ColId>) {
        let before: Vec<_> = self
            .frames
            .iter()
            .map(|frame| frame.read_from_inside.len())
            .collect();
        let relation = self.without_hoist(|binder| binder.query(query));
        let mut outer: Vec<_> = self
            .frames
            .iter()
            .zip(before)
            .flat_map(|(frame, before)| frame.read_from_inside[before..].iter().copied())
            .collect();
        outer.sort();
        outer.dedup();
        (relation, outer)
    }

    /// Lowers a condition to a filter.
    ///
    /// A conjunct that is EXISTS, NOT EXISTS or IN of a subquery becomes a semi-join
    /// or an anti-join.
    pub(super) fn filter_by(
        &mut self,
        mut input: RelId,
        condition: &ast::Expr,
        word: &'static str,
    ) -> RelId {
        let span = self.places.expr(condition);
        let bound = self.expr(condition);
        let conjuncts = if let ExprKind::And(parts) = bound.kind {
            parts
        } else {
            vec![bound]
        };
        let mut plain = Vec::new();
        for conjunct in conjuncts {
            match self.as_join(conjunct) {
                Ok((kind, subquery, at)) => input = self.subquery_join(input, kind, subquery, at),
                Err(conjunct) => plain.push(conjunct),
            }
        }
        let predicate = match plain.len() {
            0 => return input,
            1 => plain.remove(0),
            _ => Expr::new(ExprKind::And(plain), span),
        };
        let columns = self.columns_of(input);
        self.add(Operator::Filter { input, predicate }, columns, word, span)
    }

    fn as_join(&self, conjunct: Expr) -> Result<(JoinKind, Subquery, Span), Expr> {
        let span = conjunct.span;
        if let ExprKind::Subquery(subquery) = &conjunct.kind
            && matches!(subquery.kind, SubqueryKind::Exists | SubqueryKind::In(_))
        {
            return Ok((JoinKind::Semi, (**subquery).clone(), span));
        }
        if let ExprKind::Not(inner) = &conjunct.kind
            && let ExprKind::Subquery(subquery) = &inner.kind
            && matches!(subquery.kind, SubqueryKind::Exists)
        {
            return Ok((JoinKind::Anti, (**subquery).clone(), span));
        }
        Err(conjunct)
    }

    fn subquery_join(
        &mut self,
        left: RelId,
        kind: JoinKind,
        subquery: Subquery,
        span: Span,
    ) -> RelId {
        let right = subquery.relation;
        let condition = match subquery.kind {
            SubqueryKind::In(value) => self.plan.relation(right).columns.first().map(|column| {
                let right = Expr::column(*column, span);
                Expr::new(
                    ExprKind::Compare(Comparison::Eq, Box::new(value), Box::new(right)),
                    span,
                )
            }),
            SubqueryKind::Exists | SubqueryKind::Scalar | SubqueryKind::Array => None,
        };
        let columns = self.columns_of(left);
        let word = if kind == JoinKind::Anti {
            "NOT EXISTS"
        } else if condition.is_some() {
            "IN"
        } else {
            "EXISTS"
        };
        self.add(
            Operator::Join {
                kind,
                left,
                right,
                condition,
                correlated: !subquery.outer.is_empty(),
                merged: Vec::new(),
            },
            columns,
            word,
            span,
        )
    }
}

/// Returns whether the rows of a query are structs: SELECT AS STRUCT.
fn is_struct(body: &ast::SetExpr) -> bool {
    match body {
        ast::SetExpr::Select(select) => matches!(
            select.value_table_mode,
            Some(ast::ValueTableMode::AsStruct | ast::ValueTableMode::DistinctAsStruct)
        ),
        ast::SetExpr::Query(query) => is_struct(&query.body),
        ast::SetExpr::SetOperation {
            left,
            right,
            op: _,
            set_quantifier: _,
        } => is_struct(left) || is_struct(right),
        ast::SetExpr::Values(_)
        | ast::SetExpr::Insert(_)
        | ast::SetExpr::Update(_)
        | ast::SetExpr::Delete(_)
        | ast::SetExpr::Merge(_)
        | ast::SetExpr::Table(_) => false,
    }
}
