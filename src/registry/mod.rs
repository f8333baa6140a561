//! Declarations of columns, tables and units, which are read before any query.
//!
//! The registry is a TOML file that people write. Reading it reports every mistake
//! at its place. A valid registry returns the entry of a column or of a table; the
//! most specific entry wins (see [`lookup`]).

mod glob;
pub mod import;
pub mod inspect;
pub mod lookup;
mod model;
mod names;
mod overlap;
mod preset;
mod read;
mod resolution;

#[cfg(test)]
mod tests;

pub use model::{
    ColumnEntry, ColumnOrigin, PolicySettings, PrivacyUnit, RegisteredRole, RegistryOrigin,
    ResidualOther, TableEntry,
};
pub use names::names_person;
pub use preset::Preset;
pub(crate) use read::is_link;
pub use resolution::Resolution;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::catalog::TableName;
use crate::source::{SourceText, Span};
use crate::toml_text::{self, LoadError, TomlError};
use lookup::{ColumnIndex, ColumnMatch, LookupName, NameForm, TableIndex};

/// The file name of the registry that is searched for.
pub const FILE_NAME: &str = "dimension-registry.toml";

/// The word for the file in messages.
const WHAT: &str = "registry";

const BUILTIN: &str = include_str!("../../dimension-registry.toml");

/// The entries of columns and tables, the units, and the settings of the policy.
#[derive(Debug)]
pub struct Registry {
    origin: RegistryOrigin,
    policy: PolicySettings,
    units: FxHashMap<String, PrivacyUnit>,
    columns: Vec<ColumnEntry>,
    tables: Vec<TableEntry>,
    column_index: ColumnIndex,
    table_index: TableIndex,
}

