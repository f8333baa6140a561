//! `|> CALL`, and pipe operators that the token pass encodes as calls.
//!
//! The parser does not know these operators.

use sqlparser::ast;
use sqlparser::ast::PipeOperator;

use super::cte::Cte;
use super::expr::{function_name, marked};
use super::scope::{Frame, Scope};
use super::{Binder, RelId};
use crate::source::Span;
use crate::syntax::marker;

impl Binder<'_> {
    /// Lowers a call in a pipe.
    pub(super) fn pipe_call(
        &mut self,
        (relation, scope): (RelId, Scope),
        function: &ast::Function,
        alias: Option<String>,
        here: Span,
    ) -> (RelId, Scope) {
        let name = function_name(&function.name);
        let args = marked::arguments_of(function);
        let text = args
            .first()
            .and_then(|text| marked::text(text))
            .unwrap_or_default();
        match name.as_str() {
            marker::PIPE_DISTINCT => {
                let shown = self.visible(relation, &scope);
                let made = self.distinct(shown, "DISTINCT", here);
                (made, self.scope_of_relation(made))
            }
            marker::PIPE_VALUE => {
                let shown = self.visible(relation, &scope);
                let made = self.as_value(shown, here);
                (made, self.scope_of_relation(made))
            }
            marker::PIPE_DROP => {
                let names: Vec<&str> = args.iter().filter_map(|arg| bare_name(arg)).collect();
                self.drop_columns(relation, scope, &names, here)
            }
            marker::PIPE_ASSERT => {
                // The query fails unless the condition holds for every row.
                let Some(condition) = args.first() else {
                    return (relation, scope);
                };
                self.frames.push(Frame::of(scope.clone()));
                let kept =
                    self.without_hoist(|binder| binder.filter_by(relation, condition, "ASSERT"));
                self.frames.pop();
                (kept, scope)
            }
            marker::PIPE_WITH => {
                if let Some(ast::Expr::Subquery(query)) = args.get(1) {
                    let made = self.without_hoist(|binder| binder.query(query));
                    self.ctes.push(&text, Cte::Relation(made));
                }
                (relation, scope)
            }
            marker::PIPE_WINDOWS => {
                let window = args.get(1).and_then(|call| named_window(&text, call));
                if let (Some(window), Some(windows)) = (window, self.windows.last_mut()) {
                    windows.push(window);
                }
                (relation, scope)
            }
            marker::PIPE_OPAQUE => {
                self.unsupported(&format!("|> {text}"), here);
                let shown = self.visible(relation, &scope);
                let made = self.opaque(vec![shown], &format!("|> {text} is not modelled"), here);
                (made, self.scope_of_relation(made))
            }
            marker::DEPTH => {
                let shown = self.visible(relation, &scope);
                let made = match function.name.0.first().and_then(|part| part.as_ident()) {
                    Some(at) => self.with_depth(shown, text, at),
                    None => shown,
                };
                (made, self.scope_of_relation(made))
            }
            _ => {
                let shown = self.visible(relation, &scope);
                let parts: Vec<_> = function
                    .name
                    .0
                    .iter()
                    .filter_map(|part| part.as_ident())
                    .map(|ident| ident.value.as_str())
                    .collect();
                let args = match &function.args {
                    ast::FunctionArguments::List(list) => list.args.as_slice(),
                    ast::FunctionArguments::None | ast::FunctionArguments::Subquery(_) => &[],
                };
                let made = self.table_function_of(vec![shown], &parts, args, here);
                let mut scope = self.scope_of_relation(made);
                for range in &mut scope.ranges {
                    range.alias.clone_from(&alias);
                }
                (made, scope)
            }
        }
    }

    /// Lowers `|> DROP a, b`.
    pub(super) fn drop_columns(
        &mut self,
        relation: RelId,
        scope: Scope,
        names: &[&str],
        here: Span,
    ) -> (RelId, Scope) {
        let mut items = self.star_items(&scope, here);
        for name in names {
            super::star::take_out(&mut items, name);
        }
        self.rewritten(relation, scope, items, here)
    }

    /// Returns the place of a pipe operator, from `|>` to its end.
    ///
    /// If nothing in it has a place, that of its input is returned.
    pub(super) fn pipe_span(&self, relation: RelId, operator: &PipeOperator) -> Span {
        let items = |list: &[ast::SelectItem]| {
            list.iter().fold(Span::default(), |span, item| {
                span.join(self.places.item(item))
            })
        };
        let aggregates = |list: &[ast::ExprWithAliasAndOrderBy]| {
            list.iter().fold(Span::default(), |span, item| {
                span.join(self.places.expr(&item.expr.expr))
            })
        };
        let first = |idents: &[ast::Ident]| {
            idents
                .first()
                .map_or(Span::default(), |ident| self.places.ident(ident))
        };
        let inside = match operator {
            PipeOperator::Limit { expr, offset: _ } | PipeOperator::Where { expr } => {
                self.places.expr(expr)
            }
            PipeOperator::OrderBy { exprs } => exprs
                .first()
                .map_or(Span::default(), |key| self.places.expr(&key.expr)),
            PipeOperator::Select { exprs } | PipeOperator::Extend { exprs } => items(exprs),
            PipeOperator::Set { assignments } => {
                assignments.first().map_or(Span::default(), |assignment| {
                    self.places.expr(&assignment.value)
                })
            }
            PipeOperator::As { alias } => self.places.ident(alias),
            PipeOperator::Drop { columns } => first(columns),
            PipeOperator::Rename { mappings } => mappings
                .first()
                .map_or(Span::default(), |mapping| self.places.ident(&mapping.ident)),
            PipeOperator::Aggregate {
                full_table_exprs,
                group_by_expr,
            } => aggregates(full_table_exprs).join(aggregates(group_by_expr)),
            PipeOperator::Call { function, alias: _ } => self.places.object_name(&function.name),
            PipeOperator::Union {
                set_quantifier: _,
                queries,
            }
            | PipeOperator::Intersect {
                set_quantifier: _,
                queries,
            }
            | PipeOperator::Except {
                set_quantifier: _,
                queries,
            } => queries
                .first()
                .map_or(Span::default(), |query| self.places.parentheses(query)),
            PipeOperator::Pivot {
                aggregate_functions: _,
                value_column,
                value_source: _,
                alias: _,
            } => first(value_column),
            PipeOperator::Unpivot {
                value_column,
                name_column: _,
                unpivot_columns: _,
                alias: _,
            } => self.places.ident(value_column),
            PipeOperator::TableSample { sample: _ } | PipeOperator::Join(_) => Span::default(),
        };
        if inside.is_empty() {
            return self.plan.relation(relation).origin.span;
        }
        self.places.pipe(inside)
    }
}

/// Returns whether a pipe operator only defines a window for the next one.
pub(super) fn defines_window(operator: &PipeOperator) -> bool {
    matches!(
        operator,
        PipeOperator::Call { function, alias: _ }
            if function_name(&function.name) == marker::PIPE_WINDOWS
    )
}

fn bare_name(expr: &ast::Expr) -> Option<&str> {
    if let ast::Expr::Identifier(ident) = expr {
        return Some(&ident.value);
    }
    None
}

/// Returns the definition of the named window that a call encodes.
fn named_window(name: &str, call: &ast::Expr) -> Option<ast::NamedWindowDefinition> {
    let ast::Expr::Function(call) = call else {
        return None;
    };
    let window = match call.over.clone()? {
        ast::WindowType::WindowSpec(spec) => ast::NamedWindowExpr::WindowSpec(spec),
        ast::WindowType::NamedWindow(other) => ast::NamedWindowExpr::NamedWindow(other),
    };
    Some(ast::NamedWindowDefinition(ast::Ident::new(name), window))
}
