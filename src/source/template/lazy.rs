//! What some of Jinja's filters give: no list, but items that are made while they
//! are read. It is always true, has no length, and is empty once it was read.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, Value};

use super::run::Run;
use super::unknown::Unknown;

/// Filters that give this.
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

/// Items that wait to be read.
pub(super) struct Lazy {
    run: Arc<Run>,
    waiting: Mutex<VecDeque<Value>>,
}

/// What a filter gave, as it is in Python.
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

    /// The items that were not read, which stay.
    pub(super) fn waiting(&self) -> Vec<Value> {
        self.locked().iter().cloned().collect()
    }

    /// Reads all that is left.
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
