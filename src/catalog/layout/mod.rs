//! Where a repository keeps what: the table that a file makes, and what stands
//! beside it.

mod bigquery_etl;
pub mod dbt;
mod metadata;
mod schedule;

#[cfg(test)]
mod tests;

pub use bigquery_etl::{Place, is_public_without_sql, is_test, is_tree, makers, place, programs};
pub use metadata::{DatasetMetadata, Metadata};
pub(crate) use schedule::Said;
pub use schedule::{Scheduled, scheduled_elsewhere};

use std::path::{Path, PathBuf};

use super::CatalogError;
use crate::source::files;

/// What is said beside a file of the table that it makes, where that may say that
/// it is published: most say nothing of it, and are not read further. `None` where
/// it makes none by its place, or nothing is said.
pub fn publication_of(file: &Path) -> Option<Result<Metadata, CatalogError>> {
    Metadata::load_if_public(&metadata_beside(file)?).transpose()
}

/// What the owners say of the table of a file, where metadata stands beside it and can be
/// read.
pub fn metadata_of(file: &Path) -> Option<Metadata> {
    Metadata::load(&metadata_beside(file)?).ok()
}

/// Where the metadata beside a file would stand that makes a table by its place.
pub fn metadata_path(file: &Path) -> Option<PathBuf> {
    let file = files::absolute(file);
    Some(place(&file).filter(|place| place.makes)?.metadata())
}

fn metadata_beside(file: &Path) -> Option<PathBuf> {
    metadata_path(file).filter(|path| path.is_file())
}
