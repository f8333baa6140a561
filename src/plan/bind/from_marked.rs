//! FROM items that encode other syntax, as the token pass writes them.

use sqlparser::ast;
use sqlparser::ast::TableFactor;

use super::expr::{function_name, marked};
use crate::syntax::marker;

/// Returns whether a FROM item is the input of a pipe operator.
pub(super) fn is_input(name: &ast::ObjectName) -> bool {
    matches!(name.0.as_slice(), [part]
        if part.as_ident().is_some_and(|ident| ident.value == marker::INPUT))
}

/// Returns whether a FROM item reads the input of a pipe operator.
pub(super) fn reads_input(factor: &TableFactor) -> bool {
    match factor {
        TableFactor::Table {
            name,
            alias: _,
            args: _,
            with_hints: _,
            version: _,
            with_ordinality: _,
            partitions: _,
            json_path: _,
            sample: _,
            index_directives: _,
            inheritance: _,
        } => is_input(name),
        TableFactor::Pivot {
            table,
            aggregate_functions: _,
            value_column: _,
            value_source: _,
            default_on_null: _,
            alias: _,
        } => reads_input(table),
        TableFactor::Unpivot {
            table,
            value: _,
            name: _,
            columns: _,
            null_inclusion: _,
            alias: _,
        } => reads_input(table),
        TableFactor::MatchRecognize {
            table,
            partition_by: _,
            order_by: _,
            measures: _,
            rows_per_match: _,
            after_match_skip: _,
            pattern: _,
            symbols: _,
            alias: _,
        } => reads_input(table),
        TableFactor::Derived { .. }
        | TableFactor::Function { .. }
        | TableFactor::TableFunction { .. }
        | TableFactor::NestedJoin { .. }
        | TableFactor::UNNEST { .. }
        | TableFactor::JsonTable { .. }
        | TableFactor::OpenJsonTable { .. }
        | TableFactor::UnpivotExpr { .. }
        | TableFactor::XmlTable { .. }
        | TableFactor::SemanticView { .. } => false,
    }
}

/// Returns the keyword of an operator that the token pass encoded as PIVOT.
pub(super) fn opaque_pivot(aggregates: &[ast::ExprWithAlias]) -> Option<String> {
    let [
        ast::ExprWithAlias {
            expr: ast::Expr::Function(call),
            alias: None,
        },
    ] = aggregates
    else {
        return None;
    };
    let word = marked::arguments_of(call)
        .first()
        .and_then(|word| marked::text(word))?;
    (function_name(&call.name) == marker::OPAQUE).then_some(word)
}

/// Returns the expression of an unnamed argument.
pub(super) fn unnamed(arg: &ast::FunctionArg) -> Option<&ast::Expr> {
    match arg {
        ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => Some(expr),
        ast::FunctionArg::Unnamed(_)
        | ast::FunctionArg::Named { .. }
        | ast::FunctionArg::ExprNamed { .. } => None,
    }
}
