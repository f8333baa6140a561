//! Pipe syntax: each operator is lowered like the clause it corresponds to.

use rustc_hash::FxHashSet;
use sqlparser::ast;
use sqlparser::ast::PipeOperator;

use super::by_name;
use super::expr::{inferred_name, without_parentheses};
use super::group::Grouping;
use super::hoist::Hoist;
use super::scope::{Frame, RangeVariable, Scope};
use super::select::Item;
use super::{Binder, ColId, Expr, Operator, RelId};
use crate::budget;
use crate::plan::ExprKind;
use crate::source::Span;

impl Binder<'_> {
    /// Lowers the input of the first pipe operator.
    pub(super) fn pipe_source(
        &mut self,
        body: &ast::SetExpr,
        order_by: Option<&ast::OrderBy>,
    ) -> (RelId, Scope) {
        if let ast::SetExpr::Select(select) = body
            && matches!(select.flavor, ast::SelectFlavor::FromFirstNoSelect)
            && order_by.is_none()
        {
            let span = self.places.select(select);
            return self.factors(&select.from, span);
        }
        let relation = self.set_expr(body, order_by);
        (relation, self.scope_of_relation(relation))
    }

    /// Lowers one pipe operator.
    pub(super) fn pipe(
        &mut self,
        relation: RelId,
        scope: Scope,
        operator: &PipeOperator,
    ) -> (RelId, Scope) {
        let here = self.pipe_span(relation, operator);
        match operator {
            PipeOperator::Limit { expr, offset } => {
                let count = self.without_hoist(|binder| binder.expr(expr));
                let skip = offset
                    .as_ref()
                    .map(|skip| self.without_hoist(|binder| binder.expr(skip)));
                let limited = self.first_rows(relation, Some(count), skip, here);
                (limited, scope)
            }
            // The text does not determine which rows a sample draws.
            PipeOperator::TableSample { sample: _ } => {
                let sampled = self.limit(relation, "TABLESAMPLE", here);
                (sampled, scope)
            }
            PipeOperator::Where { expr } => {
                self.frames.push(Frame::of(scope.clone()));
                let filtered =
                    self.without_hoist(|binder| binder.filter_by(relation, expr, "WHERE"));
                self.frames.pop();
                (filtered, scope)
            }
            PipeOperator::OrderBy { exprs } => {
                self.frames.push(Frame::of(scope.clone()));
                let by = self.without_hoist(|binder| {
                    let mut by = Vec::new();
                    for key in exprs {
                        let bound = binder.expr(&key.expr);
                        by.push(binder.directed(bound, key));
                    }
                    by
                });
                self.frames.pop();
                (self.sort(relation, by), scope)
            }
            PipeOperator::Select { exprs } => {
                let (relation, items) = self.piped_items(relation, &scope, exprs, here);
                let relation = self.project_items(relation, items, here);
                (relation, self.scope_of_relation(relation))
            }
            PipeOperator::Extend { exprs } => {
                let (relation, added) = self.piped_items(relation, &scope, exprs, here);
                let mut items = self.star_items(&scope, here);
                items.extend(added);
                self.rewritten(relation, scope, items, here)
            }
            PipeOperator::Set { assignments } => self.pipe_set(relation, scope, assignments, here),
            PipeOperator::Drop { columns } => {
                let names: Vec<_> = columns.iter().map(|column| column.value.as_str()).collect();
                self.drop_columns(relation, scope, &names, here)
            }
            PipeOperator::Rename { mappings } => self.pipe_rename(relation, scope, mappings, here),
            PipeOperator::As { alias } => {
                let shown = self.visible(relation, &scope);
                let range = RangeVariable {
                    alias: Some(alias.value.clone()),
                    columns: self.columns_of(shown),
                    element: None,
                    behind: false,
                    scan: None,
                };
                let scope = Scope {
                    ranges: vec![range],
                    ..Scope::default()
                };
                (shown, scope)
            }
            PipeOperator::Aggregate {
                full_table_exprs,
                group_by_expr,
            } => self.pipe_aggregate(relation, &scope, full_table_exprs, group_by_expr),
            PipeOperator::Union {
                set_quantifier,
                queries,
            } => self.pipe_set_operation(
                ast::SetOperator::Union,
                *set_quantifier,
                relation,
                &scope,
                queries,
            ),
            PipeOperator::Intersect {
                set_quantifier,
                queries,
            } => self.pipe_set_operation(
                ast::SetOperator::Intersect,
                *set_quantifier,
                relation,
                &scope,
                queries,
            ),
            PipeOperator::Except {
                set_quantifier,
                queries,
            } => self.pipe_set_operation(
                ast::SetOperator::Except,
                *set_quantifier,
                relation,
                &scope,
                queries,
            ),
            PipeOperator::Call { function, alias } => {
                let alias = alias.as_ref().map(|alias| alias.value.clone());
                self.pipe_call((relation, scope), function, alias, here)
            }
            PipeOperator::Pivot {
                aggregate_functions,
                value_column,
                value_source,
                alias,
            } => {
                let columns: Vec<_> = value_column
                    .iter()
                    .cloned()
                    .map(ast::Expr::Identifier)
                    .collect();
                let made = self.pivot(relation, scope, aggregate_functions, &columns, value_source);
                let mut scope = self.scope_of_relation(made);
                for range in &mut scope.ranges {
                    range.alias = alias.as_ref().map(|alias| alias.value.clone());
                }
                (made, scope)
            }
            PipeOperator::Unpivot {
                value_column,
                name_column,
                unpivot_columns,
                alias,
            } => {
                let columns: Vec<_> = unpivot_columns
                    .iter()
                    .map(|column| ast::ExprWithAlias {
                        expr: ast::Expr::Identifier(column.clone()),
                        alias: None,
                    })
                    .collect();
                let value = ast::Expr::Identifier(value_column.clone());
                let made = self.unpivot(relation, &scope, &value, name_column, &columns, false);
                let mut scope = self.scope_of_relation(made);
                for range in &mut scope.ranges {
                    range.alias = alias.as_ref().map(|alias| alias.value.clone());
                }
                (made, scope)
            }
            PipeOperator::Join(join) if super::from_marked::reads_input(&join.relation) => {
                self.piped = Some((relation, scope));
                self.factor(&join.relation)
            }
            PipeOperator::Join(join) => self.join((relation, scope), join),
        }
    }

    /// Binds the items of a pipe operator and adds their analytic calls below them.
    fn piped_items(
        &mut self,
        mut relation: RelId,
        scope: &Scope,
        list: &[ast::SelectItem],
        span: Span,
    ) -> (RelId, Vec<Item>) {
        let mut hoist = Hoist::default();
        self.frames.push(Frame::of(scope.clone()));
        let items = self.hoisting(&mut hoist, |binder| binder.items(list, scope));
        self.frames.pop();
        if let Some((_, call)) = hoist.aggregates.first() {
            let at = call.span;
            self.unsupported("an aggregate outside |> AGGREGATE", at);
        }
        if !hoist.windows.is_empty() {
            let mut columns = self.columns_of(relation);
            columns.extend(hoist.windows.iter().map(|(column, _)| *column));
            relation = self.add(
                Operator::Window {
                    input: relation,
                    windows: hoist.windows,
                },
                columns,
                "OVER",
                span,
            );
        }
        (relation, items)
    }

    /// Replaces the columns that are visible under bare names by `items`.
    ///
    /// The range variables still refer to their own columns.
    pub(super) fn rewritten(
        &mut self,
        relation: RelId,
        mut scope: Scope,
        items: Vec<Item>,
        span: Span,
    ) -> (RelId, Scope) {
        let made = self.project_items(relation, items, span);
        let shown = self.columns_of(made);
        // The earlier columns are visible only through an alias.
        scope.ranges.retain(|range| range.alias.is_some());
        let kept: FxHashSet<ColId> = scope
            .ranges
            .iter()
            .flat_map(|range| {
                range
                    .columns
                    .iter()
                    .chain(range.element.iter().map(|element| &element.column))
            })
            .copied()
            .collect();
        let mut behind = self.columns_of(relation);
        behind.retain(|column| kept.contains(column));
        budget::spend(behind.len());
        self.plan.relation_mut(made).columns.extend(behind);
        for range in &mut scope.ranges {
            range.behind = true;
        }
        scope.merged.clear();
        scope.hidden.clear();
        scope.ranges.push(RangeVariable {
            alias: None,
            columns: shown,
            element: None,
            behind: false,
            scan: None,
        });
        (made, scope)
    }

    /// Lowers `|> RENAME a AS b, b AS a`: all old names refer to the columns before
    /// it.
    fn pipe_rename(
        &mut self,
        relation: RelId,
        scope: Scope,
        mappings: &[ast::IdentWithAlias],
        here: Span,
    ) -> (RelId, Scope) {
        let before = self.star_items(&scope, here);
        let mut items = before.clone();
        // Names that only a rest column may contain become columns of their own.
        let mut others = Vec::new();
        for ast::IdentWithAlias { ident, alias } in mappings {
            let span = self.places.span(ident.span);
            let at = before.iter().position(|item| {
                item.without.is_none() && item.name.eq_ignore_ascii_case(&ident.value)
            });
            match at {
                Some(at) => items[at].name.clone_from(&alias.value),
                None => {
                    self.frames.push(Frame::of(scope.clone()));
                    let expr = self.resolve(&ident.value, span);
                    self.frames.pop();
                    others.push((&ident.value, Item::named(alias.value.clone(), expr, span)));
                }
            }
        }
        for (name, _) in &others {
            super::star::take_out_of_rest(&mut items, name);
        }
        items.extend(others.into_iter().map(|(_, item)| item));
        self.rewritten(relation, scope, items, here)
    }

    fn pipe_set(
        &mut self,
        relation: RelId,
        scope: Scope,
        assignments: &[ast::Assignment],
        here: Span,
    ) -> (RelId, Scope) {
        let mut items = self.star_items(&scope, here);
        let mut hoist = Hoist::default();
        self.frames.push(Frame::of(scope.clone()));
        let mut changes = Vec::new();
        for ast::Assignment { target, value } in assignments {
            let bound = self.hoisting(&mut hoist, |binder| binder.expr(value));
            let span = self.places.expr(value);
            match target {
                ast::AssignmentTarget::ColumnName(name) => match name.0.as_slice() {
                    [ast::ObjectNamePart::Identifier(ident)] => {
                        changes.push(Item::named(ident.value.clone(), bound, span));
                    }
                    _ => self.unsupported("SET of a part of a column", span),
                },
                ast::AssignmentTarget::Tuple(_) => self.unsupported("SET of several columns", span),
            }
        }
        self.frames.pop();
        let mut relation = relation;
        if !hoist.windows.is_empty() {
            let mut columns = self.columns_of(relation);
            columns.extend(hoist.windows.iter().map(|(column, _)| *column));
            relation = self.add(
                Operator::Window {
                    input: relation,
                    windows: hoist.windows,
                },
                columns,
                "OVER",
                here,
            );
        }
        for change in changes {
            let at = items.iter().position(|item| {
                item.without.is_none() && item.name.eq_ignore_ascii_case(&change.name)
            });
            match at {
                Some(at) => items[at] = change,
                None => {
                    super::star::take_out_of_rest(&mut items, &change.name);
                    items.push(change);
                }
            }
        }
        self.rewritten(relation, scope, items, here)
    }

    fn pipe_aggregate(
        &mut self,
        relation: RelId,
        scope: &Scope,
        aggregates: &[ast::ExprWithAliasAndOrderBy],
        group_by: &[ast::ExprWithAliasAndOrderBy],
    ) -> (RelId, Scope) {
        self.frames.push(Frame::of(scope.clone()));
        let mut grouping = Grouping {
            word: "GROUP BY",
            ..Grouping::default()
        };
        let mut items: Vec<Item> = Vec::new();
        let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
        // The columns by which groups are sorted; those of GROUP BY come after the
        // aggregates.
        let mut sorted = Vec::new();
        for ast::ExprWithAliasAndOrderBy { expr, order_by } in group_by {
            let ast::ExprWithAlias { expr, alias } = expr;
            grouping.span = grouping.span.join(self.places.expr(expr));
            let before = grouping.keys.len();
            let alternatives = self.alternatives(expr, &[], &mut grouping);
            let span = grouping.span;
            if !self.combine_sets(&mut sets, &alternatives, span) {
                break;
            }
            let made = self.grouped_items(expr, alias.as_ref(), &alternatives, before, &grouping);
            if is_ordered(order_by) {
                sorted.extend(items.len()..items.len() + made.len());
            }
            items.extend(made);
        }
        if sets.len() > 1 {
            grouping.word = "GROUPING SETS";
            grouping.sets = sets;
        }
        let mut hoist = Hoist::default();
        let mut first = Vec::new();
        for ast::ExprWithAliasAndOrderBy { expr, order_by } in aggregates {
            if is_ordered(order_by) {
                first.push(items.len());
            }
            let ast::ExprWithAlias { expr, alias } = expr;
            let bound = self.hoisting(&mut hoist, |binder| binder.expr(expr));
            let name = match alias {
                Some(alias) => alias.value.clone(),
                None => inferred_name(expr).unwrap_or_default(),
            };
            items.push(Item::named(name, bound, self.places.expr(expr)));
        }
        let span = items
            .iter()
            .fold(Span::default(), |span, item| span.join(item.span));
        let parts = items.iter_mut().map(|item| &mut item.expr).collect();
        let made = self.aggregate(relation, grouping, &mut hoist, parts, None, span);
        self.frames.pop();
        let made = self.project_items(made, items, span);
        let columns = self.columns_of(made);
        let by = first
            .iter()
            .chain(&sorted)
            .filter_map(|at| columns.get(*at));
        let by = by.map(|column| Expr::column(*column, self.plan.column(*column).span));
        let by = by.collect();
        let made = self.sort(made, by);
        (made, self.scope_of_relation(made))
    }

    /// Returns the outputs of one element of GROUP BY.
    ///
    /// A key is output each time that it is written, also if another element is the
    /// same key. Only sets of keys do not output a key of an earlier element again.
    fn grouped_items(
        &self,
        element: &ast::Expr,
        alias: Option<&ast::Ident>,
        sets: &[Vec<usize>],
        before: usize,
        grouping: &Grouping,
    ) -> Vec<Item> {
        let element = without_parentheses(element);
        let name = || {
            alias
                .map(|alias| alias.value.clone())
                .or_else(|| inferred_name(element))
                .unwrap_or_default()
        };
        if super::group::is_sets(element) {
            return grouping.keys[before..]
                .iter()
                .map(|key| Item::named(self.shown_name(key), key.clone(), key.span))
                .collect();
        }
        let mut keys: Vec<Expr> = sets
            .iter()
            .flatten()
            .map(|at| grouping.keys[*at].clone())
            .collect();
        let span = self.places.expr(element);
        let value = match keys.pop() {
            Some(only) if keys.is_empty() && !matches!(element, ast::Expr::Tuple(_)) => only,
            last => {
                let parts = keys.into_iter().chain(last).map(|key| (None, key));
                Expr::new(ExprKind::Struct(parts.collect()), span)
            }
        };
        vec![Item::named(name(), value, span)]
    }

    /// Returns the name of a key inside ROLLUP or similar; empty if it is unknown.
    fn shown_name(&self, key: &Expr) -> String {
        if let ExprKind::Column(column) = key.kind {
            return self.plan.column(column).name.clone();
        }
        if let ExprKind::Field(_, name) = &key.kind {
            return name.clone();
        }
        String::new()
    }

    fn pipe_set_operation(
        &mut self,
        operator: ast::SetOperator,
        quantifier: ast::SetQuantifier,
        relation: RelId,
        scope: &Scope,
        queries: &[ast::Query],
    ) -> (RelId, Scope) {
        let mut inputs = vec![self.visible(relation, scope)];
        let by_name = queries
            .iter()
            .find_map(|query| by_name::written(&query.body))
            .unwrap_or_default();
        for query in queries
            .iter()
            .filter(|query| by_name::written(&query.body).is_none())
        {
            let input = self.without_hoist(|binder| binder.query(query));
            inputs.push(input);
        }
        let made = self.combine_by(operator, quantifier, inputs, &by_name);
        (made, self.scope_of_relation(made))
    }
}

/// Returns whether the groups are sorted by a column.
fn is_ordered(order_by: &ast::OrderByOptions) -> bool {
    order_by.sort.is_some() || order_by.nulls_first.is_some()
}
