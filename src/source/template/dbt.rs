//! Functions that the templates of others bring along: dbt's, and metric-hub's
//! `metrics`.

use std::sync::Arc;

use minijinja::Value;

use super::environment::arguments;
use super::run::Run;
use super::table::Table;
use super::unknown::{Unknown, call_text, convert, describe};

/// The dataset of dbt's models. Which one it is stands in the project's profile;
/// with some dataset the name can't be taken for that of a common table
/// expression, as `orders AS (SELECT * FROM {{ ref('orders') }})` would be.
pub const MODELS: &str = "dbt";

/// What a call of a function gives, if it is one of these. A macro of that name
/// in the template itself comes first: then it isn't called this way.
pub(super) fn call(run: &Arc<Run>, name: &str, args: &[Value]) -> Option<Value> {
    let (positional, named) = arguments(args);
    let text = |at: usize| positional.get(at).and_then(|value| value.as_str());
    match name {
        "ref" | "builtins.ref" => {
            let model = positional.last()?.as_str()?;
            let version = named.as_ref().and_then(|named| {
                let version: Option<Value> =
                    named.peek("v").or_else(|_| named.peek("version")).ok();
                version.map(|version| describe(run, &version).replace('\'', ""))
            });
            let model = match version {
                Some(version) => format!("{model}_v{version}"),
                None => model.to_owned(),
            };
            Some(Table::value(run, vec![MODELS.to_owned(), model]))
        }
        "source" | "builtins.source" => Some(Table::value(
            run,
            vec![text(0)?.to_owned(), text(1)?.to_owned()],
        )),
        "var" | "env_var" => {
            let name = text(0)?;
            if let Some(given) = run.settings.variables.get(name) {
                return Some(convert(given));
            }
            let default = positional.get(1).cloned().or_else(|| {
                named
                    .as_ref()
                    .and_then(|named| named.peek::<Value>("default").ok())
            });
            Some(match default {
                Some(default) => {
                    run.assume(name, &default);
                    default
                }
                // What is said without a value is the name that would give it.
                None => Unknown::value(run, name.to_owned()),
            })
        }
        "config.get" | "config.meta_get" => {
            let default = positional.get(1).cloned();
            Some(default.unwrap_or_else(|| Unknown::value(run, call_text(run, name, args))))
        }
        // These speak to the tool and write nothing.
        "config" | "log" | "print" | "exceptions.warn" | "set_sql_header" => Some(Value::from("")),
        "return" => positional.first().cloned(),
        "metrics.calculate" | "metrics.data_source" => {
            let known = run
                .settings
                .variable(&call_text(run, name, args))
                .map(convert);
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
        _ => None,
    }
}
