//! Imports `Events.yaml`, in which Gecko defines the events of legacy telemetry.

use super::{Import, legacy};
use crate::catalog::{CatalogError, text};

const FORM: &str = "write `CATEGORY:`, below it `NAME:`, and below that `objects: [\"…\"]`";

/// Reads the definitions of events; each `events.CATEGORY.METHOD.OBJECT` is one
/// entry.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    let mut import = Import::default();
    for (category, name, definition) in super::parse_two_levels(path, source, "events", FORM)? {
        let at = text::place(source, &[&category, &name]);
        let objects = super::yaml_words(&definition, "objects");
        if objects.is_empty() {
            return Err(CatalogError::new(
                path,
                format!("the event `{category}.{name}` has no `objects`"),
                FORM,
            )
            .at(at));
        }
        let mut methods = super::yaml_words(&definition, "methods");
        if methods.is_empty() {
            methods.push(name);
        }
        let about = super::yaml_probe_description(&definition);
        legacy::events(&mut import.columns, &category, &methods, &objects, &about)
            .map_err(|why| CatalogError::new(path, why, "import them from several files").at(at))?;
    }
    super::note_linked_bugs(&mut import, path);
    Ok(import)
}
