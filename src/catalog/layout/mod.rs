//! The layouts of repositories: the table that a file creates, and the files beside
//! it.

mod bigquery_etl;
pub mod dbt;
mod metadata;
mod misspelt;
mod schedule;

#[cfg(test)]
mod tests;

pub use bigquery_etl::{TableLocation, is_test, is_tree, is_without_sql, makers, place, programs};
pub use metadata::{DatasetMetadata, Metadata};
pub use misspelt::MisspeltLabel;
pub(crate) use schedule::ScheduleTargets;
pub use schedule::{ScheduledWrite, scheduled_elsewhere};

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

/// What a `metadata.yaml` says of publication beside what a query there says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notable {
    /// It publishes the table of a folder in which no SQL makes it.
    WithoutSql,
    /// It can't be read, or a label of it was most likely meant to publish.
    Wrong,
}

/// What is to be said of a `metadata.yaml` itself; `None` if nothing is.
pub fn notable(metadata: &Path) -> Option<Notable> {
    place(&files::absolute(metadata))?;
    match Metadata::load(metadata) {
        Err(_) => Some(Notable::Wrong),
        Ok(read) if !read.misspelt.is_empty() => Some(Notable::Wrong),
        Ok(read) => (read.is_public() && is_without_sql(metadata)).then_some(Notable::WithoutSql),
    }
}

/// Returns the path of the metadata of a file that creates a table by its path.
pub fn metadata_path(file: &Path) -> Option<PathBuf> {
    let file = files::absolute(file);
    Some(place(&file).filter(|place| place.makes)?.metadata())
}

fn metadata_beside(file: &Path) -> Option<PathBuf> {
    metadata_path(file).filter(|path| files::is_there(path))
}
