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

    /// Whether something is known of a table's column, or of a field in one, by
    /// the names from the column down. It is no claim that the table has it.
    fn knows(&self, table: &TableName, path: &[&str]) -> bool;

    /// Whether a column of a name is declared for this very table, without being listed
    /// in its shape.
    fn declares(&self, _table: &TableName, _name: &str) -> bool {
        false
    }
}
