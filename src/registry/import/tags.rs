//! `tags.yaml`, in which an application of Glean says what its tags mean. Tags sort
//! metrics by feature and say nothing of columns.

use yaml_serde::Value;

use super::{Import, yaml};
use crate::catalog::CatalogError;

/// Reads definitions of tags: no entry comes of them, and that is said.
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
