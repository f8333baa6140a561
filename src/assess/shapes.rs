//! What is known of tables before a text is read, as the binder asks for it.

use crate::catalog::{Catalog, TableName, TableShape};
use crate::plan::{Alone, Definitions, Doubt, MadeBy, Routines};
use crate::registry::Registry;
use crate::source::SourceText;
use crate::source::template::DbtConfigured;

/// What is known around a text: the registry, the schemas of tables, and the
/// files that make them.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is registered of columns and tables.
    pub registry: &'a Registry,
    /// What is declared of the columns of tables.
    pub schemas: &'a dyn Catalog,
    /// Who makes tables.
    pub definitions: &'a dyn Definitions,
    /// The table that the text makes, where its place says so.
    pub table: Option<&'a str>,
    /// Whether its owners' label publishes that table.
    pub public: bool,
    /// Whether the text is a paste, of which each query is a dataset.
    pub pasted: bool,
    /// How much is told of a dataset.
    pub told: Told,
}

/// How much is told of a dataset, beside its level, the answers, the verdict and the
/// findings, which never hang on it. More takes more time and room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Told {
    /// Nothing more.
    Verdict,
    /// Each published column, and each base column behind it.
    Columns,
    /// And how each column is made, to hold it against another time or text.
    #[default]
    Made,
}

impl<'a> Surroundings<'a> {
    /// Nothing but a registry.
    pub fn alone(registry: &'a Registry) -> Self {
        Self {
            registry,
            schemas: &Alone,
            definitions: &Alone,
            table: None,
            public: false,
            pasted: false,
            told: Told::Made,
        }
    }
}

impl Surroundings<'_> {
    /// The table that the text makes, if its owners' label publishes it.
    pub(super) fn public_table(&self) -> Option<&str> {
        self.table.filter(|_| self.public)
    }

    /// The table that a query makes which does not name it: what a rendering
    /// says, else what the place of its file does.
    pub(super) fn target<'t>(&'t self, rendering: &'t Option<String>) -> Option<&'t str> {
        rendering.as_deref().or(self.table)
    }
}

impl Definitions for Surroundings<'_> {
    fn publishes_every_query(&self) -> bool {
        self.pasted
    }

    fn made(&self, table: &TableName) -> Option<MadeBy> {
        // What the registry declares of this very table is taken as it is.
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

    fn function(&self, name: &str) -> Option<&Routines> {
        self.definitions.function(name)
    }

    fn parameters(&self, path: &str) -> Vec<(String, String)> {
        self.definitions.parameters(path)
    }

    fn adds_rows(&self, written: &SourceText, configured: &DbtConfigured) -> bool {
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
}
