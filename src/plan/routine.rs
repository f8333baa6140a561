//! Functions with readable bodies that other files define.

use std::sync::Arc;

use sqlparser::ast;

use super::ForeignText;
use crate::catalog::TableName;
use crate::source::SourceText;
use crate::syntax::{Script, Statement, StatementKind};

/// A text that defines persistent functions.
#[derive(Debug)]
pub struct RoutineText {
    /// The text as written.
    pub text: Arc<ForeignText>,
    /// The rendered text.
    pub rendered: SourceText,
    /// The statements of the rendered text.
    pub script: Script,
}

impl RoutineText {
    /// Returns the function with this name: the one that is defined last.
    ///
    /// The name is in lower case, with the dataset if that is known. A qualified and
    /// an unqualified name match if their common last parts are equal.
    pub fn function(&self, name: &str) -> Option<&ast::CreateFunction> {
        let name = TableName::new([name]);
        let mut found: Option<&ast::CreateFunction> = None;
        for function in self.functions() {
            let parts = function.name.0.iter().filter_map(|part| part.as_ident());
            let own = TableName::new(parts.map(|ident| ident.value.as_str()));
            let same = own
                .parts()
                .iter()
                .rev()
                .zip(name.parts().iter().rev())
                .all(|(mine, theirs)| mine.eq_ignore_ascii_case(theirs));
            if same && !(function.if_not_exists && found.is_some()) {
                found = Some(function);
            }
        }
        found
    }

    /// Iterates over the functions that it defines, without temporary ones.
    pub fn functions(&self) -> impl Iterator<Item = &ast::CreateFunction> {
        self.script.statements.iter().filter_map(created)
    }
}

fn created(statement: &Statement) -> Option<&ast::CreateFunction> {
    let StatementKind::Sql(statement) = &statement.kind else {
        return None;
    };
    match &**statement {
        ast::Statement::CreateFunction(function) if !function.temporary => Some(function),
        _ => None,
    }
}

/// Returns the types of a function's arguments, and the type of its result.
pub(super) fn types(
    function: &ast::CreateFunction,
) -> (Vec<&ast::DataType>, Option<&ast::DataType>) {
    let args = function.args.iter().flatten();
    let returns = match &function.return_type {
        Some(
            ast::FunctionReturnType::DataType(returns) | ast::FunctionReturnType::SetOf(returns),
        ) => Some(returns),
        None => None,
    };
    (args.map(|arg| &arg.data_type).collect(), returns)
}

/// Returns a function's argument names and the expression of its body.
///
/// `None` if the body cannot be read (another language, a remote function) or an
/// argument has no name.
pub(super) fn visible(function: &ast::CreateFunction) -> Option<(Vec<String>, &ast::Expr)> {
    let body = match &function.function_body {
        Some(
            ast::CreateFunctionBody::AsBeforeOptions {
                body,
                link_symbol: _,
            }
            | ast::CreateFunctionBody::AsAfterOptions(body),
        ) => body,
        Some(
            ast::CreateFunctionBody::AsBeginEnd(_)
            | ast::CreateFunctionBody::Return(_)
            | ast::CreateFunctionBody::BeginAtomic(_)
            | ast::CreateFunctionBody::AsReturnExpr(_)
            | ast::CreateFunctionBody::AsReturnSelect(_),
        )
        | None => return None,
    };
    if function.language.is_some() || function.remote_connection.is_some() {
        return None;
    }
    let args: Option<Vec<String>> = function
        .args
        .iter()
        .flatten()
        .map(|arg| arg.name.as_ref().map(|name| name.value.clone()))
        .collect();
    Some((args?, body))
}
