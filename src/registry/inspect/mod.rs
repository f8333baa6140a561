//! Finds problems of a registry: mistakes, entries without effect, incomplete
//! entries.

mod shadow;
mod used;

#[cfg(test)]
mod tests;

use rustc_hash::FxHashSet;

use super::{ColumnEntry, RegisteredRole, Registry, TableEntry};
use crate::catalog::TableName;
use crate::source::{SourceText, Span};
use crate::toml_text::TomlError;

/// The kind of a problem in a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegistryProblemKind {
    /// The registry cannot be used: it is not TOML, is invalid, or has an entry
    /// twice.
    TomlError,
    /// A name, table or link occurs twice in one entry.
    Repeated,
    /// Another entry wins wherever this one matches.
    Shadowed,
    /// The entry applies to nothing that the queries read.
    Unmatched,
    /// An identifier of category 3 or 4, or without a category, declares no unit.
    MissingUnit,
    /// No data review is linked, and the pipeline does not add the column.
    MissingReview,
    /// No category is declared.
    MissingCategory,
}

impl RegistryProblemKind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::TomlError,
        Self::Repeated,
        Self::Shadowed,
        Self::Unmatched,
        Self::MissingUnit,
        Self::MissingReview,
        Self::MissingCategory,
    ];

    /// Returns the name of the kind in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::TomlError => "invalid-registry",
            Self::Repeated => "repeated-value",
            Self::Shadowed => "shadowed-entry",
            Self::Unmatched => "unmatched-entry",
            Self::MissingUnit => "missing-unit",
            Self::MissingReview => "missing-review",
            Self::MissingCategory => "missing-category",
        }
    }
}

/// A problem of a registry, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryProblem {
    /// The kind of problem.
    pub kind: RegistryProblemKind,
    /// Place of the entry or of the mistake.
    pub span: Span,
    /// Name of the entry; empty for a mistake.
    pub entry: String,
    /// What was found.
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
}

/// A column that queries read, with the entries for it and its nested fields.
#[derive(Debug, Clone)]
pub struct QueriedColumn {
    /// The table of the column.
    pub table: TableName,
    /// The names from the top-level column down.
    pub path: Vec<String>,
    /// The places of the entries.
    pub entries: Vec<Span>,
}

/// The columns and tables that a set of queries reads.
#[derive(Debug, Default)]
pub struct QueryUsage {
    /// The columns that are read.
    pub columns: Vec<QueriedColumn>,
    /// The tables that are read.
    pub tables: FxHashSet<TableName>,
    /// The location of the queries, for messages.
    pub shown: String,
}

/// Converts the mistakes that make a registry invalid to problems.
pub fn mistakes(errors: Vec<TomlError>) -> Vec<RegistryProblem> {
    errors
        .into_iter()
        .map(|error| RegistryProblem {
            kind: RegistryProblemKind::TomlError,
            span: error.span,
            entry: String::new(),
            message: error.message,
            help: error.help,
        })
        .collect()
}

/// Finds the problems of a valid registry, sorted by place.
///
/// Entries without use are reported only if `against` has what queries read.
pub fn inspect(
    registry: &Registry,
    source: &SourceText,
    against: Option<&QueryUsage>,
) -> Vec<RegistryProblem> {
    let mut problems = Vec::new();
    for entry in registry.columns() {
        repeated(entry, &mut problems);
        check_completeness(entry, &mut problems);
    }
    for table in registry.tables() {
        repeated_links(table, &mut problems);
    }
    problems.extend(shadow::problems(registry, source));
    if let Some(against) = against {
        problems.extend(used::problems(registry, source, against));
    }
    problems.sort_by_key(|problem| (problem.span, problem.kind));
    problems
}

fn of(
    entry: &ColumnEntry,
    kind: RegistryProblemKind,
    message: String,
    help: &str,
) -> RegistryProblem {
    RegistryProblem {
        kind,
        span: entry.span,
        entry: entry.name.clone(),
        message,
        help: Some(help.to_owned()),
    }
}

fn repeated(entry: &ColumnEntry, problems: &mut Vec<RegistryProblem>) {
    let names: Vec<&str> = entry.names().collect();
    let tables: Vec<&str> = entry.tables.iter().map(String::as_str).collect();
    let links: Vec<&str> = entry.data_reviews.iter().map(String::as_str).collect();
    for (what, values) in [("name", names), ("table", tables), ("link", links)] {
        let mut seen = FxHashSet::default();
        for value in values {
            // Addresses are case-sensitive, names are not.
            let same = if what == "link" {
                value.to_owned()
            } else {
                value.to_lowercase()
            };
            if !seen.insert(same) {
                problems.push(of(
                    entry,
                    RegistryProblemKind::Repeated,
                    format!("`{}` has the {what} `{value}` twice", entry.name),
                    "remove one of them",
                ));
            }
        }
    }
}

fn repeated_links(entry: &TableEntry, problems: &mut Vec<RegistryProblem>) {
    let mut seen = FxHashSet::default();
    for link in &entry.data_reviews {
        if !seen.insert(link) {
            problems.push(RegistryProblem {
                kind: RegistryProblemKind::Repeated,
                span: entry.span,
                entry: entry.name.clone(),
                message: format!("`{}` has the link `{link}` twice", entry.name),
                help: Some("remove one of them".to_owned()),
            });
        }
    }
}

fn check_completeness(entry: &ColumnEntry, problems: &mut Vec<RegistryProblem>) {
    let name = &entry.name;
    let sensitive = entry.category.is_none_or(|category| category >= 3);
    if entry.role == RegisteredRole::Identifier && entry.unit.is_none() && sensitive {
        let of_category = entry.category.map_or_else(
            || "without a category".to_owned(),
            |category| format!("of category {category}"),
        );
        problems.push(of(
            entry,
            RegistryProblemKind::MissingUnit,
            format!("`{name}` is an identifier {of_category}, but its unit is not declared"),
            "write `unit = \"…\"`: a unit of people, or one with `person = false`",
        ));
    }
    if !entry.is_reviewed() {
        problems.push(of(
            entry,
            RegistryProblemKind::MissingReview,
            format!("`{name}` links no data review"),
            "write `data_reviews = [\"https://…\"]`, or `origin = \"pipeline\"` if the pipeline adds it; a dataset that publishes it needs extra review (HC304)",
        ));
    }
    if entry.category.is_none() {
        problems.push(of(
            entry,
            RegistryProblemKind::MissingCategory,
            format!("`{name}` has no category"),
            "write `category = …`, 1 to 4; an unknown category is never publishable",
        ));
    }
}
