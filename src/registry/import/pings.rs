//! Imports `pings.yaml`, in which a Glean application defines its pings.
//!
//! Each ping is a table: `DATASET.PING` for users and `DATASET_stable.PING_v1` in
//! storage.

use yaml_serde::Value;

use super::{Import, yaml};
use crate::catalog::{CatalogError, text};
use crate::registry::{TableEntry, is_link};
use crate::source::Span;

const FORM: &str = "write `NAME:` and below it `include_client_id: true` or `false`";

/// Reads the definitions of pings.
///
/// A ping with a client identifier declares the column that identifies the person of
/// a row. The reviews of a ping cover the publication of counts of its rows.
pub(super) fn parse(
    path: &str,
    source: &str,
    dataset: Option<&str>,
) -> Result<Import, CatalogError> {
    let Some(dataset) = dataset else {
        return Err(CatalogError::new(
            path,
            "pings are tables of a dataset, but no dataset is given",
            "write `--dataset NAME`, for example `--dataset org_mozilla_fenix`",
        ));
    };
    let document = yaml::parse(path, source)?;
    let Value::Mapping(pings) = document else {
        return Err(CatalogError::new(path, "the file defines no pings", FORM).at(Some((1, 1))));
    };
    let mut import = Import::default();
    for (name, definition) in &pings {
        let Some(name) = name.as_str() else {
            return Err(CatalogError::new(
                path,
                "the name of a ping is not a string",
                FORM,
            ));
        };
        if name.starts_with('$') || name == "no_lint" {
            continue;
        }
        let at = text::place(source, &[name]);
        let place = at.map_or_else(
            || path.to_owned(),
            |(line, column)| format!("{path}:{line}:{column}"),
        );
        let included = definition.get("include_client_id").and_then(Value::as_bool);
        let Some(included) = included else {
            return Err(CatalogError::new(
                path,
                format!(
                    "the ping `{name}` does not declare whether it includes the client identifier"
                ),
                FORM,
            )
            .at(at));
        };
        let words = definition
            .as_mapping()
            .map_or_else(Vec::new, |ping| super::yaml_words(ping, "data_reviews"));
        let mut reviews: Vec<String> = Vec::new();
        for review in words {
            if !is_link(&review) {
                if !review.trim().is_empty() {
                    import.notes.push(format!(
                        "{place}: `{review}` is not a link to a data review of the ping `{name}`: skipped"
                    ));
                }
            } else if !reviews.contains(&review) {
                reviews.push(review);
            }
        }
        if !included {
            let entry = if reviews.is_empty() {
                "no entry"
            } else {
                "the entry contains only its data reviews"
            };
            import.notes.push(format!(
                "{place}: the ping `{name}` includes no client identifier, so no column of its table identifies the person of a row: {entry}"
            ));
            if reviews.is_empty() {
                continue;
            }
        }
        let own = name.replace(['-', '.'], "_");
        for table in [
            format!("{dataset}.{own}"),
            format!("{dataset}_stable.{own}_v1"),
        ] {
            import.tables.push(TableEntry {
                name: table,
                unit_column: included.then(|| "client_info.client_id".to_owned()),
                data_reviews: reviews.clone(),
                keys: Vec::new(),
                not_null: Vec::new(),
                personal: None,
                level: None,
                min_bucket: None,
                columns: None,
                span: Span::default(),
            });
        }
    }
    Ok(import)
}
