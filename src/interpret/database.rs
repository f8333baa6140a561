//! The tables that a plan is executed over.

use super::{Stop, Value, people};

/// A table's rows.
#[derive(Debug, Clone)]
pub struct Table {
    /// As a query names it, parts joined by dots; case does not matter.
    pub name: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows, a value a column.
    pub rows: Vec<Vec<Value>>,
    /// Which column names the person behind a row; `None` for a table without
    /// people.
    pub unit: Option<usize>,
}

/// All tables, and what the query leaves open.
#[derive(Debug, Clone, Default)]
pub struct Database {
    /// The tables; one that is not here is not executed.
    pub tables: Vec<Table>,
    /// Values of query parameters and variables, by their names as written.
    pub parameters: Vec<(String, Value)>,
    /// How many rows each LIMIT keeps, which the plan does not say.
    pub limit: usize,
}

impl Database {
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// Everyone in the tables.
    pub(super) fn persons(&self) -> Result<Vec<Value>, Stop> {
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
            return Stop::unsupported(format!("more than {} people", people::LIMIT));
        }
        Ok(persons)
    }
}
