//! Evaluation of expressions, with the people whose values they contain.

use std::rc::Rc;

use super::aggregate::parts_of;
use super::people::{Cell, Parts, People, together};
use super::value::{Element, Value};
use super::{Env, ExecutionError, Interpreter};
use crate::budget::spend;
use crate::plan::{Case, Comparison, Expr, ExprKind, Literal, Subquery, SubqueryKind};

impl Interpreter<'_> {
    /// Whether a predicate is TRUE; the people behind its subqueries do not matter.
    pub(super) fn holds(&mut self, predicate: &Expr, env: &Env) -> Result<bool, ExecutionError> {
        let cell = self.eval(predicate, env, &mut People::default())?;
        Ok(cell.value.truth()? == Some(true))
    }

    /// Evaluates an expression.
    ///
    /// The people of scalar and array subqueries, whose rows contribute to the row,
    /// are added to `beside`.
    pub(super) fn eval(
        &mut self,
        expr: &Expr,
        env: &Env,
        beside: &mut People,
    ) -> Result<Cell, ExecutionError> {
        spend(1);
        match &expr.kind {
            ExprKind::Column(column) => {
                if self.plan.column(*column).rest.is_some() {
                    return ExecutionError::unsupported("columns that no schema declares");
                }
                match env.find(*column) {
                    Some(cell) => Ok(cell.clone()),
                    None => ExecutionError::unsupported("a column that is not in scope"),
                }
            }
            ExprKind::Literal(literal) => {
                let value = constant(literal)?;
                value.spend();
                Ok(Cell::bare(value))
            }
            ExprKind::Parameter(name) | ExprKind::Variable(name) => {
                let known = self
                    .database
                    .parameters
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name));
                match known {
                    Some((_, value)) => Ok(Cell::bare(value.clone())),
                    None => ExecutionError::unsupported(format!("{name}, which has no value")),
                }
            }
            ExprKind::Call { name, args, .. } => {
                let cell = self.scalar(name, args, env, beside)?;
                cell.value.spend();
                Ok(cell)
            }
            ExprKind::Field(base, name) => {
                let base = self.eval(base, env, beside)?;
                field(&base, name)
            }
            ExprKind::Element(..) => ExecutionError::unsupported("an element of an array"),
            ExprKind::Struct(fields) => {
                let mut made = Vec::new();
                for (name, value) in fields {
                    let cell = self.eval(value, env, beside)?;
                    made.push((name.as_deref().map(Rc::from), cell));
                }
                let parts = parts_of(made.iter().map(|(_, cell)| cell));
                Ok(Cell {
                    value: Value::Struct(made.into()),
                    parts,
                })
            }
            ExprKind::Array(items) => {
                let mut elements = Vec::new();
                for item in items {
                    let cell = self.eval(item, env, beside)?;
                    elements.push(Element { cell, row: None });
                }
                let parts = parts_of(elements.iter().map(|element| &element.cell));
                Ok(Cell {
                    value: Value::Array(elements.into()),
                    parts,
                })
            }
            ExprKind::Case(case) => self.case(case, env, beside),
            ExprKind::Cast { value, to, safe } => {
                let cell = self.eval(value, env, beside)?;
                let cast = match super::cast::cast(&cell.value, to) {
                    Err(ExecutionError::Failed(_)) if *safe => Value::Null,
                    other => other?,
                };
                Ok(Cell {
                    value: cast,
                    ..cell
                })
            }
            ExprKind::And(parts) => self.evaluate_connective(parts, false, env, beside),
            ExprKind::Or(parts) => self.evaluate_connective(parts, true, env, beside),
            ExprKind::Not(inner) => {
                let cell = self.eval(inner, env, beside)?;
                let truth = cell.value.truth()?.map(|truth| !truth);
                Ok(Cell {
                    value: Value::of_truth(truth),
                    ..cell
                })
            }
            ExprKind::Compare(comparison, left, right) => {
                let left = self.eval(left, env, beside)?;
                let right = self.eval(right, env, beside)?;
                let truth = compare(*comparison, &left.value, &right.value)?;
                Ok(Cell {
                    value: Value::of_truth(truth),
                    parts: together(left.parts, &right.parts),
                })
            }
            ExprKind::InList {
                value,
                list,
                unnest,
            } => {
                let value = self.eval(value, env, beside)?;
                let mut members = Vec::new();
                let mut parts = value.parts.clone();
                for member in list {
                    let member = self.eval(member, env, beside)?;
                    parts = together(parts, &member.parts);
                    match (&member.value, unnest) {
                        (Value::Array(elements), true) => {
                            members.extend(elements.iter().map(|each| each.cell.value.clone()));
                        }
                        (Value::Null, true) => {}
                        (_, true) => {
                            return ExecutionError::unsupported("IN UNNEST of what is no array");
                        }
                        (_, false) => members.push(member.value),
                    }
                }
                Ok(Cell {
                    value: Value::of_truth(evaluate_in(&value.value, &members)?),
                    parts,
                })
            }
            ExprKind::IsNull(inner) => {
                let cell = self.eval(inner, env, beside)?;
                Ok(Cell {
                    value: Value::Bool(cell.value.is_null()),
                    ..cell
                })
            }
            ExprKind::Subquery(subquery) => self.subquery(subquery, env, beside),
            ExprKind::Lambda(..) => ExecutionError::unsupported("a function literal"),
            ExprKind::Either(_) => {
                ExecutionError::unsupported("a name that may be any of several columns")
            }
            ExprKind::Unknown(why) => ExecutionError::unsupported(why.clone()),
        }
    }

    /// Evaluates AND (`decisive` is FALSE) or OR (TRUE), up to the part that
    /// decides.
    fn evaluate_connective(
        &mut self,
        parts: &[Expr],
        decisive: bool,
        env: &Env,
        beside: &mut People,
    ) -> Result<Cell, ExecutionError> {
        let mut truth = Some(!decisive);
        let mut behind: Parts = None;
        for part in parts {
            let cell = self.eval(part, env, beside)?;
            behind = together(behind, &cell.parts);
            match cell.value.truth()? {
                Some(found) if found == decisive => {
                    return Ok(Cell {
                        value: Value::Bool(decisive),
                        parts: behind,
                    });
                }
                Some(_) => {}
                None => truth = None,
            }
        }
        Ok(Cell {
            value: Value::of_truth(truth),
            parts: behind,
        })
    }

    /// Evaluates the branch that is chosen.
    ///
    /// A constant that data choose (`IF(v > 3, 1, 0)`) counts the people whose data
    /// chose it. NULL and 0 count nobody, since queries use them to exclude people.
    fn case(
        &mut self,
        case: &Case,
        env: &Env,
        beside: &mut People,
    ) -> Result<Cell, ExecutionError> {
        let mut looked_at: Parts = None;
        let mut chosen = case.otherwise.as_ref();
        for (condition, value) in &case.branches {
            let condition = self.eval(condition, env, beside)?;
            looked_at = together(looked_at, &condition.parts);
            if condition.value.truth()? == Some(true) {
                chosen = Some(value);
                break;
            }
        }
        let mut cell = match chosen {
            Some(value) => self.eval(value, env, beside)?,
            None => Cell::bare(Value::Null),
        };
        if cell.parts.is_none() && !cell.value.is_null() && !cell.value.is_zero() {
            cell.parts = looked_at;
        }
        Ok(cell)
    }

    fn subquery(
        &mut self,
        subquery: &Subquery,
        env: &Env,
        beside: &mut People,
    ) -> Result<Cell, ExecutionError> {
        let rows = self.relation(subquery.relation, Some(env))?;
        self.count_visited(rows.len())?;
        match &subquery.kind {
            SubqueryKind::Scalar => match rows.as_slice() {
                [] => Ok(Cell::bare(Value::Null)),
                [row] => {
                    beside.add(&row.people);
                    match row.cells.as_slice() {
                        [cell] => Ok(cell.clone()),
                        _ => ExecutionError::unsupported("a scalar subquery of several columns"),
                    }
                }
                _ => ExecutionError::failed("a scalar subquery gives more than one row"),
            },
            SubqueryKind::Array => {
                let mut elements = Vec::new();
                for row in rows.iter() {
                    beside.add(&row.people);
                    let [cell] = row.cells.as_slice() else {
                        return ExecutionError::unsupported("an array subquery of several columns");
                    };
                    elements.push(Element {
                        cell: cell.clone(),
                        row: Some(Rc::clone(&row.people)),
                    });
                }
                let parts = parts_of(elements.iter().map(|element| &element.cell));
                Ok(Cell {
                    value: Value::Array(elements.into()),
                    parts,
                })
            }
            SubqueryKind::Exists => Ok(Cell::bare(Value::Bool(!rows.is_empty()))),
            SubqueryKind::In(value) => {
                let value = self.eval(value, env, beside)?;
                let members: Vec<Value> = rows
                    .iter()
                    .filter_map(|row| row.cells.first())
                    .map(|cell| cell.value.clone())
                    .collect();
                Ok(Cell {
                    value: Value::of_truth(evaluate_in(&value.value, &members)?),
                    parts: value.parts,
                })
            }
        }
    }
}

