//! Jinja's tests and comparisons, where MiniJinja's own ones differ.
//!
//! A test that Python rejects, or whose result depends on internals of Python, is an
//! error; a condition on it is undecided.

use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Value};
use rustc_hash::FxHashMap;

use super::attributes::{alike, is_tuple};
use super::lazy::Lazy;
use super::mutable::{Dict, List, pairs};
use super::names;
use super::python::{PythonType, attr};
use super::run::Run;

type Answer = Result<bool, Error>;

fn open() -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        "the result of the test is unknown",
    )
}

/// Replaces MiniJinja's filters and tests by Jinja's.
pub(super) fn set_up(environment: &mut Environment<'static>, run: &Arc<Run>) {
    let (filters, tests) = names::others();
    filters
        .iter()
        .for_each(|name| environment.remove_filter(name));
    tests.iter().for_each(|name| environment.remove_test(name));
    let noted = Arc::clone(run);
    environment.add_filter("attr", move |value: Value, name: Value| {
        attr(&noted, &value, &name)
    });
    environment.add_test("sequence", |value: Value| sequence(&value));
    environment.add_test("iterable", |value: Value| iterable(&value));
    environment.add_test("mapping", |value: Value| match PythonType::of(&value) {
        PythonType::Object | PythonType::Open if !value.is_undefined() => Err(open()),
        of => Ok(of == PythonType::Mapping),
    });
    environment.add_test("callable", |value: Value| match PythonType::of(&value) {
        PythonType::Object | PythonType::Open | PythonType::Namespace => Err(open()),
        _ => Ok(false),
    });
    environment.add_test("escaped", |_: Value| -> Answer { Err(open()) });
    environment.add_test("odd", |value: Value| {
        Ok::<_, Error>(whole(&value)?.rem_euclid(2) == 1)
    });
    environment.add_test("even", |value: Value| {
        Ok::<_, Error>(whole(&value)?.rem_euclid(2) == 0)
    });
    environment.add_test("divisibleby", |value: Value, by: Value| {
        let rest = whole(&value)?.checked_rem(whole(&by)?);
        rest.map(|rest| rest == 0).ok_or_else(open)
    });
    environment.add_test("lower", |value: Value| cased(&value, char::is_lowercase));
    environment.add_test("upper", |value: Value| cased(&value, char::is_uppercase));
    environment.add_test("sameas", |value: Value, other: Value| same(&value, &other));
    environment.add_test("filter", |name: String| listed(names::is_filter(&name)));
    environment.add_test("test", |name: String| {
        listed(names::TESTS.contains(&name.as_str()))
    });
    for name in ["eq", "equalto", "=="] {
        environment.add_test(name, |a: Value, b: Value| equal(&a, &b));
    }
    for name in ["ne", "!="] {
        environment.add_test(name, |a: Value, b: Value| equal(&a, &b).map(|equal| !equal));
    }
    for name in ["lt", "lessthan", "<"] {
        environment.add_test(name, |a: Value, b: Value| ordered(&a, &b).map(|()| a < b));
    }
    for name in ["le", "<="] {
        environment.add_test(name, |a: Value, b: Value| ordered(&a, &b).map(|()| a <= b));
    }
    for name in ["gt", "greaterthan", ">"] {
        environment.add_test(name, |a: Value, b: Value| ordered(&a, &b).map(|()| a > b));
    }
    for name in ["ge", ">="] {
        environment.add_test(name, |a: Value, b: Value| ordered(&a, &b).map(|()| a >= b));
    }
    environment.add_test("in", |item: Value, of: Value| contained(&item, &of));
}

/// Returns `true` for a name of Jinja; a project may have added any other name.
fn listed(known: bool) -> Answer {
    if known { Ok(true) } else { Err(open()) }
}

fn sequence(value: &Value) -> Answer {
    match PythonType::of(value) {
        _ if value.is_undefined() => Ok(true),
        PythonType::Text | PythonType::Mapping => Ok(true),
        PythonType::Number | PythonType::Nothing | PythonType::Namespace => Ok(false),
        PythonType::Sequence if value.downcast_object_ref::<Lazy>().is_some() => Ok(false),
        PythonType::Sequence if value.kind() == ValueKind::Seq => Ok(true),
        PythonType::Sequence | PythonType::Object | PythonType::Open => Err(open()),
    }
}

fn iterable(value: &Value) -> Answer {
    match PythonType::of(value) {
        _ if value.is_undefined() => Ok(true),
        PythonType::Text | PythonType::Mapping | PythonType::Sequence => Ok(true),
        PythonType::Number | PythonType::Nothing | PythonType::Namespace => Ok(false),
        PythonType::Object | PythonType::Open => Err(open()),
    }
}

