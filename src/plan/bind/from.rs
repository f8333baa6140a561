//! FROM: tables, subqueries, table functions.

use sqlparser::ast;
use sqlparser::ast::TableFactor;

use super::from_marked::{is_input, opaque_pivot};
use super::scope::{RangeVariable, Scope};
use super::{Binder, Expansion, Expr, Operator, RelId};
use crate::catalog::TableName;
use crate::plan::{ExprKind, ReadTable};
use crate::source::Span;

impl<'a> Binder<'a> {
    /// Lowers a FROM clause; without one, the input is a single row without columns.
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

    /// Lowers a first FROM item, or one after a comma.
    ///
    /// After a comma it is a cross join, or a correlated unnesting if it is an array
    /// of an item before it.
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
                    Some(ast::TableFunctionArgs { args, settings }) => {
                        if settings.is_some() {
                            self.unsupported("SETTINGS of a table function", span);
                        }
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
                lateral,
                name,
                args,
                with_ordinality,
                alias,
            } => {
                let span = self.places.object_name(name);
                if *lateral || *with_ordinality {
                    self.unsupported("LATERAL or WITH ORDINALITY", span);
                }
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
                default_on_null,
                alias,
            } => {
                let (input, scope) = self.factor(table);
                if default_on_null.is_some() {
                    let span = self.plan.relation(input).origin.span;
                    self.unsupported("DEFAULT ON NULL of PIVOT", span);
                }
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
            TableFactor::MatchRecognize {
                table,
                partition_by: _,
                order_by: _,
                measures: _,
                rows_per_match: _,
                after_match_skip: _,
                pattern: _,
                symbols: _,
                alias,
            } => {
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

    /// Makes a relation one range variable.
    pub(super) fn ranged(
        &mut self,
        relation: RelId,
        alias: Option<&ast::TableAlias>,
        own: Option<String>,
    ) -> (RelId, Scope) {
        let mut relation = relation;
        if let Some(ast::TableAlias {
            explicit: _,
            name: _,
            columns: _,
            at,
        }) = alias
            && at.is_some()
        {
            let span = self.plan.relation(relation).origin.span;
            self.unsupported("AT after an alias", span);
        }
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
        let range = RangeVariable {
            alias: alias.map(|alias| alias.name.value.clone()).or(own),
            columns: self.columns_of(relation),
            element: None,
            behind: false,
            scan: self.as_scan(relation),
        };
        let scope = Scope {
            ranges: vec![range],
            ..Scope::default()
        };
        (relation, scope)
    }

    /// Lowers a table name: a CTE, a table of the script, or a table of the
    /// warehouse.
    pub(super) fn table(
        &mut self,
        parts: &[&str],
        version: Option<&ast::TableVersion>,
        word: &'static str,
        span: Span,
    ) -> RelId {
        // The quoted name of a CTE may contain dots. A CTE hides a table with the
        // same name.
        if version.is_none()
            && let Some(relation) = self.named_relation(&parts.join("."), span)
        {
            return relation;
        }
        let read = self
            .environment
            .table(&TableName::new(parts.iter().copied()));
        // At an earlier time, the table had other rows than those this script
        // writes.
        if !read.is_outside() {
            for stored in self.environment.lasting_tables(&read) {
                self.doubt_other_writers(&stored, span);
            }
            let rows = self.made_table(&read, version.is_some(), span);
            return self.filter_by_version(rows, &read);
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
        let rows = self.warehouse_table(read.name.clone(), as_of, word, span);
        self.filter_by_version(rows, &read)
    }

    /// Lowers a read of all rows that a table has or ever had.
    ///
    /// What makes the table today says nothing about those rows.
    pub(super) fn table_over_time(&mut self, parts: &[&str], span: Span) -> RelId {
        let read = self
            .environment
            .table(&TableName::new(parts.iter().copied()));
        let rows = if read.is_outside() {
            let ever = Expr::new(ExprKind::Variable("any time".to_owned()), span);
            self.warehouse_table(read.name.clone(), Some(ever), "TABLE", span)
        } else {
            self.made_table(&read, true, span)
        };
        self.filter_by_version(rows, &read)
    }

    /// Lowers a table of the warehouse, as another file makes it or as it is
    /// declared.
    pub(super) fn warehouse_table(
        &mut self,
        table: TableName,
        as_of: Option<Expr>,
        word: &'static str,
        span: Span,
    ) -> RelId {
        self.unread_table(&table, span);
        if as_of.is_none()
            && let Some(relation) = self.upstream(&table, span)
        {
            return relation;
        }
        self.scan(table, as_of, word, span)
    }

    /// Binds something to which the names of the enclosing queries are invisible.
    pub(super) fn bind_isolated<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> T {
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
        let inside = self.catalog.fields_inside(&name).into();
        let relation = self.add(
            Operator::Scan(ReadTable {
                name,
                columns: Vec::new(),
                rest: None,
                inside,
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
}