impl Registry {
    /// Returns the registry that is compiled in.
    pub fn builtin() -> &'static Self {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(|| {
            let source = SourceText::new(FILE_NAME, BUILTIN);
            // The text is a constant that a unit test reads: it cannot be invalid in
            // a build whose tests passed.
            let mut registry =
                Self::parse(&source).expect("the registry that is compiled in is valid");
            registry.origin = RegistryOrigin::Builtin;
            registry
        })
    }

    /// The entry of a column that the warehouse itself adds to its tables, which a
    /// registry may declare anew. Nothing is collected with it. What tells the table or
    /// file of a row (`_TABLE_SUFFIX`, `_FILE_NAME`) is not among them: as a label it may
    /// mean anything.
    pub fn of_the_warehouse(name: &str) -> Option<&'static ColumnEntry> {
        static ENTRIES: OnceLock<Vec<ColumnEntry>> = OnceLock::new();
        let entries = ENTRIES.get_or_init(|| {
            let entry = |name: &str, resolution: Resolution, description: &str| ColumnEntry {
                name: name.to_owned(),
                aliases: Vec::new(),
                tables: Vec::new(),
                role: RegisteredRole::Dimension,
                unit: None,
                pseudonym: false,
                category: Some(1),
                sensitive: None,
                resolution: Some(resolution),
                data_reviews: Vec::new(),
                origin: Some(ColumnOrigin::Pipeline),
                description: Some(description.to_owned()),
                span: Span::default(),
            };
            // cloud.google.com/bigquery/docs/querying-partitioned-tables: partitions of
            // the time of ingestion are of an hour at the finest.
            vec![
                entry(
                    "_PARTITIONTIME",
                    Resolution::Hour,
                    "the hour or day of ingestion",
                ),
                entry("_PARTITIONDATE", Resolution::Day, "the day of ingestion"),
            ]
        });
        entries
            .iter()
            .find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Returns the text of the registry that is compiled in.
    pub fn builtin_text() -> &'static str {
        BUILTIN
    }

    /// Reads a registry.
    ///
    /// Entries that tie are searched only if all entries are valid by themselves.
    ///
    /// # Errors
    /// Returns the mistakes in the order of the text; beyond a limit they are only
    /// counted.
    pub fn parse(source: &SourceText) -> Result<Self, Vec<TomlError>> {
        let read = read::read(source).map_err(toml_text::told)?;
        let column_index = ColumnIndex::new(&read.columns);
        let table_index = TableIndex::new(&read.tables);
        let mut errors = overlap::columns(&read.columns, &column_index, source);
        errors.extend(overlap::tables(&read.tables, &table_index, source));
        if !errors.is_empty() {
            errors.sort_by_key(|error| error.span);
            return Err(toml_text::told(errors));
        }
        Ok(Self {
            origin: RegistryOrigin::File(PathBuf::from(source.path())),
            policy: read.policy,
            units: read.units,
            columns: read.columns,
            tables: read.tables,
            column_index,
            table_index,
        })
    }

    /// Reads a registry from a file.
    ///
    /// # Errors
    /// Fails if the file cannot be read, is not UTF-8, or is not a valid registry.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        Self::load_from(path, path)
    }

    /// Reads a registry from the file `stored`, and reports it as the file `path`.
    ///
    /// # Errors
    /// Fails as [`Self::load`] does.
    pub fn load_from(stored: &Path, path: &Path) -> Result<Self, LoadError> {
        let source = toml_text::read_text_from(WHAT, stored, path)?;
        match Self::parse(&source) {
            Ok(mut registry) => {
                registry.origin = RegistryOrigin::File(path.to_owned());
                Ok(registry)
            }
            Err(errors) => Err(Self::invalid(&source, errors)),
        }
    }

    /// Reads the text of a registry without parsing it.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is not UTF-8.
    pub fn read_text(path: &Path) -> Result<SourceText, LoadError> {
        toml_text::read_text(WHAT, path)
    }

    /// Returns the error for mistakes in the text of a registry.
    pub fn invalid(source: &SourceText, errors: Vec<TomlError>) -> LoadError {
        LoadError::Invalid {
            what: WHAT,
            source_text: Box::new(source.clone()),
            errors,
        }
    }

    /// Finds the nearest `dimension-registry.toml` in `start` or a directory above
    /// it.
    ///
    /// `start` may also be a file; the search then begins in its directory.
    pub fn find_upward(start: &Path) -> Option<PathBuf> {
        toml_text::find_upward(start, FILE_NAME)
    }

    /// Returns the source of the registry.
    pub fn origin(&self) -> &RegistryOrigin {
        &self.origin
    }

    /// Returns the settings of the policy.
    pub fn policy(&self) -> &PolicySettings {
        &self.policy
    }

    /// Returns a unit by its name.
    pub fn unit(&self, name: &str) -> Option<&PrivacyUnit> {
        self.units.get(name)
    }

    /// Returns the entry for a column; `path` has the names from the top-level
    /// column down.
    pub fn column(&self, table: Option<&TableName>, path: &[&str]) -> Option<&ColumnEntry> {
        self.column_index
            .best(&self.columns, table, path)
            .map(|found| &self.columns[found])
    }

    /// Returns the entry for a column of a table, and the entries for its nested
    /// fields.
    ///
    /// The latter are in the order of the file. `dotted` is the path of the column
    /// with dots; `last` is the last name in it, which may itself contain dots.
    pub fn column_with_nested(
        &self,
        table: &TableName,
        dotted: &str,
        last: &str,
    ) -> (Option<&ColumnEntry>, Vec<&ColumnEntry>) {
        let (best, inside) =
            self.column_index
                .best_with_nested(&self.columns, table, LookupName::new(dotted, last));
        let entry = |found: usize| &self.columns[found];
        (best.map(entry), inside.into_iter().map(entry).collect())
    }

    /// Returns every entry that matches a column, the winner first, for `registry
    /// show`.
    pub fn column_matches(&self, table: Option<&TableName>, path: &[&str]) -> Vec<ColumnMatch<'_>> {
        self.column_index.all(&self.columns, table, path)
    }

    /// Whether an entry that is bound to a table declares a column of a name in it. An
    /// identifier's does not: the name may be that of a field in an array, which counts
    /// other people than the rows are of.
    pub fn declares(&self, table: &TableName, name: &str) -> bool {
        let matches = self.column_matches(Some(table), &[name]);
        matches.first().is_some_and(|found| {
            found.table.is_some()
                && found.rank.name == NameForm::LastName
                && found.entry.role != RegisteredRole::Identifier
        })
    }

    /// Returns the entry for a table.
    pub fn table(&self, table: &TableName) -> Option<&TableEntry> {
        self.table_index
            .best(table)
            .map(|found| &self.tables[found])
    }

    /// Returns all column entries, in the order of the file.
    pub fn columns(&self) -> &[ColumnEntry] {
        &self.columns
    }

    /// Returns all table entries, in the order of the file.
    pub fn tables(&self) -> &[TableEntry] {
        &self.tables
    }
}