/// Converts a value to an integer; in Python, `true` is one.
fn whole(value: &Value) -> Result<i64, Error> {
    match value.kind() {
        ValueKind::Bool => Ok(i64::from(value.is_true())),
        ValueKind::Number if value.is_integer() => value.as_i64().ok_or_else(open),
        _ => Err(open()),
    }
}

/// Whether a text has letters and all of them are of one case. A value that is not a
/// text is tested as its text.
fn cased(value: &Value, of_case: fn(char) -> bool) -> Answer {
    let text = match PythonType::of(value) {
        PythonType::Text => value.as_str().map(str::to_owned).ok_or_else(open)?,
        PythonType::Number if value.is_integer() => return Ok(false),
        _ => return Err(open()),
    };
    if !text.is_ascii() {
        return Err(open());
    }
    let mut letters = text.chars().filter(char::is_ascii_alphabetic).peekable();
    Ok(letters.peek().is_some() && letters.all(of_case))
}

/// Whether two values are one object. Python may share equal numbers and texts.
fn same(value: &Value, other: &Value) -> Answer {
    if let (Some(value), Some(other)) = (value.as_object(), other.as_object()) {
        let place = |object: &minijinja::value::DynObject| {
            let list = object.downcast_ref::<List>().map(std::ptr::from_ref);
            let dict = object.downcast_ref::<Dict>().map(std::ptr::from_ref);
            list.map(<*const List>::cast::<()>)
                .or(dict.map(<*const Dict>::cast))
        };
        return match (place(value), place(other)) {
            (Some(value), Some(other)) => Ok(value == other),
            (Some(_), None) | (None, Some(_)) => Ok(false),
            (None, None) => Err(open()),
        };
    }
    if value.kind() != other.kind() || (value.is_integer() != other.is_integer()) {
        return Ok(false);
    }
    match value.kind() {
        ValueKind::None => Ok(true),
        ValueKind::Bool => Ok(value == other),
        ValueKind::Number | ValueKind::String if value != other => Ok(false),
        _ => Err(open()),
    }
}

/// Returns the class of a value; only values of one class can be equal or ordered.
fn order_of(value: &Value) -> Option<u8> {
    match PythonType::of(value) {
        PythonType::Text => Some(0),
        PythonType::Number => Some(1),
        PythonType::Sequence if is_tuple(value) => Some(2),
        PythonType::Sequence if value.kind() == ValueKind::Seq => Some(3),
        _ => None,
    }
}

/// Converts a truth value to a number; other values stay.
fn number(value: &Value) -> Value {
    match value.kind() {
        ValueKind::Bool => Value::from(i64::from(value.is_true())),
        _ => value.clone(),
    }
}

pub(super) fn equal(a: &Value, b: &Value) -> Answer {
    match (PythonType::of(a), PythonType::of(b)) {
        (PythonType::Number, PythonType::Number) => Ok(number(a) == number(b)),
        (PythonType::Sequence, PythonType::Sequence) => {
            if order_of(a).is_none() || order_of(b).is_none() {
                return Err(open());
            }
            if order_of(a) != order_of(b) || a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in a.try_iter()?.zip(b.try_iter()?) {
                if !equal(&a, &b)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (PythonType::Mapping, PythonType::Mapping) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            let (Some(of_a), Some(of_b)) = (pairs(a), pairs(b)) else {
                return Err(open());
            };
            let mut known: FxHashMap<u64, Vec<&(Value, Value)>> = FxHashMap::default();
            for pair in &of_b {
                known.entry(alike(&pair.0)).or_default().push(pair);
            }
            for (key, value) in &of_a {
                let mut others = known.get(&alike(key)).into_iter().flatten();
                match others.find(|(other, _)| other == key) {
                    Some((_, other)) if equal(value, other)? => {}
                    Some(_) | None => return Ok(false),
                }
            }
            Ok(true)
        }
        _ => Ok(a == b),
    }
}

pub(super) fn ordered(a: &Value, b: &Value) -> Result<(), Error> {
    match (order_of(a), order_of(b)) {
        (Some(of_a), Some(of_b)) if of_a == of_b => {}
        _ => return Err(open()),
    }
    if matches!(order_of(a), Some(2 | 3)) {
        for (a, b) in a.try_iter()?.zip(b.try_iter()?) {
            ordered(&a, &b)?;
        }
    }
    let odd = |value: &Value| value.kind() == ValueKind::Bool;
    if odd(a) != odd(b) {
        Err(open())
    } else {
        Ok(())
    }
}

fn contained(item: &Value, of: &Value) -> Answer {
    match PythonType::of(of) {
        PythonType::Text => match (item.as_str(), of.as_str()) {
            (Some(item), Some(of)) => Ok(of.contains(item)),
            _ => Err(open()),
        },
        PythonType::Sequence | PythonType::Mapping => {
            for other in of.try_iter()? {
                if equal(item, &other)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(open()),
    }
}
