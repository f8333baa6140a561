//! Evaluation of scalar functions and operators.

use super::aggregate::{count, parts_of};
use super::people::{Cell, Parts, People, together};
use super::value::{Element, Value, float};
use super::{Env, ExecutionError, Interpreter};
use crate::plan::Expr;

impl Interpreter<'_> {
    pub(super) fn scalar(
        &mut self,
        name: &str,
        args: &[Expr],
        env: &Env,
        beside: &mut People,
    ) -> Result<Cell, ExecutionError> {
        // The result is one of the arguments, with its people alone. A constant
        // counts the people whose NULL it replaces, as in CASE.
        if matches!(name, "COALESCE" | "IFNULL") {
            let mut null: Parts = None;
            for arg in args {
                let mut cell = self.eval(arg, env, beside)?;
                if cell.value.is_null() {
                    null = together(null, &cell.parts);
                    continue;
                }
                if cell.parts.is_none() && !cell.value.is_zero() {
                    cell.parts = null;
                }
                return Ok(cell);
            }
            return Ok(Cell {
                value: Value::Null,
                parts: null,
            });
        }
        let mut cells = Vec::new();
        for arg in args {
            cells.push(self.eval(arg, env, beside)?);
        }
        let parts = parts_of(cells.iter());
        let values: Vec<&Value> = cells.iter().map(|cell| &cell.value).collect();
        if let Some(cell) = choice(name, &cells)? {
            return Ok(cell);
        }
        if let Some(value) = evaluate_array_function(name, &cells)? {
            return Ok(Cell { value, parts });
        }
        let value = match (name, values.as_slice()) {
            ("IS TRUE", [value]) => Value::Bool(value.truth()? == Some(true)),
            ("IS FALSE", [value]) => Value::Bool(value.truth()? == Some(false)),
            (_, values) if values.iter().any(|value| value.is_null()) => {
                if !is_known(name) {
                    return ExecutionError::unsupported(format!("the function {name}"));
                }
                Value::Null
            }
            (name, values) => plain(name, values)?,
        };
        Ok(Cell { value, parts })
    }
}

/// Whether a function is known to return NULL if an argument is NULL.
fn is_known(name: &str) -> bool {
    const KNOWN: [&str; 25] = [
        "+",
        "-",
        "*",
        "/",
        "||",
        "UNARY -",
        "ABS",
        "CEIL",
        "CHAR_LENGTH",
        "CONCAT",
        "DIV",
        "ENDS_WITH",
        "FLOOR",
        "LENGTH",
        "LIKE",
        "LOWER",
        "LTRIM",
        "MOD",
        "REVERSE",
        "ROUND",
        "RTRIM",
        "SIGN",
        "STARTS_WITH",
        "SUBSTR",
        "TRIM",
    ];
    KNOWN.contains(&name) || matches!(name, "UPPER" | "STRPOS")
}

/// Computes a function whose value is one of its arguments.
fn choice(name: &str, cells: &[Cell]) -> Result<Option<Cell>, ExecutionError> {
    match (name, cells) {
        ("NULLIF", [value, other]) => {
            let equal = value
                .value
                .compare(&other.value)?
                .is_some_and(std::cmp::Ordering::is_eq);
            Ok(Some(Cell {
                value: if equal {
                    Value::Null
                } else {
                    value.value.clone()
                },
                parts: value.parts.clone(),
            }))
        }
        ("LEAST" | "GREATEST", [first, rest @ ..]) => {
            let parts = parts_of(cells.iter());
            if cells.iter().any(|cell| cell.value.is_null()) {
                return Ok(Some(Cell {
                    value: Value::Null,
                    parts,
                }));
            }
            let mut chosen = first;
            for cell in rest {
                let order = cell.value.compare(&chosen.value)?;
                let wanted = if name == "LEAST" {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                };
                if order == Some(wanted) {
                    chosen = cell;
                }
            }
            Ok(Some(Cell {
                value: chosen.value.clone(),
                parts,
            }))
        }
        _ => Ok(None),
    }
}

