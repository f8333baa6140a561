//! Procedures of the script and their calls.

use std::rc::Rc;

use sqlparser::ast;

use super::variable::Variable;
use super::{DEPTH_LIMIT, Session};
use crate::plan::bind::{Problem, ProblemKind};
use crate::source::Span;

impl<'a> Session<'a> {
    /// `CALL name(…)`: the statements of the procedure, with its parameters as
    /// variables.
    pub(super) fn call(&mut self, call: &'a ast::Function, span: Span) {
        let name = call.name.to_string().replace('`', "").to_lowercase();
        let known = self.procedures.get(name.as_str()).cloned();
        let body = known
            .as_ref()
            .and_then(|(procedure, _)| procedure.body.as_ref());
        let (Some((procedure, places)), Some(body)) = (&known, body) else {
            return self.not_followed(
                call,
                span,
                "the procedure that is called is not in this file, so the tables that it writes are unknown",
            );
        };
        if self.calls >= DEPTH_LIMIT {
            return self.not_followed(
                call,
                span,
                "procedures call one another too deeply here, so the tables that this writes are unknown",
            );
        }
        let arguments: Vec<&ast::Expr> = arguments(call).collect();
        let mut given = Vec::new();
        for (at, parameter) in procedure.parameters.iter().enumerate() {
            let value = match arguments.get(at) {
                Some(value) => {
                    let mut binder = self.binder();
                    Variable::of_expr(&mut binder, value, &self.environment, &self.places)
                }
                None => Variable::Unknown("is not given by the call"),
            };
            given.push((parameter.name.clone(), Rc::new(value)));
        }
        // The procedure sees its parameters, and no variable of the caller.
        let outer = std::mem::take(&mut self.environment.variables);
        self.environment.variables.extend(given);
        let here = std::mem::replace(&mut self.places, Rc::clone(places));
        self.calls += 1;
        self.run(body);
        self.calls -= 1;
        self.places = here;
        let inner = std::mem::replace(&mut self.environment.variables, outer);
        for (parameter, value) in procedure.parameters.iter().zip(arguments) {
            if let (true, Some(name)) = (parameter.out, variable_name(value))
                && let Some(value) = inner.get(&parameter.name)
            {
                self.environment.variables.insert(name, Rc::clone(value));
            }
        }
    }

    fn not_followed(&mut self, call: &ast::Function, span: Span, message: &str) {
        let problem = Problem {
            kind: ProblemKind::Unsupported,
            span,
            message: message.to_owned(),
            help: "have a data steward read the procedure, or write its statements here".to_owned(),
        };
        self.unassessed("call", None, vec![problem], span);
        self.lose_track("may be written by a procedure that is not seen");
        for name in named_arguments(call) {
            self.environment.variables.insert(
                name,
                Rc::new(Variable::Unknown(
                    "may get a value from a procedure that is not seen",
                )),
            );
        }
    }
}

fn arguments(call: &ast::Function) -> impl Iterator<Item = &ast::Expr> {
    let list = if let ast::FunctionArguments::List(list) = &call.args {
        list.args.as_slice()
    } else {
        &[]
    };
    list.iter().filter_map(|argument| {
        if let ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(value)) = argument {
            Some(value)
        } else {
            None
        }
    })
}

/// The variables that stand as arguments of a call: it may set them.
pub(super) fn named_arguments(call: &ast::Function) -> impl Iterator<Item = String> {
    arguments(call).filter_map(variable_name)
}

fn variable_name(value: &ast::Expr) -> Option<String> {
    if let ast::Expr::Identifier(name) = value {
        return Some(name.value.to_lowercase());
    }
    None
}
