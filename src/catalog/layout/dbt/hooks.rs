//! Statements that dbt runs beside models, as declared in YAML.

use serde_json::Value;

use super::Settings;
use crate::catalog::text;
use crate::source::template::DbtHook;

/// The keys of hooks, and their kinds.
const KEYS: [(&str, &str); 10] = [
    ("+pre-hook", "pre-hook"),
    ("+pre_hook", "pre-hook"),
    ("pre-hook", "pre-hook"),
    ("pre_hook", "pre-hook"),
    ("+post-hook", "post-hook"),
    ("+post_hook", "post-hook"),
    ("post-hook", "post-hook"),
    ("post_hook", "post-hook"),
    ("+sql_header", "SQL header"),
    ("sql_header", "SQL header"),
];

/// Returns the hooks in a mapping of settings; `keys` is its path in the text.
pub(super) fn of_config(config: &Value, shown: &str, source: &str, keys: &[&str]) -> Vec<DbtHook> {
    let mut hooks = Vec::new();
    for (key, kind) in KEYS {
        if let Some(value) = config.get(key) {
            let path: Vec<&str> = keys.iter().copied().chain([key]).collect();
            let place = match text::place(source, &path) {
                Some((line, _)) => format!("{shown}:{line}"),
                None => shown.to_owned(),
            };
            add(&mut hooks, kind, value, &place);
        }
    }
    hooks
}

/// Adds a hook: a string, a mapping with `sql`, or a list of these.
fn add(hooks: &mut Vec<DbtHook>, kind: &str, value: &Value, place: &str) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            for item in items {
                add(hooks, kind, item, place);
            }
        }
        Value::String(_) | Value::Object(_) | Value::Bool(_) | Value::Number(_) => {
            let sql = value.as_str().or_else(|| value.get("sql")?.as_str());
            if sql.is_some_and(|sql| sql.trim().is_empty()) {
                return;
            }
            hooks.push(DbtHook {
                kind: kind.to_owned(),
                sql: sql.map(str::to_owned),
                place: place.to_owned(),
            });
        }
    }
}

/// Converts the hooks of a node without a SQL file to statements of each run.
///
/// Such a node is a seed, a Python model or a YAML snapshot; `this` refers to its
/// table.
pub(super) fn of_node(hooks: Vec<DbtHook>, node: &str) -> impl Iterator<Item = DbtHook> {
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    let this = match node.chars().all(plain) {
        true => format!("{{% set this = ref('{node}') %}}"),
        false => String::new(),
    };
    hooks.into_iter().map(move |mut hook| {
        hook.sql = hook.sql.map(|sql| match sql.contains("this") {
            true => format!("{this}{sql}"),
            false => sql,
        });
        hook
    })
}

/// Returns the statements before and after each run.
pub(super) fn operations(settings: &Settings) -> Vec<DbtHook> {
    let mut hooks = Vec::new();
    for key in ["on-run-start", "on-run-end"] {
        let Some(value) = settings.values.get(key) else {
            continue;
        };
        let place = match text::place(&settings.source, &[key]) {
            Some((line, _)) => format!("{}:{line}", settings.shown),
            None => settings.shown.clone(),
        };
        add(&mut hooks, key, value, &place);
    }
    hooks
}
