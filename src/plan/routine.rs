//! Functions that other files define, with bodies that can be read.

use std::sync::Arc;

use sqlparser::ast;

use super::Foreign;
use crate::source::SourceText;
use crate::syntax::{Script, Statement, StatementKind};

/// A text that defines persistent functions.
#[derive(Debug)]
pub struct Routines {
    /// The text as written.
    pub text: Arc<Foreign>,
    /// The same as rendered.
    pub rendered: SourceText,
    /// Its statements.
    pub script: Script,
}

impl Routines {
    /// The functions of SQL that it defines, temporary ones left out.
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

/// A function's arguments and the expression that it is; `None` where that can't be
/// read (another language, a remote function) or its arguments have no names.
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
