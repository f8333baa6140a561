//! The tables over which a plan is executed.

use super::{ExecutionError, Value, people};

/// A table with its rows.
#[derive(Debug, Clone)]
pub struct Table {
    /// The name in queries, with its parts joined by dots; case-insensitive.
    pub name: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, with one value for each column.
    pub rows: Vec<Vec<Value>>,
    /// Index of the column that identifies the person of a row.
    ///
    /// `None` if the table contains no people.
    pub unit: Option<usize>,
}

/// The tables, and the values that a query does not define.
#[derive(Debug, Clone, Default)]
pub struct Database {
    /// The tables; a query over any other table is not executed.
    pub tables: Vec<Table>,
    /// The values of query parameters and variables, by their names in the query.
    pub parameters: Vec<(String, Value)>,
    /// Number of rows that each LIMIT keeps; the count of the LIMIT is ignored.
    pub limit: usize,
}

impl Database {
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// Returns all distinct people of the tables.
    pub(super) fn persons(&self) -> Result<Vec<Value>, ExecutionError> {
        let mut persons: Vec<Value> = Vec::new();
        for table in &self.tables {
            let Some(unit) = table.unit else { continue };
            for row in &table.rows {
                if let Some(person) = row.get(unit)
                    && !person.is_null()
                    && !persons.iter().any(|known| known.same(person))
                {
                    persons.push(person.clone());
                }
            }
        }
        if persons.len() > people::LIMIT {
            return ExecutionError::unsupported(format!("more than {} people", people::LIMIT));
        }
        Ok(persons)
    }
}
