//! Calls with which the token pass encodes syntax that the parser does not know.

use sqlparser::ast;
use sqlparser::ast::{FunctionArg, FunctionArgExpr, FunctionArguments};

use super::super::Binder;
use super::super::scope::Frame;
use super::function_name;
use crate::plan::functions::{self, FunctionClass};
use crate::plan::{Expr, ExprKind, Literal};
use crate::source::Span;
use crate::syntax::marker;

impl Binder<'_> {
    /// Lowers such a call; `None` for any other call.
    pub(super) fn written_as_call(
        &mut self,
        name: &str,
        args: &FunctionArguments,
        span: Span,
    ) -> Option<Expr> {
        let args = || expressions(args);
        Some(match name {
            marker::LET => self.with_names(args(), span),
            marker::UNMODELLED => {
                let word = args().next().and_then(text).unwrap_or_default();
                self.unsupported_expr(&word, span)
            }
            marker::FORMATTED => {
                let mut values: Vec<Expr> = args().map(|arg| self.expr(arg)).collect();
                // FORMAT takes the format first.
                if values.len() > 1 {
                    values.swap(0, 1);
                }
                self.call_of("FORMAT", values, span)
            }
            marker::ZIP => {
                let values = args().map(|arg| self.expr(arg)).collect();
                self.unsupported("UNNEST of several arrays", span);
                self.call_of("ARRAY_ZIP", values, span)
            }
            marker::MODEL | marker::CONNECTION => Expr::new(
                ExprKind::Literal(Literal::Other(
                    marker::word(name).to_owned(),
                    self.places.slice(span).to_owned(),
                )),
                span,
            ),
            marker::TABLE | marker::OPAQUE => {
                self.unsupported_expr("a table as the argument of a function", span)
            }
            _ => return None,
        })
    }

    /// Binds `WITH(a AS 1, b AS a + 1, a * b)`; each name is visible after it.
    fn with_names<'a>(&mut self, args: impl Iterator<Item = &'a ast::Expr>, span: Span) -> Expr {
        let frames = self.frames.len();
        let mut value = Expr::unknown("WITH(…) without a value", span);
        for arg in args {
            if let ast::Expr::Named { expr, name } = arg {
                let bound = self.expr(expr);
                self.frames.push(Frame {
                    names: vec![(name.value.clone(), bound)],
                    ..Frame::default()
                });
            } else {
                value = self.expr(arg);
            }
        }
        self.frames.truncate(frames);
        value.span = span;
        value
    }

    /// Lowers `(x).f(y)` to `f(x, y)`.
    pub(super) fn chained(&mut self, base: Expr, call: &ast::Function, span: Span) -> Expr {
        let name = function_name(&call.name);
        let class = functions::lookup(&name).map(|info| info.class);
        let aggregate = matches!(
            class,
            Some(FunctionClass::Aggregate(_) | FunctionClass::Analytic(_))
        );
        if aggregate || call.over.is_some() {
            return self.unsupported_expr("an aggregate after a dot", span);
        }
        let mut values = vec![base];
        values.extend(self.arguments_after(1, &name, &call.args).values);
        self.scalar(&name, values, span)
    }
}

/// Iterates over the unnamed arguments of a call.
fn expressions(args: &FunctionArguments) -> impl Iterator<Item = &ast::Expr> {
    let list = match args {
        FunctionArguments::List(list) => list.args.as_slice(),
        FunctionArguments::None | FunctionArguments::Subquery(_) => &[],
    };
    list.iter().filter_map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        FunctionArg::Unnamed(_) | FunctionArg::Named { .. } | FunctionArg::ExprNamed { .. } => None,
    })
}

/// Returns the text of a string literal.
pub(in crate::plan::bind) fn text(expr: &ast::Expr) -> Option<String> {
    if let ast::Expr::Value(value) = expr {
        return value.value.clone().into_string();
    }
    None
}

/// Returns the name and the unnamed arguments of a call.
pub(in crate::plan::bind) fn call(expr: &ast::Expr) -> Option<(String, Vec<&ast::Expr>)> {
    if let ast::Expr::Function(call) = expr {
        return Some((function_name(&call.name), expressions(&call.args).collect()));
    }
    None
}

/// Returns the unnamed arguments of a call.
pub(in crate::plan::bind) fn arguments_of(call: &ast::Function) -> Vec<&ast::Expr> {
    expressions(&call.args).collect()
}

/// Returns whether an argument encodes a clause that the parser does not know.
pub(super) fn is_clause(expr: &ast::Expr) -> bool {
    let ast::Expr::Function(call) = expr else {
        return false;
    };
    let [ast::ObjectNamePart::Identifier(name)] = call.name.0.as_slice() else {
        return false;
    };
    name.value == marker::CLAUSE
}

/// Returns the clause inside an aggregate's parentheses that is not modelled.
pub(super) fn clause_of(args: &FunctionArguments) -> Option<String> {
    expressions(args)
        .filter(|arg| is_clause(arg))
        .filter_map(|arg| text(call(arg)?.1.first()?))
        .find(|clause| clause != "CLAMPED")
}
