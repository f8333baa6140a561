//! The declared columns of a table, and the trait that provides them.

use super::TableName;

/// The declared columns of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableShape {
    /// Column names; in the order of the table if `complete`.
    pub columns: Vec<String>,
    /// Whether these are all columns; otherwise the table may have undeclared ones.
    pub complete: bool,
}

/// The source of table shapes for the binder.
pub trait Catalog {
    /// Returns the declared shape of a table; `None` if nothing is declared.
    fn shape(&self, table: &TableName) -> Option<TableShape>;

    /// Whether a declaration mentions a column of a table, or a field inside one.
    ///
    /// `path` starts at the column. The answer does not claim that the table has it.
    fn knows(&self, table: &TableName, path: &[&str]) -> bool;

    /// Whether a column of a name is declared for this very table, without being listed
    /// in its shape.
    fn declares(&self, _table: &TableName, _name: &str) -> bool {
        false
    }

    /// The declared fields inside the columns of a table, each as the names from the
    /// column down.
    fn fields_inside(&self, _table: &TableName) -> Vec<Vec<String>> {
        Vec::new()
    }

    /// Whether a table may contain people.
    fn may_contain_people(&self, _table: &TableName) -> bool {
        true
    }
}
