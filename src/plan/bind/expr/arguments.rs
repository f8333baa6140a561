//! The content of a call's parentheses.

use sqlparser::ast;
use sqlparser::ast::{
    FunctionArg, FunctionArgExpr, FunctionArgOperator, FunctionArgumentClause, FunctionArguments,
};

use super::super::Binder;
use super::call::SAFE;
use super::{date_part, function_name, marked};
use crate::plan::{Expr, ExprKind, Literal, NullTreatment};
use crate::source::Span;

/// The arguments and clauses of a call.
#[derive(Default)]
pub(in crate::plan::bind) struct CallArguments {
    pub(in crate::plan::bind) values: Vec<Expr>,
    pub(in crate::plan::bind) star: bool,
    pub(in crate::plan::bind) distinct: bool,
    pub(in crate::plan::bind) filter: Option<Expr>,
    pub(in crate::plan::bind) decided_by: Vec<Expr>,
    pub(in crate::plan::bind) limit: Option<Expr>,
    pub(in crate::plan::bind) nulls: Option<NullTreatment>,
}

impl Binder<'_> {
    pub(super) fn arguments(&mut self, name: &str, args: &FunctionArguments) -> CallArguments {
        self.arguments_after(0, name, args)
    }

    /// Binds the arguments of a call with `before` arguments before its parentheses.
    pub(super) fn arguments_after(
        &mut self,
        before: usize,
        name: &str,
        args: &FunctionArguments,
    ) -> CallArguments {
        let mut parsed = CallArguments::default();
        let list = match args {
            FunctionArguments::List(list) => list,
            FunctionArguments::None | FunctionArguments::Subquery(_) => return parsed,
        };
        let name = name.strip_prefix(SAFE).unwrap_or(name);
        let ast::FunctionArgumentList {
            duplicate_treatment,
            args,
            clauses,
        } = list;
        parsed.distinct = matches!(duplicate_treatment, Some(ast::DuplicateTreatment::Distinct));
        for (at, arg) in args.iter().enumerate() {
            let (label, arg) = match arg {
                FunctionArg::Unnamed(arg) => (None, arg),
                FunctionArg::Named {
                    name,
                    arg,
                    operator: FunctionArgOperator::RightArrow,
                } => (Some(name.value.as_str()), arg),
                FunctionArg::ExprNamed {
                    name: ast::Expr::Identifier(name),
                    arg,
                    operator: FunctionArgOperator::RightArrow,
                } => (Some(name.value.as_str()), arg),
                FunctionArg::Named {
                    name: _,
                    arg,
                    operator: _,
                }
                | FunctionArg::ExprNamed {
                    name: _,
                    arg,
                    operator: _,
                } => {
                    if let FunctionArgExpr::Expr(expr) = arg {
                        self.expr(expr);
                    }
                    let why = "an argument that is not named by `=>`";
                    let value = self.unsupported_expr(why, Span::default());
                    parsed.values.push(value);
                    continue;
                }
            };
            match arg {
                // The bounds between which a noisy aggregate clamps values do not
                // depend on rows.
                FunctionArgExpr::Expr(expr) if marked::is_clause(expr) => {}
                FunctionArgExpr::Expr(expr) => {
                    let value = self
                        .part_argument(name, before + at, expr)
                        .unwrap_or_else(|| self.expr(expr));
                    parsed.values.push(match label {
                        Some(label) => self.labelled(NAMED, label, value),
                        None => value,
                    });
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
                FunctionArgumentClause::IgnoreOrRespectNulls(nulls) => {
                    parsed.nulls = Some(treatment(*nulls));
                }
                FunctionArgumentClause::Where(condition) => {
                    parsed.filter = Some(self.expr(condition));
                }
                FunctionArgumentClause::OrderBy(by) => {
                    for by in by {
                        let key = self.expr(&by.expr);
                        let key = self.directed(key, by);
                        parsed.decided_by.push(key);
                    }
                }
                FunctionArgumentClause::Limit(limit) => parsed.limit = Some(self.expr(limit)),
                FunctionArgumentClause::Having(ast::HavingBound(kind, by)) => {
                    let key = self.expr(by);
                    let span = key.span;
                    let name = match kind {
                        ast::HavingBoundKind::Min => "HAVING MIN",
                        ast::HavingBoundKind::Max => "HAVING MAX",
                    };
                    let key = self.call_of(name, vec![key], span);
                    parsed.decided_by.push(key);
                }
                FunctionArgumentClause::Separator(_)
                | FunctionArgumentClause::OnOverflow(_)
                | FunctionArgumentClause::JsonNullClause(_)
                | FunctionArgumentClause::JsonReturningClause(_) => {
                    let why = "a clause of an aggregate that BigQuery does not have";
                    let unknown = self.unsupported_expr(why, Span::default());
                    parsed.decided_by.push(unknown);
                }
            }
        }
        parsed
    }

    /// Attaches a name to an argument: `f(x => 1)` or `f(1 AS x)`.
    pub(super) fn labelled(&mut self, sign: &'static str, label: &str, value: Expr) -> Expr {
        let span = value.span;
        let label = Literal::String(label.to_lowercase());
        let label = Expr::new(ExprKind::Literal(label), span);
        self.call_of(sign, vec![label, value], span)
    }

    /// Binds a date part, in a position that accepts one: `DATE_TRUNC(d, MONTH)`.
    fn part_argument(&mut self, name: &str, at: usize, expr: &ast::Expr) -> Option<Expr> {
        let (text, span) = if let ast::Expr::Identifier(ident) = expr
            && ident.quote_style.is_none()
        {
            (ident.value.to_uppercase(), self.places.span(ident.span))
        } else if let ast::Expr::Function(call) = expr {
            (week_of(call)?, self.places.expr(expr))
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
                | "WEEK(MONDAY)"
                | "WEEK(TUESDAY)"
                | "WEEK(WEDNESDAY)"
                | "WEEK(THURSDAY)"
                | "WEEK(FRIDAY)"
                | "WEEK(SATURDAY)"
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
}

/// The name of a named argument in the function table.
const NAMED: &str = "=>";

/// Converts the parser's treatment of NULL to that of the plan.
pub(super) fn treatment(written: ast::NullTreatment) -> NullTreatment {
    match written {
        ast::NullTreatment::IgnoreNulls => NullTreatment::Ignore,
        ast::NullTreatment::RespectNulls => NullTreatment::Respect,
    }
}

/// Returns the date part `WEEK(MONDAY)`, which is not a call.
///
/// A plain WEEK begins on Sunday.
fn week_of(call: &ast::Function) -> Option<String> {
    let FunctionArguments::List(ast::FunctionArgumentList {
        duplicate_treatment: None,
        args,
        clauses,
    }) = &call.args
    else {
        return None;
    };
    let [FunctionArg::Unnamed(FunctionArgExpr::Expr(ast::Expr::Identifier(day)))] = args.as_slice()
    else {
        return None;
    };
    let day = day.value.to_uppercase();
    let week = function_name(&call.name) == "WEEK" && clauses.is_empty() && call.over.is_none();
    week.then(|| match day.as_str() {
        "SUNDAY" => "WEEK".to_owned(),
        _ => format!("WEEK({day})"),
    })
}

/// Returns the name and value of a named argument.
fn named_argument(value: &Expr) -> Option<(&str, &Expr)> {
    if let ExprKind::Call { name, args, .. } = &value.kind
        && name == NAMED
        && let [label, value] = args.as_slice()
        && let ExprKind::Literal(Literal::String(label)) = &label.kind
    {
        return Some((label, value));
    }
    None
}

/// Orders the arguments as a function's parameters.
///
/// Unnamed arguments come first, then each named one at its position. `None` if they
/// do not match the parameters.
pub(super) fn by_position(args: &[Expr], parameters: &[String]) -> Option<Vec<Expr>> {
    if args.len() != parameters.len() {
        return None;
    }
    let named = args.iter().position(|arg| named_argument(arg).is_some());
    let (plain, named) = args.split_at(named.unwrap_or(args.len()));
    let mut ordered = plain.to_vec();
    for parameter in &parameters[plain.len()..] {
        let value = named
            .iter()
            .filter_map(named_argument)
            .find(|(label, _)| label.eq_ignore_ascii_case(parameter))?
            .1;
        ordered.push(value.clone());
    }
    Some(ordered)
}
