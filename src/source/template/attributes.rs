//! Implements Jinja's filters that compare, group or add up items, or an attribute
//! of each item. Values that Python cannot compare are an error, and so unknown.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use rustc_hash::{FxHashMap, FxHasher};

use super::asked::{equal, ordered};
use super::environment::arguments;
use super::mutable::List;
use super::python::{self, PythonType};
use super::run::Run;
use super::unknown::Unknown;

const FILTERS: &[(&str, Filter)] = &[
    ("sort", sort),
    ("unique", unique),
    ("min", min),
    ("max", max),
    ("sum", sum),
    ("groupby", groupby),
];

/// Replaces MiniJinja's filters of these names.
pub(super) fn set_up(environment: &mut Environment<'static>, run: &Arc<Run>) {
    for (name, filter) in FILTERS {
        let run = Arc::clone(run);
        environment.add_filter(
            *name,
            move |state: &State, value: Value, args: Rest<ValueOrKwargs>| {
                let call = Call { state, run: &run };
                filter(&call, &value, &args.into_values())
            },
        );
    }
}

/// Whether this module implements a filter.
pub(super) fn is_own(name: &str) -> bool {
    FILTERS.iter().any(|(own, _)| *own == name)
}

type Filter = fn(&Call<'_>, &Value, &[Value]) -> Result<Value, Error>;

/// The context of a call of a filter.
struct Call<'c> {
    /// Pays the fuel for the lists that the filter creates.
    state: &'c State<'c, 'c>,
    run: &'c Arc<Run>,
}

fn refused(said: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, said)
}

/// Assigns the arguments of a call to parameters, in the order of `names`.
fn bound<const N: usize>(args: &[Value], names: [&str; N]) -> Result<[Option<Value>; N], Error> {
    let (positional, named) = arguments(args);
    if positional.len() > N {
        return Err(Error::from(ErrorKind::TooManyArguments));
    }
    let mut bound: [Option<Value>; N] = std::array::from_fn(|at| positional.get(at).cloned());
    let Some(named) = named else {
        return Ok(bound);
    };
    for name in named.args() {
        let at = names.iter().position(|known| *known == name);
        match at {
            Some(at) if bound[at].is_none() => bound[at] = Some(named.peek(name)?),
            Some(_) | None => return Err(Error::from(ErrorKind::TooManyArguments)),
        }
    }
    Ok(bound)
}

fn is_set(value: Option<&Value>) -> bool {
    value.is_some_and(Value::is_true)
}

/// The path to a value inside an item: `a.b.0`.
struct Attribute<'a> {
    run: &'a Arc<Run>,
    parts: Vec<Value>,
    /// Replaces a value that is absent.
    default: Option<Value>,
    /// Whether texts are compared without regard to letter case.
    folded: bool,
}

impl<'a> Attribute<'a> {
    fn new(run: &'a Arc<Run>, attribute: Option<&Value>) -> Result<Self, Error> {
        let parts = match attribute {
            None => Vec::new(),
            Some(value) if value.is_none() => Vec::new(),
            Some(value) => match value.as_str() {
                Some(path) => path.split('.').map(part).collect::<Result<_, _>>()?,
                None if value.is_integer() => vec![value.clone()],
                None => return Err(refused("an attribute must be a string or a whole number")),
            },
        };
        Ok(Self {
            run,
            parts,
            default: None,
            folded: false,
        })
    }

    fn folded(mut self, folded: bool) -> Self {
        self.folded = folded;
        self
    }

    fn or(mut self, default: Option<Value>) -> Self {
        self.default = default.filter(|default| !default.is_none());
        self
    }

    /// Returns the value inside an item; undefined if it is absent.
    fn of(&self, item: &Value) -> Result<Value, Error> {
        let mut found = item.clone();
        for part in &self.parts {
            found = python::item(self.run, &found, part)?;
            if let (true, Some(default)) = (found.is_undefined(), &self.default) {
                found = default.clone();
            }
        }
        Ok(found)
    }

    /// Returns the value inside an item, as it is compared.
    fn key(&self, item: &Value) -> Result<Value, Error> {
        let found = self.of(item)?;
        if found.downcast_object_ref::<Unknown>().is_some() {
            return Err(refused("the attribute of an item is unknown"));
        }
        match found.as_str() {
            Some(text) if self.folded && !text.is_ascii() => {
                Err(refused("the letter case of a string is unknown"))
            }
            Some(text) if self.folded => Ok(Value::from(text.to_ascii_lowercase())),
            Some(_) | None => Ok(found),
        }
    }
}

/// Reads a part of a path; digits are an index.
fn part(part: &str) -> Result<Value, Error> {
    if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Value::from(part));
    }
    let index = part.parse::<i64>();
    index
        .map(Value::from)
        .map_err(|_| refused("an index is too large"))
}

