//! Procedures of the file, and the arguments of their calls.

use std::rc::Rc;

use sqlparser::ast;

use crate::catalog::{TableName, TablePattern};
use crate::syntax::{Places, Procedure};

/// The procedures that a name may refer to at a position in a script.
#[derive(Clone, Default)]
pub(super) struct CallTargets<'a> {
    /// The procedures, each with the places of its text.
    pub(super) procedures: Vec<(&'a Procedure, Rc<Places<'a>>)>,
    /// Whether it may refer to another procedure, which is not visible.
    pub(super) unseen: bool,
}

impl<'a> CallTargets<'a> {
    /// Applies CREATE PROCEDURE, which runs certainly or possibly.
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

/// Returns the name of a procedure, in lower case, as a pattern for comparison.
pub(super) fn routine(name: &str) -> TablePattern {
    TablePattern::of(&TableName::new([name]))
}

/// Returns whether a lower-case name is that of a procedure of BigQuery itself.
///
/// None of these writes rows of a query.
pub(crate) fn is_of_system(name: &str) -> bool {
    name.starts_with("bq.")
}

/// Returns the name of the called procedure, in lower case.
pub(super) fn call_name(call: &ast::Function) -> String {
    call.name.to_string().replace('`', "").to_lowercase()
}

/// Returns the arguments of a call, in the order of the procedure's parameters.
///
/// `None` for a parameter without an argument.
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

/// Iterates over the variables that are arguments of a call, which it may set.
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

/// Returns the variable if an argument is a plain variable.
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
