//! Procedures of the file, and what a call gives them.

use std::rc::Rc;

use sqlparser::ast;

use crate::catalog::{TableName, TablePattern};
use crate::syntax::{Places, Procedure};

/// What a name may call at a place of a script.
#[derive(Clone, Default)]
pub(super) struct Callable<'a> {
    /// Procedures, each with the text that it stands in.
    pub(super) procedures: Vec<(&'a Procedure, Rc<Places<'a>>)>,
    /// Whether it may call another one, which is not seen.
    pub(super) unseen: bool,
}

impl<'a> Callable<'a> {
    /// CREATE PROCEDURE runs, surely or perhaps.
    pub(super) fn define(
        &mut self,
        procedure: &'a Procedure,
        places: &Rc<Places<'a>>,
        surely: bool,
    ) {
        if surely && !procedure.keeps {
            self.procedures.clear();
            self.unseen = false;
        } else if self.procedures.is_empty() {
            self.unseen = true;
        }
        let known = |(known, _): &(&Procedure, _)| std::ptr::eq(*known, procedure);
        if !self.procedures.iter().any(known) {
            self.procedures.push((procedure, Rc::clone(places)));
        }
    }
}

/// The name of a procedure, in lower case, as it is compared with others.
pub(super) fn routine(name: &str) -> TablePattern {
    TablePattern::of(&TableName::new([name]))
}

/// Whether a procedure, by its name in lower case, is one that BigQuery itself has.
/// None writes rows of a query.
pub(crate) fn is_of_system(name: &str) -> bool {
    name.starts_with("bq.")
}

/// The name that a call has, lower case.
pub(super) fn call_name(call: &ast::Function) -> String {
    call.name.to_string().replace('`', "").to_lowercase()
}

/// The values that a call gives to the parameters of a procedure, in their
/// order; `None` where it gives none.
pub(super) fn arguments<'a>(
    call: &'a ast::Function,
    procedure: &Procedure,
) -> Vec<Option<&'a ast::Expr>> {
    let mut given = vec![None; procedure.parameters.len()];
    for (at, argument) in list(call).iter().enumerate() {
        match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(value)) => {
                if let Some(place) = given.get_mut(at) {
                    *place = Some(value);
                }
            }
            ast::FunctionArg::Named {
                name,
                arg: ast::FunctionArgExpr::Expr(value),
                operator: _,
            } => {
                let is_it = |parameter: &crate::syntax::Parameter| {
                    parameter.name.eq_ignore_ascii_case(&name.value)
                };
                if let Some(at) = procedure.parameters.iter().position(is_it) {
                    given[at] = Some(value);
                }
            }
            ast::FunctionArg::Unnamed(_)
            | ast::FunctionArg::Named { .. }
            | ast::FunctionArg::ExprNamed { .. } => {}
        }
    }
    given
}

/// The variables that stand as arguments of a call: it may set them.
pub(super) fn named_arguments(call: &ast::Function) -> impl Iterator<Item = &str> {
    list(call).iter().filter_map(|argument| match argument {
        ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(value))
        | ast::FunctionArg::Named {
            arg: ast::FunctionArgExpr::Expr(value),
            ..
        } => variable_name(value),
        ast::FunctionArg::Unnamed(_)
        | ast::FunctionArg::Named { .. }
        | ast::FunctionArg::ExprNamed { .. } => None,
    })
}

/// The variable that an argument is.
pub(super) fn variable_name(value: &ast::Expr) -> Option<&str> {
    if let ast::Expr::Identifier(name) = value {
        return Some(&name.value);
    }
    None
}

fn list(call: &ast::Function) -> &[ast::FunctionArg] {
    if let ast::FunctionArguments::List(list) = &call.args {
        &list.args
    } else {
        &[]
    }
}
