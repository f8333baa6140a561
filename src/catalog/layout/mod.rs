//! Where a repository keeps what: the table that a file makes, and what stands
//! beside it.

mod bigquery_etl;
mod metadata;

#[cfg(test)]
mod tests;

pub use bigquery_etl::{Place, is_tree, makers, place};
pub use metadata::{DatasetMetadata, Metadata};

use std::path::{Path, PathBuf};

use super::CatalogError;
use crate::source::files;

/// What is said beside a file of the table that it makes, where that may say that
/// it is published: most say nothing of it, and are not read further. `None` where
/// it makes none by its place, or nothing is said.
pub fn publication_of(file: &Path) -> Option<Result<Metadata, CatalogError>> {
    Metadata::load_if_public(&metadata_beside(file)?).transpose()
}

fn metadata_beside(file: &Path) -> Option<PathBuf> {
    let file = files::absolute(file);
    let path = place(&file).filter(|place| place.makes)?.metadata();
    path.is_file().then_some(path)
}
