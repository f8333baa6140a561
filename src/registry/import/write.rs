//! Writes entries as TOML in the style of a person.
//!
//! Keys have the order of the format and one line each; a long list has one line per
//! value.

use super::draft;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, RawString, Table, Value};

use crate::registry::{ColumnEntry, PrivacyUnit, RegisteredRole, TableEntry};
use crate::toml_text::written;

/// Maximum length of a line with several values, in bytes.
///
/// A longer list has one line per value.
const WIDTH: usize = 100;

/// Returns the text of units and entries, to append to a registry.
pub(super) fn entries(
    units: &[PrivacyUnit],
    columns: &[&ColumnEntry],
    tables: &[&TableEntry],
) -> String {
    let mut document = DocumentMut::new();
    if !units.is_empty() {
        let mut all = Table::new();
        all.set_implicit(true);
        for unit in units {
            let mut table = Table::new();
            table.insert("person", Item::from(unit.person));
            all.insert(&unit.name, Item::Table(table));
        }
        document.insert("units", Item::Table(all));
    }
    let mut list = |key: &str, all: Vec<Table>| {
        if !all.is_empty() {
            let tables: ArrayOfTables = all.into_iter().collect();
            document.insert(key, Item::ArrayOfTables(tables));
        }
    };
    list(
        "column",
        columns.iter().map(|entry| column(entry)).collect(),
    );
    list("table", tables.iter().map(|entry| table(entry)).collect());
    written(document)
}

/// Returns the entry that a column lacks, as TOML to complete.
///
/// The category and the data reviews are comments; until they are completed, the
/// category is unknown.
pub fn stub(entry: &ColumnEntry) -> String {
    let mut text = entries(&[], &[entry], &[]);
    text.push_str("# category = 1 to 4\n# data_reviews = [\"https://…\"]\n");
    text
}

/// Creates an entry from a column's name, and from whether it is a measured value.
///
/// A name that suggests an identifier makes it one.
pub fn stub_entry(name: &str, measured: bool) -> ColumnEntry {
    let role = if measured {
        RegisteredRole::Metric
    } else {
        RegisteredRole::Dimension
    };
    let mut entry = draft::entry(name, role);
    if draft::complete_from_name(&mut entry) {
        // The unit is left to be completed.
        entry.unit = None;
    }
    entry
}

fn column(entry: &ColumnEntry) -> Table {
    let mut table = Table::new();
    let mut put = |key: &str, value: Value| {
        table.insert(key, Item::Value(value));
    };
    put("name", entry.name.as_str().into());
    if !entry.aliases.is_empty() {
        put("aliases", list("aliases", &entry.aliases));
    }
    if !entry.tables.is_empty() {
        put("tables", list("tables", &entry.tables));
    }
    put("role", entry.role.word().into());
    if entry.role == RegisteredRole::Identifier {
        if let Some(unit) = &entry.unit {
            put("unit", unit.as_str().into());
        }
        if entry.pseudonym {
            put("pseudonym", true.into());
        }
    }
    if let Some(category) = entry.category {
        put("category", i64::from(category).into());
    }
    if let Some(sensitive) = &entry.sensitive {
        put("sensitive", sensitive.as_str().into());
    }
    if let Some(resolution) = entry.resolution {
        put("resolution", resolution.word().into());
    }
    if !entry.data_reviews.is_empty() {
        put("data_reviews", list("data_reviews", &entry.data_reviews));
    }
    if let Some(origin) = entry.origin {
        put("origin", origin.word().into());
    }
    if let Some(description) = &entry.description {
        put("description", description.as_str().into());
    }
    table
}

fn table(entry: &TableEntry) -> Table {
    let mut table = Table::new();
    table.insert("name", Item::from(entry.name.as_str()));
    if let Some(unit) = &entry.unit_column {
        table.insert("unit_column", Item::from(unit.as_str()));
    }
    if !entry.data_reviews.is_empty() {
        table.insert(
            "data_reviews",
            Item::Value(list("data_reviews", &entry.data_reviews)),
        );
    }
    table
}

fn list(key: &str, values: &[String]) -> Value {
    let mut array: Array = values.iter().map(String::as_str).collect();
    if array.len() > 1 && array.to_string().len() + key.len() + 3 > WIDTH {
        for value in array.iter_mut() {
            value.decor_mut().set_prefix("\n  ");
        }
        array.set_trailing_comma(true);
        array.set_trailing(RawString::from("\n"));
    }
    Value::Array(array)
}
