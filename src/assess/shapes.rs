//! The context of a text: the catalog and the definitions that the binder queries.

use crate::catalog::{Catalog, TableName, TableShape};
use crate::plan::{Definitions, Doubt, IsolatedText, RoutineText, TableMaker};
use crate::registry::Registry;
use crate::source::SourceText;
use crate::source::template::DbtConfig;

/// The context of a text: the registry, the schemas of tables, and the files that
/// create them.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The registered columns and tables.
    pub registry: &'a Registry,
    /// The declared columns of tables.
    pub schemas: &'a dyn Catalog,
    /// The statements that create tables.
    pub definitions: &'a dyn Definitions,
    /// The table that the text creates, if its path determines it.
    pub table: Option<&'a str>,
    /// Whether a label of the owners publishes that table.
    pub public: bool,
    /// Whether the text was pasted, so that each query is a dataset.
    pub pasted: bool,
    /// The amount of detail that is computed for each dataset.
    pub told: AnalysisDetail,
}

/// The amount of detail that is computed for a dataset; more takes more time and
/// memory.
///
/// The level, the answers, the verdict and the findings never depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum AnalysisDetail {
    /// No details.
    Verdict,
    /// Each published column, and each base column behind it.
    Columns,
    /// Also the derivation of each column, for comparison with another time or text.
    #[default]
    Made,
}

impl<'a> Surroundings<'a> {
    /// Creates a context of nothing but a registry.
    pub fn alone(registry: &'a Registry) -> Self {
        Self {
            registry,
            schemas: &IsolatedText,
            definitions: &IsolatedText,
            table: None,
            public: false,
            pasted: false,
            told: AnalysisDetail::Made,
        }
    }
}

impl Surroundings<'_> {
    /// Returns the table that the text creates, if a label of its owners publishes
    /// it.
    pub(super) fn public_table(&self) -> Option<&str> {
        self.table.filter(|_| self.public)
    }

    /// Returns the table that a query creates without naming it.
    ///
    /// The target that the rendering declares precedes the one of the file's path.
    pub(super) fn target<'t>(&'t self, rendering: &'t Option<String>) -> Option<&'t str> {
        rendering.as_deref().or(self.table)
    }
}

impl Definitions for Surroundings<'_> {
    fn publishes_every_query(&self) -> bool {
        self.pasted
    }

    fn made(&self, table: &TableName) -> Option<TableMaker> {
        // A declaration of this very table in the registry is trusted.
        let declared = self
            .registry
            .table(table)
            .is_some_and(|entry| !entry.name.contains('*'));
        if declared {
            return None;
        }
        self.definitions.made(table)
    }

    fn other_writers(&self, target: Option<&TableName>) -> Vec<Doubt> {
        self.definitions.other_writers(target)
    }

    fn written_elsewhere(&self, table: &TableName) -> Vec<Doubt> {
        if self.registry.table(table).is_some() {
            return Vec::new();
        }
        self.definitions.written_elsewhere(table)
    }

    fn defined_elsewhere(&self, function: &str) -> Vec<Doubt> {
        self.definitions.defined_elsewhere(function)
    }

    fn function(&self, name: &str) -> Option<&RoutineText> {
        self.definitions.function(name)
    }

    fn parameters(&self, path: &str) -> Vec<(String, String)> {
        self.definitions.parameters(path)
    }

    fn adds_rows(&self, written: &SourceText, configured: &DbtConfig) -> bool {
        self.definitions.adds_rows(written, configured)
    }

    fn texts(&self, name: &TableName) -> Vec<SourceText> {
        self.definitions.texts(name)
    }
}

impl Catalog for Surroundings<'_> {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        let registered = self.registered(table);
        if registered.as_ref().is_some_and(|shape| shape.complete) {
            return registered;
        }
        self.schemas.shape(table).or(registered)
    }

    fn knows(&self, table: &TableName, path: &[&str]) -> bool {
        self.registry.column(Some(table), path).is_some() || self.schemas.knows(table, path)
    }

    fn declares(&self, table: &TableName, name: &str) -> bool {
        self.registry.declares(table, name)
    }

    fn fields_inside(&self, table: &TableName) -> Vec<Vec<String>> {
        self.schemas.fields_inside(table)
    }

    fn may_contain_people(&self, table: &TableName) -> bool {
        let entry = self.registry.table(table);
        entry.and_then(|entry| entry.personal) != Some(false)
    }
}

impl Surroundings<'_> {
    fn registered(&self, table: &TableName) -> Option<TableShape> {
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
            // A field of a record is not a column of its own.
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
}
