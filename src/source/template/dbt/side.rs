//! What a model of dbt says beside its query: how its table is made, and the
//! statements that run: hooks of `config()`, the bodies of `statement`, and what
//! `run_query` is given.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{State, Value};

use super::DbtMaterialization;
use crate::source::template::beside::Reach;
use crate::source::template::run::{Noted, Run};
use crate::source::template::unknown::has_unknown;

/// Keys of `config()` whose values are executed.
const EXECUTED: [(&str, &str); 5] = [
    ("pre_hook", "pre-hook"),
    ("pre-hook", "pre-hook"),
    ("post_hook", "post-hook"),
    ("post-hook", "post-hook"),
    ("sql_header", "SQL header"),
];

/// Notes the hooks and the materialization of a call of `config()`, given by name or
/// in a dictionary.
pub(super) fn configured(run: &Run, positional: &[Value], named: Option<&Kwargs>) {
    // What is given whole and is no dictionary may hold anything.
    if positional
        .iter()
        .any(|value| value.kind() != ValueKind::Map)
    {
        run.materialize(DbtMaterialization::Unknown);
        text(run, "hook", &Value::UNDEFINED, true);
    }
    let given = |key: &'static str| {
        let by_name = named.and_then(|named| named.peek::<Value>(key).ok());
        let in_dictionary = positional
            .iter()
            .filter(|value| value.kind() == ValueKind::Map)
            .filter_map(move |map| map.get_item(&Value::from(key)).ok());
        by_name.into_iter().chain(in_dictionary)
    };
    for (key, kind) in EXECUTED {
        given(key).for_each(|value| note(run, kind, &value));
    }
    for value in given("materialized").filter(|value| !value.is_undefined()) {
        let name = value.as_str().filter(|_| !has_unknown(run, &value));
        run.materialize(match name {
            Some(name) => DbtMaterialization::named(name),
            None => DbtMaterialization::Unknown,
        });
    }
}

/// Notes a hook: a text, a dictionary with `sql`, or a list of these.
fn note(run: &Run, kind: &str, value: &Value) {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => {}
        ValueKind::String => text(run, kind, value, true),
        ValueKind::Map => text(
            run,
            kind,
            &value.get_item(&Value::from("sql")).unwrap_or_default(),
            true,
        ),
        ValueKind::Seq => match value.try_iter() {
            Ok(items) => items.for_each(|item| note(run, kind, &item)),
            Err(_) => text(run, kind, value, true),
        },
        _ => text(run, kind, value, true),
    }
}

/// Notes a statement; what is no text at all is not known. A part that is not known is
/// a name in it, which may be the target, or the whole statement.
fn text(run: &Run, kind: &str, sql: &Value, template: bool) {
    run.run_beside(Noted {
        kind: kind.to_owned(),
        sql: sql.as_str().map(|sql| run.with_placeholders(sql)),
        template,
        reach: Reach::Any,
    });
}

/// Notes the call of something that is not seen: it may run statements, and say how
/// the table is made. Other tables are doubted for dbt's own ways to change some
/// alone: a macro that is not found most often gives text, which this file lacks.
pub(super) fn unseen(run: &Run, name: &str) {
    let own = name.starts_with("adapter.") && !name.starts_with("adapter.dispatch(");
    if !own {
        run.materialize(DbtMaterialization::Unknown);
    }
    run.run_beside(Noted {
        kind: format!("call of {name}"),
        sql: None,
        template: false,
        reach: if own { Reach::Any } else { Reach::Own },
    });
}

/// Notes the body of a block `{% call statement(…) %}`.
pub(super) fn executed(run: &Run, state: &mut State<'_, '_>, kind: &str, named: Option<&Kwargs>) {
    let caller = named.and_then(|named| named.peek::<Value>("caller").ok());
    let body = caller.and_then(|caller| caller.call(state, &[]).ok());
    text(run, kind, &body.unwrap_or_default(), false);
}

/// Notes what `run_query` executes.
pub(super) fn queried(run: &Run, sql: Option<&Value>) {
    let sql = sql.cloned().unwrap_or_default();
    text(run, "run_query", &sql, false);
}
