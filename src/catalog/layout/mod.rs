//! Where a repository keeps what: the table that a file makes, and what stands
//! beside it.

mod bigquery_etl;
mod metadata;

#[cfg(test)]
mod tests;

pub use bigquery_etl::{Place, is_tree, place};
pub use metadata::{DatasetMetadata, Metadata};