fn evaluate_array_function(name: &str, cells: &[Cell]) -> Result<Option<Value>, ExecutionError> {
    match (name, cells) {
        ("ARRAY_LENGTH", [array]) => match &array.value {
            Value::Null => Ok(Some(Value::Null)),
            Value::Array(elements) => Ok(Some(Value::Int(count(elements.len())))),
            _ => ExecutionError::unsupported("ARRAY_LENGTH of what is no ARRAY"),
        },
        ("ARRAY_CONCAT", arrays) => {
            let mut all = Vec::new();
            for array in arrays {
                match &array.value {
                    Value::Null => return Ok(Some(Value::Null)),
                    Value::Array(elements) => all.extend(elements.iter().cloned()),
                    _ => return ExecutionError::unsupported("ARRAY_CONCAT of what is no ARRAY"),
                }
            }
            Ok(Some(Value::Array(all.into())))
        }
        ("GENERATE_ARRAY", [from, to]) => match (&from.value, &to.value) {
            (Value::Int(from), Value::Int(to)) if to.saturating_sub(*from) < 1_000 => {
                let elements: Vec<Element> = (*from..=*to)
                    .map(|number| Element {
                        cell: Cell::bare(Value::Int(number)),
                        row: None,
                    })
                    .collect();
                Ok(Some(Value::Array(elements.into())))
            }
            (Value::Null, _) | (_, Value::Null) => Ok(Some(Value::Null)),
            _ => ExecutionError::unsupported("this GENERATE_ARRAY"),
        },
        _ => Ok(None),
    }
}

/// Computes a function of values that are not NULL.
fn plain(name: &str, values: &[&Value]) -> Result<Value, ExecutionError> {
    match (name, values) {
        ("+" | "*", [first, rest @ ..]) if !rest.is_empty() => {
            let mut total = (*first).clone();
            for value in rest {
                total = arithmetic(name, &total, value)?;
            }
            Ok(total)
        }
        ("-" | "/" | "DIV" | "MOD", [a, b]) => arithmetic(name, a, b),
        ("||" | "CONCAT", texts) => {
            let mut whole = String::new();
            for text in texts {
                whole.push_str(string(name, text)?);
            }
            Ok(Value::string(&whole))
        }
        ("UNARY -", [Value::Int(number)]) => match number.checked_neg() {
            Some(number) => Ok(Value::Int(number)),
            None => ExecutionError::failed("an overflow"),
        },
        ("UNARY -", [Value::Float(number)]) => Ok(Value::Float(-number)),
        ("ABS", [Value::Int(number)]) => match number.checked_abs() {
            Some(number) => Ok(Value::Int(number)),
            None => ExecutionError::failed("an overflow"),
        },
        ("ABS", [Value::Float(number)]) => Ok(Value::Float(number.abs())),
        ("SIGN", [Value::Int(number)]) => Ok(Value::Int(number.signum())),
        ("ROUND", [number]) => Ok(Value::Float(as_float(name, number)?.round())),
        ("CEIL", [number]) => Ok(Value::Float(as_float(name, number)?.ceil())),
        ("FLOOR", [number]) => Ok(Value::Float(as_float(name, number)?.floor())),
        ("UPPER", [text]) => Ok(Value::string(&string(name, text)?.to_uppercase())),
        ("LOWER", [text]) => Ok(Value::string(&string(name, text)?.to_lowercase())),
        ("TRIM", [text]) => Ok(Value::string(string(name, text)?.trim())),
        ("LTRIM", [text]) => Ok(Value::string(string(name, text)?.trim_start())),
        ("RTRIM", [text]) => Ok(Value::string(string(name, text)?.trim_end())),
        ("REVERSE", [text]) => {
            let reversed: String = string(name, text)?.chars().rev().collect();
            Ok(Value::string(&reversed))
        }
        ("LENGTH" | "CHAR_LENGTH", [text]) => {
            Ok(Value::Int(count(string(name, text)?.chars().count())))
        }
        ("STARTS_WITH", [text, part]) => Ok(Value::Bool(
            string(name, text)?.starts_with(string(name, part)?),
        )),
        ("ENDS_WITH", [text, part]) => Ok(Value::Bool(
            string(name, text)?.ends_with(string(name, part)?),
        )),
        ("STRPOS", [text, part]) => {
            let (text, part) = (string(name, text)?, string(name, part)?);
            let at = text
                .find(part)
                .map_or(0, |at| text[..at].chars().count() + 1);
            Ok(Value::Int(count(at)))
        }
        ("LIKE", [text, pattern]) => {
            let text: Vec<char> = string(name, text)?.chars().collect();
            let pattern: Vec<char> = string(name, pattern)?.chars().collect();
            if pattern.contains(&'\\') {
                return ExecutionError::unsupported("a LIKE pattern with a backslash");
            }
            Ok(Value::Bool(like(&text, &pattern)))
        }
        ("SUBSTR", [text, from]) => part_of(string(name, text)?, from, None),
        ("SUBSTR", [text, from, length]) => part_of(string(name, text)?, from, Some(length)),
        (other, _) => ExecutionError::unsupported(format!("the function {other}")),
    }
}

