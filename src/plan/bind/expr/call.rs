//! Function calls: scalar, aggregate, analytic, inlined.

use sqlparser::ast;
use sqlparser::ast::{FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments};

use super::super::scope::Frame;
use super::super::{Binder, ProblemKind};
use super::{date_part, marked};
use crate::plan::functions::{self, FunctionClass};
use crate::plan::{AggregateCall, Case, Expr, ExprKind, Literal, SubqueryKind};
use crate::source::Span;

/// How deep functions with visible bodies are inlined into one another.
pub(super) const INLINE_LIMIT: usize = 16;

/// What a call's parentheses hold, apart.
#[derive(Default)]
pub(in crate::plan::bind) struct Arguments {
    pub(in crate::plan::bind) values: Vec<Expr>,
    pub(in crate::plan::bind) star: bool,
    pub(in crate::plan::bind) distinct: bool,
    pub(in crate::plan::bind) filter: Option<Expr>,
    pub(in crate::plan::bind) decided_by: Vec<Expr>,
    pub(in crate::plan::bind) limit: Option<Expr>,
    pub(in crate::plan::bind) ignore_nulls: bool,
}

impl Binder<'_> {
    /// A call of a built-in by its name in the table of functions.
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
        let ast::Function {
            name,
            uses_odbc_syntax: _,
            parameters,
            args,
            within_group,
            filter,
            null_treatment,
            over,
        } = call;
        if !matches!(parameters, FunctionArguments::None) || !within_group.is_empty() {
            self.unsupported("a call with two argument lists or WITHIN GROUP", span);
        }
        let name = function_name(name);
        if let Some(value) = self.written_as_call(&name, args, span) {
            return value;
        }
        if let FunctionArguments::Subquery(query) = args {
            // `ARRAY(SELECT …)` and any function given a bare query.
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
        // A function of the script goes before a built-in one of its name.
        let scripted = &self.environment.functions;
        let own = !scripted.is_empty() && scripted.contains_key(&name.to_lowercase());
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
        parsed.ignore_nulls |= matches!(null_treatment, Some(ast::NullTreatment::IgnoreNulls));
        if !(aggregate || analytic) {
            if parsed.star {
                self.unsupported("a `*` as an argument", span);
            }
            return self.scalar(&name, parsed.values, span);
        }
        let call = AggregateCall {
            name,
            info,
            args: parsed.values,
            distinct: parsed.distinct,
            filter: parsed.filter,
            decided_by: parsed.decided_by,
            limit: parsed.limit,
            ignore_nulls: parsed.ignore_nulls,
            span,
        };
        match over {
            Some(over) => self.window_call(call, over, span),
            None => self.aggregate_call(call, span),
        }
    }

    /// An aggregate becomes a column of the SELECT's aggregation.
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
                format!("the aggregate {name} stands where none may stand, or inside another one"),
                "compute it in a subquery or a CTE and use its column here",
            );
            return Expr::unknown("an aggregate in this place", span);
        };
        Expr::column(hoist.aggregate(column, call), span)
    }

    pub(super) fn arguments(&mut self, name: &str, args: &FunctionArguments) -> Arguments {
        self.arguments_after(0, name, args)
    }

    /// The arguments of a call that has some before its parentheses.
    pub(super) fn arguments_after(
        &mut self,
        before: usize,
        name: &str,
        args: &FunctionArguments,
    ) -> Arguments {
        let mut parsed = Arguments::default();
        let list = match args {
            FunctionArguments::List(list) => list,
            FunctionArguments::None | FunctionArguments::Subquery(_) => return parsed,
        };
        let ast::FunctionArgumentList {
            duplicate_treatment,
            args,
            clauses,
        } = list;
        parsed.distinct = matches!(duplicate_treatment, Some(ast::DuplicateTreatment::Distinct));
        for (at, arg) in args.iter().enumerate() {
            let arg = match arg {
                FunctionArg::Unnamed(arg)
                | FunctionArg::Named {
                    name: _,
                    arg,
                    operator: _,
                } => arg,
                FunctionArg::ExprNamed {
                    name,
                    arg,
                    operator: _,
                } => {
                    self.expr(name);
                    arg
                }
            };
            match arg {
                // Which values a noisy aggregate clamps tells nothing of the rows.
                FunctionArgExpr::Expr(expr) if marked::is_clause(expr) => {}
                FunctionArgExpr::Expr(expr) => {
                    let value = self
                        .part_argument(name, before + at, expr)
                        .unwrap_or_else(|| self.expr(expr));
                    parsed.values.push(value);
                }
                FunctionArgExpr::Wildcard => parsed.star = true,
                FunctionArgExpr::QualifiedWildcard(_) | FunctionArgExpr::WildcardWithOptions(_) => {
                    parsed.star = true;
                    self.unsupported("a qualified `*` as an argument", Span::default());
                }
            }
        }
        for clause in clauses {
            match clause {
                FunctionArgumentClause::IgnoreOrRespectNulls(treatment) => {
                    parsed.ignore_nulls = matches!(treatment, ast::NullTreatment::IgnoreNulls);
                }
                FunctionArgumentClause::Where(condition) => {
                    parsed.filter = Some(self.expr(condition));
                }
                FunctionArgumentClause::OrderBy(by) => {
                    for by in by {
                        let key = self.expr(&by.expr);
                        parsed.decided_by.push(key);
                    }
                }
                FunctionArgumentClause::Limit(limit) => parsed.limit = Some(self.expr(limit)),
                FunctionArgumentClause::Having(ast::HavingBound(_, by)) => {
                    let key = self.expr(by);
                    parsed.decided_by.push(key);
                }
                FunctionArgumentClause::Separator(_)
                | FunctionArgumentClause::OnOverflow(_)
                | FunctionArgumentClause::JsonNullClause(_)
                | FunctionArgumentClause::JsonReturningClause(_) => {}
            }
        }
        parsed
    }

    /// A date part where one may stand: `DATE_TRUNC(d, MONTH)`.
    fn part_argument(&mut self, name: &str, at: usize, expr: &ast::Expr) -> Option<Expr> {
        let (text, span) = if let ast::Expr::Identifier(ident) = expr
            && ident.quote_style.is_none()
        {
            (ident.value.to_uppercase(), self.places.span(ident.span))
        } else if let ast::Expr::Function(call) = expr {
            (function_name(&call.name), self.places.expr(expr))
        } else {
            return None;
        };
        let takes_part = match name {
            "DATE_TRUNC" | "DATETIME_TRUNC" | "TIME_TRUNC" | "TIMESTAMP_TRUNC" | "LAST_DAY" => {
                at == 1
            }
            "DATE_DIFF" | "DATETIME_DIFF" | "TIME_DIFF" | "TIMESTAMP_DIFF" => at == 2,
            "NORMALIZE" | "NORMALIZE_AND_CASEFOLD" => at == 1,
            _ => false,
        };
        let part = matches!(
            text.as_str(),
            "MICROSECOND"
                | "MILLISECOND"
                | "NANOSECOND"
                | "SECOND"
                | "MINUTE"
                | "HOUR"
                | "DAY"
                | "DAYOFWEEK"
                | "DAYOFYEAR"
                | "WEEK"
                | "ISOWEEK"
                | "MONTH"
                | "QUARTER"
                | "YEAR"
                | "ISOYEAR"
                | "DATE"
                | "TIME"
                | "NFC"
                | "NFKC"
                | "NFD"
                | "NFKD"
        );
        (takes_part && part).then(|| date_part(&text, span))
    }

    /// A scalar function: lowered, inlined, known or opaque.
    pub(super) fn scalar(&mut self, name: &str, mut args: Vec<Expr>, span: Span) -> Expr {
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
        let of_script = self.environment.functions.get(&key).cloned();
        if of_script.is_none()
            && functions::lookup(name).is_none()
            && let Some(function) = self.routine(&key, span)
            && function.args.len() == args.len()
            && let Some(value) = self.inlined_routine(&function, &args, span)
        {
            return value;
        }
        if let Some(function) = of_script
            && function.args.len() == args.len()
        {
            if self.inlined >= INLINE_LIMIT {
                return self.unsupported_expr(
                    &format!("{name}, a function nested more than {INLINE_LIMIT} deep,"),
                    span,
                );
            }
            // An argument is put in wherever the body names it, so functions of
            // functions may grow without end.
            let size: usize = args.iter().map(Expr::size).sum();
            if self.grows_too_large(size) {
                return self.unsupported_expr(
                    &format!("{name}, since functions called by functions grow too large here,"),
                    span,
                );
            }
            self.inlined += 1;
            self.frames.push(Frame {
                names: function.args.iter().cloned().zip(args).collect(),
                closed: true,
                ..Frame::default()
            });
            let text = std::mem::replace(&mut self.places, function.places);
            let mut body = self.without_hoist(|binder| binder.expr(function.body));
            self.places = text;
            self.frames.pop();
            self.inlined -= 1;
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

/// A function's name as the table has it: upper case, parts joined by dots,
/// `SAFE.` left away.
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
    match joined.strip_prefix("SAFE.") {
        Some(rest) => rest.to_owned(),
        None => joined,
    }
}
