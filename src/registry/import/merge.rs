//! Appends imported entries to a registry.
//!
//! The text that a person wrote stays as it is, byte for byte; entries that differ
//! from it are reported, not changed.

use std::collections::BTreeMap;

use super::{Import, draft, legacy, write};
use crate::catalog::TableName;
use crate::registry::{
    ColumnEntry, ColumnOrigin, PrivacyUnit, RegisteredRole, Registry, TableEntry,
};
use crate::source::{SourceText, Span};
use crate::toml_text::TomlError;

/// An entry that was not written because of an existing one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryConflict {
    /// Name of the column or table.
    pub name: String,
    /// Place of the existing entry, in the original text.
    pub span: Span,
    /// How the two differ.
    pub message: String,
}

/// A registry with the imported entries.
#[derive(Debug)]
pub struct MergedRegistry {
    /// The original text, followed by the new entries.
    pub text: String,
    /// Number of new entries.
    pub added: usize,
    /// Number of entries that exist and state the same.
    pub same: usize,
    /// Entries that were not written, with the reason.
    pub conflicts: Vec<EntryConflict>,
}

/// Adds imported entries to the text of a registry.
///
/// `origin` is written in a comment above the new entries.
///
/// # Errors
/// Fails if the text is not a valid registry, or would not be one with the new
/// entries.
pub fn merge(
    source: &SourceText,
    mut import: Import,
    origin: &str,
) -> Result<MergedRegistry, Vec<TomlError>> {
    let registry = Registry::parse(source)?;
    let mut merged = MergedRegistry {
        text: source.text().to_owned(),
        added: 0,
        same: 0,
        conflicts: Vec::new(),
    };
    let mut columns = Vec::new();
    legacy::apply_mirrors(&mut import.columns, import.mirrors);
    for column in distinct(import.columns) {
        match known(&registry, &column) {
            Some((_, differences)) if differences.is_empty() => merged.same += 1,
            Some((entry, differences)) => merged.conflicts.push(EntryConflict {
                name: column.name.clone(),
                span: entry.span,
                message: differences.join(", "),
            }),
            // An event is not a column of its own, and nothing follows from its
            // name.
            None if column.name.starts_with("events.") => columns.push(column),
            None => match find_weakened_entry(&registry, &column) {
                Some((entry, why)) => merged.conflicts.push(EntryConflict {
                    name: column.name.clone(),
                    span: entry.span,
                    message: why,
                }),
                None => columns.push(column),
            },
        }
    }
    let mut tables: BTreeMap<String, TableEntry> = BTreeMap::new();
    for table in import.tables {
        let there = registry
            .tables()
            .iter()
            .find(|entry| entry.name.eq_ignore_ascii_case(&table.name));
        match there {
            Some(entry) => match table_differences(entry, &table) {
                differences if differences.is_empty() => merged.same += 1,
                differences => merged.conflicts.push(EntryConflict {
                    name: table.name.clone(),
                    span: entry.span,
                    message: differences.join(", "),
                }),
            },
            None => {
                tables.insert(table.name.to_lowercase(), table);
            }
        }
    }
    merged.added = columns.len() + tables.len();
    if merged.added == 0 {
        return Ok(merged);
    }
    let units = missing_units(&registry, &columns);
    let columns: Vec<&ColumnEntry> = columns.iter().collect();
    let tables: Vec<&TableEntry> = tables.values().collect();
    if !merged.text.ends_with('\n') {
        merged.text.push('\n');
    }
    // A line break in `origin` would end the comment.
    let origin = origin.replace(['\n', '\r'], " ");
    merged.text.push_str(&format!(
        "\n# {}\n# From {origin}\n\n{}",
        "-".repeat(76),
        write::entries(&units, &columns, &tables).trim_start()
    ));
    Registry::parse(&SourceText::new(source.path(), merged.text.clone()))?;
    Ok(merged)
}

/// Returns each column once, sorted by name and tables.
///
/// Columns that are defined twice are combined.
pub(super) fn distinct(columns: Vec<ColumnEntry>) -> Vec<ColumnEntry> {
    let mut found: BTreeMap<(String, Vec<String>), ColumnEntry> = BTreeMap::new();
    for column in columns {
        let key = (column.name.to_lowercase(), column.tables.clone());
        match found.get_mut(&key) {
            Some(known) => draft::join(known, column),
            None => {
                found.insert(key, column);
            }
        }
    }
    found.into_values().collect()
}

