//! The content of a table after DELETE, UPDATE and MERGE.
//!
//! It includes the rows that the statement does not change.

use sqlparser::ast;

use super::scope::{Frame, Scope};
use super::script::factor_name;
use super::{Binder, ColId, Expr, Operator, RelId};
use crate::plan::{Case, ExprKind, JoinKind, Literal};
use crate::source::Span;

impl Binder<'_> {
    /// Returns the rows that a DELETE keeps, given the query for those it deletes.
    pub(super) fn kept_rows(&mut self, deleted: &ast::Query, span: Span) -> RelId {
        let ast::SetExpr::Select(select) = &*deleted.body else {
            self.unsupported("DELETE", span);
            return self.opaque(Vec::new(), "a table that DELETE changes", span);
        };
        let (rows, scope) = self.factors(&select.from, span);
        let Some(condition) = &select.selection else {
            return self.limit(rows, "DELETE", span);
        };
        let taken = self.over(&scope, condition);
        let left = if self.is_never_null(&taken, rows) {
            let span = taken.span;
            Expr::new(ExprKind::Not(Box::new(taken)), span)
        } else {
            negated(taken)
        };
        self.filtered(rows, left, "DELETE")
    }

    /// Returns the rows of a table after an UPDATE; `None` if they are not followed.
    pub(super) fn updated_rows(&mut self, update: &ast::Update, span: Span) -> Option<RelId> {
        let (target, into) = self.factor(&update.table.relation);
        let Some(
            ast::UpdateTableFromKind::AfterSet(from) | ast::UpdateTableFromKind::BeforeSet(from),
        ) = &update.from
        else {
            let condition = update
                .selection
                .as_ref()
                .map(|selection| self.over(&into, selection));
            return self.reassigned(target, &into, target, &into, &update.assignments, condition);
        };
        // A row that matches no row of the source keeps its values.
        let (other, others) = self.factor(&update.table.relation);
        let (source, scope) = self.factors(from, span);
        let (matched, both) = self.matched(
            (other, &others),
            (source, &scope),
            update.selection.as_ref(),
        );
        let changed = self.reassigned(other, &others, matched, &both, &update.assignments, None)?;
        // Which rows keep their values depends on the content of the source.
        let (source, scope) = self.factors(from, span);
        let both = together(&into, &scope);
        let kept = match &update.selection {
            Some(selection) => {
                let condition = self.over(&both, selection);
                self.without_matches(target, source, condition, span)
            }
            None => target,
        };
        Some(self.all_of(vec![kept, changed]))
    }

    /// Returns the rows of a table after a MERGE; `None` if they are not followed.
    pub(super) fn merged_rows(&mut self, merge: &ast::Merge, span: Span) -> Option<RelId> {
        let (mut kept, into) = self.factor(&merge.table);
        let names = self.listed_names(kept);
        let mut arms = Vec::new();
        for (at, clause) in merge.clauses.iter().enumerate() {
            let by_source = matches!(clause.clause_kind, ast::MergeClauseKind::NotMatchedBySource);
            match &clause.action {
                ast::MergeAction::Delete { delete_token: _ } if !by_source => {
                    let (source, from) = self.factor(&merge.source);
                    let both = together(&into, &from);
                    let condition = self.when(&both, &merge.on, &merge.clauses, at);
                    kept = self.without_matches(kept, source, condition, span);
                }
                ast::MergeAction::Update(update) if !by_source => {
                    let ast::MergeUpdateKind::Set(assignments) = &update.kind else {
                        return None;
                    };
                    let (other, others) = self.factor(&merge.table);
                    let (source, from) = self.factor(&merge.source);
                    let (matched, both) =
                        self.matched((other, &others), (source, &from), Some(&merge.on));
                    let matched = self.chosen(matched, &both, &merge.clauses, at);
                    arms.push(self.reassigned(
                        other,
                        &others,
                        matched,
                        &both,
                        assignments,
                        None,
                    )?);
                    // Which rows keep their values depends on the content of the
                    // source.
                    let (source, from) = self.factor(&merge.source);
                    let both = together(&into, &from);
                    let condition = self.when(&both, &merge.on, &merge.clauses, at);
                    kept = self.without_matches(kept, source, condition, span);
                }
                ast::MergeAction::Insert(insert) => {
                    let (other, others) = self.factor(&merge.table);
                    let (source, from) = self.factor(&merge.source);
                    let both = together(&others, &from);
                    let condition = self.over(&both, &merge.on);
                    let rows = self.without_matches(source, other, condition, span);
                    let rows = self.chosen(rows, &from, &merge.clauses, at);
                    let rows = self.merge_insert(rows, &from, insert)?;
                    if self
                        .columns_of(rows)
                        .iter()
                        .any(|column| self.is_rest(*column))
                    {
                        return None;
                    }
                    let listed = !insert.columns.is_empty();
                    let names = names.as_ref()?;
                    arms.push(if listed {
                        self.with_defaults_of(rows, names, &merge.table)
                    } else {
                        self.named(rows, names)
                    });
                }
                ast::MergeAction::DoNothing {
                    do_token: _,
                    nothing_token: _,
                } => {}
                // Clauses for rows that match no row of the source.
                ast::MergeAction::Delete { delete_token: _ } | ast::MergeAction::Update(_) => {
                    return None;
                }
            }
        }
        if !arms.is_empty() {
            names?;
        }
        arms.insert(0, kept);
        Some(self.all_of(arms))
    }

    /// Adds the table's defaults for the columns that an INSERT of MERGE omits.
    pub(super) fn with_defaults_of(
        &mut self,
        rows: RelId,
        names: &[String],
        table: &ast::TableFactor,
    ) -> RelId {
        let id = self.environment.node();
        let target = factor_name(table);
        self.with_left_out(rows, names, id, target.as_ref())
    }

    /// Returns the rows of one side that match no row of the other.
    pub(super) fn without_matches(
        &mut self,
        left: RelId,
        right: RelId,
        condition: Expr,
        span: Span,
    ) -> RelId {
        let columns = self.columns_of(left);
        self.add(
            Operator::Join {
                kind: JoinKind::Anti,
                left,
                right,
                condition: Some(condition),
                correlated: false,
                merged: Vec::new(),
            },
            columns,
            "MERGE",
            span,
        )
    }

    /// Returns the condition that a row is matched and that this clause receives it.
    ///
    /// No earlier clause may have received it.
    fn when(
        &mut self,
        scope: &Scope,
        on: &ast::Expr,
        clauses: &[ast::MergeClause],
        at: usize,
    ) -> Expr {
        let mut parts = vec![self.over(scope, on)];
        parts.extend(self.choices(scope, clauses, at));
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let span = parts
            .iter()
            .fold(Span::default(), |span, part| span.join(part.span));
        Expr::new(ExprKind::And(parts), span)
    }

    /// Binds an expression over a scope.
    pub(super) fn over(&mut self, scope: &Scope, expr: &ast::Expr) -> Expr {
        self.frames.push(Frame::of(scope.clone()));
        let bound = self.without_hoist(|binder| binder.expr(expr));
        self.frames.pop();
        bound
    }

    pub(super) fn filtered(&mut self, input: RelId, predicate: Expr, word: &'static str) -> RelId {
        let (columns, span) = (self.columns_of(input), predicate.span);
        self.add(Operator::Filter { input, predicate }, columns, word, span)
    }

    fn all_of(&mut self, arms: Vec<RelId>) -> RelId {
        if let [only] = arms.as_slice() {
            return *only;
        }
        self.combine(ast::SetOperator::Union, ast::SetQuantifier::AllByName, arms)
    }

    /// Returns the names of a relation's columns; `None` if some are unknown.
    fn listed_names(&self, relation: RelId) -> Option<Vec<String>> {
        let columns = self.columns_of(relation);
        if columns.iter().any(|column| self.is_rest(*column)) {
            return None;
        }
        let name = |column| self.plan.column(column).name.clone();
        Some(columns.into_iter().map(name).collect())
    }

    /// Returns all columns of a table after assignments, under a condition.
    ///
    /// `None` if it is unknown which columns are assigned.
    fn reassigned(
        &mut self,
        table: RelId,
        range: &Scope,
        rows: RelId,
        scope: &Scope,
        assignments: &[ast::Assignment],
        condition: Option<Expr>,
    ) -> Option<RelId> {
        let alias = range.ranges.first().and_then(|range| range.alias.clone());
        let mut values: Vec<(String, Expr)> = Vec::new();
        for ast::Assignment { target, value } in assignments {
            let name = assigned_column(target, alias.as_deref())?;
            let place = self.places.expr(value);
            if let Some(range) = range.ranges.first() {
                // The column exists, even if no schema declares it.
                self.column_of(range, name, place);
            }
            let bound = self.over(scope, value);
            values.push((name.to_owned(), bound));
        }
        let columns: Vec<ColId> = self.columns_of(table);
        let columns = self.listed(&columns);
        let always = condition.as_ref().is_none_or(|condition| {
            matches!(condition.kind, ExprKind::Literal(Literal::Bool(true)))
        });
        let mut outputs = Vec::new();
        for column in columns {
            let known = self.plan.column(column).clone();
            let new = values
                .iter()
                .find(|(name, _)| known.rest.is_none() && name.eq_ignore_ascii_case(&known.name));
            let Some((_, new)) = new else {
                outputs.push(self.pass(column, known.span));
                continue;
            };
            let value = match &condition {
                Some(condition) if !always => {
                    let case = Case {
                        branches: vec![(condition.clone(), new.clone())],
                        otherwise: Some(Expr::column(column, known.span)),
                    };
                    Expr::new(ExprKind::Case(Box::new(case)), new.span)
                }
                Some(_) | None => new.clone(),
            };
            outputs.push((self.column(known.name, known.span), value));
        }
        let span = self.plan.relation(rows).origin.span;
        Some(self.project(rows, outputs, "UPDATE", span))
    }
}

