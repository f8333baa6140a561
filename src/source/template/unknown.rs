//! Unknown values, and how they propagate through a template.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Kwargs, Object, ObjectRepr, ValueKind};
use minijinja::{Error, State, Value};

use super::assumed;
use super::dbt;
use super::lazy::Lazy;
use super::mutable::pairs;
use super::purity;
use super::python;
use super::run::{Mark, OPEN, Run, shorten};
use super::sizes;
use crate::budget;

/// Functions that Jinja defines. If one is not called, its name is a variable like
/// any other: `{{ namespace }}`.
const GLOBALS: &[&str] = &["range", "dict", "debug", "namespace"];

/// An unknown value, which is a mark in the output. Values derived from it are
/// unknown, and a condition on it is undecided.
pub(super) struct Unknown {
    run: Arc<Run>,
    pub(super) text: String,
    pub(super) why: Option<String>,
    made: Option<usize>,
    /// Its value if no setting gives another one.
    pub(super) default: Option<Value>,
    /// Whether it is an attribute of a list or dictionary, which a call may change.
    pub(super) bound: bool,
    /// The depth of nested items at which it was obtained.
    nested: usize,
}

/// The maximum depth of items of an unknown value. MiniJinja hashes, compares and
/// prints an iterable value by traversing all of it.
const DEEPEST: usize = 16;

impl Unknown {
    /// Returns the settings' value of an expression, otherwise an unknown value.
    pub(super) fn value(run: &Arc<Run>, text: String) -> Value {
        if let Some(given) = run.given(&text) {
            return given;
        }
        Self::because(run, text, None)
    }

    /// Creates an unknown value with its reason.
    pub(super) fn because(run: &Arc<Run>, text: String, why: Option<String>) -> Value {
        Value::from_object(Self {
            run: Arc::clone(run),
            made: purity::may_change(&text).then(|| run.make()),
            text: shorten(text),
            why,
            default: None,
            bound: false,
            nested: 0,
        })
    }

    /// Creates an unknown value with a default; an unknown default is ignored.
    pub(super) fn with_default(run: &Arc<Run>, text: String, default: Value) -> Value {
        if default.downcast_object_ref::<Self>().is_some() || has_unknown(run, &default) {
            return Self::value(run, text);
        }
        Value::from_object(Self {
            run: Arc::clone(run),
            made: None,
            text: shorten(text),
            why: None,
            default: Some(default),
            bound: false,
            nested: 0,
        })
    }

    /// Derives a value with a default, if the same can be derived from this default.
    fn made_of_default(
        &self,
        text: String,
        make: impl FnOnce(&Value) -> Option<Value>,
    ) -> Option<Value> {
        let default = self.default.as_ref()?;
        if self.run.settings.variable(&text).is_some() {
            return None;
        }
        let made = make(default).filter(|made| !made.is_undefined())?;
        Some(Self::with_default(&self.run, text, made))
    }

    /// Creates an attribute of a value of Python; `bound` if a call of it may change
    /// that value.
    pub(super) fn attribute(run: &Arc<Run>, text: String, name: &str, bound: bool) -> Value {
        Value::from_object(Self {
            run: Arc::clone(run),
            made: purity::may_change(&text).then(|| run.make()),
            text: shorten(text),
            why: Some(of_python(name)),
            default: None,
            bound,
            nested: 0,
        })
    }

    pub(super) fn mark(&self) -> Mark {
        Mark::Unknown {
            text: self.text.clone(),
            why: self.why.clone(),
            made: self.made,
            default: self.default.as_ref().and_then(assumed::printed),
        }
    }

    /// Derives an unknown value.
    fn child(&self, text: String) -> Value {
        self.made(text, self.nested)
    }

    fn made(&self, text: String, nested: usize) -> Value {
        let why = match &self.why {
            None => match self.run.given(&text) {
                Some(given) => return given,
                None => None,
            },
            Some(_) if self.bound => Some(of_python(text.rsplit('.').next().unwrap_or(&text))),
            Some(why) => Some(why.clone()),
        };
        Value::from_object(Self {
            run: Arc::clone(&self.run),
            made: purity::may_change(&text).then(|| self.run.make()),
            text: shorten(text),
            why,
            default: None,
            bound: self.bound,
            nested,
        })
    }
}

/// Returns the reason why an attribute of a Python value is unknown.
fn of_python(name: &str) -> String {
    format!("`{name}` is an attribute that the value has in Python")
}

impl fmt::Debug for Unknown {
    // Jinja prints items of a list this way.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.run.mark(self.mark()))
    }
}

