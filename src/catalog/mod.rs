//! Declared shapes of tables: names, columns, keys, and the files that declare
//! them.

pub mod bigquery_json;
pub mod dbt;
mod error;
pub mod layout;
mod name;
mod schema;
mod schema_yaml;
mod schemas;
mod shape;
pub(crate) mod text;

#[cfg(test)]
mod tests;

pub use error::CatalogError;
pub use name::TableName;
pub use schema::{DeclaredKey, Field, KeyOrigin, Mode, TableSchema};
pub use schema_yaml::SchemaFiles;
pub use schemas::Schemas;
pub use shape::{Catalog, TableShape};
