//! Table functions: models, those whose body the script has, and others.

use std::rc::Rc;

use sqlparser::ast;

use super::cte::Cte;
use super::expr::marked;
use super::from_marked::unnamed;
use super::scope::Frame;
use super::script::{Defined, TableFunction};
use super::{Binder, Expansion, Expr, Operator, RelId};
use crate::plan::ExprKind;
use crate::plan::functions::{self, FunctionClass, TableClass};
use crate::source::Span;
use crate::syntax::marker;

impl<'a> Binder<'a> {
    /// A table function: a model's, or one whose body is not visible.
    pub(super) fn table_function(
        &mut self,
        parts: &[&str],
        args: &[ast::FunctionArg],
        span: Span,
    ) -> RelId {
        self.table_function_of(Vec::new(), parts, args, span)
    }

    /// The same, called on rows: `|> CALL f(…)`.
    pub(super) fn table_function_of(
        &mut self,
        mut inputs: Vec<RelId>,
        parts: &[&str],
        args: &[ast::FunctionArg],
        span: Span,
    ) -> RelId {
        let name = parts.join(".").to_uppercase();
        if name == marker::OPAQUE {
            let word = args
                .first()
                .and_then(unnamed)
                .and_then(marked::text)
                .unwrap_or_default();
            self.unsupported(&word, span);
            return self.opaque(inputs, &format!("{word} is not modelled"), span);
        }
        let mut reads = Vec::new();
        let defined = match self.environment.table_function(&parts.join(".")) {
            Defined::Seen(function) => Some(function),
            Defined::Hidden | Defined::Outside => None,
        };
        // A pipe's rows are the first argument.
        let mut given: Vec<(Option<String>, Argument)> = inputs
            .iter()
            .map(|input| (None, Argument::Relation(Some(*input))))
            .collect();
        for arg in args {
            let (label, arg) = match arg {
                ast::FunctionArg::Unnamed(arg) => (None, arg),
                ast::FunctionArg::Named {
                    name,
                    arg,
                    operator: ast::FunctionArgOperator::RightArrow,
                }
                | ast::FunctionArg::ExprNamed {
                    name: ast::Expr::Identifier(name),
                    arg,
                    operator: ast::FunctionArgOperator::RightArrow,
                } => (Some(name.value.clone()), arg),
                ast::FunctionArg::Named {
                    name: _,
                    arg,
                    operator: _,
                }
                | ast::FunctionArg::ExprNamed {
                    name: _,
                    arg,
                    operator: _,
                } => {
                    self.unsupported("an argument that is not named by `=>`", span);
                    (None, arg)
                }
            };
            let ast::FunctionArgExpr::Expr(expr) = arg else {
                self.unsupported("a `*` as an argument", span);
                continue;
            };
            if let Some(table) = self.table_argument(expr) {
                inputs.extend(table);
                given.push((label, Argument::Relation(table)));
                continue;
            }
            let value = self.without_hoist(|binder| binder.expr(expr));
            given.push((label, Argument::Value(value.clone())));
            if let ExprKind::Subquery(subquery) = value.kind {
                inputs.push(subquery.relation);
            } else {
                reads.push(value);
            }
        }
        if let Some(function) = defined {
            return self.defined_function(&function, given, span);
        }
        let class = functions::lookup(&name).map(|info| info.class);
        let column = self.rest(Expansion::Unknown, Vec::new(), span);
        match class {
            Some(FunctionClass::Table(TableClass::ModelAlone | TableClass::ModelRows)) => self.add(
                Operator::Model {
                    function: name,
                    inputs,
                },
                vec![column],
                "FROM",
                span,
            ),
            Some(_) | None => {
                let why = format!("the table function {name} has no body here");
                self.add(
                    Operator::Opaque { inputs, reads, why },
                    vec![column],
                    "FROM",
                    span,
                )
            }
        }
    }

    /// A table function whose body the script has.
    fn defined_function(
        &mut self,
        function: &TableFunction<'a>,
        given: Vec<(Option<String>, Argument)>,
        span: Span,
    ) -> RelId {
        let Some(given) = by_position(given, function.arguments) else {
            let what = "a table function whose arguments are not its parameters";
            self.unsupported(what, span);
            return self.opaque(Vec::new(), what, span);
        };
        if self.inlined >= DEFINED_LIMIT {
            self.unsupported("a table function that calls others too deeply", span);
            return self.opaque(Vec::new(), "a table function calls others too deeply", span);
        }
        self.inlined += 1;
        let text = std::mem::replace(&mut self.places, Rc::clone(&function.places));
        let relation = self.apart(|binder| {
            let mut frame = Frame {
                closed: true,
                ..Frame::default()
            };
            for (name, argument) in function.arguments.iter().zip(given) {
                match argument {
                    Argument::Value(value) => frame.names.push((name.clone(), value)),
                    Argument::Relation(Some(relation)) => {
                        binder.ctes.push(name, Cte::Relation(relation));
                    }
                    Argument::Relation(None) => {}
                }
            }
            binder.frames.push(frame);
            let relation = binder.query(function.query);
            binder.frames.pop();
            relation
        });
        self.places = text;
        self.inlined -= 1;
        self.reader(relation, span)
    }

    /// `TABLE t` and `MODEL m` as arguments: the token pass wrote them as calls.
    /// A model is no relation; a table is one.
    fn table_argument(&mut self, expr: &ast::Expr) -> Option<Option<RelId>> {
        let ast::Expr::Function(call) = expr else {
            return None;
        };
        match super::expr::function_name(&call.name).as_str() {
            marker::TABLE => {}
            // DESCRIPTOR names columns of the tables beside it.
            marker::MODEL | marker::CONNECTION | "DESCRIPTOR" => return Some(None),
            _ => return None,
        }
        let ast::FunctionArguments::List(list) = &call.args else {
            return Some(None);
        };
        let Some(ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr))) = list.args.first()
        else {
            return Some(None);
        };
        let span = self.places.expr(expr);
        let parts: Vec<&str> = if let ast::Expr::Identifier(ident) = expr {
            vec![ident.value.as_str()]
        } else if let ast::Expr::CompoundIdentifier(idents) = expr {
            idents.iter().map(|ident| ident.value.as_str()).collect()
        } else {
            return Some(None);
        };
        Some(Some(self.table(&parts, None, "TABLE", span)))
    }
}

/// The arguments in the order of a table function's parameters: first those
/// without names, then each where its name says. `None` where they do not fit.
fn by_position(
    given: Vec<(Option<String>, Argument)>,
    parameters: &[String],
) -> Option<Vec<Argument>> {
    if given.len() != parameters.len() {
        return None;
    }
    let plain = given
        .iter()
        .take_while(|(label, _)| label.is_none())
        .count();
    let mut places: Vec<Option<Argument>> = parameters.iter().map(|_| None).collect();
    for (at, (label, argument)) in given.into_iter().enumerate() {
        let at = match label {
            None if at < plain => at,
            None => return None,
            Some(label) => parameters
                .iter()
                .position(|parameter| parameter.eq_ignore_ascii_case(&label))?,
        };
        if places[at].replace(argument).is_some() {
            return None;
        }
    }
    places.into_iter().collect()
}

/// How deep table functions are inlined into one another.
const DEFINED_LIMIT: usize = 16;

/// What is given to a table function; a model is no relation.
enum Argument {
    Value(Expr),
    Relation(Option<RelId>),
}
