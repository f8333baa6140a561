//! Execution of GROUP BY, and aggregate functions.

use std::rc::Rc;

use super::people::{Cell, People, Row, together};
use super::relation::{inside, same_keys};
use super::value::{Element, Value, float};
use super::{Env, ExecutionError, Interpreter};
use crate::budget::spend;
use crate::plan::{
    Aggregate, AggregateCall, ColId, Expr, ExprKind, KeyColumn, NullTreatment, PrivacyClause,
};

/// A row of a group.
pub(super) type Member<'r> = &'r Row;

/// The values of the keys, and the positions of the rows that have them.
struct Group {
    keys: Vec<Value>,
    parts: Vec<People>,
    beside: People,
    members: Vec<usize>,
}

impl Interpreter<'_> {
    pub(super) fn aggregate(
        &mut self,
        aggregate: &Aggregate,
        rows: &[Row],
        env: Option<&Env>,
    ) -> Result<Vec<Row>, ExecutionError> {
        let columns = &*self.layout.columns(aggregate.input);
        let all: Vec<usize> = (0..aggregate.keys.len()).collect();
        let sets = if aggregate.sets.is_empty() {
            vec![all]
        } else {
            aggregate.sets.clone()
        };
        let mut made = Vec::new();
        for set in &sets {
            for group in self.groups(&aggregate.keys, set, columns, rows, env)? {
                made.extend(self.grouped(aggregate, set, group, columns, rows, env)?);
            }
        }
        Ok(made)
    }

    fn groups(
        &mut self,
        keys: &[KeyColumn],
        set: &[usize],
        columns: &[ColId],
        rows: &[Row],
        env: Option<&Env>,
    ) -> Result<Vec<Group>, ExecutionError> {
        let mut groups: Vec<Group> = Vec::new();
        // Without keys there is one group, even if there are no rows. The empty set
        // of a ROLLUP has none in that case, as in GoogleSQL's engine.
        if keys.is_empty() {
            groups.push(Group::new(vec![Value::Null; keys.len()]));
        }
        for (at, row) in rows.iter().enumerate() {
            let mut beside = People::default();
            let mut values = vec![Value::Null; keys.len()];
            let mut parts = vec![None; keys.len()];
            for place in set {
                let Some(key) = keys.get(*place) else {
                    continue;
                };
                let cell = self.eval(&key.expr, &inside(columns, row, env), &mut beside)?;
                values[*place] = cell.value;
                parts[*place] = cell.parts;
            }
            spend(1 + groups.len() / 8);
            let known = groups
                .iter()
                .position(|known| same_keys(&known.keys, &values));
            let place = known.unwrap_or_else(|| {
                groups.push(Group::new(values));
                groups.len() - 1
            });
            let group = &mut groups[place];
            group.members.push(at);
            group.beside.add(&beside);
            for (all, parts) in group.parts.iter_mut().zip(&parts) {
                for part in parts.iter().flat_map(|parts| parts.iter()) {
                    all.add(part);
                }
            }
        }
        Ok(groups)
    }

    /// Returns the row of a group; `None` if a privacy clause removes it.
    fn grouped(
        &mut self,
        aggregate: &Aggregate,
        set: &[usize],
        group: Group,
        columns: &[ColId],
        rows: &[Row],
        env: Option<&Env>,
    ) -> Result<Option<Row>, ExecutionError> {
        let members: Vec<Member> = group.members.iter().map(|at| &rows[*at]).collect();
        if let Some(clause) = &aggregate.privacy
            && !self.passes(clause, columns, &members, env)?
        {
            return Ok(None);
        }
        let mut people = group.beside;
        for member in &members {
            people.add(&member.people);
        }
        let mut cells: Vec<Cell> = group
            .keys
            .into_iter()
            .zip(group.parts)
            .map(|(value, part)| {
                // A NULL that a join added has no people, but it labels rows like
                // any other NULL.
                let labelled = matches!(value, Value::Null) && part.count().is_some();
                let part = if labelled { people.clone() } else { part };
                Cell::of(value, Rc::new(part))
            })
            .collect();
        for (_, call) in &aggregate.aggregates {
            cells.push(if call.name == "GROUPING" {
                grouping(call, &aggregate.keys, set)?
            } else {
                self.call(call, columns, &members, env, &mut people)?
            });
        }
        Ok(Some(Row {
            cells,
            people: Rc::new(people),
        }))
    }

    /// Whether a group has as many distinct people as AGGREGATION_THRESHOLD
    /// requires.
    fn passes(
        &mut self,
        clause: &PrivacyClause,
        columns: &[ColId],
        members: &[Member],
        env: Option<&Env>,
    ) -> Result<bool, ExecutionError> {
        let (mut threshold, mut unit) = (None, None);
        for (name, value) in &clause.options {
            match name.as_str() {
                "threshold" => threshold = Some(value),
                "privacy_unit_column" => unit = Some(value),
                other => return ExecutionError::unsupported(format!("the option {other}")),
            }
        }
        let (true, Some(threshold), Some(unit)) =
            (clause.kind == "AGGREGATION_THRESHOLD", threshold, unit)
        else {
            return ExecutionError::unsupported(format!(
                "WITH {} without a threshold",
                clause.kind
            ));
        };
        let nothing = Env {
            columns: &[],
            cells: &[],
            outer: env,
        };
        let Value::Int(threshold) = self
            .eval(threshold, &nothing, &mut People::default())?
            .value
        else {
            return ExecutionError::unsupported("a threshold that is no INT64");
        };
        let mut people: Vec<Value> = Vec::new();
        for member in members {
            let person = self
                .eval(unit, &inside(columns, member, env), &mut People::default())?
                .value;
            if !person.is_null() && !people.iter().any(|known| known.same(&person)) {
                people.push(person);
            }
        }
        Ok(count(people.len()) >= threshold)
    }

    /// Computes an aggregate function over rows, with the people in its result.
    pub(super) fn call(
        &mut self,
        call: &AggregateCall,
        columns: &[ColId],
        members: &[Member],
        env: Option<&Env>,
        beside: &mut People,
    ) -> Result<Cell, ExecutionError> {
        if !call.decided_by.is_empty() {
            return ExecutionError::unsupported(format!("ORDER BY or HAVING inside {}", call.name));
        }
        // The values of the argument, each with its row.
        let mut taken: Vec<(Cell, Member)> = Vec::new();
        for member in members {
            let env = inside(columns, member, env);
            if let Some(filter) = &call.filter
                && !self.holds(filter, &env)?
            {
                continue;
            }
            let cell = match call.args.first() {
                Some(argument) => {
                    let mut cell = self.eval(argument, &env, beside)?;
                    // A constant only discloses that the row exists.
                    if argument.is_fixed() {
                        cell.parts = Cell::of(Value::Null, Rc::clone(&member.people)).parts;
                    }
                    cell
                }
                None => Cell::of(Value::Int(1), Rc::clone(&member.people)),
            };
            taken.push((cell, member));
        }
        let collects = matches!(call.name.as_str(), "ARRAY_AGG" | "STRING_AGG");
        if call.limit.is_some() && !collects {
            return ExecutionError::unsupported(format!("LIMIT inside {}", call.name));
        }
        let mut seen: Vec<Value> = Vec::new();
        let distinct: Vec<&(Cell, Member)> = taken
            .iter()
            .filter(|(cell, _)| {
                spend(seen.len() / 8);
                let new = !call.distinct || !seen.iter().any(|known| known.same(&cell.value));
                if new && call.distinct {
                    seen.push(cell.value.clone());
                }
                new
            })
            .collect();
        let values: Vec<&Value> = distinct
            .iter()
            .map(|(cell, _)| &cell.value)
            .filter(|value| !value.is_null())
            .collect();
        let value = match call.name.as_str() {
            "COUNT" => Value::Int(count(values.len())),
            "APPROX_COUNT_DISTINCT" => Value::Int(distinct_count(&values)),
            "COUNTIF" => {
                let mut held = 0_usize;
                for value in &values {
                    held += usize::from(value.truth()? == Some(true));
                }
                Value::Int(count(held))
            }
            "SUM" => sum(&values)?,
            "AVG" => average(&values)?,
            "MIN" | "MAX" | "ANY_VALUE" => {
                let chosen = extreme(&call.name, &values);
                let holders = taken
                    .iter()
                    .filter(|(cell, _)| chosen.is_some_and(|chosen| chosen.same(&cell.value)))
                    .map(|(cell, _)| cell);
                let part = union(holders);
                let chosen = chosen.cloned().unwrap_or(Value::Null);
                return Ok(Cell::of(chosen, Rc::new(part)));
            }
            "LOGICAL_AND" | "LOGICAL_OR" => {
                let mut result = None;
                for value in &values {
                    let truth = value.truth()? == Some(true);
                    result = Some(match result {
                        None => truth,
                        Some(known) if call.name == "LOGICAL_AND" => known && truth,
                        Some(known) => known || truth,
                    });
                }
                Value::of_truth(result)
            }
            "STRING_AGG" => {
                let separator = match call.args.get(1).map(|separator| &separator.kind) {
                    None => ",",
                    Some(ExprKind::Literal(crate::plan::Literal::String(text))) => text,
                    Some(_) => {
                        return ExecutionError::unsupported("a separator that is no constant");
                    }
                };
                let mut texts = Vec::new();
                for value in values.iter().take(self.limit(call)?) {
                    match value {
                        Value::String(text) => texts.push(text.to_string()),
                        _ => return ExecutionError::unsupported("STRING_AGG of what is no STRING"),
                    }
                }
                if texts.is_empty() {
                    Value::Null
                } else {
                    Value::string(&texts.join(separator))
                }
            }
            "ARRAY_AGG" => {
                let elements: Vec<Element> = distinct
                    .iter()
                    .filter(|(cell, _)| {
                        !(call.nulls == Some(NullTreatment::Ignore) && cell.value.is_null())
                    })
                    .take(self.limit(call)?)
                    .map(|(cell, member)| Element {
                        cell: cell.clone(),
                        row: Some(Rc::new(self.holders(call, cell, member, &taken))),
                    })
                    .collect();
                if elements.is_empty() {
                    Value::Null
                } else {
                    Value::Array(elements.into())
                }
            }
            "ARRAY_CONCAT_AGG" => {
                let mut elements: Vec<Element> = Vec::new();
                for value in &values {
                    match value {
                        Value::Array(more) => elements.extend(more.iter().cloned()),
                        _ => {
                            return ExecutionError::unsupported(
                                "ARRAY_CONCAT_AGG of what is no ARRAY",
                            );
                        }
                    }
                }
                if values.is_empty() {
                    Value::Null
                } else {
                    Value::Array(elements.into())
                }
            }
            other => return ExecutionError::unsupported(format!("the aggregate {other}")),
        };
        value.spend();
        // Rows whose value is not counted have no part in a count.
        let counted = taken
            .iter()
            .map(|(cell, _)| cell)
            .filter(|cell| match call.name.as_str() {
                "COUNTIF" => matches!(cell.value, Value::Bool(true)),
                "COUNT" | "APPROX_COUNT_DISTINCT" => !cell.value.is_null(),
                _ => true,
            });
        Ok(Cell::of(value, Rc::new(union(counted))))
    }

    /// Returns the people behind an element: with DISTINCT, all who have its value.
    fn holders(
        &self,
        call: &AggregateCall,
        cell: &Cell,
        member: Member,
        taken: &[(Cell, Member)],
    ) -> People {
        if !call.distinct {
            return (*member.people).clone();
        }
        spend(1 + taken.len() / 8);
        let mut people = People::default();
        for (other, member) in taken {
            if other.value.same(&cell.value) {
                people.add(&member.people);
            }
        }
        people
    }

    fn limit(&mut self, call: &AggregateCall) -> Result<usize, ExecutionError> {
        let Some(limit) = &call.limit else {
            return Ok(usize::MAX);
        };
        match limit.kind {
            ExprKind::Literal(crate::plan::Literal::Int(limit)) => {
                Ok(usize::try_from(limit).unwrap_or(0))
            }
            _ => ExecutionError::unsupported("a LIMIT that is no constant"),
        }
    }
}

