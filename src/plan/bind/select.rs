//! SELECT: one operator per clause, in the order of evaluation.
//!
//! The order is FROM, WHERE, GROUP BY, HAVING, windows, QUALIFY, the list, DISTINCT,
//! ORDER BY.

use rustc_hash::FxHashMap;
use sqlparser::ast;
use sqlparser::ast::SelectItem;

use super::expr::{inferred_name, without_parentheses};
use super::group::Grouping;
use super::hoist::Hoist;
use super::scope::{Frame, Scope};
use super::{Binder, Expansion, Expr, Operator, RelId, UNOWNED};
use crate::plan::{ExprKind, PrivacyClause};
use crate::source::Span;

/// An item of a SELECT list.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Its name; empty if it has none.
    pub(super) name: String,
    /// Its value.
    pub(super) expr: Expr,
    /// The place where it was written.
    pub(super) span: Span,
    /// Whether the name is an alias that other clauses may use.
    pub(super) named: bool,
    /// Set for a rest column: the names that it does not contain.
    pub(super) without: Option<Vec<String>>,
}

impl Item {
    /// Creates an item with an alias.
    pub(super) fn named(name: String, expr: Expr, span: Span) -> Self {
        Self {
            name,
            expr,
            span,
            named: true,
            without: None,
        }
    }
}

