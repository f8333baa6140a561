//! Times that only an expression shows, and differences that are no times.
//!
//! The registry gives the resolution of a column (`design/levels.md`, "Time"). A
//! column that it does not know is a time if the query reads it as one:
//! `TIMESTAMP_MICROS(x)`, `CAST(x AS TIMESTAMP)`.

use super::analysis::Analyzer;
use super::column::{BasePath, ColumnFacts, SharedFacts};
use crate::registry::Resolution;

impl Analyzer<'_, '_> {
    /// Sets the resolution of a value that is read as a time, if it comes from
    /// columns that are not registered.
    pub(super) fn read_as_time(&self, facts: &mut ColumnFacts) {
        if facts.resolution.is_some() {
            return;
        }
        let unknown = facts.sources.keys().any(|id| {
            let source = self.sources.get(*id);
            let name = source.path.last().map(|name| name.to_ascii_lowercase());
            // A day may be read as a time too.
            let day = name.is_some_and(|name| name.contains("date") || name.contains("day"));
            source.personal && source.entry.is_none() && !source.is_rest() && !day
        });
        if unknown {
            facts.resolution = Some(Resolution::Subsecond);
        }
    }

    /// Whether a difference of two values discloses neither of two times: both are
    /// columns of the same record, so that no constant and no other time of the query
    /// is its origin.
    pub(super) fn is_duration(&self, name: &str, values: &[SharedFacts]) -> bool {
        let [later, earlier, ..] = values else {
            return false;
        };
        if !matches!(name, "TIMESTAMP_DIFF" | "DATETIME_DIFF" | "TIME_DIFF") {
            return false;
        }
        let (Some(a), Some(b)) = (time_column(later), time_column(earlier)) else {
            return false;
        };
        let table = |path: &BasePath| &self.sources.get(path.source).table;
        a.pop.is_some() && a.pop == b.pop && a.source != b.source && table(a) == table(b)
    }
}

/// The base column of a value that is a column as stored, if the registry declares it
/// as a time at a second or finer.
fn time_column(value: &ColumnFacts) -> Option<&BasePath> {
    let [path] = value.paths.as_slice() else {
        return None;
    };
    let fine = value.resolution >= Some(Resolution::Second);
    (fine && !value.aggregated).then_some(path)
}

/// Whether a function reads its arguments as times of day, or makes such a time.
pub(super) fn makes_time(name: &str) -> bool {
    let name = name.strip_prefix("SAFE.").unwrap_or(name);
    let of = |prefix: &str| {
        let rest = name.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    let formatted = name
        .strip_prefix("PARSE_")
        .or_else(|| name.strip_prefix("FORMAT_"));
    matches!(formatted, Some("TIMESTAMP" | "DATETIME" | "TIME"))
        || of("TIMESTAMP")
        || of("DATETIME")
        || of("TIME")
        || matches!(name, "UNIX_SECONDS" | "UNIX_MILLIS" | "UNIX_MICROS")
}

/// Whether a type has a time of day.
pub(super) fn is_time_type(name: &str) -> bool {
    matches!(name, "TIMESTAMP" | "DATETIME" | "TIME")
}
