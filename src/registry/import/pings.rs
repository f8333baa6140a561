//! `pings.yaml`, in which an application of Glean defines its pings: each is a
//! table, `DATASET.PING` to users and `DATASET_stable.PING_v1` as stored.

use serde_yaml_ng::Value;

use super::Import;
use crate::catalog::{CatalogError, text};
use crate::registry::TableEntry;
use crate::source::Span;

const FORM: &str = "write `NAME:` and below it `include_client_id: true` or `false`";

/// Reads definitions of pings. Those with a client's identifier name whom a row
/// stands for; of the others nothing is known.
pub(super) fn parse(
    path: &str,
    source: &str,
    dataset: Option<&str>,
) -> Result<Import, CatalogError> {
    let Some(dataset) = dataset else {
        return Err(CatalogError::new(
            path,
            "pings are tables of a dataset, and none is named",
            "write `--dataset NAME`, such as `--dataset org_mozilla_fenix`",
        ));
    };
    let document = text::yaml(path, source)?;
    let Value::Mapping(pings) = document else {
        return Err(CatalogError::new(path, "it defines no pings", FORM).at(Some((1, 1))));
    };
    let mut import = Import::default();
    for (name, definition) in &pings {
        let Some(name) = name.as_str() else {
            return Err(CatalogError::new(
                path,
                "the name of a ping is no text",
                FORM,
            ));
        };
        if name.starts_with('$') || name == "no_lint" {
            continue;
        }
        let at = text::place(source, &[name]);
        let included = definition.get("include_client_id").and_then(Value::as_bool);
        match included {
            Some(true) => {
                let own = name.replace(['-', '.'], "_");
                for table in [
                    format!("{dataset}.{own}"),
                    format!("{dataset}_stable.{own}_v1"),
                ] {
                    import.tables.push(TableEntry {
                        name: table,
                        unit_column: Some("client_info.client_id".to_owned()),
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
            Some(false) => {
                let place = at.map_or_else(
                    || path.to_owned(),
                    |(line, column)| format!("{path}:{line}:{column}"),
                );
                import.notes.push(format!(
                    "{place}: the ping `{name}` has no client's identifier, so no column of its table names whom a row stands for: it gets no entry"
                ));
            }
            None => {
                return Err(CatalogError::new(
                    path,
                    format!(
                        "the ping `{name}` does not say whether it includes the client's identifier"
                    ),
                    FORM,
                )
                .at(at));
            }
        }
    }
    Ok(import)
}
