//! Arrays in FROM: UNNEST, and correlated paths such as `t, t.events`.

use sqlparser::ast::TableFactor;

use super::scope::{Element, ElementFields, Frame, RangeVariable, Scope};
use super::{Binder, ColId, Expr, Operator, RelId};
use crate::plan::functions::{AggregateClass, FunctionClass};
use crate::plan::{ExprKind, Literal, SubqueryKind};
use crate::source::Span;

/// How many definitions are followed to find the fields of an element.
const DEFINITIONS_LIMIT: usize = 32;

/// An array in FROM.
pub(super) struct ArrayItem {
    array: Expr,
    alias: Option<String>,
    /// The name of the column of WITH OFFSET.
    offset: Option<String>,
    span: Span,
}

impl Binder<'_> {
    /// Binds a FROM item if it is an array.
    ///
    /// It is one if it is UNNEST, or a path that begins with a range variable of
    /// `scope` or of an enclosing query. `None` for any other item.
    pub(super) fn array_factor(
        &mut self,
        factor: &TableFactor,
        scope: Option<&Scope>,
    ) -> Option<ArrayItem> {
        if let TableFactor::UNNEST {
            alias,
            array_exprs,
            with_offset,
            with_offset_alias,
            with_ordinality,
        } = factor
        {
            let mut arrays = self.beside(scope, |binder| {
                array_exprs
                    .iter()
                    .map(|array| binder.expr(array))
                    .collect::<Vec<_>>()
            });
            let span = arrays
                .iter()
                .fold(Span::default(), |span, array| span.join(array.span));
            let array = if arrays.len() == 1 {
                arrays.remove(0)
            } else {
                self.unsupported("UNNEST of several arrays", span);
                self.call_of("ARRAY_ZIP", arrays, span)
            };
            let names = alias.as_ref().map_or(0, |alias| alias.columns.len());
            if *with_ordinality || names > 0 {
                self.unsupported("WITH ORDINALITY or names of columns after UNNEST", span);
            }
            let offset = with_offset.then(|| {
                with_offset_alias
                    .as_ref()
                    .map_or_else(|| "offset".to_owned(), |alias| alias.value.clone())
            });
            return Some(ArrayItem {
                array,
                alias: alias.as_ref().map(|alias| alias.name.value.clone()),
                offset,
                span,
            });
        }
        let TableFactor::Table {
            name,
            alias,
            args: None,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_directives,
            inheritance,
        } = factor
        else {
            return None;
        };
        let path: Vec<_> = name
            .0
            .iter()
            .filter_map(|part| part.as_ident())
            .map(|ident| (ident.value.as_str(), self.places.span(ident.span)))
            .collect();
        let (first, _) = path.first()?;
        if path.len() < 2 || !self.is_range(first, scope) {
            return None;
        }
        let span = self.places.object_name(name);
        if !with_hints.is_empty()
            || version.is_some()
            || *with_ordinality
            || !partitions.is_empty()
            || json_path.is_some()
            || sample.is_some()
            || !index_directives.is_empty()
            || inheritance.is_some()
        {
            self.unsupported("a clause after an array in FROM", span);
        }
        let array = self.beside(scope, |binder| binder.resolve_path(&path, span));
        let own = path.last().map(|(name, _)| (*name).to_owned());
        Some(ArrayItem {
            array,
            alias: alias.as_ref().map(|alias| alias.name.value.clone()).or(own),
            offset: None,
            span,
        })
    }

    /// Returns whether a name is a range variable here or in an enclosing query.
    fn is_range(&self, name: &str, scope: Option<&Scope>) -> bool {
        let has = |scope: &Scope| scope.ranges.iter().any(|range| range.has_name(name));
        if scope.is_some_and(has) {
            return true;
        }
        for frame in self.frames.iter().rev() {
            if has(&frame.scope) {
                return true;
            }
            if frame.closed {
                return false;
            }
        }
        false
    }

    /// Binds an expression that sees the FROM items before it.
    fn beside<T>(&mut self, scope: Option<&Scope>, bind: impl FnOnce(&mut Self) -> T) -> T {
        self.frames
            .push(Frame::of(scope.cloned().unwrap_or_default()));
        let bound = self.without_hoist(bind);
        self.frames.pop();
        bound
    }

    /// Adds one row per element, beside each row of the FROM items before it.
    pub(super) fn unnest_join(
        &mut self,
        (input, mut scope): (RelId, Scope),
        item: ArrayItem,
        outer: bool,
    ) -> (RelId, Scope) {
        let (relation, range) = self.unnest(Some(input), item, outer);
        scope.ranges.push(range);
        (relation, scope)
    }

    /// Adds one row per element.
    pub(super) fn unnest_alone(&mut self, item: ArrayItem) -> (RelId, Scope) {
        let (relation, range) = self.unnest(None, item, false);
        let scope = Scope {
            ranges: vec![range],
            ..Scope::default()
        };
        (relation, scope)
    }

    fn unnest(
        &mut self,
        input: Option<RelId>,
        item: ArrayItem,
        outer: bool,
    ) -> (RelId, RangeVariable) {
        let ArrayItem {
            array,
            alias,
            offset,
            span,
        } = item;
        let fields = self.fields_of_elements(&array, 0);
        let element = self.column(alias.clone().unwrap_or_default(), span);
        let offset = offset.map(|name| self.column(name, span));
        let mut columns: Vec<ColId> = input
            .map(|input| self.columns_of(input))
            .unwrap_or_default();
        columns.push(element);
        columns.extend(offset);
        let relation = self.add(
            Operator::Unnest {
                input,
                array,
                element,
                offset,
                outer,
            },
            columns,
            "UNNEST",
            span,
        );
        let range = RangeVariable {
            alias,
            columns: offset.into_iter().collect(),
            element: Some(Element {
                column: element,
                fields,
            }),
            behind: false,
            scan: None,
        };
        (relation, range)
    }

    /// Returns what is known about the fields of an array's elements.
    fn fields_of_elements(&self, array: &Expr, depth: usize) -> ElementFields {
        if depth > DEFINITIONS_LIMIT {
            return ElementFields::Unknown;
        }
        match &array.kind {
            // Which item names the fields depends on the types of all items.
            ExprKind::Array(items) => {
                let mut known = items
                    .iter()
                    .filter(|item| item.as_literal() != Some(&Literal::Null))
                    .map(|item| self.fields_of_value(item, depth + 1));
                let first = known.next().unwrap_or(ElementFields::Unknown);
                if known.all(|fields| fields == first) {
                    first
                } else {
                    ElementFields::Unknown
                }
            }
            ExprKind::Subquery(subquery) if matches!(subquery.kind, SubqueryKind::Array) => {
                match self.plan.relation(subquery.relation).columns.as_slice() {
                    [only] if !self.is_rest(*only) => self.fields_of_column(*only, depth + 1),
                    _ => ElementFields::Unknown,
                }
            }
            ExprKind::Column(column) => self.fields_of_array_column(*column, depth + 1),
            ExprKind::Call { name, .. }
                if name.starts_with("GENERATE_")
                    || matches!(name.as_str(), "SPLIT" | "REGEXP_EXTRACT_ALL") =>
            {
                ElementFields::None
            }
            ExprKind::Call { .. }
            | ExprKind::Literal(_)
            | ExprKind::Parameter(_)
            | ExprKind::Variable(_)
            | ExprKind::Field(..)
            | ExprKind::Element(..)
            | ExprKind::Struct(_)
            | ExprKind::Case(_)
            | ExprKind::Cast { .. }
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::InList { .. }
            | ExprKind::IsNull(_)
            | ExprKind::Lambda(..)
            | ExprKind::Subquery(_)
            | ExprKind::Either(_)
            | ExprKind::Unknown(_) => ElementFields::Unknown,
        }
    }

    fn fields_of_array_column(&self, column: ColId, depth: usize) -> ElementFields {
        match self.definition(column) {
            Some(Definition::Expr(expr)) => self.fields_of_elements(expr, depth),
            Some(Definition::Copy(original)) if depth < DEFINITIONS_LIMIT => {
                self.fields_of_array_column(original, depth + 1)
            }
            Some(Definition::Collected(element)) => self.fields_of_value(element, depth),
            Some(Definition::Copy(_)) | None => ElementFields::Unknown,
        }
    }

    fn fields_of_column(&self, column: ColId, depth: usize) -> ElementFields {
        match self.definition(column) {
            Some(Definition::Expr(expr)) => self.fields_of_value(expr, depth),
            Some(Definition::Copy(original)) if depth < DEFINITIONS_LIMIT => {
                self.fields_of_column(original, depth + 1)
            }
            Some(Definition::Copy(_) | Definition::Collected(_)) | None => ElementFields::Unknown,
        }
    }

    fn fields_of_value(&self, value: &Expr, depth: usize) -> ElementFields {
        match &value.kind {
            ExprKind::Struct(fields) => {
                let names: Option<Vec<String>> =
                    fields.iter().map(|(name, _)| name.clone()).collect();
                match names {
                    Some(names) if !names.iter().any(|name| name == "*") => {
                        ElementFields::Known(names)
                    }
                    Some(_) | None => ElementFields::Unknown,
                }
            }
            ExprKind::Literal(Literal::Null) => ElementFields::Unknown,
            ExprKind::Literal(_) | ExprKind::Compare(..) | ExprKind::IsNull(_) => {
                ElementFields::None
            }
            ExprKind::Column(column) if depth < DEFINITIONS_LIMIT => {
                self.fields_of_column(*column, depth + 1)
            }
            ExprKind::Column(_)
            | ExprKind::Call { .. }
            | ExprKind::Parameter(_)
            | ExprKind::Variable(_)
            | ExprKind::Field(..)
            | ExprKind::Element(..)
            | ExprKind::Array(_)
            | ExprKind::Case(_)
            | ExprKind::Cast { .. }
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::InList { .. }
            | ExprKind::Lambda(..)
            | ExprKind::Subquery(_)
            | ExprKind::Either(_)
            | ExprKind::Unknown(_) => ElementFields::Unknown,
        }
    }

    /// Returns the definition of a column.
    ///
    /// The search goes backwards, because most often a recent relation defines it.
    fn definition(&self, column: ColId) -> Option<Definition<'_>> {
        self.plan
            .relations_back()
            .find_map(|relation| match &relation.operator {
                Operator::Project { columns, .. } => columns
                    .iter()
                    .find(|(made, _)| *made == column)
                    .map(|(_, expr)| Definition::Expr(expr)),
                Operator::Reader { columns, .. } => columns
                    .iter()
                    .find(|(copy, _)| *copy == column)
                    .map(|(_, original)| Definition::Copy(*original)),
                Operator::Aggregate(aggregate) => aggregate
                    .keys
                    .iter()
                    .find(|key| key.column == column)
                    .map(|key| Definition::Expr(&key.expr))
                    .or_else(|| {
                        let (_, call) = aggregate
                            .aggregates
                            .iter()
                            .find(|(made, _)| *made == column)?;
                        let collects = matches!(
                            call.info.map(|info| info.class),
                            Some(FunctionClass::Aggregate(AggregateClass::Collecting))
                        );
                        collects
                            .then(|| call.args.first().map(Definition::Collected))
                            .flatten()
                    }),
                Operator::Scan(_)
                | Operator::Rows(_)
                | Operator::Filter { .. }
                | Operator::Window { .. }
                | Operator::Join { .. }
                | Operator::Unnest { .. }
                | Operator::SetOperation { .. }
                | Operator::Sort { .. }
                | Operator::Limit { .. }
                | Operator::Recursion { .. }
                | Operator::Loop { .. }
                | Operator::Model { .. }
                | Operator::Opaque { .. } => None,
            })
    }
}

/// The definition of a column.
enum Definition<'a> {
    Expr(&'a Expr),
    Copy(ColId),
    /// An array of this value over a group.
    Collected(&'a Expr),
}
