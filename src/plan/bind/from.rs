//! FROM: tables, subqueries, table functions.

use std::rc::Rc;

use sqlparser::ast;
use sqlparser::ast::TableFactor;

use super::cte::Cte;
use super::expr::marked;
use super::from_marked::{is_input, opaque_pivot, unnamed};
use super::scope::{Frame, Range, Scope};
use super::script::TableFunction;
use super::{Binder, Expansion, Expr, Operator, RelId};
use crate::catalog::TableName;
use crate::plan::functions::{self, FunctionClass, TableClass};
use crate::plan::{ExprKind, ReadTable};
use crate::source::Span;
use crate::syntax::marker;

impl<'a> Binder<'a> {
    /// Lowers a FROM clause; without one there is a single row of no columns.
    pub(super) fn factors(&mut self, from: &[ast::TableWithJoins], span: Span) -> (RelId, Scope) {
        let mut all: Option<(RelId, Scope)> = None;
        for item in from {
            let ast::TableWithJoins { relation, joins } = item;
            let mut left = self.comma(all.take(), relation);
            for join in joins {
                left = self.join(left, join);
            }
            all = Some(left);
        }
        all.unwrap_or_else(|| {
            let rows = self.add(Operator::Rows(vec![Vec::new()]), Vec::new(), "SELECT", span);
            (rows, Scope::default())
        })
    }

    /// A factor alone, or one after a comma: a cross join, or a correlated one
    /// where it is an array of what stands before.
    fn comma(&mut self, left: Option<(RelId, Scope)>, factor: &TableFactor) -> (RelId, Scope) {
        let Some((left, scope)) = left else {
            return self.factor(factor);
        };
        if let Some(array) = self.array_factor(factor, Some(&scope)) {
            return self.unnest_join((left, scope), array, false);
        }
        let right = self.factor(factor);
        self.cross((left, scope), right, self.plan.relation(left).origin.span)
    }

