//! Implements dbt's `return()`: a macro returns a value instead of its text.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, ErrorKind, State, Value};

use crate::source::template::run::Run;

/// The message of the error that ends a macro.
const SIGNAL: &str = "a macro returns a value";

/// A macro that may return a value.
struct Returning {
    run: Arc<Run>,
    inner: Value,
}

/// Wraps a macro so that a call of it gives the returned value.
pub(in crate::source::template) fn returning(run: &Arc<Run>, inner: Value) -> Value {
    Value::from_object(Returning {
        run: Arc::clone(run),
        inner,
    })
}

/// Ends the innermost macro with a value; `None` if no macro is open.
pub(in crate::source::template) fn return_value(run: &Run, args: &[Value]) -> Option<Error> {
    let value = args.first().cloned().unwrap_or_default();
    run.return_value(value)
        .then(|| Error::new(ErrorKind::InvalidOperation, SIGNAL))
}

impl fmt::Debug for Returning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Object for Returning {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.run.enter();
        let called = self.inner.call(state, args);
        let returned = self.run.leave();
        match called {
            Err(error) if is_signal(&error) => Ok(returned.unwrap_or_default()),
            called => called,
        }
    }
}

fn is_signal(error: &Error) -> bool {
    let mut next = Some(error);
    while let Some(current) = next {
        if current.detail() == Some(SIGNAL) {
            return true;
        }
        next = std::error::Error::source(current).and_then(|source| source.downcast_ref::<Error>());
    }
    false
}