/// Returns the existing entry for the same column and tables, and how it differs.
fn known<'r>(
    registry: &'r Registry,
    column: &ColumnEntry,
) -> Option<(&'r ColumnEntry, Vec<String>)> {
    let entry = registry.columns().iter().find(|entry| {
        let named = entry
            .names()
            .any(|name| column.names().any(|own| own.eq_ignore_ascii_case(name)));
        named && same_tables(&entry.tables, &column.tables)
    })?;
    let mut differences = Vec::new();
    let mut differ = |key: &str, there: Option<&str>, own: Option<&str>| {
        differences.push(difference(key, there, own));
    };
    if entry.role != column.role {
        differ("role", Some(entry.role.word()), Some(column.role.word()));
    }
    // A key that the source lacks is not a difference.
    if column.unit.is_some() && entry.role == column.role && entry.unit != column.unit {
        differ("unit", entry.unit.as_deref(), column.unit.as_deref());
    }
    if column.pseudonym && !entry.pseudonym {
        differ("pseudonym", None, Some("true"));
    }
    if column.category.is_some() && entry.category != column.category {
        let word = |category: Option<u8>| category.map(|category| category.to_string());
        differ(
            "category",
            word(entry.category).as_deref(),
            word(column.category).as_deref(),
        );
    }
    if column.sensitive.is_some() && entry.sensitive.is_none() {
        differ("sensitive", None, column.sensitive.as_deref());
    }
    if column.resolution.is_some() && entry.resolution != column.resolution {
        differ(
            "resolution",
            entry.resolution.map(|resolution| resolution.word()),
            column.resolution.map(|resolution| resolution.word()),
        );
    }
    if column.origin.is_some() && entry.origin != column.origin {
        let word = |origin: Option<ColumnOrigin>| origin.map(ColumnOrigin::word);
        differ("origin", word(entry.origin), word(column.origin));
    }
    differences.extend(missing_links(&entry.data_reviews, &column.data_reviews));
    Some((entry, differences))
}

/// Returns how the existing entry of a table differs from the imported one.
fn table_differences(entry: &TableEntry, table: &TableEntry) -> Vec<String> {
    let mut differences = Vec::new();
    if table.unit_column.is_some() && entry.unit_column != table.unit_column {
        differences.push(difference(
            "unit_column",
            entry.unit_column.as_deref(),
            table.unit_column.as_deref(),
        ));
    }
    differences.extend(missing_links(&entry.data_reviews, &table.data_reviews));
    differences
}

/// Describes the links of the source that an entry lacks; `None` if it lacks none.
fn missing_links(there: &[String], own: &[String]) -> Option<String> {
    let missing: Vec<&String> = own.iter().filter(|link| !there.contains(link)).collect();
    match missing.as_slice() {
        [] => None,
        [one] => Some(format!("`data_reviews` lacks {one}")),
        [one, rest @ ..] => Some(format!(
            "`data_reviews` lacks {one} and {} more",
            rest.len()
        )),
    }
}

fn difference(key: &str, there: Option<&str>, own: Option<&str>) -> String {
    let word =
        |value: Option<&str>| value.map_or_else(|| "nothing".to_owned(), |v| format!("`{v}`"));
    format!(
        "`{key}` is {} here and {} in the source",
        word(there),
        word(own)
    )
}

/// Whether two entries with one name would tie.
fn same_tables(a: &[String], b: &[String]) -> bool {
    if a.is_empty() || b.is_empty() {
        return a.is_empty() && b.is_empty();
    }
    a.iter()
        .any(|left| b.iter().any(|right| left.eq_ignore_ascii_case(right)))
}

/// Returns an existing entry that a new one would weaken, and how.
///
/// The existing entry applies now, is more cautious, and would be replaced.
fn find_weakened_entry<'r>(
    registry: &'r Registry,
    column: &ColumnEntry,
) -> Option<(&'r ColumnEntry, String)> {
    let tables: Vec<Option<TableName>> = if column.tables.is_empty() {
        vec![None]
    } else {
        column
            .tables
            .iter()
            .map(|table| Some(TableName::new([table.as_str()])))
            .collect()
    };
    column.names().find_map(|name| {
        let path: Vec<&str> = name.split('.').collect();
        tables.iter().find_map(|table| {
            let entry = registry.column(table.as_ref(), &path)?;
            let identifier = entry.role == RegisteredRole::Identifier;
            let why = if identifier && column.role != RegisteredRole::Identifier {
                format!("`{}` declares it as an identifier", entry.name)
            } else if entry.sensitive.is_some() && column.sensitive.is_none() {
                format!("`{}` declares it as sensitive", entry.name)
            } else if entry.category > column.category && column.category.is_some() {
                format!(
                    "`{}` has category {}, the source has {}",
                    entry.name,
                    entry.category.unwrap_or_default(),
                    column.category.unwrap_or_default()
                )
            } else {
                return None;
            };
            Some((entry, why))
        })
    })
}

/// Returns the units that new entries name and the registry lacks.
///
/// Only units that the built-in registry declares as people are people.
fn missing_units(registry: &Registry, columns: &[ColumnEntry]) -> Vec<PrivacyUnit> {
    let mut missing: Vec<PrivacyUnit> = Vec::new();
    for name in columns.iter().filter_map(|column| column.unit.as_ref()) {
        if registry.unit(name).is_none() && !missing.iter().any(|unit| unit.name == *name) {
            missing.push(PrivacyUnit {
                name: name.clone(),
                person: Registry::builtin()
                    .unit(name)
                    .is_some_and(|unit| unit.person),
            });
        }
    }
    missing
}
