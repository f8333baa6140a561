//! Table functions: of models, with a body in the script, and others.

use std::rc::Rc;

use sqlparser::ast;

use super::changes::reads_nothing;
use super::cte::Cte;
use super::expr::{PlaceType, marked};
use super::from_marked::unnamed;
use super::scope::Frame;
use super::script::{ScriptDefinition, TableFunction};
use super::{Binder, Expansion, Expr, Operator, RelId};
use crate::budget;
use crate::plan::functions::{self, FunctionClass, TableClass};
use crate::plan::{ExprKind, SubqueryKind};
use crate::source::Span;
use crate::syntax::marker;

impl<'a> Binder<'a> {
    /// Lowers a call of a table function.
    pub(super) fn table_function(
        &mut self,
        parts: &[&str],
        args: &[ast::FunctionArg],
        span: Span,
    ) -> RelId {
        self.table_function_of(Vec::new(), parts, args, span)
    }

    /// Lowers a call of a table function on rows: `|> CALL f(…)`.
    pub(super) fn table_function_of(
        &mut self,
        inputs: Vec<RelId>,
        parts: &[&str],
        args: &[ast::FunctionArg],
        span: Span,
    ) -> RelId {
        let rows = self.called_table_function(inputs, parts, args, span);
        self.filter_by_function_version(rows, &parts.join("."))
    }

