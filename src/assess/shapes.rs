//! What the registry declares of tables, as the binder asks for it.

use crate::catalog::{Catalog, TableName, TableShape};
use crate::registry::Registry;

/// The registry as a catalog.
pub(super) struct Shapes<'r> {
    pub(super) registry: &'r Registry,
}

impl Catalog for Shapes<'_> {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        let entry = self.registry.table(table)?;
        if let Some(columns) = &entry.columns {
            return Some(TableShape {
                columns: columns.clone(),
                complete: true,
            });
        }
        let mut columns: Vec<String> = Vec::new();
        let named = entry
            .unit_column
            .iter()
            .chain(entry.keys.iter().flatten())
            .chain(&entry.not_null);
        for name in named {
            // A field of a record is no column of its own.
            let top = name.split('.').next().unwrap_or(name);
            if !columns.iter().any(|known| known.eq_ignore_ascii_case(top)) {
                columns.push(top.to_owned());
            }
        }
        (!columns.is_empty()).then_some(TableShape {
            columns,
            complete: false,
        })
    }

    fn knows(&self, table: &TableName, path: &[&str]) -> bool {
        self.registry.column(Some(table), path).is_some()
    }
}