    /// Lowers a FROM item on its own.
    pub(super) fn factor(&mut self, factor: &TableFactor) -> (RelId, Scope) {
        if let Some(array) = self.array_factor(factor, None) {
            return self.unnest_alone(array);
        }
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_directives,
                inheritance,
            } => {
                let span = self.places.object_name(name);
                if is_input(name)
                    && let Some(piped) = self.piped.take()
                {
                    return piped;
                }
                if !with_hints.is_empty()
                    || *with_ordinality
                    || !partitions.is_empty()
                    || json_path.is_some()
                    || !index_directives.is_empty()
                    || inheritance.is_some()
                {
                    self.unsupported("a table's hint, partition or path", span);
                }
                let parts: Vec<_> = name
                    .0
                    .iter()
                    .filter_map(|part| part.as_ident())
                    .map(|ident| ident.value.as_str())
                    .collect();
                let mut relation = match args {
                    Some(ast::TableFunctionArgs { args, settings: _ }) => {
                        self.table_function(&parts, args, span)
                    }
                    None => self.table(&parts, version.as_ref(), "FROM", span),
                };
                if sample.is_some() {
                    relation = self.limit(relation, "TABLESAMPLE", span);
                }
                let own = parts
                    .last()
                    .and_then(|last| last.rsplit('.').next())
                    .map(str::to_owned);
                self.ranged(relation, alias.as_ref(), own)
            }
            TableFactor::Derived {
                lateral,
                subquery,
                alias,
                sample,
            } => {
                let span = self.places.query(subquery);
                if *lateral {
                    self.unsupported("LATERAL", span);
                }
                let mut relation = self.without_hoist(|binder| binder.query(subquery));
                if sample.is_some() {
                    relation = self.limit(relation, "TABLESAMPLE", span);
                }
                self.ranged(relation, alias.as_ref(), None)
            }
            TableFactor::Function {
                lateral: _,
                name,
                args,
                with_ordinality: _,
                alias,
            } => {
                let span = self.places.object_name(name);
                let parts: Vec<_> = name
                    .0
                    .iter()
                    .filter_map(|part| part.as_ident())
                    .map(|ident| ident.value.as_str())
                    .collect();
                let relation = self.table_function(&parts, args, span);
                self.ranged(relation, alias.as_ref(), None)
            }
            TableFactor::TableFunction { expr, alias } => {
                let span = self.places.expr(expr);
                let value = self.expr(expr);
                self.unsupported("TABLE(…)", span);
                let relation = self.opaque(Vec::new(), "a table function", value.span);
                self.ranged(relation, alias.as_ref(), None)
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias,
            } => {
                let (relation, scope) =
                    self.factors(std::slice::from_ref(&**table_with_joins), Span::default());
                if alias.is_some() {
                    let span = self.plan.relation(relation).origin.span;
                    self.unsupported("an alias for a parenthesized join", span);
                }
                (relation, scope)
            }
            TableFactor::Pivot {
                table,
                aggregate_functions,
                value_column,
                value_source,
                default_on_null: _,
                alias,
            } => {
                let (input, scope) = self.factor(table);
                if let Some(word) = opaque_pivot(aggregate_functions) {
                    let span = value_column
                        .first()
                        .map_or(Span::default(), |place| self.places.expr(place));
                    self.unsupported(&word, span);
                    let relation =
                        self.opaque(vec![input], &format!("{word} is not modelled"), span);
                    return self.ranged(relation, alias.as_ref(), None);
                }
                let relation = self.pivot(
                    input,
                    scope,
                    aggregate_functions,
                    value_column,
                    value_source,
                );
                self.ranged(relation, alias.as_ref(), None)
            }
            TableFactor::Unpivot {
                table,
                value,
                name,
                columns,
                null_inclusion,
                alias,
            } => {
                let (input, scope) = self.factor(table);
                let keep_nulls = matches!(null_inclusion, Some(ast::NullInclusion::IncludeNulls));
                let relation = self.unpivot(input, &scope, value, name, columns, keep_nulls);
                self.ranged(relation, alias.as_ref(), None)
            }
            TableFactor::MatchRecognize { table, alias, .. } => {
                let (input, _) = self.factor(table);
                let span = self.plan.relation(input).origin.span;
                self.unsupported("MATCH_RECOGNIZE", span);
                let relation = self.opaque(vec![input], "MATCH_RECOGNIZE is not modelled", span);
                self.ranged(relation, alias.as_ref(), None)
            }
            TableFactor::UNNEST { .. }
            | TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::UnpivotExpr { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::SemanticView { .. } => {
                self.unsupported("a FROM item that BigQuery does not have", Span::default());
                let relation = self.opaque(
                    Vec::new(),
                    "a FROM item that is not modelled",
                    Span::default(),
                );
                (relation, Scope::default())
            }
        }
    }

    /// One range variable over a relation.
    pub(super) fn ranged(
        &mut self,
        relation: RelId,
        alias: Option<&ast::TableAlias>,
        own: Option<String>,
    ) -> (RelId, Scope) {
        let mut relation = relation;
        if let Some(alias) = alias
            && !alias.columns.is_empty()
        {
            let span = self.plan.relation(relation).origin.span;
            relation = self.reader(relation, span);
            for (column, name) in self.columns_of(relation).into_iter().zip(&alias.columns) {
                self.plan
                    .column_mut(column)
                    .name
                    .clone_from(&name.name.value);
            }
        }
        let range = Range {
            alias: alias.map(|alias| alias.name.value.clone()).or(own),
            columns: self.columns_of(relation),
            element: None,
            behind: false,
        };
        let scope = Scope {
            ranges: vec![range],
            ..Scope::default()
        };
        (relation, scope)
    }

    /// A table by its name: a CTE, a temporary table, or a table of the warehouse.
    pub(super) fn table(
        &mut self,
        parts: &[&str],
        version: Option<&ast::TableVersion>,
        word: &'static str,
        span: Span,
    ) -> RelId {
        if let [name] = parts
            && let Some(relation) = self.named_relation(name, span)
        {
            return relation;
        }
        let table = TableName::new(parts.iter().copied());
        if let Some(made) = self.environment.table(&table) {
            let made = Rc::clone(made);
            return self.made_table(&made, span);
        }
        let as_of = match version {
            None => None,
            Some(ast::TableVersion::ForSystemTimeAsOf(time)) => {
                Some(self.without_hoist(|binder| binder.expr(time)))
            }
            Some(
                ast::TableVersion::TimestampAsOf(_)
                | ast::TableVersion::VersionAsOf(_)
                | ast::TableVersion::Function(_)
                | ast::TableVersion::Changes { .. },
            ) => {
                self.unsupported("this version of a table", span);
                None
            }
        };
        if as_of.is_none()
            && let Some(relation) = self.upstream(&table, span)
        {
            return relation;
        }
        self.scan(table, as_of, word, span)
    }

    /// Binds something that sees no name of the queries around it.
    pub(super) fn apart<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> T {
        let frames = std::mem::take(&mut self.frames);
        let ctes = std::mem::take(&mut self.ctes);
        let result = self.without_hoist(bind);
        self.frames = frames;
        self.ctes = ctes;
        result
    }

    fn scan(
        &mut self,
        name: TableName,
        as_of: Option<Expr>,
        word: &'static str,
        span: Span,
    ) -> RelId {
        let shape = self.catalog.shape(&name).unwrap_or_default();
        let relation = self.add(
            Operator::Scan(ReadTable {
                name,
                columns: Vec::new(),
                rest: None,
                as_of,
            }),
            Vec::new(),
            word,
            span,
        );
        let columns: Vec<_> = shape
            .columns
            .iter()
            .map(|name| (self.column(name.clone(), span), name.clone()))
            .collect();
        let rest = (!shape.complete)
            .then(|| self.rest(Expansion::Scan(relation), shape.columns.clone(), span));
        let made = self.plan.relation_mut(relation);
        made.columns = columns
            .iter()
            .map(|(column, _)| *column)
            .chain(rest)
            .collect();
        if let Operator::Scan(table) = &mut made.operator {
            table.columns = columns;
            table.rest = rest;
        }
        relation
    }

    /// A table function: a model's, or one whose body is not visible.
    pub(super) fn table_function(
        &mut self,
        parts: &[&str],
        args: &[ast::FunctionArg],
        span: Span,
    ) -> RelId {
        self.table_function_of(Vec::new(), parts, args, span)
    }

    /// The same, called on rows: `|> CALL f(…)`.
    pub(super) fn table_function_of(
        &mut self,
        mut inputs: Vec<RelId>,
        parts: &[&str],
        args: &[ast::FunctionArg],
        span: Span,
    ) -> RelId {
        let name = parts.join(".").to_uppercase();
        if name == marker::OPAQUE {
            let word = args
                .first()
                .and_then(unnamed)
                .and_then(marked::text)
                .unwrap_or_default();
            self.unsupported(&word, span);
            return self.opaque(inputs, &format!("{word} is not modelled"), span);
        }
        let mut reads = Vec::new();
        let defined = self
            .environment
            .table_functions
            .get(&parts.join(".").to_lowercase())
            .cloned();
        // A pipe's rows are the first argument.
        let mut given: Vec<Argument> = inputs
            .iter()
            .map(|input| Argument::Relation(Some(*input)))
            .collect();
        for arg in args {
            let arg = match arg {
                ast::FunctionArg::Unnamed(arg)
                | ast::FunctionArg::Named {
                    name: _,
                    arg,
                    operator: _,
                }
                | ast::FunctionArg::ExprNamed {
                    name: _,
                    arg,
                    operator: _,
                } => arg,
            };
            let ast::FunctionArgExpr::Expr(expr) = arg else {
                continue;
            };
            if let Some(table) = self.table_argument(expr) {
                inputs.extend(table);
                given.push(Argument::Relation(table));
                continue;
            }
            let value = self.without_hoist(|binder| binder.expr(expr));
            given.push(Argument::Value(value.clone()));
            if let ExprKind::Subquery(subquery) = value.kind {
                inputs.push(subquery.relation);
            } else {
                reads.push(value);
            }
        }
        if let Some(function) = defined {
            return self.defined_function(&function, given, span);
        }
        let class = functions::lookup(&name).map(|info| info.class);
        let column = self.rest(Expansion::Unknown, Vec::new(), span);
        match class {
            Some(FunctionClass::Table(TableClass::ModelAlone | TableClass::ModelRows)) => self.add(
                Operator::Model {
                    function: name,
                    inputs,
                },
                vec![column],
                "FROM",
                span,
            ),
            Some(_) | None => {
                let why = format!("the table function {name} has no body here");
                self.add(
                    Operator::Opaque { inputs, reads, why },
                    vec![column],
                    "FROM",
                    span,
                )
            }
        }
    }

    /// A table function whose body the script has.
    fn defined_function(
        &mut self,
        function: &TableFunction<'a>,
        given: Vec<Argument>,
        span: Span,
    ) -> RelId {
        if self.inlined >= DEFINED_LIMIT {
            self.unsupported("a table function that calls others too deeply", span);
            return self.opaque(Vec::new(), "a table function calls others too deeply", span);
        }
        self.inlined += 1;
        let text = std::mem::replace(&mut self.places, Rc::clone(&function.places));
        let relation = self.apart(|binder| {
            let mut frame = Frame {
                closed: true,
                ..Frame::default()
            };
            for (name, argument) in function.arguments.iter().zip(given) {
                match argument {
                    Argument::Value(value) => frame.names.push((name.clone(), value)),
                    Argument::Relation(Some(relation)) => {
                        binder.ctes.push(name, Cte::Relation(relation));
                    }
                    Argument::Relation(None) => {}
                }
            }
            binder.frames.push(frame);
            let relation = binder.query(function.query);
            binder.frames.pop();
            relation
        });
        self.places = text;
        self.inlined -= 1;
        self.reader(relation, span)
    }

    /// `TABLE t` and `MODEL m` as arguments: the token pass wrote them as calls.
    /// A model is no relation; a table is one.
    fn table_argument(&mut self, expr: &ast::Expr) -> Option<Option<RelId>> {
        let ast::Expr::Function(call) = expr else {
            return None;
        };
        match super::expr::function_name(&call.name).as_str() {
            marker::TABLE => {}
            // DESCRIPTOR names columns of the tables beside it.
            marker::MODEL | marker::CONNECTION | "DESCRIPTOR" => return Some(None),
            _ => return None,
        }
        let ast::FunctionArguments::List(list) = &call.args else {
            return Some(None);
        };
        let Some(ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr))) = list.args.first()
        else {
            return Some(None);
        };
        let span = self.places.expr(expr);
        let parts: Vec<&str> = if let ast::Expr::Identifier(ident) = expr {
            vec![ident.value.as_str()]
        } else if let ast::Expr::CompoundIdentifier(idents) = expr {
            idents.iter().map(|ident| ident.value.as_str()).collect()
        } else {
            return Some(None);
        };
        Some(Some(self.table(&parts, None, "TABLE", span)))
    }
}

/// How deep table functions are inlined into one another.
const DEFINED_LIMIT: usize = 16;

/// What is given to a table function; a model is no relation.
enum Argument {
    Value(Expr),
    Relation(Option<RelId>),
}
