//! Imports a vocabulary of fields, with descriptions and other names.
//!
//! An example is `global.yaml` of bigquery-etl. A vocabulary states no sensitivity.

use std::path::Path;

use super::{Import, draft};
use crate::catalog::{CatalogError, Field, SchemaFiles};

/// Reads a vocabulary.
pub(super) fn parse(path: &Path, source: &str) -> Result<Import, CatalogError> {
    let schema = SchemaFiles::default().parse(path, source)?;
    let mut import = Import::default();
    add(&mut import, &path.display().to_string(), "", &schema.fields);
    Ok(import)
}

fn add(import: &mut Import, path: &str, prefix: &str, fields: &[Field]) {
    for field in fields {
        let name = format!("{prefix}{}", field.name);
        if field.is_record() {
            add(import, path, &format!("{name}."), &field.fields);
            continue;
        }
        let mut column = draft::typed(&name, field.kind.as_deref());
        column.aliases = field
            .aliases
            .iter()
            .map(|alias| format!("{prefix}{alias}"))
            .collect();
        column.description = field.description.as_deref().and_then(draft::one_line);
        if draft::complete_from_name(&mut column) {
            import.notes.push(format!(
                "{path}: `{name}` is treated as an identifier because of its name; if it identifies neither a person nor a record, write `role = \"dimension\"`"
            ));
        }
        import.columns.push(column);
    }
}