/// Orders two values of one type as Python does.
fn order(a: &Value, b: &Value) -> Result<Ordering, Error> {
    let number = |value: &Value| matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
    if number(a) && number(b) {
        let (a, b) = (counted(a), counted(b));
        let odd = |value: &Value| {
            !value.is_integer() && f64::try_from(value.clone()).map_or(true, f64::is_nan)
        };
        if odd(&a) || odd(&b) {
            return Err(refused("a value that is not a number has no order"));
        }
        return Ok(a.cmp(&b));
    }
    ordered(a, b)?;
    if PythonType::of(a) != PythonType::Sequence {
        return Ok(a.cmp(b));
    }
    let (a, b) = (
        a.try_iter()?.collect::<Vec<_>>(),
        b.try_iter()?.collect::<Vec<_>>(),
    );
    keys_in_order(&a, &b)
}

/// Orders two lists as Python does, by the first items that are not equal.
fn keys_in_order(a: &[Value], b: &[Value]) -> Result<Ordering, Error> {
    for (a, b) in a.iter().zip(b) {
        let both_absent = a.is_undefined() && b.is_undefined();
        if !both_absent && !equal(a, b)? {
            return order(a, b);
        }
    }
    Ok(a.len().cmp(&b.len()))
}

/// Converts a truth value to the number that it is in Python.
fn counted(value: &Value) -> Value {
    match value.kind() {
        ValueKind::Bool => Value::from(i64::from(value.is_true())),
        _ => value.clone(),
    }
}

/// Sorts by keys; fails if two of the compared keys have no order.
fn sorted<K>(
    keyed: &mut [(K, Value)],
    order: impl Fn(&K, &K) -> Result<Ordering, Error>,
) -> Result<(), Error> {
    let mut failed = None;
    keyed.sort_by(|(a, _), (b, _)| match order(a, b) {
        Ok(order) => order,
        Err(error) => {
            failed.get_or_insert(error);
            Ordering::Equal
        }
    });
    failed.map_or(Ok(()), Err)
}

