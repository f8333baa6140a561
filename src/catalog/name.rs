//! Names of tables.

use std::fmt;
use std::sync::Arc;

/// A table's name: `table`, `dataset.table` or `project.dataset.table`.
///
/// BigQuery's dataset and table names keep their case; comparison in the
/// registry ignores it, as a reader would.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName(Arc<[String]>);

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

    /// The project, where the name says one.
    pub fn project(&self) -> Option<&str> {
        match &*self.0 {
            [project, _, _, ..] => Some(project),
            _ => None,
        }
    }

    /// Whether both names say a project, and not the same one.
    pub fn is_of_another_project(&self, other: &Self) -> bool {
        match (self.project(), other.project()) {
            (Some(mine), Some(theirs)) => !mine.eq_ignore_ascii_case(theirs),
            _ => false,
        }
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
