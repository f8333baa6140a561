//! What a DELETE compares in a table that another file fills.
//!
//! It is a syntactic list of columns; what they are is known where the table is
//! read.

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::graph::{Graph, NodeId};
use super::rewriting::Rewrite;
use crate::plan::bind::{Binder, RelId};
use crate::plan::{Comparison, Expr, ExprKind};
use crate::source::Span;

/// A column that the condition of a DELETE compares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ComparedColumn {
    /// Its name in lower case, or a word that may be a name.
    pub column: String,
    /// Whether only rows are deleted in which its value is too small.
    pub from_below: bool,
}

impl Graph<'_> {
    /// Returns what the DELETE of a node compares.
    pub(super) fn compared(&self, id: NodeId) -> Vec<ComparedColumn> {
        let mut found = Vec::new();
        if let Some(Rewrite::Deleted(query)) = self.rewrite(id)
            && let ast::SetExpr::Select(select) = &*query.body
            && let Some(condition) = &select.selection
        {
            compares(condition, &mut found);
        }
        found.sort();
        found.dedup();
        found
    }
}

/// Collects the columns of a condition, for each conjunct and disjunct.
fn compares(condition: &ast::Expr, found: &mut Vec<ComparedColumn>) {
    let mut open = vec![condition];
    while let Some(condition) = open.pop() {
        if let ast::Expr::Nested(inner) = condition {
            open.push(inner);
        } else if let ast::Expr::BinaryOp {
            left,
            op: ast::BinaryOperator::And | ast::BinaryOperator::Or,
            right,
        } = condition
        {
            open.extend([&**left, &**right]);
        } else if let ast::Expr::BinaryOp {
            left,
            op: ast::BinaryOperator::Lt | ast::BinaryOperator::LtEq,
            right,
        } = condition
            && let Some(column) = last_part(left)
        {
            found.push(ComparedColumn {
                column,
                from_below: true,
            });
            words(right, found);
        } else {
            words(condition, found);
        }
    }
}

/// Returns the name of a plain column reference.
fn last_part(expr: &ast::Expr) -> Option<String> {
    let word = if let ast::Expr::Identifier(word) = expr {
        word
    } else if let ast::Expr::CompoundIdentifier(parts) = expr {
        parts.last()?
    } else {
        return None;
    };
    Some(word.value.to_lowercase())
}

/// Collects all words of an expression, each of which may be the name of a column.
fn words(expr: &ast::Expr, found: &mut Vec<ComparedColumn>) {
    let text = expr.to_string().to_lowercase();
    // Text in quotes is a constant.
    let outside = text.split(['\'', '"']).step_by(2);
    let words =
        outside.flat_map(|part| part.split(|sign: char| !sign.is_alphanumeric() && sign != '_'));
    found.extend(
        words
            .filter(|word| !word.is_empty())
            .map(|word| ComparedColumn {
                column: word.to_owned(),
                from_below: false,
            }),
    );
}

impl Binder<'_> {
    /// Makes rows depend on their columns that a DELETE in another file compares.
    ///
    /// The conditions prove nothing about the rows that remain.
    pub(in crate::plan::bind) fn filter_by_other_files(
        &mut self,
        mut rows: RelId,
        compared: &[ComparedColumn],
        span: Span,
    ) -> RelId {
        let mut seen = FxHashSet::default();
        for ComparedColumn { column, from_below } in compared {
            let columns = self.columns_of(rows).into_iter();
            let mut named = columns.filter(|id| {
                let name = &self.plan.column(*id).name;
                name.eq_ignore_ascii_case(column)
            });
            let Some(id) = named.next().filter(|_| seen.insert((column, from_below))) else {
                continue;
            };
            let fixed = |what: &str| {
                let name = format!("{what} of what deletes by {column} at {}", span.start);
                Expr::new(ExprKind::Variable(name), span)
            };
            let comparison = if *from_below {
                Comparison::GtEq
            } else {
                Comparison::Eq
            };
            let column = Box::new(Expr::column(id, span));
            let bound = Box::new(fixed("the number"));
            let kept = Expr::new(ExprKind::Compare(comparison, column, bound), span);
            let whether = ExprKind::Or(vec![kept, fixed("another condition")]);
            rows = self.filtered(rows, Expr::new(whether, span), "DELETE");
        }
        rows
    }
}