/// `sort(reverse, case_sensitive, attribute)`; several attributes are separated by
/// commas.
fn sort(call: &Call<'_>, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [reverse, sensitive, attribute] = bound(args, ["reverse", "case_sensitive", "attribute"])?;
    let folded = !is_set(sensitive.as_ref());
    let paths: Vec<Option<Value>> = match attribute.as_ref().and_then(Value::as_str) {
        Some(paths) => paths.split(',').map(|path| Some(path.into())).collect(),
        None => vec![attribute],
    };
    let paths = paths
        .iter()
        .map(|path| Attribute::new(call.run, path.as_ref()).map(|path| path.folded(folded)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut keyed = Vec::new();
    for item in value.try_iter()? {
        let keys = paths.iter().map(|path| path.key(&item));
        keyed.push((keys.collect::<Result<Vec<_>, _>>()?, item));
    }
    let reverse = is_set(reverse.as_ref());
    sorted(&mut keyed, |a, b| {
        let order = keys_in_order(a, b)?;
        Ok(if reverse { order.reverse() } else { order })
    })?;
    listed(call.state, keyed.into_iter().map(|(_, item)| item))
}

/// `unique(case_sensitive, attribute)`
fn unique(call: &Call<'_>, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [sensitive, attribute] = bound(args, ["case_sensitive", "attribute"])?;
    let path = Attribute::new(call.run, attribute.as_ref())?.folded(!is_set(sensitive.as_ref()));
    let mut seen: FxHashMap<u64, Vec<Value>> = FxHashMap::default();
    let mut left = Vec::new();
    for item in value.try_iter()? {
        let key = path.key(&item)?;
        hashed(&key)?;
        let mut known = false;
        let alike = seen.entry(alike(&key)).or_default();
        for other in alike.iter() {
            known |= (key.is_undefined() && other.is_undefined()) || equal(&key, other)?;
        }
        if !known {
            alike.push(key);
            left.push(item);
        }
    }
    Ok(Value::from(left))
}

/// Hashes a value so that equal values have one hash: `1`, `1.0` and `true` do.
pub(super) fn alike(value: &Value) -> u64 {
    let mut hasher = FxHasher::default();
    match value.kind() {
        ValueKind::Seq => {
            for item in value.try_iter().into_iter().flatten() {
                alike(&item).hash(&mut hasher);
            }
        }
        ValueKind::String => value.as_str().hash(&mut hasher),
        ValueKind::Bool => f64::from(u8::from(value.is_true()))
            .to_bits()
            .hash(&mut hasher),
        // 0.0 and -0.0 are equal.
        ValueKind::Number => f64::try_from(value.clone())
            .ok()
            .map(|number| (number + 0.0).to_bits())
            .hash(&mut hasher),
        _ => {}
    }
    hasher.finish()
}

/// Fails for a value that Python cannot hash: a list or dictionary.
fn hashed(value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Map => Err(refused("a dictionary cannot be a key")),
        ValueKind::Seq if value.is_tuple() => value.try_iter()?.try_for_each(|item| hashed(&item)),
        ValueKind::Seq | ValueKind::Iterable => Err(refused("a list cannot be a key")),
        _ => Ok(()),
    }
}

fn min(call: &Call<'_>, value: &Value, args: &[Value]) -> Result<Value, Error> {
    outermost(call.run, value, args, Ordering::Less)
}

fn max(call: &Call<'_>, value: &Value, args: &[Value]) -> Result<Value, Error> {
    outermost(call.run, value, args, Ordering::Greater)
}

/// `min(case_sensitive, attribute)` and `max`; of equal items, the first.
fn outermost(
    run: &Arc<Run>,
    value: &Value,
    args: &[Value],
    wanted: Ordering,
) -> Result<Value, Error> {
    let [sensitive, attribute] = bound(args, ["case_sensitive", "attribute"])?;
    let path = Attribute::new(run, attribute.as_ref())?.folded(!is_set(sensitive.as_ref()));
    let mut best: Option<(Value, Value)> = None;
    for item in value.try_iter()? {
        let key = path.key(&item)?;
        let better = match &best {
            Some((other, _)) => order(&key, other)? == wanted,
            None => true,
        };
        if better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or(Value::UNDEFINED, |(_, item)| item))
}

/// `sum(attribute, start)` of numbers.
fn sum(call: &Call<'_>, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [attribute, start] = bound(args, ["attribute", "start"])?;
    let path = Attribute::new(call.run, attribute.as_ref())?;
    let mut numbers = vec![start.unwrap_or_else(|| Value::from(0))];
    for item in value.try_iter()? {
        numbers.push(path.key(&item)?);
    }
    let numbers: Vec<Value> = numbers.iter().map(counted).collect();
    if numbers.iter().all(Value::is_integer) {
        let too_large = || refused("the sum is too large");
        let mut sum = 0_i64;
        for number in &numbers {
            let number = number.as_i64().ok_or_else(too_large)?;
            sum = sum.checked_add(number).ok_or_else(too_large)?;
        }
        return Ok(Value::from(sum));
    }
    // Newer versions of Python add more than two floats with another rounding.
    let few = numbers.iter().filter(|number| !number.is_integer()).count() <= 2;
    let mut sum = 0.0;
    for number in &numbers {
        let number = f64::try_from(number.clone()).ok().filter(|_| few);
        sum += number.ok_or_else(|| refused("only a small number of values can be added"))?;
    }
    Ok(Value::from(sum))
}

/// `groupby(attribute, default, case_sensitive)`
fn groupby(call: &Call<'_>, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [attribute, default, sensitive] = bound(args, ["attribute", "default", "case_sensitive"])?;
    let attribute = attribute.ok_or_else(|| Error::from(ErrorKind::MissingArgument))?;
    let path = Attribute::new(call.run, Some(&attribute))?
        .or(default)
        .folded(!is_set(sensitive.as_ref()));
    let mut keyed = Vec::new();
    for item in value.try_iter()? {
        keyed.push((path.key(&item)?, item));
    }
    sorted(&mut keyed, order)?;
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, item) in keyed {
        match groups.last_mut() {
            Some((known, items)) if equal(known, &key)? => items.push(item),
            Some(_) | None => groups.push((key, vec![item])),
        }
    }
    let mut made = Vec::new();
    for (_, items) in groups {
        // A group is named by its first item.
        let grouper = path.of(&items[0])?;
        let list = listed(call.state, items)?;
        made.push(Value::from_object(Group { grouper, list }));
    }
    listed(call.state, made)
}

/// Applies `map(attribute=…, default=…)`; `None` if `map` applies a filter.
pub(super) fn mapped(run: &Arc<Run>, args: &[Value]) -> Option<Result<Value, Error>> {
    let (value, args) = args.split_first()?;
    let (positional, named) = arguments(args);
    if !positional.is_empty() || !named?.has("attribute") {
        return None;
    }
    let map = || {
        let [attribute, default] = bound(args, ["attribute", "default"])?;
        let path = Attribute::new(run, attribute.as_ref())?.or(default);
        let items = value.try_iter()?.map(|item| path.of(&item));
        items.collect::<Result<Vec<_>, _>>().map(Value::from)
    };
    Some(map())
}

/// Creates a list that can be changed, as in Python.
fn listed(state: &State<'_, '_>, items: impl IntoIterator<Item = Value>) -> Result<Value, Error> {
    List::value(state, &Value::from_iter(items))
}

/// An item of the result of `groupby`: a pair whose parts have names.
pub(super) struct Group {
    grouper: Value,
    list: Value,
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:?}, {:?})", self.grouper, self.list)
    }
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (key.as_usize(), key.as_str()) {
            (Some(0), _) | (_, Some("grouper")) => Some(self.grouper.clone()),
            (Some(1), _) | (_, Some("list")) => Some(self.list.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(2)
    }
}

/// Whether a value is a tuple in Python.
pub(super) fn is_tuple(value: &Value) -> bool {
    value.is_tuple() || value.downcast_object_ref::<Group>().is_some()
}
