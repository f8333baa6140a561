//! Variables of a script: constants, values that are fixed for a run, and data.

use std::rc::Rc;

use sqlparser::ast;

use super::environment::Environment;
use crate::plan::bind::Binder;
use crate::plan::{Expr, ExprKind, Literal, Subquery, SubqueryKind};
use crate::source::Span;
use crate::syntax::Places;

/// Variables that are followed into one another.
const DEPTH_LIMIT: usize = 16;

/// What a variable holds at one place of a script.
#[derive(Clone)]
pub(in crate::plan::bind) enum Variable<'a> {
    /// This constant.
    Literal(Literal),
    /// A value that no data is in, and that is not known before the script runs.
    Fixed,
    /// One of these, of which at least one has data in it.
    Data(Vec<Assigned<'a>>),
    /// It is not followed; why.
    Unknown(&'static str),
}

/// A value that was assigned, as it was where that was.
#[derive(Clone)]
pub(in crate::plan::bind) struct Assigned<'a> {
    value: Value<'a>,
    environment: Environment<'a>,
    places: Rc<Places<'a>>,
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Expr(&'a ast::Expr),
    /// The column at a position of a query's one row.
    Column(&'a ast::Query, usize),
    /// A row of a query, as a struct.
    Row(&'a ast::Query),
}

impl<'a> Variable<'a> {
    /// What an expression makes of a variable.
    pub(super) fn of_expr(
        binder: &mut Binder<'a>,
        expr: &'a ast::Expr,
        environment: &Environment<'a>,
        places: &Rc<Places<'a>>,
    ) -> Self {
        let bound = binder.expr(expr);
        if let ExprKind::Literal(literal) = bound.kind {
            return Self::Literal(literal);
        }
        if bound.is_fixed() {
            return Self::Fixed;
        }
        Self::data(Value::Expr(expr), environment, places)
    }

    /// The column at a position of a query's one row.
    pub(super) fn of_column(
        query: &'a ast::Query,
        position: usize,
        environment: &Environment<'a>,
        places: &Rc<Places<'a>>,
    ) -> Self {
        Self::data(Value::Column(query, position), environment, places)
    }

    /// A row of a query.
    pub(super) fn of_row(
        query: &'a ast::Query,
        environment: &Environment<'a>,
        places: &Rc<Places<'a>>,
    ) -> Self {
        Self::data(Value::Row(query), environment, places)
    }

    fn data(value: Value<'a>, environment: &Environment<'a>, places: &Rc<Places<'a>>) -> Self {
        Self::Data(vec![Assigned {
            value,
            environment: environment.clone(),
            places: Rc::clone(places),
        }])
    }

    /// One of two values.
    pub(super) fn or(self: &Rc<Self>, other: &Rc<Self>) -> Rc<Self> {
        if Rc::ptr_eq(self, other) {
            return Rc::clone(self);
        }
        Rc::new(match (&**self, &**other) {
            (Self::Unknown(why), _) | (_, Self::Unknown(why)) => Self::Unknown(why),
            (Self::Literal(mine), Self::Literal(theirs)) if mine == theirs => {
                Self::Literal(mine.clone())
            }
            (Self::Literal(_) | Self::Fixed, Self::Literal(_) | Self::Fixed) => Self::Fixed,
            (Self::Data(mine), Self::Data(theirs)) => {
                let mut all = mine.clone();
                all.extend(theirs.iter().cloned());
                Self::Data(all)
            }
            // What else it may be adds no data.
            (Self::Data(data), Self::Literal(_) | Self::Fixed)
            | (Self::Literal(_) | Self::Fixed, Self::Data(data)) => Self::Data(data.clone()),
        })
    }

    /// Whether no data is in it.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self, Self::Literal(_) | Self::Fixed)
    }
}

impl<'a> Binder<'a> {
    /// What a name means among the variables of the script.
    pub(in crate::plan::bind) fn variable(&mut self, name: &str, span: Span) -> Option<Expr> {
        let known = Rc::clone(self.environment.variables.get(&name.to_lowercase())?);
        Some(match &*known {
            Variable::Literal(literal) => Expr::new(ExprKind::Literal(literal.clone()), span),
            Variable::Fixed => Expr::new(ExprKind::Variable(name.to_owned()), span),
            Variable::Unknown(why) => {
                self.not_followed(&format!("the variable `{name}` {why}"), span);
                Expr::unknown("a variable that is not followed", span)
            }
            Variable::Data(_) if self.followed >= DEPTH_LIMIT => self.unsupported_expr(
                &format!("the variable `{name}`, made of too many others,"),
                span,
            ),
            Variable::Data(all) => {
                let address = Rc::as_ptr(&known).cast::<()>() as usize;
                if let Some((_, bound)) = self.bound_variables.get(&address) {
                    let mut bound = bound.clone();
                    bound.span = span;
                    let size = bound.size();
                    return Some(self.unless_too_large(name, bound, size));
                }
                self.followed += 1;
                let mut values: Vec<Expr> = all
                    .iter()
                    .map(|assigned| self.assigned_value(assigned, span))
                    .collect();
                self.followed -= 1;
                let bound = match values.len() {
                    1 => values.remove(0),
                    _ => Expr::new(ExprKind::Either(values), span),
                };
                let size = bound.size();
                self.bound_variables
                    .insert(address, (Rc::clone(&known), bound.clone()));
                self.unless_too_large(name, bound, size)
            }
        })
    }

    fn unless_too_large(&mut self, name: &str, bound: Expr, size: usize) -> Expr {
        if self.grows_too_large(size) {
            let what = format!("the variable `{name}`, whose value grows too large here,");
            return self.unsupported_expr(&what, bound.span);
        }
        bound
    }

    fn assigned_value(&mut self, assigned: &Assigned<'a>, span: Span) -> Expr {
        let Assigned {
            value,
            environment,
            places,
        } = assigned;
        let mut bound = self.elsewhere(environment, places, |binder| match value {
            Value::Expr(expr) => binder.expr(expr),
            Value::Column(query, position) => {
                let relation = binder.query(query);
                let columns = binder.columns_of(relation);
                match columns.get(*position).or(columns.last()) {
                    Some(column) => {
                        let only = binder.pass(*column, span);
                        let relation = binder.project(relation, vec![only], "INTO", span);
                        scalar(relation, span)
                    }
                    None => Expr::unknown("a column that INTO takes", span),
                }
            }
            Value::Row(query) => {
                let relation = binder.query(query);
                let row = binder.as_struct(relation, span);
                scalar(row, span)
            }
        });
        bound.span = span;
        bound
    }
}

fn scalar(relation: crate::plan::RelId, span: Span) -> Expr {
    let subquery = Subquery {
        kind: SubqueryKind::Scalar,
        relation,
        outer: Vec::new(),
    };
    Expr::new(ExprKind::Subquery(Box::new(subquery)), span)
}

/// The names that a SET gives values to, each with the expression that its value
/// is, or is a field of; `None` where that is not known.
pub(super) fn set_of(set: &ast::Set) -> Vec<(String, Option<&ast::Expr>)> {
    let lower = |name: &ast::ObjectName| name.to_string().replace('`', "").to_lowercase();
    if let ast::Set::SingleAssignment {
        scope: _,
        hivevar: _,
        variable,
        values,
    } = set
    {
        let only = values.first().filter(|_| values.len() == 1);
        return vec![(lower(variable), only)];
    }
    if let ast::Set::ParenthesizedAssignments { variables, values } = set {
        let each = variables.len() == values.len();
        return variables
            .iter()
            .enumerate()
            .map(|(at, variable)| (lower(variable), values.get(if each { at } else { 0 })))
            .collect();
    }
    Vec::new()
}