impl Group {
    fn new(keys: Vec<Value>) -> Self {
        Self {
            parts: vec![People::default(); keys.len()],
            keys,
            beside: People::default(),
            members: Vec::new(),
        }
    }
}

/// Returns the people of several values as one part.
fn union<'a>(cells: impl Iterator<Item = &'a Cell>) -> People {
    let mut all = People::default();
    for cell in cells {
        for part in cell.parts() {
            all.add(part);
        }
    }
    all
}

/// Computes GROUPING(key): 1 if the key is rolled up.
fn grouping(
    call: &AggregateCall,
    keys: &[KeyColumn],
    set: &[usize],
) -> Result<Cell, ExecutionError> {
    let place = call
        .args
        .first()
        .and_then(|argument: &Expr| keys.iter().position(|key| key.expr.same(argument)));
    match place {
        Some(place) => Ok(Cell::bare(Value::Int(i64::from(!set.contains(&place))))),
        None => ExecutionError::unsupported("GROUPING of what is no key"),
    }
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn distinct_count(values: &[&Value]) -> i64 {
    let mut seen: Vec<&Value> = Vec::new();
    for value in values {
        spend(1 + seen.len() / 8);
        if !seen.iter().any(|known| known.same(value)) {
            seen.push(value);
        }
    }
    count(seen.len())
}

fn sum(values: &[&Value]) -> Result<Value, ExecutionError> {
    let mut total: Option<Value> = None;
    for value in values {
        total = Some(match (total, value) {
            (None, Value::Int(_) | Value::Float(_)) => (*value).clone(),
            (Some(Value::Int(a)), Value::Int(b)) => match a.checked_add(*b) {
                Some(sum) => Value::Int(sum),
                None => return ExecutionError::failed("SUM overflows"),
            },
            (Some(Value::Float(a)), Value::Float(b)) => Value::Float(a + b),
            (Some(Value::Float(a)), Value::Int(b)) => Value::Float(a + float(*b)),
            (Some(Value::Int(a)), Value::Float(b)) => Value::Float(float(a) + b),
            _ => return ExecutionError::unsupported("SUM of what is no number"),
        });
    }
    Ok(total.unwrap_or(Value::Null))
}

#[expect(clippy::cast_precision_loss, reason = "a number of rows is small")]
fn average(values: &[&Value]) -> Result<Value, ExecutionError> {
    if values.is_empty() {
        return Ok(Value::Null);
    }
    let mut total = 0.0;
    for value in values {
        total += match value {
            Value::Int(number) => float(*number),
            Value::Float(number) => *number,
            _ => return ExecutionError::unsupported("AVG of what is no number"),
        };
    }
    Ok(Value::Float(total / values.len() as f64))
}

/// Returns the value that MIN, MAX or ANY_VALUE selects.
fn extreme<'a>(name: &str, values: &[&'a Value]) -> Option<&'a Value> {
    let mut chosen: Option<&Value> = None;
    for value in values {
        let better = match chosen {
            None => true,
            Some(known) => match name {
                "MIN" => value.order(known).is_lt(),
                "MAX" => value.order(known).is_gt(),
                _ => false,
            },
        };
        if better {
            chosen = Some(value);
        }
    }
    chosen
}

/// Combines the parts of several values; each stays separate.
pub(super) fn parts_of<'a>(cells: impl Iterator<Item = &'a Cell>) -> super::people::Parts {
    cells.fold(None, |parts, cell| together(parts, &cell.parts))
}
