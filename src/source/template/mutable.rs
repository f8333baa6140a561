//! Python's lists and dictionaries, which change in place. Templates rely on that
//! (`{% do columns.append(name) %}`).

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};

use super::sizes;

/// A list.
pub(super) struct List(Mutex<Vec<Value>>);

/// The maximum number of entries of a dictionary that can be changed.
const LARGEST: usize = 2_000;

/// A dictionary, in the order of insertion.
pub(super) struct Dict(Mutex<Vec<(Value, Value)>>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the fuel for items that are created, copied or searched. MiniJinja meters
/// only the items of its own lists.
pub(super) fn charge_fuel(state: &State<'_, '_>, items: usize) -> Result<(), Error> {
    state.consume_fuel(items as u64 / 2)
}

fn argument(args: &[Value], at: usize) -> Result<Value, Error> {
    args.get(at)
        .cloned()
        .ok_or_else(|| Error::from(ErrorKind::MissingArgument))
}

/// The prefix of errors about a change that may be lost.
pub(super) const LOST: &str = "a change of a list or dictionary may be lost";

/// Returns the error of a call that may change a list or dictionary in an untracked
/// way. The tag around the call is dropped and reported.
pub(super) fn lost_change(said: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{LOST}: {said}"))
}

/// Converts the error of a tracked method to one about a lost change.
fn followed(changed: Result<Value, Error>, method: &str) -> Result<Value, Error> {
    changed.map_err(|error| match error.kind() {
        ErrorKind::UnknownMethod | ErrorKind::OutOfFuel => error,
        _ => lost_change(&format!(
            "`{method}`: {}",
            super::environment::reason(&error)
        )),
    })
}

/// Returns an optional index argument.
fn place(args: &[Value]) -> Result<Option<i64>, Error> {
    let at = args.first();
    match at.map(|at| at.as_i64().filter(|_| at.is_integer())) {
        None => Ok(None),
        Some(Some(at)) => Ok(Some(at)),
        Some(None) => Err(Error::from(ErrorKind::InvalidOperation)),
    }
}

/// Resolves an index from the front, or from the end if it is negative.
fn index(len: usize, at: Option<i64>, default: usize) -> usize {
    match at {
        None => default,
        Some(at) if at < 0 => len.saturating_sub(usize::try_from(-at).unwrap_or(len)),
        Some(at) => usize::try_from(at).unwrap_or(len).min(len),
    }
}

impl List {
    pub(super) fn value(state: &State<'_, '_>, items: &Value) -> Result<Value, Error> {
        charge_fuel(state, items.len().unwrap_or(0))?;
        Ok(Value::from_object(Self(Mutex::new(
            items.try_iter()?.collect(),
        ))))
    }
}

impl Dict {
    pub(super) fn value(state: &State<'_, '_>, map: &Value) -> Result<Value, Error> {
        for key in map.try_iter()? {
            // As in Python; MiniJinja would read all of the key.
            if matches!(key.kind(), ValueKind::Seq | ValueKind::Map) {
                sizes::charge_traversal(state, 1, [&key])?;
                return Err(lost_change("a list or dictionary is a key"));
            }
        }
        // Lookups in a dictionary are linear; a large one is data and cannot be
        // changed.
        if map.len().is_none_or(|len| len > LARGEST) {
            return Ok(map.clone());
        }
        let mut entries = Vec::new();
        for key in map.try_iter()? {
            let value = map.get_item(&key)?;
            entries.push((key, value));
        }
        Ok(Value::from_object(Self(Mutex::new(entries))))
    }

    fn put(entries: &mut Vec<(Value, Value)>, key: Value, value: Value) {
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = value,
            None => entries.push((key, value)),
        }
    }
}

/// Returns the entries of a mapping, without a lookup for each.
pub(super) fn pairs(value: &Value) -> Option<Vec<(Value, Value)>> {
    if let Some(dict) = value.downcast_object_ref::<Dict>() {
        return Some(locked(&dict.0).clone());
    }
    if value.kind() != ValueKind::Map {
        return None;
    }
    let keys = value.try_iter().ok()?;
    let with_value = |key: Value| value.get_item(&key).ok().map(|value| (key, value));
    Some(keys.filter_map(with_value).collect())
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.snapshot()).finish()
    }
}

impl List {
    fn snapshot(&self) -> Vec<Value> {
        locked(&self.0).clone()
    }
}

impl fmt::Debug for Dict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = locked(&self.0).clone();
        f.debug_map().entries(entries).finish()
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        locked(&self.0).get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.snapshot())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        // An added value is searched for a cycle, and a search compares with all
        // items.
        sizes::charge_traversal(state, 1, args)?;
        if !matches!(method, "append" | "pop") {
            let itself = Value::from_dyn_object(Arc::clone(self));
            let times = if method == "sort" { 32 } else { 4 };
            sizes::charge_traversal(state, times, [&itself])?;
        }
        followed(self.change(method, args), method)
    }
}

