//! Methods and other attributes of Python's values.
//!
//! Jinja looks for an attribute before the items for `a.b`, and after them for
//! `a['b']`. The value of such an attribute is unknown, and a call through it may
//! have changed the object.

use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

use super::lazy::Lazy;
use super::mutable::lost_change;
use super::run::Run;
use super::table::Table;
use super::unknown::{Unknown, describe, has_unknown};

const OF_TEXTS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
    // Attributes of texts that are marked as safe.
    "escape",
    "striptags",
    "unescape",
];
const OF_MAPPINGS: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];
/// Attributes of lists, tuples, ranges, views and lazy values.
const OF_SEQUENCES: &[&str] = &[
    "append",
    "clear",
    "close",
    "copy",
    "count",
    "extend",
    "gi_code",
    "gi_frame",
    "gi_running",
    "gi_suspended",
    "gi_yieldfrom",
    "index",
    "insert",
    "isdisjoint",
    "mapping",
    "pop",
    "remove",
    "reverse",
    "send",
    "sort",
    "start",
    "step",
    "stop",
    "throw",
];
const OF_NUMBERS: &[&str] = &[
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "conjugate",
    "denominator",
    "from_bytes",
    "fromhex",
    "hex",
    "imag",
    "is_integer",
    "numerator",
    "real",
    "to_bytes",
];
/// Attributes that the first and the last iteration of a loop lack.
const BESIDE_A_TURN: &[&str] = &["previtem", "nextitem"];

/// The type of a value in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PythonType {
    Text,
    Number,
    Nothing,
    Sequence,
    Mapping,
    Namespace,
    /// An object of Jinja: a macro, a loop, an imported template.
    Object,
    /// An unknown value, or a table, which resolves its own attributes.
    Open,
}

impl PythonType {
    pub(super) fn of(value: &Value) -> Self {
        if value.downcast_object_ref::<Unknown>().is_some()
            || value.downcast_object_ref::<Table>().is_some()
        {
            return Self::Open;
        }
        let own = value.as_object().map_or("", |object| object.type_name());
        match own.rsplit("::").next() {
            Some("Namespace") => return Self::Namespace,
            Some("Module" | "Macro" | "Loop") => return Self::Object,
            _ => {}
        }
        match value.kind() {
            ValueKind::String | ValueKind::Bytes => Self::Text,
            ValueKind::Number | ValueKind::Bool => Self::Number,
            ValueKind::None => Self::Nothing,
            ValueKind::Seq | ValueKind::Iterable => Self::Sequence,
            ValueKind::Map => Self::Mapping,
            ValueKind::Undefined => Self::Open,
            _ => Self::Object,
        }
    }

    /// Whether it has items that other code may change.
    pub(super) fn is_container(self) -> bool {
        matches!(self, Self::Sequence | Self::Mapping)
    }

    /// Whether every value of this type has an attribute.
    fn has(self, name: &str) -> bool {
        match self {
            Self::Open => false,
            Self::Object | Self::Namespace => name.starts_with('_'),
            _ if name.starts_with("__") => true,
            Self::Text => OF_TEXTS.contains(&name),
            Self::Number => OF_NUMBERS.contains(&name),
            Self::Nothing => false,
            Self::Sequence => OF_SEQUENCES.contains(&name),
            Self::Mapping => OF_MAPPINGS.contains(&name),
        }
    }
}

fn undefined(value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::new(
            ErrorKind::UndefinedError,
            "an undefined value has no attributes",
        ));
    }
    Ok(())
}

/// Returns an attribute of Python's value, which is unknown.
fn own(run: &Arc<Run>, value: &Value, of: PythonType, name: &str) -> Value {
    let text = format!("{}.{name}", describe(run, value));
    Unknown::attribute(run, text, name, of.is_container())
}

/// Whether an object of Jinja may have an attribute that MiniJinja's lacks.
fn may_have(of: PythonType, value: &Value, name: &str) -> bool {
    let turn = BESIDE_A_TURN.contains(&name)
        && value
            .as_object()
            .is_some_and(|object| object.type_name().ends_with("::Loop"));
    of == PythonType::Object && !turn
}

/// `value.name`
pub(super) fn attribute(run: &Arc<Run>, value: &Value, name: &str) -> Result<Value, Error> {
    undefined(value)?;
    let of = PythonType::of(value);
    if of.has(name) {
        return Ok(own(run, value, of, name));
    }
    let found = match name.parse::<usize>() {
        Ok(at) => return item(run, value, &Value::from(at)),
        Err(_) => value.get_attr(name)?,
    };
    if found.is_undefined() && may_have(of, value, name) {
        return Ok(own(run, value, of, name));
    }
    Ok(found)
}

