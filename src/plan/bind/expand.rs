//! Expansion of unknown columns.
//!
//! A name that may be one of the unknown columns behind a `*` becomes a column of
//! its own, in every relation from the table that is read up to the use.

use super::{Binder, ColId, Column, Expansion};
use crate::plan::{Expr, ExprKind, KeyColumn, Operator};
use crate::source::Span;

impl Binder<'_> {
    /// Creates the column `name` from the unknown columns that `rest` stands for.
    ///
    /// `None` if the name cannot be among them.
    pub(super) fn expand(&mut self, rest: ColId, name: &str, span: Span) -> Option<ColId> {
        let place = (rest, name.to_ascii_lowercase());
        if let Some(known) = self.expanded_names.get(&place) {
            return Some(*known);
        }
        let behind = self.plan.column(rest).rest.as_ref()?;
        if behind
            .without
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
        {
            return None;
        }
        let column = match behind.of.clone() {
            Expansion::Scan(scan) => {
                let column = self.new_column(name, span);
                let relation = self.plan.relation_mut(scan);
                relation.columns.push(column);
                if let Operator::Scan(table) = &mut relation.operator {
                    table.columns.push((column, name.to_owned()));
                }
                column
            }
            Expansion::Projected(owner, inner) => {
                let inner = self.expand(inner, name, span)?;
                self.push_projected(owner, name, Expr::column(inner, span), span)
            }
            Expansion::Struct(owner, value) => {
                let field = Expr::new(ExprKind::Field(value, name.to_owned()), span);
                self.push_projected(owner, name, field, span)
            }
            Expansion::GroupedNumber(owner, inner) => {
                let inner = self.expand(inner, name, span)?;
                let column = self.new_column(name, span);
                let relation = self.plan.relation_mut(owner);
                relation.columns.push(column);
                if let Operator::Aggregate(aggregate) = &mut relation.operator {
                    aggregate.keys.push(KeyColumn {
                        column,
                        expr: Expr::column(inner, span),
                    });
                }
                column
            }
            Expansion::Reader(owner, inner) => {
                let inner = self.expand(inner, name, span)?;
                let column = self.new_column(name, span);
                let relation = self.plan.relation_mut(owner);
                relation.columns.push(column);
                if let Operator::Reader { columns, .. } = &mut relation.operator {
                    columns.push((column, inner));
                }
                column
            }
            Expansion::Set(owner) => self.expand_set(owner, name, span),
            Expansion::Unknown => self.new_column(name, span),
        };
        self.expanded
            .entry(rest)
            .or_default()
            .push((name.to_owned(), column));
        self.expanded_names.insert(place, column);
        Some(column)
    }

    fn new_column(&mut self, name: &str, span: Span) -> ColId {
        self.plan.add_column(Column {
            name: name.to_owned(),
            span,
            rest: None,
        })
    }

    fn push_projected(&mut self, owner: super::RelId, name: &str, expr: Expr, span: Span) -> ColId {
        let column = self.new_column(name, span);
        let relation = self.plan.relation_mut(owner);
        relation.columns.push(column);
        if let Operator::Project { columns, .. } = &mut relation.operator {
            columns.push((column, expr));
        }
        column
    }

    /// Creates the same name in each input of a set operation.
    ///
    /// An input without that name feeds its rest column, or its last column.
    fn expand_set(&mut self, owner: super::RelId, name: &str, span: Span) -> ColId {
        let Operator::SetOperation { inputs, .. } = self.plan.relation(owner).operator.clone()
        else {
            return self.new_column(name, span);
        };
        let mut feeds = Vec::new();
        for (relation, _) in &inputs {
            let columns = self.columns_of(*relation);
            let named = columns.iter().copied().find(|column| {
                !self.is_rest(*column) && self.plan.column(*column).name.eq_ignore_ascii_case(name)
            });
            let rest = columns.iter().copied().find(|column| self.is_rest(*column));
            feeds.push(match (named, rest) {
                (Some(column), _) => Some(column),
                (None, Some(rest)) => Some(self.expand(rest, name, span).unwrap_or(rest)),
                (None, None) => columns.last().copied(),
            });
        }
        let column = self.new_column(name, span);
        let relation = self.plan.relation_mut(owner);
        relation.columns.push(column);
        if let Operator::SetOperation { inputs, .. } = &mut relation.operator {
            for ((_, columns), feed) in inputs.iter_mut().zip(feeds) {
                columns.push(feed);
            }
        }
        column
    }

    /// Returns the columns that `*` lists.
    ///
    /// Each known column is listed; before a rest column come the columns that were
    /// created from it.
    pub(super) fn listed(&self, columns: &[ColId]) -> Vec<ColId> {
        let mut listed = Vec::new();
        for column in columns {
            if self.is_rest(*column) {
                let made = self.expanded.get(column).into_iter().flatten();
                listed.extend(
                    made.map(|(_, made)| *made)
                        .filter(|made| !columns.contains(made)),
                );
            }
            listed.push(*column);
        }
        listed
    }
}
