//! Declared shapes of tables: names, columns, keys, and the files that declare them.

pub mod bigquery_json;
pub mod dbt;
mod error;
mod foreign;
pub mod layout;
mod name;
mod pattern;
mod schema;
mod schema_yaml;
mod schemas;
mod shape;
pub mod sqlmesh;
pub(crate) mod text;
mod unnamed;
pub(crate) mod yaml;

#[cfg(test)]
mod tests;

pub use error::CatalogError;
pub use foreign::with_placeholders;
pub use name::TableName;
pub use pattern::{NameMatch, NamePart, TablePattern};
pub use schema::{DeclaredKey, Field, KeyOrigin, Mode, TableSchema};
pub use schema_yaml::SchemaFiles;
pub use schemas::Schemas;
pub use shape::{Catalog, TableShape};
pub use unnamed::Unnamed;
