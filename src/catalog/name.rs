//! Names of tables.

use std::fmt;
use std::sync::Arc;

/// A table's name: `table`, `dataset.table` or `project.dataset.table`.
///
/// BigQuery's dataset and table names keep their case; comparison in the registry
/// ignores case, as a reader would.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName(Arc<[String]>);

/// Suffix that distinguishes the name of a model from that of a table.
const MODEL: &str = " (model)";

impl TableName {
    /// Creates a name from parts, split as in BigQuery: a backticked part may
    /// contain dots.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(
            parts
                .into_iter()
                .flat_map(|part| part.split('.'))
                .map(str::to_owned)
                .collect(),
        )
    }

    /// The parts, project first.
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// Whether this is an INFORMATION_SCHEMA view that describes only tables and
    /// routines.
    ///
    /// No dataset can be called INFORMATION_SCHEMA. Its views of jobs, sessions and
    /// grants do not count, because they name people; nor do those of partitions,
    /// sizes and options, because they disclose what tables contain and how much.
    pub fn is_schema_metadata_view(&self) -> bool {
        const VIEWS: &[&str] = &[
            "COLUMNS",
            "COLUMN_FIELD_PATHS",
            "CONSTRAINT_COLUMN_USAGE",
            "KEY_COLUMN_USAGE",
            "MATERIALIZED_VIEWS",
            "PARAMETERS",
            "ROUTINES",
            "ROUTINE_OPTIONS",
            "SCHEMATA",
            "SCHEMATA_OPTIONS",
            "SEARCH_INDEXES",
            "SEARCH_INDEX_COLUMNS",
            "TABLES",
            "TABLE_CONSTRAINTS",
            "TABLE_SNAPSHOTS",
            "VECTOR_INDEXES",
            "VECTOR_INDEX_COLUMNS",
            "VIEWS",
        ];
        let [.., schema, view] = &*self.0 else {
            return false;
        };
        let named = |known: &&str| view.eq_ignore_ascii_case(known);
        schema.eq_ignore_ascii_case("INFORMATION_SCHEMA") && VIEWS.iter().any(named)
    }

    /// Returns the project, if the name contains one.
    pub fn project(&self) -> Option<&str> {
        match &*self.0 {
            [project, _, _, ..] => Some(project),
            _ => None,
        }
    }

    /// Adds the project to a name that has a dataset but no project.
    #[must_use]
    pub fn in_project(&self, project: Option<&str>) -> Self {
        match (&*self.0, project) {
            ([dataset, name], Some(project)) => Self::new([project, dataset, name]),
            _ => self.clone(),
        }
    }

    /// Whether both names contain a project, and the projects differ.
    pub fn is_of_another_project(&self, other: &Self) -> bool {
        match (self.project(), other.project()) {
            (Some(mine), Some(theirs)) => !mine.eq_ignore_ascii_case(theirs),
            _ => false,
        }
    }

    /// Removes the partition decorator, as in `table$20240101`, from the name.
    #[must_use]
    pub fn undecorated(&self) -> Self {
        let [before @ .., last] = &*self.0 else {
            return self.clone();
        };
        match last.split_once(['$', '@']) {
            Some((table, _)) if !table.is_empty() => {
                let parts = before.iter().map(String::as_str);
                Self::new(parts.chain([table]))
            }
            Some(_) | None => self.clone(),
        }
    }

    /// Adds the partition decorator of another name to this one.
    #[must_use]
    pub fn with_decorator_of(&self, other: &Self) -> Self {
        let plain = other.undecorated();
        match (self.0.split_last(), other.0.last(), plain.0.last()) {
            (Some((last, before)), Some(theirs), Some(plain)) if theirs != plain => {
                let last = format!("{last}{}", &theirs[plain.len()..]);
                let parts = before.iter().map(String::as_str);
                Self::new(parts.chain([last.as_str()]))
            }
            _ => self.clone(),
        }
    }

    /// Returns the name under which a model is stored among the tables.
    ///
    /// A dataset may contain a table and a model of the same name.
    #[must_use]
    pub fn of_model(&self) -> Self {
        let [before @ .., last] = &*self.0 else {
            return self.clone();
        };
        let last = format!("{last}{MODEL}");
        let parts = before.iter().map(String::as_str);
        Self::new(parts.chain([last.as_str()]))
    }

    /// Whether this is the name of a model, as [`Self::of_model`] creates it.
    pub fn is_of_model(&self) -> bool {
        self.0.last().is_some_and(|last| last.ends_with(MODEL))
    }

    /// Returns `dataset.table`, or `table` if the name has no dataset.
    pub fn short(&self) -> String {
        let skip = self.0.len().saturating_sub(2);
        self.0[skip..].join(".")
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}
