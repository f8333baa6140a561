//! Results of Jinja's lazy filters: items that are computed while they are read.
//! Such a value is always true, has no length, and is empty after it was read.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, Value};

use super::run::Run;
use super::unknown::Unknown;

/// Filters that return a lazy value.
const FILTERS: &[&str] = &[
    "batch",
    "items",
    "map",
    "reject",
    "rejectattr",
    "reverse",
    "select",
    "selectattr",
    "slice",
    "unique",
];

/// Items that were not read yet.
pub(super) struct Lazy {
    run: Arc<Run>,
    waiting: Mutex<VecDeque<Value>>,
}

/// Converts the result of a filter to a lazy value, if it is one in Python.
pub(super) fn given(run: &Arc<Run>, filter: &str, value: Value) -> Result<Value, Error> {
    let several = matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
    let open = value.downcast_object_ref::<Unknown>().is_some();
    if !FILTERS.contains(&filter) || !several || open {
        return Ok(value);
    }
    Ok(Value::from_object(Lazy {
        run: Arc::clone(run),
        waiting: Mutex::new(value.try_iter()?.collect()),
    }))
}

impl Lazy {
    fn locked(&self) -> MutexGuard<'_, VecDeque<Value>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the unread items without reading them.
    pub(super) fn waiting(&self) -> Vec<Value> {
        self.locked().iter().cloned().collect()
    }

    /// Reads all remaining items.
    pub(super) fn read(&self) -> Vec<Value> {
        self.locked().drain(..).collect()
    }
}

impl fmt::Debug for Lazy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = "items that are created while they are read".to_owned();
        Unknown::because(&self.run, text, None).fmt(f)
    }
}

impl Object for Lazy {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let lazy = Arc::clone(self);
        Enumerator::Iter(Box::new(std::iter::from_fn(move || {
            lazy.locked().pop_front()
        })))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        None
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
