//! `metrics.yaml`, in which an application of Glean defines its metrics.

use serde_yaml_ng::{Mapping, Value};

use super::Import;
use super::metric::{Metric, entries};
use crate::catalog::{CatalogError, text};

const FORM: &str = "write `CATEGORY:`, below it `NAME:`, and below that `type: …`";

/// Reads definitions of metrics.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    let document = text::yaml(path, source)?;
    let Value::Mapping(categories) = document else {
        return Err(CatalogError::new(path, "it defines no metrics", FORM).at(Some((1, 1))));
    };
    let mut metrics = Vec::new();
    for (category, inner) in &categories {
        let Some(category) = category.as_str() else {
            return Err(CatalogError::new(path, "a category is no text", FORM));
        };
        // `$schema`, `$tags` and `no_lint` are no categories.
        if category.starts_with('$') || category == "no_lint" {
            continue;
        }
        let Value::Mapping(inner) = inner else {
            return Err(CatalogError::new(
                path,
                format!("the category `{category}` holds no metrics"),
                FORM,
            )
            .at(text::place(source, &[category])));
        };
        for (name, definition) in inner {
            let named = name.as_str().zip(definition.as_mapping());
            let Some((name, definition)) = named else {
                return Err(CatalogError::new(
                    path,
                    format!("an entry of `{category}` is no metric"),
                    FORM,
                )
                .at(text::place(source, &[category])));
            };
            metrics.push(metric(path, source, category, name, definition)?);
        }
    }
    Ok(entries(metrics))
}

fn metric(
    path: &str,
    source: &str,
    category: &str,
    name: &str,
    definition: &Mapping,
) -> Result<Metric, CatalogError> {
    let at = text::place(source, &[category, name]);
    let word = |key: &str| definition.get(key).and_then(Value::as_str);
    let Some(kind) = word("type") else {
        return Err(CatalogError::new(
            path,
            format!("the metric `{category}.{name}` has no `type`"),
            FORM,
        )
        .at(at));
    };
    let words = |key: &str| -> Vec<String> {
        match definition.get(key) {
            Some(Value::Sequence(items)) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            Some(Value::String(one)) => vec![one.clone()],
            Some(_) | None => Vec::new(),
        }
    };
    let place = at.map_or_else(
        || path.to_owned(),
        |(line, column)| format!("{path}:{line}:{column}"),
    );
    Ok(Metric {
        path: format!("{category}.{name}"),
        kind: kind.to_owned(),
        sensitivity: words("data_sensitivity"),
        reviews: words("data_reviews"),
        description: word("description").unwrap_or_default().to_owned(),
        pings: words("send_in_pings"),
        time_unit: word("time_unit").map(str::to_owned),
        place,
    })
}