/// Returns a condition that is TRUE if the given one is FALSE or NULL.
pub(super) fn negated(condition: Expr) -> Expr {
    let span = condition.span;
    let truth = |value| Expr::new(ExprKind::Literal(Literal::Bool(value)), span);
    let case = Case {
        branches: vec![(condition, truth(false))],
        otherwise: Some(truth(true)),
    };
    Expr::new(ExprKind::Case(Box::new(case)), span)
}

/// Combines the FROM items of two scopes.
pub(super) fn together(one: &Scope, other: &Scope) -> Scope {
    let mut both = one.clone();
    both.ranges.extend(other.ranges.iter().cloned());
    both
}

/// Returns the column that an assignment sets, of a table with this alias.
///
/// `None` if the target is a field of a record.
pub(super) fn assigned_column<'a>(
    target: &'a ast::AssignmentTarget,
    alias: Option<&str>,
) -> Option<&'a str> {
    let ast::AssignmentTarget::ColumnName(name) = target else {
        return None;
    };
    let idents = name.0.iter().filter_map(|part| part.as_ident());
    let parts: Vec<&str> = idents.map(|ident| ident.value.as_str()).collect();
    match parts.as_slice() {
        [name] => Some(name),
        [first, name] if alias.is_some_and(|alias| alias.eq_ignore_ascii_case(first)) => Some(name),
        _ => None,
    }
}