impl Object for Unknown {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let text = match key.as_str() {
            Some(name) if is_name(name) => format!("{}.{name}", self.text),
            Some(_) | None => format!("{}[{}]", self.text, describe(&self.run, key)),
        };
        let item = |of: &Value| match of.kind() {
            ValueKind::Map | ValueKind::Seq => of.get_item(key).ok(),
            _ => None,
        };
        let made = self.made_of_default(text.clone(), item);
        Some(made.unwrap_or_else(|| self.child(text)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        if self.nested >= DEEPEST {
            return Enumerator::NonEnumerable;
        }
        let item = self.made(format!("{}[]", self.text), self.nested + 1);
        Enumerator::Values(vec![item])
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        None
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.run.decide(&self.text, self.made)
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        if self.bound {
            return Err(python::called(&self.text));
        }
        sizes::charge_traversal(state, 1, args)?;
        if GLOBALS.contains(&self.text.as_str())
            && !args.iter().any(|arg| has_unknown(&self.run, arg))
        {
            let own = state
                .env()
                .globals()
                .find(|(name, _)| *name == self.text)
                .map(|(_, function)| function);
            if let Some(function) = own {
                return function.call(state, args);
            }
        }
        if self.text == "return"
            && let Some(returned) = dbt::return_value(&self.run, args)
        {
            return Err(returned);
        }
        if let Some(value) = dbt::call(&self.run, state, &self.text, args) {
            return Ok(value);
        }
        Ok(self.child(call_text(&self.run, &self.text, args)))
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let text = format!("{}.{method}", self.text);
        if self.bound {
            return Err(python::called(&text));
        }
        sizes::charge_traversal(state, 1, args)?;
        if let Some(value) = dbt::call(&self.run, state, &text, args) {
            return Ok(value);
        }
        let text = call_text(&self.run, &text, args);
        let known = !args.iter().any(|arg| has_unknown(&self.run, arg));
        let made = self.made_of_default(text.clone(), |of| {
            let called = known.then(|| of.call_method(state, method, args));
            called?.ok()
        });
        Ok(made.unwrap_or_else(|| self.child(text)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.run.mark(self.mark()))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Some(self.text.cmp(&other.text))
    }
}

/// Writes a call as text.
pub(super) fn call_text(run: &Arc<Run>, function: &str, args: &[Value]) -> String {
    let args: Vec<String> = args.iter().map(|arg| describe(run, arg)).collect();
    format!("{function}({})", args.join(", "))
}

/// Writes a value as in an expression.
pub(super) fn describe(run: &Run, value: &Value) -> String {
    describe_to(run, value, 3)
}

fn describe_to(run: &Run, value: &Value, depth: usize) -> String {
    budget::spend(1);
    if let Some(unknown) = value.downcast_object_ref::<Unknown>() {
        return unknown.text.clone();
    }
    if let Some(text) = value.as_str() {
        return format!("'{}'", run.readable(text));
    }
    if value.is_kwargs() {
        let Ok(kwargs) = Kwargs::try_from(value.clone()) else {
            return String::new();
        };
        let mut parts = Vec::new();
        for name in kwargs.args() {
            if let Ok(value) = kwargs.peek::<Value>(name) {
                parts.push(format!("{name}={}", describe_to(run, &value, depth)));
            }
        }
        return parts.join(", ");
    }
    let (open, close) = match value.kind() {
        ValueKind::Seq => ('[', ']'),
        ValueKind::Map => ('{', '}'),
        ValueKind::Iterable | ValueKind::Plain => return format!("a {}", value.kind()),
        _ => return run.readable(&value.to_string()),
    };
    // The first few items suffice, and deeply nested lists are cut.
    if depth == 0 {
        return format!("{open}…{close}");
    }
    let Ok(items) = value.try_iter() else {
        return format!("{open}{close}");
    };
    let items: Vec<String> = items
        .take(20)
        .map(|item| {
            let shown = describe_to(run, &item, depth - 1);
            match value.kind() {
                ValueKind::Map => {
                    let value = value.get_item(&item).unwrap_or_default();
                    format!("{shown}: {}", describe_to(run, &value, depth - 1))
                }
                _ => shown,
            }
        })
        .collect();
    shorten(format!("{open}{}{close}", items.join(", ")))
}

/// Whether a value contains an unknown value, up to a small depth.
pub(super) fn has_unknown(run: &Run, value: &Value) -> bool {
    within(run, value, 3)
}

fn within(run: &Run, value: &Value, depth: usize) -> bool {
    budget::spend(1);
    if value.downcast_object_ref::<Unknown>().is_some() {
        return true;
    }
    if let Some(text) = value.as_str() {
        return text.contains(OPEN) && run.unknown_in(text).is_some();
    }
    if depth == 0 {
        return false;
    }
    if let Some(lazy) = value.downcast_object_ref::<Lazy>() {
        let waiting = lazy.waiting();
        return waiting.iter().any(|item| within(run, item, depth - 1));
    }
    match value.kind() {
        ValueKind::Seq => value
            .try_iter()
            .is_ok_and(|mut items| items.any(|item| within(run, &item, depth - 1))),
        ValueKind::Map => pairs(value).is_some_and(|pairs| {
            let mut parts = pairs.iter().flat_map(|(key, item)| [key, item]);
            parts.any(|part| within(run, part, depth - 1))
        }),
        _ => false,
    }
}

/// Whether a text is a bare name.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// Converts a value of the settings to a value of MiniJinja.
pub(super) fn convert(value: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::from(integer),
            (None, Some(float)) => Value::from(float),
            (None, None) => Value::from(number.to_string()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(convert).collect::<Vec<_>>().into(),
        Json::Object(entries) => Value::from_pairs(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), convert(value))),
        ),
    }
}
