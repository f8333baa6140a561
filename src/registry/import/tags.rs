//! Imports `tags.yaml`, in which a Glean application defines its tags.
//!
//! Tags classify metrics by feature and state nothing about columns.

use yaml_serde::Value;

use super::{Import, yaml};
use crate::catalog::CatalogError;

/// Reads the definitions of tags.
///
/// The result has no entries, only a note that counts the tags.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    let Value::Mapping(tags) = yaml::parse(path, source)? else {
        return Err(CatalogError::new(
            path,
            "the file defines no tags",
            "write `NAME:` and below it `description: …`",
        )
        .at(Some((1, 1))));
    };
    let count = tags
        .keys()
        .filter(|key| key.as_str().is_some_and(|key| !key.starts_with('$')))
        .count();
    let mut import = Import::default();
    import.notes.push(format!(
        "{path}: tags classify metrics and are not columns, so they get no entry: {count}"
    ));
    Ok(import)
}
