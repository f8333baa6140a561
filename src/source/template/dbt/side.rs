//! Records the effects of a dbt model besides its query. These are the way its table
//! is created, and the statements that it runs: hooks of `config()`, bodies of
//! `statement`, and arguments of `run_query`.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{State, Value};

use super::DbtMaterialization;
use crate::source::template::beside::AffectedTables;
use crate::source::template::run::{RecordedStatement, Run};
use crate::source::template::unknown::has_unknown;

/// Keys of `config()` whose values run as statements.
const EXECUTED: [(&str, &str); 5] = [
    ("pre_hook", "pre-hook"),
    ("pre-hook", "pre-hook"),
    ("post_hook", "post-hook"),
    ("post-hook", "post-hook"),
    ("sql_header", "SQL header"),
];

/// Notes the hooks and the materialization of a call of `config()`. They may be
/// passed by name or in a dictionary.
pub(super) fn note_config(run: &Run, positional: &[Value], named: Option<&Kwargs>) {
    // A positional argument that is not a dictionary may contain anything.
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

/// Notes a statement; a value that is not a text is unknown. A placeholder
/// represents an unknown part, which may be the name of the target or the whole
/// statement.
fn text(run: &Run, kind: &str, sql: &Value, template: bool) {
    run.add_side_statement(RecordedStatement {
        kind: kind.to_owned(),
        sql: sql.as_str().map(|sql| run.with_placeholders(sql)),
        template,
        reach: AffectedTables::Any,
    });
}

/// Notes the call of an unknown function. It may run statements, and decide how the
/// table is created. Only functions of dbt's adapter are assumed to change other
/// tables: an unknown macro most often returns text, which is missing in this
/// rendering.
pub(super) fn note_unknown_call(run: &Run, name: &str) {
    let own = name.starts_with("adapter.") && !name.starts_with("adapter.dispatch(");
    if !own {
        run.materialize(DbtMaterialization::Unknown);
    }
    run.add_side_statement(RecordedStatement {
        kind: format!("call of {name}"),
        sql: None,
        template: false,
        reach: if own {
            AffectedTables::Any
        } else {
            AffectedTables::Own
        },
    });
}

/// Notes the body of a block `{% call statement(…) %}`.
pub(super) fn note_statement_body(
    run: &Run,
    state: &mut State<'_, '_>,
    kind: &str,
    named: Option<&Kwargs>,
) {
    let caller = named.and_then(|named| named.peek::<Value>("caller").ok());
    let body = caller.and_then(|caller| caller.call(state, &[]).ok());
    text(run, kind, &body.unwrap_or_default(), false);
}

/// Notes a statement that `run_query` or `adapter.execute` runs.
pub(super) fn note_query(run: &Run, sql: Option<&Value>) {
    let sql = sql.cloned().unwrap_or_default();
    text(run, "run_query", &sql, false);
}