fn constant(literal: &Literal) -> Result<Value, ExecutionError> {
    match literal {
        Literal::Null => Ok(Value::Null),
        Literal::Bool(truth) => Ok(Value::Bool(*truth)),
        Literal::Int(number) => Ok(Value::Int(*number)),
        Literal::Float(number) => Ok(Value::Float(*number)),
        Literal::String(text) => Ok(Value::string(text)),
        Literal::Other(kind, text) if kind == "DATE" => super::cast::date(text),
        Literal::Other(kind, _) => {
            ExecutionError::unsupported(format!("a constant of type {kind}"))
        }
    }
}

fn field(base: &Cell, name: &str) -> Result<Cell, ExecutionError> {
    match &base.value {
        Value::Null => Ok(Cell {
            value: Value::Null,
            parts: base.parts.clone(),
        }),
        Value::Struct(fields) => {
            let found = fields.iter().find(|(field, _)| {
                field
                    .as_deref()
                    .is_some_and(|field| field.eq_ignore_ascii_case(name))
            });
            match found {
                Some((_, cell)) => Ok(cell.clone()),
                None => ExecutionError::unsupported(format!("the field {name}")),
            }
        }
        _ => ExecutionError::unsupported(format!("the field {name} of what is no STRUCT")),
    }
}