impl Binder<'_> {
    /// Lowers a SELECT and the ORDER BY after it.
    pub(super) fn select(
        &mut self,
        select: &ast::Select,
        order_by: Option<&ast::OrderBy>,
    ) -> RelId {
        let ast::Select {
            select_token: _,
            optimizer_hints: _,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        let span = self.places.select(select);
        if select_modifiers.is_some()
            || top.is_some()
            || exclude.is_some()
            || into.is_some()
            || !lateral_views.is_empty()
            || prewhere.is_some()
            || !connect_by.is_empty()
            || !cluster_by.is_empty()
            || !distribute_by.is_empty()
            || !sort_by.is_empty()
        {
            self.unsupported("a clause of SELECT that BigQuery does not have", span);
        }
        let (mut relation, scope) = self.factors(from, span);
        self.windows.push(named_window.clone());
        self.frames.push(Frame::of(scope.clone()));
        if let Some(condition) = selection {
            relation = self.without_hoist(|binder| binder.filter_by(relation, condition, "WHERE"));
        }
        let mut hoist = Hoist::default();
        let mut items = self.hoisting(&mut hoist, |binder| match flavor {
            ast::SelectFlavor::FromFirstNoSelect => binder.star_items(&scope, span),
            ast::SelectFlavor::Standard | ast::SelectFlavor::FromFirst => {
                binder.items(projection, &scope)
            }
        });
        let grouping = self.grouping(group_by, &items, &mut hoist);
        if let Some(grouping) = &grouping
            && !grouping.starred.is_empty()
        {
            let keys = grouping
                .starred
                .iter()
                .map(|(name, key)| Item::named(name.clone(), key.clone(), key.span));
            let at = items
                .iter()
                .position(|item| item.without.is_some())
                .unwrap_or(0);
            items.splice(at..at, keys);
            items.retain(|item| item.without.is_none());
        }
        let having_span = having.as_ref().map(|having| self.places.expr(having));
        let mut having = self.aliased(&items, &mut hoist, having.as_ref());
        let mut qualify_expr = self.aliased(&items, &mut hoist, qualify.as_ref());
        let mut sort = self.hoisting(&mut hoist, |binder| {
            binder.select_sort_keys(order_by, &items)
        });
        let privacy = self.privacy_clause(span);
        if grouping.is_some()
            || !hoist.aggregates.is_empty()
            || having.is_some()
            || privacy.is_some()
        {
            let mut parts: Vec<&mut Expr> = Vec::new();
            parts.extend(items.iter_mut().map(|item| &mut item.expr));
            parts.extend(&mut having);
            parts.extend(&mut qualify_expr);
            parts.extend(sort.iter_mut().filter_map(|key| key.as_mut().err()));
            relation = self.aggregate(
                relation,
                grouping.unwrap_or_default(),
                &mut hoist,
                parts,
                privacy,
                span,
            );
        }
        if let (Some(predicate), Some(span)) = (having, having_span) {
            relation = self.filter(relation, predicate, "HAVING", span);
        }
        if !hoist.windows.is_empty() {
            let windows = std::mem::take(&mut hoist.windows);
            let mut columns = self.columns_of(relation);
            columns.extend(windows.iter().map(|(column, _)| *column));
            relation = self.add(
                Operator::Window {
                    input: relation,
                    windows,
                },
                columns,
                "OVER",
                span,
            );
        }
        if let (Some(predicate), Some(qualify)) = (qualify_expr, qualify) {
            let span = self.places.expr(qualify);
            relation = self.filter(relation, predicate, "QUALIFY", span);
        }
        self.frames.pop();
        self.windows.pop();
        // AS STRUCT makes a row one value only if the query is used as a value; in a
        // table, its fields are columns.
        let (as_value, distinct_mode) = match value_table_mode {
            Some(ast::ValueTableMode::AsStruct) | None => (false, false),
            Some(ast::ValueTableMode::AsValue) => (true, false),
            Some(ast::ValueTableMode::DistinctAsStruct) => (false, true),
            Some(ast::ValueTableMode::DistinctAsValue) => (true, true),
        };
        relation = self.project_items(relation, items, span);
        if distinct_mode || matches!(distinct, Some(ast::Distinct::Distinct)) {
            relation = self.distinct(relation, "DISTINCT", span);
        }
        if let Some(ast::Distinct::On(_)) = distinct {
            self.unsupported("DISTINCT ON", span);
        }
        let outputs = self.columns_of(relation);
        let mut by = Vec::new();
        for (key, written) in sort.into_iter().zip(sort_keys(order_by)) {
            let key = match key {
                Ok(at) => outputs.get(at).map(|column| Expr::column(*column, span)),
                Err(expr) => Some(expr),
            };
            by.extend(key.map(|key| self.directed(key, written)));
        }
        relation = self.sort(relation, by);
        if as_value {
            relation = self.as_value(relation, span);
        }
        relation
    }

    pub(super) fn filter(
        &mut self,
        input: RelId,
        predicate: Expr,
        word: &'static str,
        span: Span,
    ) -> RelId {
        let columns = self.columns_of(input);
        let predicate = super::condition::plain(predicate);
        self.add(Operator::Filter { input, predicate }, columns, word, span)
    }

    /// Lowers the items of a SELECT list and expands stars.
    pub(super) fn items(&mut self, list: &[SelectItem], scope: &Scope) -> Vec<Item> {
        let mut items = Vec::new();
        for item in list {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let name = inferred_name(expr).unwrap_or_default();
                    items.push(self.item(name.clone(), expr, !name.is_empty(), None));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let span = self.places.span(alias.span);
                    items.push(self.item(alias.value.clone(), expr, true, Some(span)));
                }
                SelectItem::ExprWithAliases { expr, aliases: _ } => {
                    let span = self.places.expr(expr);
                    self.unsupported("an item with several aliases", span);
                }
                SelectItem::QualifiedWildcard(kind, options) => {
                    let (listed, span) = self.qualified_star(kind, scope, options);
                    items.extend(self.star_options(listed, options, span));
                }
                SelectItem::Wildcard(options) => {
                    let span = self.places.span(options.wildcard_token.0.span);
                    let listed = self.star_items(scope, span);
                    items.extend(self.star_options(listed, options, span));
                }
            }
        }
        items
    }

    fn item(&mut self, name: String, expr: &ast::Expr, named: bool, alias: Option<Span>) -> Item {
        let bound = self.expr(expr);
        let span = self.places.expr(expr).join(alias.unwrap_or_default());
        Item {
            name,
            expr: bound,
            span,
            named,
            without: None,
        }
    }

    /// Binds an expression of a clause in which aliases take precedence over
    /// columns.
    fn aliased(
        &mut self,
        items: &[Item],
        hoist: &mut Hoist,
        expr: Option<&ast::Expr>,
    ) -> Option<Expr> {
        let expr = expr?;
        self.frames.push(Frame {
            names: aliases(items),
            ..Frame::default()
        });
        let bound = self.hoisting(hoist, |binder| binder.expr(expr));
        self.frames.pop();
        Some(bound)
    }

    /// Binds the ORDER BY of a SELECT.
    ///
    /// An ordinal or a plain alias is the position of an item (`Ok`); anything else
    /// is an expression below the list (`Err`).
    fn select_sort_keys(
        &mut self,
        order_by: Option<&ast::OrderBy>,
        items: &[Item],
    ) -> Vec<Result<usize, Expr>> {
        if let Some(ast::OrderBy { kind, interpolate }) = order_by
            && (interpolate.is_some() || matches!(kind, ast::OrderByKind::All(_)))
        {
            self.unsupported("ORDER BY ALL or INTERPOLATE", Span::default());
        }
        self.frames.push(Frame {
            names: aliases(items),
            ..Frame::default()
        });
        let bound = sort_keys(order_by)
            .iter()
            .map(|key| match super::query::ordinal(&key.expr) {
                Some(at) => Ok(at),
                None => match aliased_item(&key.expr, items) {
                    Some(at) => Ok(at),
                    None => Err(self.expr(&key.expr)),
                },
            })
            .collect();
        self.frames.pop();
        bound
    }

    /// Adds the projection of a SELECT list.
    pub(super) fn project_items(&mut self, input: RelId, items: Vec<Item>, span: Span) -> RelId {
        let outputs = items
            .into_iter()
            .map(|item| {
                let column = match (item.without, &item.expr.kind) {
                    (Some(without), ExprKind::Column(inner)) if self.is_rest(*inner) => {
                        self.rest(Expansion::Projected(UNOWNED, *inner), without, item.span)
                    }
                    (Some(without), _) => self.rest(
                        Expansion::Struct(UNOWNED, Box::new(item.expr.clone())),
                        without,
                        item.span,
                    ),
                    (None, _) => self.column(item.name, item.span),
                };
                (column, item.expr)
            })
            .collect();
        self.project(input, outputs, "SELECT", span)
    }

    /// Combines the columns of each row into one struct.
    pub(super) fn as_struct(&mut self, input: RelId, span: Span) -> RelId {
        let columns = self.columns_of(input);
        let fields = columns
            .into_iter()
            .map(|column| {
                (
                    Some(self.plan.column(column).name.clone()),
                    Expr::column(column, span),
                )
            })
            .collect();
        let value = self.column(String::new(), span);
        let outputs = vec![(value, Expr::new(ExprKind::Struct(fields), span))];
        self.project(input, outputs, "SELECT AS STRUCT", span)
    }

    /// Lowers SELECT AS VALUE: the fields of the only value become the columns.
    pub(super) fn as_value(&mut self, input: RelId, span: Span) -> RelId {
        let columns = self.columns_of(input);
        let Some(only) = columns.first().copied() else {
            return input;
        };
        let (mut value, mut below) = (Expr::column(only, span), input);
        if let Operator::Project { input, columns } = &self.plan.relation(input).operator
            && let Some((_, made_by)) = columns.iter().find(|(column, _)| *column == only)
            && matches!(made_by.kind, ExprKind::Struct(_))
        {
            (value, below) = (made_by.clone(), *input);
        }
        let items = self.fields_of(value, span);
        self.project_items(below, items, span)
    }

    /// Returns the privacy clause that the token pass removed from this SELECT.
    fn privacy_clause(&mut self, select: Span) -> Option<PrivacyClause> {
        let clause = self.places.clause(select.start)?;
        let (kind, span) = (clause.kind.clone(), clause.span);
        let options = &clause.options;
        let options = options
            .iter()
            .map(|(name, value)| {
                let bound = self.without_hoist(|binder| binder.expr(value));
                (name.to_lowercase(), bound)
            })
            .collect();
        Some(PrivacyClause {
            kind,
            options,
            span,
        })
    }
}