fn string<'a>(name: &str, value: &'a Value) -> Result<&'a str, ExecutionError> {
    match value {
        Value::String(text) => Ok(text),
        _ => ExecutionError::unsupported(format!("{name} of what is no STRING")),
    }
}

fn as_float(name: &str, value: &Value) -> Result<f64, ExecutionError> {
    match value {
        Value::Int(number) => Ok(float(*number)),
        Value::Float(number) => Ok(*number),
        _ => ExecutionError::unsupported(format!("{name} of what is no number")),
    }
}

fn arithmetic(name: &str, a: &Value, b: &Value) -> Result<Value, ExecutionError> {
    if let (Value::Int(a), Value::Int(b)) = (a, b)
        && name != "/"
    {
        if *b == 0 && matches!(name, "DIV" | "MOD") {
            return ExecutionError::failed("a division by zero");
        }
        let result = match name {
            "+" => a.checked_add(*b),
            "-" => a.checked_sub(*b),
            "*" => a.checked_mul(*b),
            "DIV" => a.checked_div(*b),
            _ => a.checked_rem(*b),
        };
        return match result {
            Some(number) => Ok(Value::Int(number)),
            None => ExecutionError::failed("an overflow"),
        };
    }
    let (a, b) = (as_float(name, a)?, as_float(name, b)?);
    let result = match name {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" if b == 0.0 => return ExecutionError::failed("a division by zero"),
        "/" => a / b,
        _ => return ExecutionError::unsupported(format!("{name} of FLOAT64")),
    };
    if result.is_infinite() && a.is_finite() && b.is_finite() {
        return ExecutionError::failed("an overflow");
    }
    Ok(Value::Float(result))
}

/// Computes SUBSTR: positions start at 1, negative ones count from the end, 0 is 1.
fn part_of(text: &str, from: &Value, length: Option<&&Value>) -> Result<Value, ExecutionError> {
    let Value::Int(from) = from else {
        return ExecutionError::unsupported("SUBSTR at what is no INT64");
    };
    let characters: Vec<char> = text.chars().collect();
    let size = count(characters.len());
    let start = if *from > 0 {
        from - 1
    } else if *from == 0 {
        0
    } else {
        size.saturating_add(*from).max(0)
    };
    let taken = match length {
        None => i64::MAX,
        Some(Value::Int(length)) if *length >= 0 => *length,
        Some(Value::Int(_)) => return ExecutionError::failed("a negative length of SUBSTR"),
        Some(_) => return ExecutionError::unsupported("SUBSTR of a length that is no INT64"),
    };
    let part: String = characters
        .iter()
        .skip(usize::try_from(start).unwrap_or(usize::MAX))
        .take(usize::try_from(taken).unwrap_or(usize::MAX))
        .collect();
    Ok(Value::string(&part))
}

/// Matches a LIKE pattern: `%` is any text, `_` any character.
///
/// The match is greedy and backtracks to the last `%`.
fn like(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut in_pattern) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('%') => {
                back = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(wanted) if *wanted == '_' || *wanted == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    at = from + 1;
                    in_pattern = star + 1;
                    back = Some((star, at));
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|rest| *rest == '%')
}
