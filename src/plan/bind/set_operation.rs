//! UNION, INTERSECT, EXCEPT.

use sqlparser::ast;
use sqlparser::ast::SetQuantifier;

use super::by_name::{self, ByName};
use super::cte::set_operator;
use super::script::OMITTED_COLUMNS;
use super::{Aggregate, Binder, ColId, Expansion, Expr, KeyColumn, Operator, RelId};
use crate::source::Span;

impl Binder<'_> {
    /// Lowers a tree of set operations; a chain of equal UNIONs becomes flat.
    pub(super) fn set_operation(&mut self, body: &ast::SetExpr) -> RelId {
        let ast::SetExpr::SetOperation {
            left: _,
            op,
            set_quantifier,
            right: _,
        } = body
        else {
            return self.set_expr(body, None);
        };
        let associative = matches!(op, ast::SetOperator::Union);
        let mut arms = Vec::new();
        let mut at = body;
        while let ast::SetExpr::SetOperation {
            left,
            op: other,
            set_quantifier: quantifier,
            right,
        } = at
            && other == op
            && quantifier == set_quantifier
            && (associative || arms.is_empty() || by_name::written(right).is_some())
        {
            arms.push(&**right);
            at = left;
        }
        arms.push(at);
        let by_name = arms
            .iter()
            .find_map(|arm| by_name::written(arm))
            .unwrap_or_default();
        let inputs: Vec<_> = arms
            .into_iter()
            .rev()
            .filter(|arm| by_name::written(arm).is_none())
            .map(|arm| self.set_expr(arm, None))
            .collect();
        self.combine_by(*op, *set_quantifier, inputs, &by_name)
    }

    /// Adds one set operation over bound inputs; columns correspond by position or
    /// name.
    pub(super) fn combine(
        &mut self,
        op: ast::SetOperator,
        quantifier: SetQuantifier,
        inputs: Vec<RelId>,
    ) -> RelId {
        self.combine_by(op, quantifier, inputs, &ByName::default())
    }

    /// Adds one set operation; `columns` are the modifiers of BY NAME.
    pub(super) fn combine_by(
        &mut self,
        op: ast::SetOperator,
        quantifier: SetQuantifier,
        inputs: Vec<RelId>,
        columns: &ByName,
    ) -> RelId {
        let word = match op {
            ast::SetOperator::Union => "UNION",
            ast::SetOperator::Except | ast::SetOperator::Minus => "EXCEPT",
            ast::SetOperator::Intersect => "INTERSECT",
        };
        let span = inputs
            .iter()
            .map(|input| self.plan.relation(*input).origin.span)
            .fold(Span::default(), Span::join);
        let (by_name, distinct) = match quantifier {
            SetQuantifier::All => (false, false),
            SetQuantifier::Distinct | SetQuantifier::None => (false, true),
            SetQuantifier::AllByName => (true, false),
            SetQuantifier::ByName | SetQuantifier::DistinctByName => (true, true),
        };
        let relation = if by_name {
            self.by_name(op, &inputs, columns, word, span)
        } else {
            self.by_position(op, &inputs, word, span)
        };
        if distinct {
            self.distinct(relation, word, span)
        } else {
            relation
        }
    }

    fn by_position(
        &mut self,
        op: ast::SetOperator,
        inputs: &[RelId],
        word: &'static str,
        span: Span,
    ) -> RelId {
        let columns: Vec<Vec<ColId>> = inputs.iter().map(|input| self.columns_of(*input)).collect();
        let first = columns.first().cloned().unwrap_or_default();
        let unknown = columns
            .iter()
            .any(|columns| columns.iter().any(|column| self.is_rest(*column)));
        if unknown {
            return self.by_unknown_position(op, inputs, &columns, word, span);
        }
        if let Some((at, other)) = columns
            .iter()
            .enumerate()
            .find(|(_, columns)| columns.len() != first.len())
        {
            let place = self.plan.relation(inputs[at]).origin.span;
            self.problem(
                super::ProblemKind::UnresolvedColumn,
                place,
                format!(
                    "this side of {word} has {} columns, the first one has {}",
                    other.len(),
                    first.len()
                ),
                "give all sides the same columns in the same order",
            );
        }
        let outputs: Vec<_> = first
            .iter()
            .map(|column| {
                let known = self.plan.column(*column).clone();
                self.column(known.name, known.span)
            })
            .collect();
        let fed = inputs
            .iter()
            .zip(&columns)
            .map(|(input, columns)| {
                let feeds = (0..outputs.len())
                    .map(|at| columns.get(at).or(columns.last()).copied())
                    .collect();
                (*input, feeds)
            })
            .collect();
        self.add(
            Operator::SetOperation {
                operator: set_operator(op),
                inputs: fed,
            },
            outputs,
            word,
            span,
        )
    }

    /// Adds a set operation with an input that has unknown columns.
    ///
    /// Positions are unknown then: columns with the same name correspond, and a
    /// column without a counterpart may be any of the unknown ones.
    pub(super) fn by_unknown_position(
        &mut self,
        op: ast::SetOperator,
        inputs: &[RelId],
        columns: &[Vec<ColId>],
        word: &'static str,
        span: Span,
    ) -> RelId {
        let relation = self.add(
            Operator::SetOperation {
                operator: set_operator(op),
                inputs: inputs.iter().map(|input| (*input, Vec::new())).collect(),
            },
            Vec::new(),
            word,
            span,
        );
        let mut names: Vec<(String, Span)> = Vec::new();
        for columns in columns {
            for column in self.listed(columns) {
                let known = self.plan.column(column);
                if known.rest.is_none()
                    && known.name != OMITTED_COLUMNS
                    && !names
                        .iter()
                        .any(|(name, _)| name.eq_ignore_ascii_case(&known.name))
                {
                    names.push((known.name.clone(), known.span));
                }
            }
        }
        let rest = self.rest(
            Expansion::Set(relation),
            names.iter().map(|(name, _)| name.clone()).collect(),
            span,
        );
        let mut outputs = Vec::new();
        let mut fed: Vec<Vec<Option<ColId>>> = vec![Vec::new(); inputs.len()];
        for (name, place) in names {
            outputs.push(self.column(name.clone(), place));
            for (feeds, columns) in fed.iter_mut().zip(columns) {
                feeds.push(self.feed(columns, &name, place));
            }
        }
        outputs.push(rest);
        for (feeds, columns) in fed.iter_mut().zip(columns) {
            let own = columns.iter().copied().find(|column| self.is_rest(*column));
            feeds.push(own.or(columns.last().copied()));
        }
        let made = self.plan.relation_mut(relation);
        made.columns = outputs;
        made.operator = Operator::SetOperation {
            operator: set_operator(op),
            inputs: inputs.iter().copied().zip(fed).collect(),
        };
        relation
    }

    pub(super) fn feed(&mut self, columns: &[ColId], name: &str, span: Span) -> Option<ColId> {
        let named = columns.iter().copied().find(|column| {
            !self.is_rest(*column) && self.plan.column(*column).name.eq_ignore_ascii_case(name)
        });
        let rest = columns.iter().copied().find(|column| self.is_rest(*column));
        match (named, rest) {
            (Some(column), _) => Some(column),
            (None, Some(rest)) => Some(self.expand(rest, name, span).unwrap_or(rest)),
            (None, None) => columns.last().copied(),
        }
    }

    /// Lowers DISTINCT to a grouping by all columns.
    pub(super) fn distinct(&mut self, input: RelId, word: &'static str, span: Span) -> RelId {
        let relation = self.add(
            Operator::Aggregate(Aggregate {
                input,
                keys: Vec::new(),
                sets: Vec::new(),
                aggregates: Vec::new(),
                privacy: None,
            }),
            Vec::new(),
            word,
            span,
        );
        let inputs = self.columns_of(input);
        let mut keys = Vec::new();
        for original in self.listed(&inputs) {
            let known = self.plan.column(original).clone();
            let column = match known.rest {
                Some(rest) => {
                    let mut without = rest.without;
                    without.extend(self.names_made_of(original));
                    self.rest(
                        Expansion::GroupedNumber(relation, original),
                        without,
                        known.span,
                    )
                }
                None => self.column(known.name, known.span),
            };
            keys.push(KeyColumn {
                column,
                expr: Expr::column(original, known.span),
            });
        }
        let made = self.plan.relation_mut(relation);
        made.columns = keys.iter().map(|key| key.column).collect();
        if let Operator::Aggregate(aggregate) = &mut made.operator {
            aggregate.keys = keys;
        }
        relation
    }
}
