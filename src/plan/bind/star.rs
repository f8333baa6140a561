//! The columns that a `*` stands for.

use sqlparser::ast;

use super::scope::{ElementFields, Scope};
use super::select::Item;
use super::{Binder, ColId, Expr};
use crate::plan::ExprKind;
use crate::source::Span;

impl Binder<'_> {
    /// Returns the items for a `*` over everything in scope.
    pub(super) fn star_items(&mut self, scope: &Scope, span: Span) -> Vec<Item> {
        let values: Vec<ColId> = scope
            .bare()
            .filter_map(|range| range.element.as_ref())
            .filter(|element| element.fields == ElementFields::Unknown)
            .map(|element| element.column)
            .collect();
        let mut items: Vec<_> = self
            .starred(scope)
            .into_iter()
            .map(|column| {
                let mut item = self.column_item(column, span);
                if values.contains(&column) {
                    // If no field of the value is known, its fields are a rest
                    // column.
                    item.without = Some(Vec::new());
                }
                item
            })
            .collect();
        for range in scope.bare() {
            if let Some(element) = &range.element
                && let ElementFields::Known(fields) = &element.fields
            {
                for field in fields {
                    items.push(Item {
                        name: field.clone(),
                        expr: super::scope::field(Expr::column(element.column, span), field, span),
                        span,
                        named: true,
                        without: None,
                    });
                }
            }
        }
        items
    }

    fn column_item(&mut self, column: ColId, span: Span) -> Item {
        let known = self.plan.column(column).clone();
        let without = known.rest.map(|rest| {
            let mut without = rest.without;
            without.extend(self.names_made_of(column));
            without
        });
        Item {
            name: known.name,
            expr: Expr::column(column, span),
            span,
            named: true,
            without,
        }
    }

    pub(super) fn qualified_star(
        &mut self,
        kind: &ast::SelectItemQualifiedWildcardKind,
        scope: &Scope,
        options: &ast::WildcardAdditionalOptions,
    ) -> (Vec<Item>, Span) {
        let star = self.places.span(options.wildcard_token.0.span);
        match kind {
            ast::SelectItemQualifiedWildcardKind::ObjectName(name) => {
                let path: Vec<_> = name
                    .0
                    .iter()
                    .filter_map(|part| part.as_ident())
                    .map(|ident| (ident.value.as_str(), self.places.span(ident.span)))
                    .collect();
                let span = path
                    .iter()
                    .fold(Span::default(), |span, (_, place)| span.join(*place))
                    .join(star);
                if let [(alias, _)] = path.as_slice()
                    && let Some(range) = scope.ranges.iter().find(|range| range.has_name(alias))
                    && range.element.is_none()
                {
                    let listed = self.listed(&range.columns);
                    let items = listed
                        .into_iter()
                        .map(|column| self.column_item(column, span))
                        .collect();
                    return (items, span);
                }
                let value = self.resolve_path(&path, span);
                (self.fields_of(value, span), span)
            }
            ast::SelectItemQualifiedWildcardKind::Expr(expr) => {
                let value = self.expr(expr);
                let span = value.span.join(star);
                (self.fields_of(value, span), span)
            }
        }
    }

    /// Returns the items for `struct.*`.
    pub(super) fn fields_of(&mut self, value: Expr, span: Span) -> Vec<Item> {
        if let ExprKind::Struct(fields) = value.kind {
            return fields
                .into_iter()
                .map(|(name, expr)| {
                    let without = expr
                        .as_column()
                        .filter(|column| self.is_rest(*column))
                        .map(|column| self.names_made_of(column));
                    Item {
                        name: name.unwrap_or_default(),
                        expr,
                        span,
                        named: true,
                        without,
                    }
                })
                .collect();
        }
        vec![Item {
            name: "*".to_owned(),
            expr: value,
            span,
            named: true,
            without: Some(Vec::new()),
        }]
    }

    /// Applies EXCEPT and REPLACE after a star.
    pub(super) fn star_options(
        &mut self,
        mut items: Vec<Item>,
        options: &ast::WildcardAdditionalOptions,
        span: Span,
    ) -> Vec<Item> {
        let ast::WildcardAdditionalOptions {
            wildcard_token: _,
            opt_ilike,
            opt_exclude,
            opt_except,
            opt_replace,
            opt_rename,
            opt_alias,
        } = options;
        if opt_ilike.is_some()
            || opt_exclude.is_some()
            || opt_rename.is_some()
            || opt_alias.is_some()
        {
            self.unsupported("ILIKE, EXCLUDE, RENAME or an alias after `*`", span);
        }
        if let Some(ast::ExceptSelectItem {
            first_element,
            additional_elements,
        }) = opt_except
        {
            for name in std::iter::once(first_element).chain(additional_elements) {
                take_out(&mut items, &name.value);
            }
        }
        if let Some(ast::ReplaceSelectItem { items: replaced }) = opt_replace {
            for element in replaced {
                let ast::ReplaceSelectElement {
                    expr,
                    column_name,
                    as_keyword: _,
                } = &**element;
                let name = column_name.value.clone();
                let place = self
                    .places
                    .expr(expr)
                    .join(self.places.span(column_name.span));
                let expr = self.expr(expr);
                let item = Item {
                    name: name.clone(),
                    expr,
                    span: place,
                    named: true,
                    without: None,
                };
                match items
                    .iter_mut()
                    .find(|known| known.without.is_none() && known.name.eq_ignore_ascii_case(&name))
                {
                    Some(known) => *known = item,
                    None => {
                        take_out(&mut items, &name);
                        items.push(item);
                    }
                }
            }
        }
        items
    }
}

/// Removes a name from the items of a star.
pub(super) fn take_out(items: &mut Vec<Item>, name: &str) {
    items.retain(|item| item.without.is_some() || !item.name.eq_ignore_ascii_case(name));
    take_out_of_rest(items, name);
}

/// Removes a name from the unknown columns of a star.
pub(super) fn take_out_of_rest(items: &mut [Item], name: &str) {
    for item in items {
        if let Some(without) = &mut item.without {
            without.push(name.to_owned());
        }
    }
}
