//! Functions that other tools define for templates: dbt's, and metric-hub's
//! `metrics`.

mod builtin;
mod macros;
mod making;
mod named;
mod needs;
mod project;
mod returning;
mod side;

use std::sync::Arc;

use minijinja::{State, Value};

use super::environment::arguments;
use super::run::Run;
use super::table::Table;
use super::unknown::{Unknown, call_text, convert, describe};

pub(super) use macros::Macros;
pub use making::{DbtConfig, DbtEnabled, DbtMaterialization, DbtTableSettings};
pub use named::DbtTableNames;
pub use project::{DbtHook, DbtMacro, DbtPackage, DbtProject, DbtVersions};
pub(super) use returning::{return_value, returning};

/// The dataset name that replaces the dataset of dbt's models, which only the
/// project's profile knows. A dataset of BigQuery has no hyphen in its name, so a
/// model is never confused with a table that is written out.
pub const MODELS: &str = "dbt-models";

/// Returns the result of a call of one of these functions. A macro of the same name
/// in the template takes precedence, and is not called this way.
pub(super) fn call(
    run: &Arc<Run>,
    state: &mut State<'_, '_>,
    name: &str,
    args: &[Value],
) -> Option<Value> {
    let (positional, named) = arguments(args);
    let text = |at: usize| positional.get(at).and_then(|value| value.as_str());
    match name {
        "ref" | "builtins.ref" => {
            let model = positional.last()?.as_str()?;
            let package = match positional.as_slice() {
                [package, _] => Some(package.as_str()?),
                _ => None,
            };
            let version = named.as_ref().and_then(|named| {
                let version: Option<Value> =
                    named.peek("v").or_else(|_| named.peek("version")).ok();
                version.map(|version| describe(run, &version).replace('\'', ""))
            });
            Some(Table::value(
                run,
                referred(run, package, model, version.as_deref()),
            ))
        }
        "source" | "builtins.source" => {
            let (source, table) = (text(0)?, text(1)?);
            Some(Table::value(run, declared(run, source, table)))
        }
        "var" | "env_var" => variable(run, name, &positional, named.as_ref()),
        "config.get" | "config.meta_get" => {
            let called = call_text(run, name, args);
            if let Some(given) = run.given(&called) {
                return Some(given);
            }
            let default = positional.get(1).cloned();
            let by_name = || named.as_ref()?.peek::<Value>("default").ok();
            Some(match default.or_else(by_name) {
                // Another place may set the value: the project's file.
                Some(default) => run.assume(&called, &default),
                None => Unknown::value(run, called),
            })
        }
        "config" => {
            side::note_config(run, &positional, named.as_ref());
            Some(Value::from(""))
        }
        "config.set" => {
            let value = positional.get(1).cloned().unwrap_or_default();
            let one = Value::from_pairs([(positional.first()?.to_string(), value)]);
            side::note_config(run, &[one], None);
            Some(Value::from(""))
        }
        // Their bodies run as statements, and nothing of them is written.
        "statement" | "set_sql_header" => {
            side::note_statement_body(run, state, name, named.as_ref());
            Some(Value::from(""))
        }
        "run_query" | "dbt.run_query" => {
            side::note_query(run, positional.first());
            None
        }
        "adapter.execute" | "adapter.add_query" => {
            let by_name = || named.as_ref()?.peek::<Value>("sql").ok();
            side::note_query(run, positional.first().cloned().or_else(by_name).as_ref());
            None
        }
        // These send messages to the tool and write nothing.
        "log" | "print" | "exceptions.warn" => Some(Value::from("")),
        "return" => positional.first().cloned(),
        "adapter.dispatch" => {
            let name = text(0)?;
            let names = macros::DISPATCHED.map(|prefix| format!("{prefix}{name}"));
            names.into_iter().find_map(|name| {
                let found = state.lookup(&name)?;
                let known = found.downcast_object_ref::<Unknown>().is_none();
                (known && !found.is_undefined()).then_some(found)
            })
        }
        "metrics.calculate" | "metrics.data_source" => {
            let known = run.given(&call_text(run, name, args));
            Some(known.unwrap_or_else(|| {
                let made = if name == "metrics.calculate" {
                    run.hub.calculate(&positional, named.as_ref())
                } else {
                    run.hub.data_source(&positional, named.as_ref())
                };
                match made {
                    Ok(sql) => Value::from(sql),
                    Err(why) => {
                        let text = format!("{name}(…)");
                        Unknown::because(run, text, Some(why))
                    }
                }
            }))
        }
        _ => {
            if run.settings.dbt.is_some() && !builtin::only_reads(name) {
                side::note_unknown_call(run, name);
            }
            None
        }
    }
}

/// Returns the table that `ref()` refers to.
fn referred(run: &Run, package: Option<&str>, model: &str, version: Option<&str>) -> Vec<String> {
    let project = run.settings.dbt.as_ref();
    let from = project.and_then(|project| project.package_of(&run.path));
    if let (Some(project), Some(from)) = (project, from) {
        return project.table(from, package, model, version);
    }
    let dataset = match package {
        Some(package) => format!("{MODELS}-{package}"),
        None => MODELS.to_owned(),
    };
    let model = match version {
        Some(version) => format!("{model}_v{version}"),
        None => model.to_owned(),
    };
    vec![dataset, model]
}

/// Returns the table that `source()` refers to.
fn declared(run: &Run, source: &str, table: &str) -> Vec<String> {
    let project = run.settings.dbt.as_ref();
    let key = (source.to_owned(), table.to_owned());
    // The project itself first, then the package of the file, then any package.
    let from = project.and_then(|project| project.package_of(&run.path));
    let packages = project.map(|project| project.packages.as_slice());
    let packages = packages.unwrap_or_default();
    let named = packages.first().into_iter().chain(from).chain(packages);
    let mut named = named.filter_map(|package| package.sources.get(&key));
    named
        .next()
        .cloned()
        .unwrap_or_else(|| vec![source.to_owned(), table.to_owned()])
}

/// Returns the value of a variable of the project or of the environment.
fn variable(
    run: &Arc<Run>,
    function: &str,
    positional: &[Value],
    named: Option<&minijinja::value::Kwargs>,
) -> Option<Value> {
    let name = positional.first()?.as_str()?;
    if let Some(given) = run.given(name) {
        return Some(given);
    }
    let project = run.settings.dbt.as_ref().filter(|_| function == "var");
    let package = project.and_then(|project| project.package_of(&run.path));
    if let Some(given) = package.and_then(|package| package.variables.get(name)) {
        // A date of YAML is printed as its text, and equals no text.
        let date = given.as_object().filter(|one| one.len() == 1);
        return Some(match date.and_then(|date| date.get("!date")) {
            Some(date) => Unknown::with_default(run, name.to_owned(), convert(date)),
            None => convert(given),
        });
    }
    let default = positional
        .get(1)
        .cloned()
        .or_else(|| named.and_then(|named| named.peek::<Value>("default").ok()));
    Some(match default {
        Some(default) => run.assume(name, &default),
        // A variable without a value is reported under the name that would set it.
        None => Unknown::value(run, name.to_owned()),
    })
}
