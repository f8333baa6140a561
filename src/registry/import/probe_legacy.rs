//! Imports the probes of legacy telemetry from probe-info.
//!
//! The file is an object with one entry per probe, each with its definitions over
//! time, by channel. The bugs of all definitions review the collection; everything
//! else is taken from the newest definition of the first channel.

use serde_json::Value;

use super::{Import, histograms, legacy};
use crate::catalog::{CatalogError, text};

const FORM: &str = "save the response of probe-info for `/firefox/all/main/all_probes`";

/// Reads probes with their history.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    let Value::Object(all) = text::json(path, source)? else {
        return Err(CatalogError::new(path, "not an object of probes", FORM));
    };
    let mut import = Import::default();
    for (id, probe) in &all {
        let wrong = |what: &str| CatalogError::new(path, format!("the probe `{id}` {what}"), FORM);
        let word = |key: &str| probe.get(key).and_then(Value::as_str);
        let (Some(kind), Some(name)) = (word("type"), word("name")) else {
            return Err(wrong("has no `type` or no `name`"));
        };
        let channels = probe.get("history").and_then(Value::as_object);
        let definitions: Vec<&Value> = channels
            .into_iter()
            .flat_map(|channels| channels.values())
            .filter_map(Value::as_array)
            .flatten()
            .collect();
        // The newest definition of each channel is first.
        let Some(newest) = definitions.first() else {
            return Err(wrong("has no `history`"));
        };
        let details = newest.get("details").unwrap_or(&Value::Null);
        let mut about = histograms::about(newest, "expiry_version");
        for older in &definitions {
            for bug in histograms::about(older, "expiry_version").bugs {
                if !about.bugs.contains(&bug) {
                    about.bugs.push(bug);
                }
            }
        }
        let keyed = histograms::is_keyed(details);
        let scalar_kind = details.get("kind").and_then(Value::as_str).unwrap_or("");
        match kind {
            "histogram" => import
                .columns
                .extend(legacy::histogram(name, keyed, &about)),
            "scalar" => import.columns.extend(legacy::scalar(
                name,
                legacy::scalar_role(scalar_kind),
                keyed,
                &about,
            )),
            "event" => {
                let words = |key: &str| -> Vec<String> {
                    let list = details.get(key).and_then(Value::as_array);
                    list.into_iter()
                        .flatten()
                        .filter_map(|word| word.as_str().map(str::to_owned))
                        .collect()
                };
                // `category.method`, followed by `#` and the name of the definition.
                let named = name.split('#').next().unwrap_or(name);
                let Some((category, _)) = named.rsplit_once('.') else {
                    return Err(wrong("is an event without a category"));
                };
                let (methods, objects) = (words("methods"), words("objects"));
                if methods.is_empty() || objects.is_empty() {
                    return Err(wrong("is an event without `methods` or `objects`"));
                }
                legacy::events(&mut import.columns, category, &methods, &objects, &about).map_err(
                    |why| CatalogError::new(path, why, "import them from several files"),
                )?;
            }
            other => import.notes.push(format!(
                "{path}: `{name}` has the unknown type `{other}`: skipped"
            )),
        }
    }
    super::note_linked_bugs(&mut import, path);
    Ok(import)
}