fn compare(comparison: Comparison, a: &Value, b: &Value) -> Result<Option<bool>, ExecutionError> {
    if comparison == Comparison::Same {
        return Ok(Some(match (a.is_null(), b.is_null()) {
            (true, true) => true,
            (true, false) | (false, true) => false,
            (false, false) => a.compare(b)?.is_some_and(std::cmp::Ordering::is_eq),
        }));
    }
    if a.is_null() || b.is_null() {
        return Ok(None);
    }
    let Some(order) = a.compare(b)? else {
        // A comparison with NaN is false, except `!=`. A STRUCT that contains NULL
        // makes the result unknown.
        return Ok(match a {
            Value::Struct(_) => None,
            _ => Some(comparison == Comparison::NotEq),
        });
    };
    Ok(Some(match comparison {
        Comparison::Eq | Comparison::Same => order.is_eq(),
        Comparison::NotEq => order.is_ne(),
        Comparison::Lt => order.is_lt(),
        Comparison::LtEq => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::GtEq => order.is_ge(),
    }))
}

/// Evaluates `value IN (members)`: unknown if a NULL might be the match.
fn evaluate_in(value: &Value, members: &[Value]) -> Result<Option<bool>, ExecutionError> {
    spend(members.len());
    let mut unknown = false;
    for member in members {
        match compare(Comparison::Eq, value, member)? {
            Some(true) => return Ok(Some(true)),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Ok((!unknown).then_some(false))
}
