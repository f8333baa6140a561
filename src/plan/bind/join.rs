//! Joins: ON, USING, cross.

use sqlparser::ast;
use sqlparser::ast::{JoinConstraint, JoinOperator};

use super::scope::{Frame, Scope};
use super::{Binder, ColId, Operator, RelId};
use crate::plan::{ExprKind, JoinKind};
use crate::source::Span;

impl Binder<'_> {
    /// Adds the cross product of two FROM items.
    pub(super) fn cross(
        &mut self,
        (left, mut scope): (RelId, Scope),
        (right, others): (RelId, Scope),
        span: Span,
    ) -> (RelId, Scope) {
        let mut columns = self.columns_of(left);
        columns.extend(self.columns_of(right));
        let relation = self.add(
            Operator::Join {
                kind: JoinKind::Cross,
                left,
                right,
                condition: None,
                correlated: false,
                merged: Vec::new(),
            },
            columns,
            "CROSS JOIN",
            span,
        );
        scope.ranges.extend(others.ranges);
        scope.merged.extend(others.merged);
        scope.hidden.extend(others.hidden);
        (relation, scope)
    }

    /// Lowers one JOIN with the FROM items to its left.
    pub(super) fn join(&mut self, left: (RelId, Scope), join: &ast::Join) -> (RelId, Scope) {
        let ast::Join {
            relation: factor,
            global,
            join_operator,
        } = join;
        if *global {
            let span = self.plan.relation(left.0).origin.span;
            self.unsupported("GLOBAL JOIN", span);
        }
        let (kind, constraint) = match join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
                (JoinKind::Inner, constraint)
            }
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                (JoinKind::Left, constraint)
            }
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
                (JoinKind::Right, constraint)
            }
            JoinOperator::FullOuter(constraint) => (JoinKind::Full, constraint),
            JoinOperator::CrossJoin(constraint) => (JoinKind::Cross, constraint),
            JoinOperator::StraightJoin(_)
            | JoinOperator::Semi(_)
            | JoinOperator::LeftSemi(_)
            | JoinOperator::RightSemi(_)
            | JoinOperator::Anti(_)
            | JoinOperator::LeftAnti(_)
            | JoinOperator::RightAnti(_)
            | JoinOperator::CrossApply
            | JoinOperator::OuterApply
            | JoinOperator::AsOf {
                match_condition: _,
                constraint: _,
            }
            | JoinOperator::ArrayJoin
            | JoinOperator::LeftArrayJoin
            | JoinOperator::InnerArrayJoin => {
                let right = self.factor(factor);
                let span = self.plan.relation(right.0).origin.span;
                self.unsupported("a kind of JOIN that BigQuery does not have", span);
                return self.cross(left, right, span);
            }
        };
        let correlated = self.array_factor(factor, Some(&left.1));
        match (correlated, kind) {
            (Some(array), JoinKind::Inner | JoinKind::Cross) => {
                let (relation, scope) = self.unnest_join(left, array, false);
                self.array_constraint(relation, scope, constraint)
            }
            (Some(array), JoinKind::Left) if is_always(constraint) => {
                self.unnest_join(left, array, true)
            }
            (Some(array), _) => {
                let right = self.unnest_alone(array);
                self.constrained(kind, left, right, constraint, true)
            }
            (None, _) => {
                let right = self.factor(factor);
                self.constrained(kind, left, right, constraint, false)
            }
        }
    }

    /// Lowers the condition of an inner join with an array to a filter.
    fn array_constraint(
        &mut self,
        relation: RelId,
        scope: Scope,
        constraint: &JoinConstraint,
    ) -> (RelId, Scope) {
        match constraint {
            JoinConstraint::None => (relation, scope),
            JoinConstraint::On(condition) => {
                self.frames.push(Frame::of(scope.clone()));
                let filtered =
                    self.without_hoist(|binder| binder.filter_by(relation, condition, "ON"));
                self.frames.pop();
                (filtered, scope)
            }
            JoinConstraint::Using(_) | JoinConstraint::UsingAlias(..) | JoinConstraint::Natural => {
                let span = self.plan.relation(relation).origin.span;
                self.unsupported("USING with an array", span);
                (relation, scope)
            }
        }
    }

    fn constrained(
        &mut self,
        kind: JoinKind,
        (mut left, mut scope): (RelId, Scope),
        (mut right, others): (RelId, Scope),
        constraint: &JoinConstraint,
        correlated: bool,
    ) -> (RelId, Scope) {
        let mut span = self.plan.relation(right).origin.span;
        let mut merged = Vec::new();
        let mut condition = None;
        match constraint {
            JoinConstraint::None => {}
            JoinConstraint::On(on) => {
                span = self.places.expr(on);
                let mut both = scope.clone();
                both.ranges.extend(others.ranges.iter().cloned());
                both.merged.extend(others.merged.iter().copied());
                both.hidden.extend(others.hidden.iter().copied());
                self.frames.push(Frame::of(both));
                condition = Some(self.without_hoist(|binder| binder.expr(on)));
                self.frames.pop();
            }
            JoinConstraint::Using(names) | JoinConstraint::UsingAlias(names, _) => {
                for name in names {
                    let at = self.places.object_name(name);
                    span = at;
                    let sides = [(&mut left, &scope), (&mut right, &others)];
                    if let Some(pair) = self.using(name, sides, at) {
                        merged.push(pair);
                    }
                }
                if let JoinConstraint::UsingAlias(..) = constraint {
                    self.unsupported("USING with an alias", span);
                }
            }
            JoinConstraint::Natural => self.unsupported("NATURAL JOIN", span),
        }
        let mut columns: Vec<ColId> = merged.iter().map(|(column, ..)| *column).collect();
        columns.extend(self.columns_of(left));
        columns.extend(self.columns_of(right));
        scope.ranges.extend(others.ranges);
        let mut names = std::mem::take(&mut scope.merged);
        names.extend(others.merged);
        // A column that is merged again hides the columns it is made of.
        names.retain(|old| !merged.iter().any(|(_, a, b)| a == old || b == old));
        let mut shown: Vec<_> = merged.iter().map(|(column, ..)| *column).collect();
        shown.extend(names);
        scope.merged = shown;
        scope.hidden.extend(others.hidden);
        scope
            .hidden
            .extend(merged.iter().flat_map(|(_, a, b)| [*a, *b]));
        let word = match kind {
            JoinKind::Left => "LEFT JOIN",
            JoinKind::Right => "RIGHT JOIN",
            JoinKind::Full => "FULL JOIN",
            JoinKind::Cross => "CROSS JOIN",
            JoinKind::Inner | JoinKind::Semi | JoinKind::Anti => "JOIN",
        };
        let relation = self.add(
            Operator::Join {
                kind,
                left,
                right,
                condition,
                correlated,
                merged,
            },
            columns,
            word,
            span,
        );
        (relation, scope)
    }

    /// Resolves one name of USING on both sides.
    ///
    /// If the name is not a column but a field of an array's elements, its side gets
    /// a column for it.
    fn using(
        &mut self,
        name: &ast::ObjectName,
        sides: [(&mut RelId, &Scope); 2],
        span: Span,
    ) -> Option<(ColId, ColId, ColId)> {
        let text = name.0.last()?.as_ident()?.value.clone();
        let mut found = Vec::new();
        for (relation, scope) in sides {
            let value = match self.look_up_in_scope(scope, &text, span) {
                Some(value) => value,
                None => {
                    self.unresolved(&text, span);
                    return None;
                }
            };
            if let ExprKind::Column(column) = value.kind {
                found.push(column);
                continue;
            }
            let column = self.column(text.clone(), span);
            let mut columns = self.columns_of(*relation);
            columns.push(column);
            *relation = self.add(
                Operator::Project {
                    input: *relation,
                    columns: vec![(column, value)],
                },
                columns,
                "USING",
                span,
            );
            found.push(column);
        }
        let column = self.column(text, span);
        Some((column, *found.first()?, *found.get(1)?))
    }
}

/// Returns whether a join constraint accepts every pair.
fn is_always(constraint: &JoinConstraint) -> bool {
    match constraint {
        JoinConstraint::None => true,
        JoinConstraint::On(ast::Expr::Value(value)) => value.value == ast::Value::Boolean(true),
        JoinConstraint::On(_)
        | JoinConstraint::Using(_)
        | JoinConstraint::UsingAlias(..)
        | JoinConstraint::Natural => false,
    }
}
