//! Imports `Histograms.json`, in which Gecko defines the histograms of legacy
//! telemetry.

use serde_json::Value;

use super::{Import, legacy};
use crate::catalog::{CatalogError, text};

const FORM: &str = "write an object with an entry for each histogram, with its `kind`";

/// Reads the definitions of histograms.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    let Value::Object(all) = text::json(path, source)? else {
        return Err(CatalogError::new(path, "not an object of histograms", FORM));
    };
    let mut import = Import::default();
    for (name, definition) in &all {
        if definition.get("kind").and_then(Value::as_str).is_none() {
            return Err(CatalogError::new(
                path,
                format!("the histogram `{name}` has no `kind`"),
                FORM,
            ));
        }
        let about = about(definition, "expires_in_version");
        import
            .columns
            .extend(legacy::histogram(name, is_keyed(definition), &about));
    }
    super::note_linked_bugs(&mut import, path);
    Ok(import)
}

/// Whether the values of a probe have keys; some files state it as text.
pub(super) fn is_keyed(definition: &Value) -> bool {
    match definition.get("keyed") {
        Some(Value::Bool(keyed)) => *keyed,
        Some(Value::String(word)) => word == "true",
        Some(_) | None => false,
    }
}

/// Returns what a definition in JSON states about a probe.
pub(super) fn about(definition: &Value, expires: &str) -> legacy::ProbeDescription {
    let word = |value: &Value| match value {
        Value::String(word) => Some(word.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    legacy::ProbeDescription {
        bugs: definition
            .get("bug_numbers")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(word)
            .collect(),
        description: definition.get("description").and_then(word),
        expires: definition.get(expires).and_then(word),
    }
}
