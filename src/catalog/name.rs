//! Names of tables.

use std::fmt;
use std::sync::Arc;

/// A table's name: `table`, `dataset.table` or `project.dataset.table`.
///
/// BigQuery's dataset and table names keep their case; comparison in the
/// registry ignores it, as a reader would.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName(Arc<[String]>);

/// Stands behind the name of a model among the tables.
const MODEL: &str = " (model)";

impl TableName {
    /// Splits a name as BigQuery does: a backticked part may hold dots.
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

    /// Whether it is a view that tells of tables and routines, and of nobody who uses
    /// them: INFORMATION_SCHEMA, a name that no dataset can have, but for its views of
    /// jobs, sessions and grants, which name people, and of partitions, sizes and
    /// options, which tell what and how much tables hold.
    pub fn is_about_tables(&self) -> bool {
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

    /// The project, where the name says one.
    pub fn project(&self) -> Option<&str> {
        match &*self.0 {
            [project, _, _, ..] => Some(project),
            _ => None,
        }
    }

    /// The same in a project, where it says a dataset and none.
    #[must_use]
    pub fn in_project(&self, project: Option<&str>) -> Self {
        match (&*self.0, project) {
            ([dataset, name], Some(project)) => Self::new([project, dataset, name]),
            _ => self.clone(),
        }
    }

    /// Whether both names say a project, and not the same one.
    pub fn is_of_another_project(&self, other: &Self) -> bool {
        match (self.project(), other.project()) {
            (Some(mine), Some(theirs)) => !mine.eq_ignore_ascii_case(theirs),
            _ => false,
        }
    }

    /// The table itself, where the name is that of one of its partitions:
    /// `table$20240101`.
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

    /// The partition of this table that another name says.
    #[must_use]
    pub fn decorated_as(&self, other: &Self) -> Self {
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

    /// The name under which a model is kept among the tables: a dataset may hold a table
    /// and a model that are called the same.
    #[must_use]
    pub fn of_model(&self) -> Self {
        let [before @ .., last] = &*self.0 else {
            return self.clone();
        };
        let last = format!("{last}{MODEL}");
        let parts = before.iter().map(String::as_str);
        Self::new(parts.chain([last.as_str()]))
    }

    /// Whether it is that of a model, as [`Self::of_model`] makes it.
    pub fn is_of_model(&self) -> bool {
        self.0.last().is_some_and(|last| last.ends_with(MODEL))
    }

    /// `dataset.table`, or the table alone where it was written alone.
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