    fn called_table_function(
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
        let over_time = ["APPENDS", "CHANGES"].contains(&name.as_str());
        let called = parts.join(".");
        let defined = match self.environment.table_function(&called) {
            ScriptDefinition::Seen(function) => Some(function),
            ScriptDefinition::Hidden | ScriptDefinition::Outside => None,
        };
        if defined.is_some() {
            self.doubt_other_routines(&called, span);
        }
        // The input of a pipe is the first argument.
        let mut given: Vec<(Option<String>, TableFunctionArgument)> = inputs
            .iter()
            .map(|input| (None, TableFunctionArgument::Relation(Some(*input))))
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
            if let Some(model) = self.model_argument(expr) {
                inputs.extend(model);
                given.push((label, TableFunctionArgument::Relation(None)));
                continue;
            }
            if let Some(table) = self.table_argument(expr, over_time) {
                inputs.extend(table);
                given.push((label, TableFunctionArgument::Relation(table)));
                continue;
            }
            let value = self.without_hoist(|binder| binder.expr(expr));
            given.push((label, TableFunctionArgument::Value(value.clone())));
            if let ExprKind::Subquery(subquery) = value.kind {
                inputs.push(subquery.relation);
            } else {
                reads.push(value);
            }
        }
        if let Some(function) = defined {
            return self.defined_function(&function, given, span);
        }
        if let Some(rows) = self.own_rows(&name, &given, span) {
            return rows;
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

    /// Lowers a built-in function that returns rows of the only table it receives.
    fn own_rows(
        &mut self,
        name: &str,
        given: &[(Option<String>, TableFunctionArgument)],
        span: Span,
    ) -> Option<RelId> {
        let [
            (None, TableFunctionArgument::Relation(Some(table))),
            values @ ..,
        ] = given
        else {
            return None;
        };
        let values: Option<Vec<Expr>> = values
            .iter()
            .map(|(label, value)| match (label, value) {
                (None, TableFunctionArgument::Value(value)) => Some(value.clone()),
                _ => None,
            })
            .collect();
        let values = values.filter(|values| values.iter().all(reads_nothing))?;
        match name {
            "APPENDS" | "CHANGES" => Some(self.changed_rows(*table, span)),
            "RANGE_SESSIONIZE" => self.sessions(*table, &values, span),
            _ => None,
        }
    }

    /// Lowers a table function whose body is in the script, by inlining the body.
    fn defined_function(
        &mut self,
        function: &TableFunction<'a>,
        given: Vec<(Option<String>, TableFunctionArgument)>,
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
        budget::spend(OF_A_BODY);
        let text = std::mem::replace(&mut self.places, Rc::clone(&function.places));
        let relation = self.bind_isolated(|binder| {
            let mut frame = Frame {
                closed: true,
                ..Frame::default()
            };
            let parameters = function.arguments.iter().zip(function.tables);
            for ((name, table), argument) in parameters.zip(given) {
                if *table {
                    let relation = binder.table_given(argument, span);
                    binder.ctes.push(name, Cte::Relation(relation));
                } else {
                    let value = match argument {
                        TableFunctionArgument::Value(value) => {
                            // Each body that calls another function may pass it a
                            // longer argument.
                            let mut parts = 0;
                            value.walk(&mut |_| parts += 1);
                            budget::spend(parts);
                            binder.placed(value, PlaceType::Unseen, span)
                        }
                        TableFunctionArgument::Relation(_) => {
                            binder.unsupported_expr("a table that stands for a value", span)
                        }
                    };
                    frame.names.push((name.clone(), value));
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

    /// Returns the rows that are passed to a table parameter.
    ///
    /// The name of the parameter never refers to a table outside the function.
    /// Therefore an argument that is not understood is opaque.
    fn table_given(&mut self, argument: TableFunctionArgument, span: Span) -> RelId {
        let relation = match argument {
            TableFunctionArgument::Relation(relation) => relation,
            TableFunctionArgument::Value(value) => {
                if let ExprKind::Subquery(subquery) = value.kind
                    && matches!(subquery.kind, SubqueryKind::Scalar)
                {
                    Some(subquery.relation)
                } else {
                    None
                }
            }
        };
        relation.unwrap_or_else(|| {
            let what = "what is given to a table function as a table";
            self.unsupported(what, span);
            self.opaque(Vec::new(), what, span)
        })
    }

    /// Lowers the argument `TABLE t`, which the token pass encodes as a call.
    ///
    /// The table is read as it is, or with all rows that it ever had.
    fn table_argument(&mut self, expr: &ast::Expr, over_time: bool) -> Option<Option<RelId>> {
        let (name, parts) = named_argument(expr)?;
        match name.as_str() {
            marker::TABLE => {}
            // DESCRIPTOR names columns of the tables beside it.
            marker::CONNECTION | "DESCRIPTOR" => return Some(None),
            _ => return None,
        }
        let Some((parts, expr)) = parts else {
            return Some(None);
        };
        let span = self.places.expr(expr);
        Some(Some(if over_time {
            self.table_over_time(&parts, span)
        } else {
            self.table(&parts, None, "TABLE", span)
        }))
    }

    /// Lowers the argument `MODEL m`; contains the model if what makes it is known.
    fn model_argument(&mut self, expr: &ast::Expr) -> Option<Option<RelId>> {
        let (name, parts) = named_argument(expr)?;
        if name != marker::MODEL {
            return None;
        }
        Some(parts.and_then(|(parts, expr)| {
            let span = self.places.expr(expr);
            self.model(&parts, span)
        }))
    }
}

/// The parts of a name, and its expression.
type NameParts<'e> = (Vec<&'e str>, &'e ast::Expr);

/// Returns the name of an encoded call, and the name that is its first argument.
fn named_argument(expr: &ast::Expr) -> Option<(String, Option<NameParts<'_>>)> {
    let ast::Expr::Function(call) = expr else {
        return None;
    };
    let name = super::expr::function_name(&call.name);
    let ast::FunctionArguments::List(list) = &call.args else {
        return Some((name, None));
    };
    let Some(ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr))) = list.args.first()
    else {
        return Some((name, None));
    };
    let parts: Option<Vec<&str>> = if let ast::Expr::Identifier(ident) = expr {
        Some(vec![ident.value.as_str()])
    } else if let ast::Expr::CompoundIdentifier(idents) = expr {
        Some(idents.iter().map(|ident| ident.value.as_str()).collect())
    } else {
        None
    };
    Some((name, parts.map(|parts| (parts, expr))))
}

/// Orders the arguments as a table function's parameters.
///
/// Unnamed arguments come first, then each named one at its position. `None` if they
/// do not match the parameters.
fn by_position(
    given: Vec<(Option<String>, TableFunctionArgument)>,
    parameters: &[String],
) -> Option<Vec<TableFunctionArgument>> {
    if given.len() != parameters.len() {
        return None;
    }
    let plain = given
        .iter()
        .take_while(|(label, _)| label.is_none())
        .count();
    let mut places: Vec<Option<TableFunctionArgument>> = parameters.iter().map(|_| None).collect();
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

/// The maximal nesting depth of inlined table functions.
const DEFINED_LIMIT: usize = 16;

/// Units of budget for binding a body again, besides what it reads.
const OF_A_BODY: usize = 100;

/// An argument of a table function; a model may have no relation.
enum TableFunctionArgument {
    Value(Expr),
    Relation(Option<RelId>),
}
