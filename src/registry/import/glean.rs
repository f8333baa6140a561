//! Imports `metrics.yaml`, in which a Glean application defines its metrics.

use yaml_serde::{Mapping, Value};

use super::metric::{Metric, entries};
use super::{Import, yaml_word, yaml_words};
use crate::catalog::{CatalogError, text};

const FORM: &str = "write `CATEGORY:`, below it `NAME:`, and below that `type: …`";

/// Reads the definitions of metrics.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    super::parse_two_levels(path, source, "metrics", FORM)?
        .into_iter()
        .map(|(category, name, definition)| metric(path, source, &category, &name, &definition))
        .collect::<Result<Vec<Metric>, _>>()
        .map(entries)
}

fn metric(
    path: &str,
    source: &str,
    category: &str,
    name: &str,
    definition: &Mapping,
) -> Result<Metric, CatalogError> {
    let at = text::place(source, &[category, name]);
    let word = |key: &str| definition.get(key).and_then(yaml_word);
    let Some(kind) = word("type") else {
        return Err(CatalogError::new(
            path,
            format!("the metric `{category}.{name}` has no `type`"),
            FORM,
        )
        .at(at));
    };
    let words = |key: &str| yaml_words(definition, key);
    let tags = definition
        .get("metadata")
        .and_then(Value::as_mapping)
        .map_or_else(Vec::new, |metadata| yaml_words(metadata, "tags"));
    let place = at.map_or_else(
        || path.to_owned(),
        |(line, column)| format!("{path}:{line}:{column}"),
    );
    Ok(Metric {
        path: format!("{category}.{name}"),
        kind,
        sensitivity: words("data_sensitivity"),
        reviews: words("data_reviews"),
        description: word("description").unwrap_or_default(),
        pings: words("send_in_pings"),
        time_unit: word("time_unit"),
        mirror: word("telemetry_mirror"),
        expires: word("expires"),
        tags,
        place,
    })
}
