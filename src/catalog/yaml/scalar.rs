//! Plain scalars in YAML 1.1, as PyYAML resolves and constructs them.

use yaml_serde::{Number, Value};

/// The type of a plain scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarKind {
    Null,
    Bool,
    Int,
    Float,
    Date,
    Merge,
    Text,
}

impl ScalarKind {
    /// Returns the suffix of its tag.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Date => "timestamp",
            Self::Merge => "merge",
            Self::Text => "str",
        }
    }
}

const TRUE: [&str; 9] = [
    "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON",
];
const FALSE: [&str; 9] = [
    "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF",
];
const NULL: [&str; 5] = ["", "~", "null", "Null", "NULL"];

/// Resolves the type of a plain scalar.
pub(super) fn kind(text: &str) -> ScalarKind {
    if NULL.contains(&text) {
        ScalarKind::Null
    } else if TRUE.contains(&text) || FALSE.contains(&text) {
        ScalarKind::Bool
    } else if text == "<<" {
        ScalarKind::Merge
    } else if is_float(text) {
        ScalarKind::Float
    } else if is_int(text) {
        ScalarKind::Int
    } else if is_date(text) {
        ScalarKind::Date
    } else {
        ScalarKind::Text
    }
}

fn digits(text: &str) -> usize {
    text.bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'_')
        .count()
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// Whether the text consists of one or more base-60 digits `:0` to `:59`.
fn is_base_60_suffix(text: &str) -> bool {
    let mut parts = text.split(':');
    parts.next() == Some("")
        && parts.clone().next().is_some()
        && parts.all(|part| {
            let few = matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
            few && (part.len() == 1 || part.as_bytes()[0] <= b'5')
        })
}

fn is_int(text: &str) -> bool {
    let text = unsigned(text);
    let all = |digits: &str, known: &dyn Fn(u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|byte| known(byte) || byte == b'_')
    };
    if let Some(binary) = text.strip_prefix("0b") {
        return all(binary, &|byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return all(hexadecimal, &|byte| byte.is_ascii_hexdigit());
    }
    if let Some(octal) = text.strip_prefix('0') {
        return octal.is_empty() || all(octal, &|byte| matches!(byte, b'0'..=b'7'));
    }
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let rest = &text[digits(text)..];
    rest.is_empty() || is_base_60_suffix(rest)
}

fn is_float(text: &str) -> bool {
    let bare = unsigned(text);
    if matches!(bare, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let exponent = |rest: &str| {
        rest.is_empty()
            || rest
                .strip_prefix(['e', 'E'])
                .and_then(|rest| rest.strip_prefix(['+', '-']))
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    // A number without a sign may begin with the decimal point.
    if let Some(fraction) = text.strip_prefix('.') {
        let length = digits(fraction);
        let begins = fraction.starts_with(|first: char| first.is_ascii_digit());
        return begins && exponent(&fraction[length..]);
    }
    if !bare.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let Some((whole, fraction)) = bare.split_once('.') else {
        return false;
    };
    let length = digits(whole);
    let rest = &fraction[digits(fraction)..];
    if length == whole.len() {
        return exponent(rest);
    }
    is_base_60_suffix(&whole[length..]) && rest.is_empty()
}

fn is_date(text: &str) -> bool {
    let mut rest = text;
    // Consumes a number of `least` to `most` digits.
    let number = |rest: &mut &str, least: usize, most: usize| {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let is = (least..=most).contains(&length);
        *rest = &rest[length..];
        is
    };
    let sign = |rest: &mut &str, sign: char| match rest.strip_prefix(sign) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    };
    if !(number(&mut rest, 4, 4) && sign(&mut rest, '-')) {
        return false;
    }
    let day = rest;
    if number(&mut rest, 2, 2) && sign(&mut rest, '-') && number(&mut rest, 2, 2) && rest.is_empty()
    {
        return true;
    }
    rest = day;
    if !(number(&mut rest, 1, 2) && sign(&mut rest, '-') && number(&mut rest, 1, 2)) {
        return false;
    }
    let spaces = |rest: &str| rest.trim_start_matches([' ', '\t']).len();
    let after = match rest.strip_prefix(['T', 't']) {
        Some(after) => after,
        None if spaces(rest) < rest.len() => &rest[rest.len() - spaces(rest)..],
        None => return false,
    };
    rest = after;
    let time = number(&mut rest, 1, 2)
        && sign(&mut rest, ':')
        && number(&mut rest, 2, 2)
        && sign(&mut rest, ':')
        && number(&mut rest, 2, 2);
    if !time {
        return false;
    }
    if sign(&mut rest, '.') {
        number(&mut rest, 0, usize::MAX);
    }
    if rest.is_empty() {
        return true;
    }
    let zone = &rest[rest.len() - spaces(rest)..];
    if zone == "Z" {
        return true;
    }
    let Some(mut zone) = zone.strip_prefix(['+', '-']) else {
        return false;
    };
    number(&mut zone, 1, 2)
        && (zone.is_empty() || sign(&mut zone, ':') && number(&mut zone, 2, 2) && zone.is_empty())
}

/// Constructs the value of a scalar; `None` if Python rejects it.
pub(super) fn value(text: &str, kind: ScalarKind) -> Option<Value> {
    Some(match kind {
        ScalarKind::Null => Value::Null,
        ScalarKind::Bool => Value::Bool(TRUE.contains(&text)),
        ScalarKind::Int => int(text)?,
        ScalarKind::Float => float(text)?,
        // An invalid date, which Python rejects, must not prevent the rest from
        // being read.
        ScalarKind::Date | ScalarKind::Merge | ScalarKind::Text => Value::String(text.to_owned()),
    })
}

fn int(text: &str) -> Option<Value> {
    let plain = text.replace('_', "");
    let negative = plain.starts_with('-');
    let bare = unsigned(&plain);
    let read = |digits: &str, base: u32| i128::from_str_radix(digits, base).ok();
    let number = if bare == "0" {
        Some(0)
    } else if let Some(digits) = bare.strip_prefix("0b") {
        read(digits, 2)
    } else if let Some(digits) = bare.strip_prefix("0x") {
        read(digits, 16)
    } else if let Some(digits) = bare.strip_prefix('0') {
        read(digits, 8)
    } else {
        let mut parts = bare.split(':');
        parts.try_fold(0_i128, |sum, part| {
            sum.checked_mul(60)?.checked_add(read(part, 10)?)
        })
    };
    let number = if negative {
        number?.checked_neg()?
    } else {
        number?
    };
    Some(match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => Value::Number(Number::from(number)),
        (_, Ok(number)) => Value::Number(Number::from(number)),
        // Python prints the number with the same digits.
        (Err(_), Err(_)) => Value::String(number.to_string()),
    })
}

fn float(text: &str) -> Option<Value> {
    let plain = text.replace('_', "").to_lowercase();
    let negative = plain.starts_with('-');
    let bare = unsigned(&plain);
    let number = match bare {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        _ => {
            let mut parts = bare.split(':');
            parts.try_fold(0.0, |sum, part| {
                Some(sum * 60.0 + part.parse::<f64>().ok()?)
            })?
        }
    };
    let number = if negative { -number } else { number };
    Some(Value::Number(Number::from(number)))
}