impl List {
    fn change(self: &Arc<Self>, method: &str, args: &[Value]) -> Result<Value, Error> {
        // Before the lock: an argument may be this list itself.
        let added: Vec<Value> = match method {
            "extend" => argument(args, 0)?.try_iter()?.collect(),
            _ => Vec::new(),
        };
        let itself: *const () = Arc::as_ptr(self).cast();
        if args.iter().chain(&added).any(|item| holds(item, itself)) {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "a list cannot be an element of itself",
            ));
        }
        let mut items = locked(&self.0);
        match method {
            "append" => items.push(argument(args, 0)?),
            "extend" => items.extend(added.iter().cloned()),
            "insert" => {
                let at = index(items.len(), place(args)?, 0);
                items.insert(at, argument(args, 1)?);
            }
            "pop" => {
                let last = items.len().saturating_sub(1);
                let at = index(items.len(), place(args)?, last);
                if at < items.len() {
                    return Ok(items.remove(at));
                }
                return Err(Error::new(
                    ErrorKind::InvalidOperation,
                    "pop from an empty list",
                ));
            }
            "remove" => {
                let item = argument(args, 0)?;
                if let Some(at) = items.iter().position(|known| *known == item) {
                    items.remove(at);
                }
            }
            "clear" => items.clear(),
            "reverse" => items.reverse(),
            "sort" if args.is_empty() => items.sort(),
            "copy" => return Ok(Value::from_object(Self(Mutex::new(items.clone())))),
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        Ok(Value::from(()))
    }
}

/// The maximum number of values that the search for a cycle visits.
const LOOKED_THROUGH: usize = 10_000;

/// Whether a value is or contains a list or dictionary; `true` if the limit is
/// reached.
fn holds(value: &Value, container: *const ()) -> bool {
    let mut left = LOOKED_THROUGH;
    let mut waiting = vec![value.clone()];
    while let Some(value) = waiting.pop() {
        let Some(fewer) = left.checked_sub(1) else {
            return true;
        };
        left = fewer;
        if let Some(list) = value.downcast_object::<List>() {
            if Arc::as_ptr(&list).cast() == container {
                return true;
            }
            waiting.extend(list.snapshot());
        } else if let Some(dict) = value.downcast_object::<Dict>() {
            if Arc::as_ptr(&dict).cast() == container {
                return true;
            }
            waiting.extend(locked(&dict.0).iter().map(|(_, value)| value.clone()));
        }
    }
    false
}

impl Object for Dict {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        locked(&self.0)
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = locked(&self.0).iter().map(|(key, _)| key.clone()).collect();
        Enumerator::Values(keys)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let len = locked(&self.0).len();
        charge_fuel(state, len)?;
        sizes::charge_traversal(state, 1, args)?;
        sizes::charge_lookup(state, &Value::from_dyn_object(Arc::clone(self)), args)?;
        followed(self.change(method, args), method)
    }
}

impl Dict {
    fn change(self: &Arc<Self>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let mut added = Vec::new();
        if method == "update" {
            for map in args {
                if map.kind() != ValueKind::Map {
                    return Err(Error::from(ErrorKind::InvalidOperation));
                }
                for key in map.try_iter()? {
                    let value = map.get_item(&key)?;
                    added.push((key, value));
                }
            }
        }
        let itself: *const () = Arc::as_ptr(self).cast();
        let mut values = added.iter().map(|(_, value)| value).chain(args);
        if values.any(|value| holds(value, itself)) {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "a dictionary cannot be a value of itself",
            ));
        }
        let mut entries = locked(&self.0);
        match method {
            "update" => {
                for (key, value) in added {
                    Self::put(&mut entries, key, value);
                }
            }
            "setdefault" => {
                let key = argument(args, 0)?;
                let found = entries.iter().find(|(known, _)| *known == key);
                if let Some((_, value)) = found {
                    return Ok(value.clone());
                }
                let value = args.get(1).cloned().unwrap_or_else(|| Value::from(()));
                entries.push((key, value.clone()));
                return Ok(value);
            }
            "pop" => {
                let key = argument(args, 0)?;
                let Some(at) = entries.iter().position(|(known, _)| *known == key) else {
                    return Ok(args.get(1).cloned().unwrap_or_else(|| Value::from(())));
                };
                return Ok(entries.remove(at).1);
            }
            "clear" => entries.clear(),
            "copy" => return Ok(Value::from_object(Self(Mutex::new(entries.clone())))),
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        Ok(Value::from(()))
    }
}