/// `value[key]`
pub(super) fn item(run: &Arc<Run>, value: &Value, key: &Value) -> Result<Value, Error> {
    undefined(value)?;
    let of = PythonType::of(value);
    let unknown = || {
        let text = format!("{}[{}]", describe(run, value), describe(run, key));
        Ok(Unknown::value(run, text))
    };
    if of == PythonType::Open {
        return value.get_item(key);
    }
    let indexed = matches!(of, PythonType::Text | PythonType::Sequence);
    let other = match key.kind() {
        ValueKind::String => false,
        ValueKind::Number => indexed && !key.is_integer(),
        _ => indexed || key.kind() == ValueKind::Bool,
    };
    if has_unknown(run, key) || other || value.downcast_object_ref::<Lazy>().is_some() {
        return unknown();
    }
    if let (Some(text), Some(at)) = (value.as_str(), key.as_i64()) {
        if has_unknown(run, value) {
            return unknown();
        }
        let from_start = usize::try_from(at).ok();
        let from_end = usize::try_from(-(at + 1)).ok();
        let character = match (from_start, from_end) {
            (Some(at), _) => text.chars().nth(at),
            (None, Some(at)) => text.chars().rev().nth(at),
            (None, None) => None,
        };
        return Ok(character.map_or(Value::UNDEFINED, |found| Value::from(found.to_string())));
    }
    let found = value.get_item(key)?;
    match key.as_str() {
        Some(name) if found.is_undefined() && (of.has(name) || may_have(of, value, name)) => {
            Ok(own(run, value, of, name))
        }
        Some(_) | None => Ok(found),
    }
}

/// `value | attr(name)`, which never returns an item.
pub(super) fn attr(run: &Arc<Run>, value: &Value, name: &Value) -> Result<Value, Error> {
    undefined(value)?;
    let of = PythonType::of(value);
    let name = name
        .as_str()
        .map_or_else(|| name.to_string(), str::to_owned);
    match of {
        PythonType::Mapping if !of.has(&name) => Ok(Value::UNDEFINED),
        _ if name.parse::<usize>().is_ok() => Ok(Value::UNDEFINED),
        _ => attribute(run, value, &name),
    }
}

/// Checks the operand of a slice; fails for a lazy value.
pub(super) fn sliced(value: Value) -> Result<Value, Error> {
    if value.downcast_object_ref::<Lazy>().is_some() {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "a generated value has no parts",
        ));
    }
    Ok(value)
}

/// Filters that read an attribute of each item, and the argument positions of its
/// name. The name may always be passed as a named argument, too.
const READING: &[(&str, &[usize])] = &[
    ("groupby", &[0]),
    ("join", &[1]),
    ("map", &[]),
    ("max", &[1]),
    ("min", &[1]),
    ("rejectattr", &[0]),
    ("selectattr", &[0]),
    ("sort", &[2]),
    ("sum", &[0]),
    ("unique", &[1]),
];

/// Whether a filter or method gives another text than in Python. JSON is formatted
/// differently, and other characters are white space or line ends.
pub(super) fn differs(name: &str, subject: &Value, others: &[Value]) -> bool {
    let has = |signs: &[char]| subject.as_str().is_some_and(|text| text.contains(signs));
    const SPACES: [char; 4] = ['\x1c', '\x1d', '\x1e', '\x1f'];
    match name {
        "tojson" | "pprint" => true,
        // With a method, a whole number becomes a float.
        "round" => subject.is_integer() && !others.is_empty(),
        "trim" | "strip" | "lstrip" | "rstrip" | "split" | "wordcount" => has(&SPACES),
        "splitlines" => {
            let ends = ['\x0b', '\x0c', '\u{85}', '\u{2028}', '\u{2029}'];
            has(&SPACES) || has(&ends)
        }
        _ => false,
    }
}

/// Whether a filter reads an unknown attribute of an item.
pub(super) fn reads_unknown(run: &Arc<Run>, filter: &str, args: &[Value]) -> bool {
    let Some((_, places)) = READING.iter().find(|(name, _)| *name == filter) else {
        return false;
    };
    let Some((subject, others)) = args.split_first() else {
        return false;
    };
    let (positional, named) = super::environment::arguments(others);
    let named = named.and_then(|named| named.peek::<Value>("attribute").ok());
    let paths = places.iter().filter_map(|at| positional.get(*at).cloned());
    let paths: Vec<String> = paths
        .chain(named)
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect();
    if paths.is_empty() {
        return false;
    }
    let items = match subject.downcast_object_ref::<Lazy>() {
        Some(lazy) => lazy.waiting(),
        None => subject
            .try_iter()
            .map(Iterator::collect)
            .unwrap_or_default(),
    };
    let open = |from: &Value, path: &str| {
        let mut at = from.clone();
        for part in path.split('.') {
            let key = match part.parse::<i64>() {
                Ok(number) => Value::from(number),
                Err(_) => Value::from(part),
            };
            match item(run, &at, &key) {
                Ok(found) => at = found,
                Err(_) => return false,
            }
        }
        at.downcast_object_ref::<Unknown>().is_some()
    };
    let mut paths = paths.iter().flat_map(|path| path.split(','));
    paths.any(|path| items.iter().any(|item| open(item, path.trim())))
}

/// Returns the error of a call through an attribute of a list or dictionary.
pub(super) fn called(text: &str) -> Error {
    lost_change(&format!("`{text}` is called"))
}
