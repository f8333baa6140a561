//! Function calls: scalar, aggregate, analytic, inlined.

use std::rc::Rc;

use sqlparser::ast;
use sqlparser::ast::FunctionArguments;

use super::super::scope::Frame;
use super::super::script::{FunctionKind, ScriptDefinition};
use super::super::{Binder, ProblemKind};
use super::arguments::{by_position, treatment};
use super::marked;
use crate::plan::functions::{self, FunctionClass};
use crate::plan::{AggregateCall, Case, Expr, ExprKind, Literal, SubqueryKind};
use crate::source::Span;

/// The maximal nesting depth of inlined functions.
pub(super) const INLINE_LIMIT: usize = 16;

impl Binder<'_> {
    /// Creates a call of a built-in, by its name in the function table.
    pub(in crate::plan::bind) fn call_of(
        &mut self,
        name: &str,
        args: Vec<Expr>,
        span: Span,
    ) -> Expr {
        Expr::new(
            ExprKind::Call {
                name: name.to_owned(),
                info: functions::lookup(name),
                args,
            },
            span,
        )
    }

    pub(super) fn function(&mut self, call: &ast::Function, span: Span) -> Expr {
        let name = function_name(&call.name);
        match name.strip_prefix(SAFE) {
            Some(bare) => {
                let value = self.function_called(bare.to_owned(), call, span);
                self.without_failure(bare, value, span)
            }
            None => self.function_called(name, call, span),
        }
    }

    /// Lowers `SAFE.f(…)`, which is NULL if the call would fail.
    fn without_failure(&mut self, name: &str, value: Expr, span: Span) -> Expr {
        if functions::lookup(name).is_some_and(|info| !info.may_fail) {
            return value;
        }
        self.call_of("SAFE CALL", vec![value], span)
    }

    fn function_called(&mut self, name: String, call: &ast::Function, span: Span) -> Expr {
        let ast::Function {
            name: _,
            uses_odbc_syntax,
            parameters,
            args,
            within_group,
            filter,
            null_treatment,
            over,
        } = call;
        if *uses_odbc_syntax
            || !matches!(parameters, FunctionArguments::None)
            || !within_group.is_empty()
        {
            return self.unsupported_expr("a call with two argument lists or WITHIN GROUP", span);
        }
        if let Some(value) = self.written_as_call(&name, args, span) {
            return value;
        }
        if let FunctionArguments::Subquery(query) = args {
            // `ARRAY(SELECT …)`, or another function whose argument is a bare query.
            let kind = if name == "ARRAY" {
                SubqueryKind::Array
            } else {
                SubqueryKind::Scalar
            };
            let value = self.subquery(kind, query, span);
            return if name == "ARRAY" {
                value
            } else {
                self.scalar(&name, vec![value], span)
            };
        }
        // A function of the script takes precedence over a built-in with the same
        // name.
        let own = !matches!(self.environment.function(&name), ScriptDefinition::Outside);
        let info = (!own).then(|| functions::lookup(&name)).flatten();
        let class = info.map(|info| info.class);
        if let Some(clause) = marked::clause_of(args) {
            return self.unsupported_expr(&format!("{clause} inside {name}(…)"), span);
        }
        let aggregate = matches!(class, Some(FunctionClass::Aggregate(_)));
        let analytic = matches!(class, Some(FunctionClass::Analytic(_))) || over.is_some();
        let mut parsed = if (aggregate || analytic) && over.is_none() {
            self.without_hoist(|binder| binder.arguments(&name, args))
        } else {
            self.arguments(&name, args)
        };
        if let Some(condition) = filter {
            parsed.filter = Some(self.expr(condition));
        }
        parsed.nulls = parsed.nulls.or(null_treatment.map(treatment));
        if !(aggregate || analytic) {
            if parsed.star {
                self.unsupported("a `*` as an argument", span);
            }
            return self.scalar(&name, parsed.values, span);
        }
        if own {
            let way = self.way_of_function(FunctionKind::Scalar, &name, span);
            parsed.values.extend(way);
        }
        let call = AggregateCall {
            name,
            info,
            args: parsed.values,
            distinct: parsed.distinct,
            filter: parsed.filter,
            decided_by: parsed.decided_by,
            limit: parsed.limit,
            nulls: parsed.nulls,
            span,
        };
        match over {
            Some(over) => self.window_call(call, over, span),
            None => self.aggregate_call(call, span),
        }
    }

    /// Lowers an aggregate to a column of the SELECT's aggregation.
    pub(in crate::plan::bind) fn aggregate_call(
        &mut self,
        call: AggregateCall,
        span: Span,
    ) -> Expr {
        let column = self.column(String::new(), span);
        let name = call.name.clone();
        let Some(hoist) = self.hoist() else {
            self.problem(
                ProblemKind::Unsupported,
                span,
                format!(
                    "the aggregate {name} is not allowed here, or is nested in another aggregate"
                ),
                "compute it in a subquery or a CTE and use its column here",
            );
            return Expr::unknown("an aggregate in this place", span);
        };
        Expr::column(hoist.aggregate(column, call), span)
    }

    /// Lowers a scalar function: rewritten, inlined, known, or unknown.
    pub(super) fn scalar(&mut self, name: &str, mut args: Vec<Expr>, span: Span) -> Expr {
        if let Some(bare) = name.strip_prefix(SAFE) {
            let value = self.scalar(bare, args, span);
            return self.without_failure(bare, value, span);
        }
        match (name, args.len()) {
            ("IF", 3) => {
                let (otherwise, value) = (args.pop(), args.pop());
                let (Some(value), Some(condition)) = (value, args.pop()) else {
                    return Expr::unknown("IF", span);
                };
                return Expr::new(
                    ExprKind::Case(Box::new(Case {
                        branches: vec![(condition, value)],
                        otherwise,
                    })),
                    span,
                );
            }
            ("STRUCT", _) => {
                let fields = args.into_iter().map(|value| (None, value)).collect();
                return Expr::new(ExprKind::Struct(fields), span);
            }
            ("DATE" | "TIMESTAMP" | "DATETIME", 1) => {
                if let ExprKind::Literal(Literal::String(text)) = &args[0].kind {
                    let literal = Literal::Other(name.to_owned(), text.clone());
                    return Expr::new(ExprKind::Literal(literal), span);
                }
            }
            _ => {}
        }
        let key = name.to_lowercase();
        let (of_script, hidden) = match self.environment.function(&key) {
            ScriptDefinition::Outside => (None, false),
            ScriptDefinition::Hidden => (None, true),
            ScriptDefinition::Seen(function) => (Some(function), false),
        };
        if hidden {
            // Which function is called discloses the data that decided it.
            args.extend(self.way_of_function(FunctionKind::Scalar, &key, span));
            let call = ExprKind::Call {
                name: name.to_owned(),
                info: None,
                args,
            };
            return Expr::new(call, span);
        }
        if of_script.is_none()
            && functions::lookup(name).is_none()
            && let Some(function) = self.routine(&key, span)
            && let Some(args) = by_position(&args, &function.args)
            && let Some(value) = self.inlined_routine(&function, &args, span)
        {
            return value;
        }
        if let Some(function) = of_script
            && let Some(args) = by_position(&args, &function.args)
        {
            if self.inlined >= INLINE_LIMIT {
                return self.unsupported_expr(
                    &format!("{name}, a function nested more than {INLINE_LIMIT} deep,"),
                    span,
                );
            }
            // An argument replaces each mention in the body, so nested functions may
            // grow without bound.
            let size: usize = args.iter().map(Expr::size).sum();
            if self.grows_too_large(size) {
                return self.unsupported_expr(
                    &format!("{name}, whose nested functions grow too large here,"),
                    span,
                );
            }
            self.doubt_other_routines(&key, span);
            self.inlined += 1;
            let names = self.placed_arguments(&function, args, span);
            self.frames.push(Frame {
                names,
                closed: true,
                ..Frame::default()
            });
            let text = std::mem::replace(&mut self.places, Rc::clone(&function.places));
            let mut body = self.without_hoist(|binder| binder.expr(function.body));
            self.places = text;
            self.frames.pop();
            self.inlined -= 1;
            body = self.returned(&function, body, span);
            self.grows_too_large(body.size());
            body.span = span;
            return body;
        }
        self.call_of(name, args, span)
    }

    pub(super) fn lambda(&mut self, lambda: &ast::LambdaFunction, span: Span) -> Expr {
        let ast::LambdaFunction {
            params,
            body,
            syntax: _,
        } = lambda;
        let params: Vec<_> = match params {
            ast::OneOrManyWithParens::One(one) => vec![one.name.value.clone()],
            ast::OneOrManyWithParens::Many(many) => {
                many.iter().map(|param| param.name.value.clone()).collect()
            }
        };
        let mut columns = Vec::new();
        let mut names = Vec::new();
        for name in params {
            let column = self.column(name.clone(), span);
            columns.push(column);
            names.push((name, Expr::column(column, span)));
        }
        self.frames.push(Frame {
            names,
            ..Frame::default()
        });
        let body = self.expr(body);
        self.frames.pop();
        Expr::new(ExprKind::Lambda(columns, Box::new(body)), span)
    }
}

/// The prefix of a function that gives NULL if the function would fail.
pub(super) const SAFE: &str = "SAFE.";

/// Returns a function's name as in the function table.
///
/// It is in upper case, with its parts joined by dots. The prefix `SAFE.` is kept.
pub(in crate::plan::bind) fn function_name(name: &ast::ObjectName) -> String {
    let mut joined = String::new();
    for (at, part) in name.0.iter().enumerate() {
        if at > 0 {
            joined.push('.');
        }
        joined.push_str(match part {
            ast::ObjectNamePart::Identifier(ident) => &ident.value,
            ast::ObjectNamePart::Function(function) => &function.name.value,
        });
    }
    if joined.is_ascii() {
        joined.make_ascii_uppercase();
    } else {
        joined = joined.to_uppercase();
    }
    joined
}
