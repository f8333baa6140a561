//! Declared shapes of tables: names, columns, keys.

mod name;
mod shape;

pub use name::TableName;
pub use shape::{Catalog, TableShape};
