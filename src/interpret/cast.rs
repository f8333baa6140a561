//! Evaluation of CAST.

use std::rc::Rc;

use super::ExecutionError;
use super::value::{Value, float};

/// Converts a value to another type.
pub(super) fn cast(value: &Value, to: &str) -> Result<Value, ExecutionError> {
    match (value, to) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::Int(_), "INT64")
        | (Value::Float(_), "FLOAT64")
        | (Value::String(_), "STRING")
        | (Value::Bool(_), "BOOL")
        | (Value::Date(_), "DATE") => Ok(value.clone()),
        (Value::Int(number), "FLOAT64") => Ok(Value::Float(float(*number))),
        (Value::Int(number), "BOOL") => Ok(Value::Bool(*number != 0)),
        (Value::Int(number), "STRING") => Ok(Value::string(&number.to_string())),
        (Value::Float(number), "INT64") => whole(*number),
        (Value::Bool(truth), "INT64") => Ok(Value::Int(i64::from(*truth))),
        (Value::Bool(truth), "STRING") => Ok(Value::string(if *truth { "true" } else { "false" })),
        (Value::String(text), "INT64") => match text.trim().parse() {
            Ok(number) => Ok(Value::Int(number)),
            Err(_) => ExecutionError::failed(format!("'{text}' is no INT64")),
        },
        (Value::String(text), "FLOAT64") => match text.trim().parse() {
            Ok(number) => Ok(Value::Float(number)),
            Err(_) => ExecutionError::failed(format!("'{text}' is no FLOAT64")),
        },
        (Value::String(text), "BOOL") => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => ExecutionError::failed(format!("'{text}' is no BOOL")),
        },
        (Value::String(text), "DATE") => date(text),
        (Value::Date(text), "STRING") => Ok(Value::String(Rc::clone(text))),
        _ => ExecutionError::unsupported(format!("a CAST to {to}")),
    }
}

/// Parses a DATE of the form `2026-01-31`.
pub(super) fn date(text: &str) -> Result<Value, ExecutionError> {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &&str, length: usize| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    match parts.as_slice() {
        [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
            Ok(Value::Date(Rc::from(text)))
        }
        _ => ExecutionError::unsupported(format!("the DATE '{text}'")),
    }
}

/// Rounds half away from zero, as GoogleSQL does.
fn whole(number: f64) -> Result<Value, ExecutionError> {
    let rounded = number.round();
    if rounded.is_finite() && rounded.abs() < 9.2e18 {
        #[expect(clippy::cast_possible_truncation, reason = "it is in range")]
        Ok(Value::Int(rounded as i64))
    } else {
        ExecutionError::failed("a FLOAT64 that is no INT64")
    }
}
