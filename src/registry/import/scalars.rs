//! Imports `Scalars.yaml`, in which Gecko defines the scalars of legacy telemetry.

use yaml_serde::Value;

use super::{Import, legacy};
use crate::catalog::{CatalogError, text};

const FORM: &str =
    "write `CATEGORY:`, below it `NAME:`, and below that `kind: uint`, `string` or `boolean`";

/// Reads the definitions of scalars.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    let mut import = Import::default();
    for (category, name, definition) in super::parse_two_levels(path, source, "scalars", FORM)? {
        let at = text::place(source, &[&category, &name]);
        let Some(kind) = definition.get("kind").and_then(Value::as_str) else {
            return Err(CatalogError::new(
                path,
                format!("the scalar `{category}.{name}` has no `kind`"),
                FORM,
            )
            .at(at));
        };
        let keyed = definition.get("keyed").and_then(Value::as_bool) == Some(true);
        let about = super::yaml_probe_description(&definition);
        import.columns.extend(legacy::scalar(
            &format!("{category}.{name}"),
            legacy::scalar_role(kind),
            keyed,
            &about,
        ));
    }
    super::note_linked_bugs(&mut import, path);
    Ok(import)
}
