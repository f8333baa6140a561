//! Writes values as Python does; items of a list or dictionary are written as
//! literals.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Output, State, Value};

use super::attributes::is_tuple;
use super::mutable::pairs;
use super::run::{CLOSE, OPEN};

/// Writes a value as Python does.
pub(super) fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.as_object().is_some() {
        super::sizes::charge_traversal(state, 1, [value])?;
    }
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Map) {
        let mut text = String::new();
        python(value, &mut text, 12)?;
        return out.write_str(&text).map_err(Error::from);
    }
    if let Some(text) = exponent(value) {
        return out.write_str(&text).map_err(Error::from);
    }
    minijinja::escape_formatter(out, state, value)
}

/// Writes a float with an exponent, if Python writes it with one.
fn exponent(value: &Value) -> Option<String> {
    if value.kind() != ValueKind::Number || value.is_integer() {
        return None;
    }
    let number = f64::try_from(value.clone()).ok()?;
    let size = number.abs();
    if !number.is_finite() || number == 0.0 || (1e-4..1e16).contains(&size) {
        return None;
    }
    let written = format!("{number:e}");
    let (digits, exponent) = written.split_once('e')?;
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    Some(format!("{digits}e{sign}{exponent:0>2}"))
}

/// The maximum length of a written list in bytes.
const LONGEST: usize = 20 << 20;

fn python(value: &Value, text: &mut String, depth: usize) -> Result<(), Error> {
    let too_long = || Error::new(ErrorKind::OutOfFuel, "the list is too long to be written");
    if depth == 0 || text.len() > LONGEST {
        return Err(too_long());
    }
    let (open, close) = match value.kind() {
        ValueKind::Map => ("{", "}"),
        ValueKind::Seq if is_tuple(value) => ("(", ")"),
        ValueKind::Seq => ("[", "]"),
        ValueKind::String => return quoted(value.as_str().unwrap_or(""), text),
        ValueKind::Undefined => {
            text.push_str("Undefined");
            return Ok(());
        }
        ValueKind::Bool => {
            text.push_str(if value.is_true() { "True" } else { "False" });
            return Ok(());
        }
        _ => {
            text.push_str(&exponent(value).unwrap_or_else(|| value.to_string()));
            return Ok(());
        }
    };
    text.push_str(open);
    if let Some(pairs) = pairs(value) {
        for (at, (key, item)) in pairs.iter().enumerate() {
            text.push_str(if at > 0 { ", " } else { "" });
            python(key, text, depth - 1)?;
            text.push_str(": ");
            python(item, text, depth - 1)?;
        }
    } else {
        for (at, item) in value.try_iter()?.enumerate() {
            text.push_str(if at > 0 { ", " } else { "" });
            python(&item, text, depth - 1)?;
        }
    }
    if is_tuple(value) && value.len() == Some(1) {
        text.push(',');
    }
    text.push_str(close);
    Ok(())
}

/// Writes a quoted text, in double quotes if it contains only single ones.
fn quoted(value: &str, text: &mut String) -> Result<(), Error> {
    let quote = match value.contains('\'') && !value.contains('"') {
        true => '"',
        false => '\'',
    };
    text.push(quote);
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            OPEN | CLOSE => text.push(character),
            other if other == quote => text.extend(['\\', other]),
            other if other.is_ascii_control() => {
                text.push_str(&format!("\\x{:02x}", u32::from(other)));
            }
            other if other.is_ascii() || other.is_alphanumeric() => text.push(other),
            // Python writes some of these characters literally and escapes others.
            _ => {
                return Err(Error::new(
                    ErrorKind::InvalidOperation,
                    "it is unknown how Python writes a character in a list",
                ));
            }
        }
    }
    text.push(quote);
    Ok(())
}