/// Returns the aliases, as names for other clauses.
pub(super) fn aliases(items: &[Item]) -> Vec<(String, Expr)> {
    items
        .iter()
        .filter(|item| item.named && item.without.is_none())
        .map(|item| (item.name.clone(), item.expr.clone()))
        .collect()
}

/// Returns the item that a key of ORDER BY names by its alias.
///
/// Only a bare name can be an alias; a dotted one is a column or a field.
fn aliased_item(key: &ast::Expr, items: &[Item]) -> Option<usize> {
    let ast::Expr::Identifier(name) = without_parentheses(key) else {
        return None;
    };
    super::scope::search(items.len());
    items
        .iter()
        .position(|item| item.named && item.name.eq_ignore_ascii_case(&name.value))
}

/// Returns the keys of ORDER BY as written.
fn sort_keys(order_by: Option<&ast::OrderBy>) -> &[ast::OrderByExpr] {
    match order_by.map(|order_by| &order_by.kind) {
        Some(ast::OrderByKind::Expressions(keys)) => keys,
        Some(ast::OrderByKind::All(_)) | None => &[],
    }
}

impl Default for Grouping {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            sets: Vec::new(),
            starred: Vec::new(),
            word: "SELECT",
            span: Span::default(),
            alike: FxHashMap::default(),
            has_star: None,
        }
    }
}
