//! Imports the metrics of an application from probe-info.
//!
//! The file is an object with one entry per metric, each with its definitions over
//! time. Columns also contain data from earlier definitions, so the most cautious of
//! all stated sensitivities counts.

use serde_json::Value;

use super::Import;
use super::metric::{Metric, entries};
use crate::catalog::{CatalogError, text};

const FORM: &str = "save the response of probe-info for `/glean/APPLICATION/metrics`";

/// Reads metrics with their history.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    let document = text::json(path, source)?;
    let Value::Object(all) = document else {
        return Err(CatalogError::new(path, "not an object of metrics", FORM));
    };
    let by_channel = |about: &Value| about.get("history").is_some_and(Value::is_object);
    if all.values().any(by_channel) {
        return super::probe_legacy::parse(path, source);
    }
    let mut metrics = Vec::new();
    for (name, about) in &all {
        let history = about.get("history").and_then(Value::as_array);
        let Some(history) = history.filter(|history| !history.is_empty()) else {
            return Err(CatalogError::new(
                path,
                format!("the metric `{name}` has no `history`"),
                FORM,
            ));
        };
        // The newest definition is last. An older one may have another type, and
        // then it is another column.
        let mut own: Vec<Metric> = Vec::new();
        for definition in history.iter().rev() {
            let Some(metric) = metric(path, name, about, definition) else {
                return Err(CatalogError::new(
                    path,
                    format!("a definition of the metric `{name}` has no `type`"),
                    FORM,
                ));
            };
            match own.iter_mut().find(|known| known.kind == metric.kind) {
                Some(known) => older(known, metric),
                None => own.push(metric),
            }
        }
        metrics.extend(own);
    }
    Ok(entries(metrics))
}

fn metric(path: &str, name: &str, about: &Value, definition: &Value) -> Option<Metric> {
    let word = |key: &str| definition.get(key).and_then(Value::as_str);
    let kind = word("type").or_else(|| about.get("type").and_then(Value::as_str))?;
    let words = |key: &str| -> Vec<String> {
        definition
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    Some(Metric {
        path: name.to_owned(),
        kind: kind.to_owned(),
        sensitivity: words("data_sensitivity"),
        reviews: words("data_reviews"),
        description: word("description").unwrap_or_default().to_owned(),
        pings: words("send_in_pings"),
        time_unit: word("time_unit").map(str::to_owned),
        mirror: word("telemetry_mirror").map(str::to_owned),
        expires: definition.get("expires").and_then(|expires| match expires {
            Value::String(word) => Some(word.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }),
        tags: definition
            .get("metadata")
            .and_then(|metadata| metadata.get("tags"))
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|tag| tag.as_str().map(str::to_owned))
            .collect(),
        place: path.to_owned(),
    })
}

/// Adds the sensitivity of an older definition, if both definitions state one.
fn older(known: &mut Metric, older: Metric) {
    if known.sensitivity.is_empty() {
        return;
    }
    for word in older.sensitivity {
        if !known.sensitivity.contains(&word) {
            known.sensitivity.push(word);
        }
    }
}
