//! Names of tables that a template returns, such as that of `ref()`.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::run::{Mark, Run};
use super::unknown::{Unknown, call_text};

/// A table; its output is its name, quoted as its place requires.
pub(super) struct Table {
    run: Arc<Run>,
    parts: Vec<String>,
}

impl Table {
    pub(super) fn value(run: &Arc<Run>, parts: Vec<String>) -> Value {
        Value::from_object(Self {
            run: Arc::clone(run),
            parts,
        })
    }

    fn shown(&self) -> String {
        self.run.mark(Mark::Table(self.parts.clone()))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Object for Table {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let from_end = match key {
            "identifier" | "name" | "table" | "alias" => 1,
            "schema" | "dataset" => 2,
            "database" | "project" => 3,
            _ => 0,
        };
        let part = self
            .parts
            .len()
            .checked_sub(from_end)
            .filter(|_| from_end > 0);
        // The name of a dbt table and of its dataset are not known here. They are
        // printed as a mark, and a test of them is undecided.
        let open = self
            .parts
            .first()
            .is_some_and(|first| first.starts_with("dbt-"));
        Some(match part.and_then(|at| self.parts.get(at)) {
            Some(part) if open => Value::from(self.run.mark(Mark::Table(vec![part.clone()]))),
            Some(part) => Value::from(part.as_str()),
            None => Unknown::value(&self.run, format!("{}.{key}", self.parts.join("."))),
        })
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        // `include` and `quote` change how much of the name is written, not the
        // table.
        Ok(match method {
            "include" | "quote" | "render" => Value::from_dyn_object(Arc::clone(self)),
            _ => {
                let function = format!("{}.{method}", self.parts.join("."));
                Unknown::value(&self.run, call_text(&self.run, &function, args))
            }
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}
