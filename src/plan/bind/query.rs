//! Queries: WITH, body, ORDER BY, LIMIT, pipe operators.

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::expr::without_parentheses;
use super::scope::{ElementFields, Frame, Scope};
use super::{Binder, Expr, Operator, RelId};
use crate::budget;
use crate::source::Span;

impl Binder<'_> {
    /// Lowers a query with all its clauses.
    pub(super) fn query(&mut self, query: &ast::Query) -> RelId {
        let ast::Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        budget::spend(1);
        let mark = self.ctes.mark();
        let windows = self.windows.len();
        if let Some(with) = with {
            self.with(with);
        }
        if !pipe_operators.is_empty() {
            self.windows.push(Vec::new());
        }
        let (mut relation, mut scope) = if pipe_operators.is_empty() {
            (self.set_expr(body, order_by.as_ref()), Scope::default())
        } else {
            self.pipe_source(body, order_by.as_ref())
        };
        if fetch.is_some() {
            let span = self.places.query(query);
            self.unsupported("FETCH", span);
            relation = self.limit(relation, "LIMIT", span);
        }
        if let Some(clause) = limit_clause {
            let span = self.places.query(query);
            relation = self.limited(relation, clause, span);
        }
        if !locks.is_empty()
            || for_clause.is_some()
            || settings.is_some()
            || format_clause.is_some()
        {
            let span = self.places.query(query);
            self.unsupported("FOR UPDATE, FOR XML, SETTINGS or FORMAT", span);
        }
        for operator in pipe_operators {
            (relation, scope) = self.pipe(relation, scope, operator);
            // Named windows are visible only to the operator that defines them.
            if !super::pipe_call::defines_window(operator)
                && let Some(windows) = self.windows.last_mut()
            {
                windows.clear();
            }
        }
        if !pipe_operators.is_empty() {
            relation = self.visible(relation, &scope);
        }
        self.ctes.reset(mark);
        self.windows.truncate(windows);
        relation
    }

    fn limited(&mut self, input: RelId, clause: &ast::LimitClause, span: Span) -> RelId {
        let (count, skip) = match clause {
            ast::LimitClause::LimitOffset {
                limit,
                offset,
                limit_by,
            } => {
                if !limit_by.is_empty() {
                    self.unsupported("LIMIT … BY", span);
                }
                let skip = offset.as_ref().map(|ast::Offset { value, rows: _ }| value);
                (limit.as_ref(), skip)
            }
            ast::LimitClause::OffsetCommaLimit { offset, limit } => (Some(limit), Some(offset)),
        };
        let count = count.map(|count| self.without_hoist(|binder| binder.expr(count)));
        let skip = skip.map(|skip| self.without_hoist(|binder| binder.expr(skip)));
        self.first_rows(input, count, skip, span)
    }

    /// Adds a LIMIT with OFFSET: a number of rows in the order of the input.
    pub(super) fn first_rows(
        &mut self,
        input: RelId,
        count: Option<Expr>,
        skip: Option<Expr>,
        span: Span,
    ) -> RelId {
        let columns = self.columns_of(input);
        let limit = Operator::Limit { input, count, skip };
        self.add(limit, columns, "LIMIT", span)
    }

    /// Adds a limit that keeps rows which the text does not determine.
    pub(super) fn limit(&mut self, input: RelId, word: &'static str, span: Span) -> RelId {
        let columns = self.columns_of(input);
        let limit = Operator::Limit {
            input,
            count: None,
            skip: None,
        };
        self.add(limit, columns, word, span)
    }

    /// Lowers the body of a query.
    pub(super) fn set_expr(
        &mut self,
        body: &ast::SetExpr,
        order_by: Option<&ast::OrderBy>,
    ) -> RelId {
        match body {
            ast::SetExpr::Select(select) => self.select(select, order_by),
            ast::SetExpr::Query(query) => {
                let relation = self.query(query);
                self.sorted(relation, order_by)
            }
            ast::SetExpr::SetOperation { .. } => {
                let relation = self.set_operation(body);
                self.sorted(relation, order_by)
            }
            ast::SetExpr::Values(values) => {
                let ast::Values {
                    explicit_row: _,
                    value_keyword: _,
                    rows,
                } = values;
                let rows: Vec<Vec<Expr>> = rows
                    .iter()
                    .map(|row| row.content.iter().map(|value| self.expr(value)).collect())
                    .collect();
                let width = rows.first().map_or(0, Vec::len);
                let columns = (0..width)
                    .map(|_| self.column(String::new(), Span::default()))
                    .collect();
                self.add(Operator::Rows(rows), columns, "VALUES", Span::default())
            }
            ast::SetExpr::Table(table) => {
                let ast::Table {
                    table_name,
                    schema_name,
                } = &**table;
                let parts: Vec<_> = [schema_name, table_name].into_iter().flatten().collect();
                let span = parts.iter().fold(Span::default(), |span, part| {
                    span.join(self.places.span(part.span))
                });
                let parts: Vec<_> = parts.iter().map(|part| part.value.as_str()).collect();
                self.table(&parts, None, "TABLE", span)
            }
            ast::SetExpr::Insert(_)
            | ast::SetExpr::Update(_)
            | ast::SetExpr::Delete(_)
            | ast::SetExpr::Merge(_) => {
                self.unsupported("a statement in the place of a query", Span::default());
                self.opaque(
                    Vec::new(),
                    "a statement in the place of a query",
                    Span::default(),
                )
            }
        }
    }

    /// Adds a relation about whose rows nothing is known.
    pub(super) fn opaque(&mut self, inputs: Vec<RelId>, why: &str, span: Span) -> RelId {
        let column = self.rest(super::Expansion::Unknown, Vec::new(), span);
        self.add(
            Operator::Opaque {
                inputs,
                reads: Vec::new(),
                why: why.to_owned(),
            },
            vec![column],
            "FROM",
            span,
        )
    }

    /// Sorts a relation by expressions over its own columns.
    fn sorted(&mut self, input: RelId, order_by: Option<&ast::OrderBy>) -> RelId {
        let Some(order_by) = order_by else {
            return input;
        };
        let columns = self.columns_of(input);
        let scope = self.scope_of_relation(input);
        self.frames.push(Frame::of(scope));
        let by = self.without_hoist(|binder| binder.sort_keys(order_by, &columns));
        self.frames.pop();
        self.sort(input, by)
    }

    pub(super) fn sort(&mut self, input: RelId, by: Vec<Expr>) -> RelId {
        if by.is_empty() {
            return input;
        }
        let span = by
            .iter()
            .fold(Span::default(), |span, key| span.join(key.span));
        let columns = self.columns_of(input);
        self.add(Operator::Sort { input, by }, columns, "ORDER BY", span)
    }

    /// Lowers the keys of ORDER BY; an ordinal refers to an output column.
    pub(super) fn sort_keys(
        &mut self,
        order_by: &ast::OrderBy,
        outputs: &[super::ColId],
    ) -> Vec<Expr> {
        let ast::OrderBy { kind, interpolate } = order_by;
        if interpolate.is_some() {
            self.unsupported("INTERPOLATE", Span::default());
        }
        match kind {
            ast::OrderByKind::All(_) => {
                self.unsupported("ORDER BY ALL", Span::default());
                Vec::new()
            }
            ast::OrderByKind::Expressions(keys) => keys
                .iter()
                .map(|key| {
                    let span = self.places.expr(&key.expr);
                    let bound = match ordinal(&key.expr).and_then(|at| outputs.get(at)) {
                        Some(column) => Expr::column(*column, span),
                        None => self.expr(&key.expr),
                    };
                    self.directed(bound, key)
                })
                .collect(),
        }
    }

    /// Adds the direction to a key of ORDER BY, unless it is a default.
    ///
    /// The defaults are ascending with NULL first, and descending with NULL last.
    pub(super) fn directed(&mut self, key: Expr, by: &ast::OrderByExpr) -> Expr {
        let ast::OrderByExpr {
            expr: _,
            options: ast::OrderByOptions { sort, nulls_first },
            with_fill,
        } = by;
        if with_fill.is_some() {
            return self.unsupported_expr("ORDER BY … WITH FILL", key.span);
        }
        let span = key.span;
        let descending = match sort {
            None | Some(ast::OrderBySort::Asc) => false,
            Some(ast::OrderBySort::Desc) => true,
            Some(ast::OrderBySort::Using(_)) => {
                return self.unsupported_expr("ORDER BY … USING", span);
            }
        };
        let mut key = key;
        if descending {
            key = self.call_of("DESC", vec![key], span);
        }
        match (descending, nulls_first) {
            (true, Some(true)) => self.call_of("NULLS FIRST", vec![key], span),
            (false, Some(false)) => self.call_of("NULLS LAST", vec![key], span),
            (_, None) | (true, Some(false)) | (false, Some(true)) => key,
        }
    }

    /// Projects a relation to its visible columns, unless all of them are visible.
    pub(super) fn visible(&mut self, relation: RelId, scope: &Scope) -> RelId {
        if self.starred(scope) == self.columns_of(relation) {
            return relation;
        }
        let span = self.plan.relation(relation).origin.span;
        let items = self.star_items(scope, span);
        self.project_items(relation, items, span)
    }

    /// Outputs a column again under its own name.
    pub(super) fn pass(&mut self, column: super::ColId, span: Span) -> (super::ColId, Expr) {
        let known = self.plan.column(column).clone();
        let copy = match known.rest {
            Some(rest) => {
                let mut without = rest.without;
                without.extend(self.names_made_of(column));
                self.rest(
                    super::Expansion::Projected(super::UNOWNED, column),
                    without,
                    span,
                )
            }
            None => self.column(known.name, span),
        };
        (copy, Expr::column(column, span))
    }

    /// Returns the columns that `*` lists, in order.
    pub(super) fn starred(&self, scope: &Scope) -> Vec<super::ColId> {
        let mut shown = scope.merged.clone();
        let mut passed: FxHashSet<super::ColId> =
            shown.iter().chain(&scope.hidden).copied().collect();
        for range in scope.bare() {
            for column in self.listed(&range.columns) {
                if passed.insert(column) {
                    shown.push(column);
                }
            }
            if let Some(element) = &range.element
                && !matches!(element.fields, ElementFields::Known(_))
                && !range.columns.contains(&element.column)
            {
                shown.push(element.column);
            }
        }
        shown
    }
}

/// Returns the zero-based position that an ordinal of GROUP BY or ORDER BY means.
pub(super) fn ordinal(expr: &ast::Expr) -> Option<usize> {
    if let ast::Expr::Value(value) = without_parentheses(expr)
        && let ast::Value::Number(text, _) = &value.value
    {
        return text.parse::<usize>().ok()?.checked_sub(1);
    }
    None
}
