//! What is declared of a table's columns.

use super::TableName;

/// The columns that are declared of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableShape {
    /// Names, in order where `complete`.
    pub columns: Vec<String>,
    /// Whether these are all; else the table has others that nobody declared.
    pub complete: bool,
}

/// Where the binder learns the shapes of tables.
pub trait Catalog {
    /// What is declared of a table; `None` where nothing is.
    fn shape(&self, table: &TableName) -> Option<TableShape>;
}
