//! The layouts of repositories: the table that a file creates, and the files beside
//! it.

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

/// Returns the metadata beside a file, if it may declare that its table is
/// published.
///
/// Most metadata does not mention publication, and is not parsed further. `None` if
/// the path of the file creates no table, or if publication is not mentioned.
pub fn publication_of(file: &Path) -> Option<Result<Metadata, CatalogError>> {
    Metadata::load_if_public(&metadata_beside(file)?).transpose()
}

/// Returns the metadata of the table of a file, if it exists and is readable.
pub fn metadata_of(file: &Path) -> Option<Metadata> {
    Metadata::load(&metadata_beside(file)?).ok()
}

/// Returns the path of the metadata of a file that creates a table by its path.
pub fn metadata_path(file: &Path) -> Option<PathBuf> {
    let file = files::absolute(file);
    Some(place(&file).filter(|place| place.makes)?.metadata())
}

fn metadata_beside(file: &Path) -> Option<PathBuf> {
    metadata_path(file).filter(|path| path.is_file())
}
