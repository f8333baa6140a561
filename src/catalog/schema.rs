//! A table's columns and keys as a file declares them.

use super::{TableName, TableShape};

/// How many values a field has in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One, or none.
    Nullable,
    /// One.
    Required,
    /// An array.
    Repeated,
}

/// A column, or a field in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, as written.
    pub name: String,
    /// Other names that the file gives it.
    pub aliases: Vec<String>,
    /// BigQuery's type in upper case, without parameters; `None` where the file
    /// does not say.
    pub kind: Option<String>,
    /// How many values it has in a row.
    pub mode: Mode,
    /// The fields of a record; empty for all else.
    pub fields: Vec<Field>,
    /// One line for people.
    pub description: Option<String>,
    /// The resource names of its policy tags.
    pub policy_tags: Vec<String>,
}

impl Field {
    /// A nullable field of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            kind: None,
            mode: Mode::Nullable,
            fields: Vec::new(),
            description: None,
            policy_tags: Vec::new(),
        }
    }

    /// Whether it is a record.
    pub fn is_record(&self) -> bool {
        matches!(self.kind.as_deref(), Some("RECORD" | "STRUCT"))
    }

    /// Whether a name is meant; BigQuery ignores the case of columns.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Why a key is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOrigin {
    /// A primary key, which BigQuery does not enforce.
    Declared,
    /// A test that fails where it does not hold.
    Tested,
}

/// Columns of which no two rows have the same values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredKey {
    /// The columns, in the order of the file.
    pub columns: Vec<String>,
    /// Why it is believed.
    pub origin: KeyOrigin,
}

/// What a file declares of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
    /// The table; `None` where neither the file nor its place names it.
    pub table: Option<TableName>,
    /// The columns in order.
    pub fields: Vec<Field>,
    /// Whether these are all.
    pub complete: bool,
    /// Unique keys.
    pub keys: Vec<DeclaredKey>,
    /// Columns that are never null.
    pub not_null: Vec<String>,
    /// The file that says so.
    pub origin: String,
}

impl TableSchema {
    /// A table with all its columns; what is required is never null.
    pub(super) fn whole(origin: &str, table: Option<TableName>, fields: Vec<Field>) -> Self {
        Self {
            table,
            not_null: fields
                .iter()
                .filter(|field| field.mode == Mode::Required)
                .map(|field| field.name.clone())
                .collect(),
            // BigQuery has no table without columns: nothing was declared.
            complete: !fields.is_empty(),
            fields,
            keys: Vec::new(),
            origin: origin.to_owned(),
        }
    }

    /// The field at a path, from the column down.
    pub fn field(&self, path: &[&str]) -> Option<&Field> {
        field_in(&self.fields, path)
    }

    /// The names of its columns, as the binder asks for them.
    pub fn shape(&self) -> TableShape {
        TableShape {
            columns: self.fields.iter().map(|field| field.name.clone()).collect(),
            complete: self.complete,
        }
    }
}

/// The field at a path among some fields.
pub(super) fn field_in<'f>(fields: &'f [Field], path: &[&str]) -> Option<&'f Field> {
    let (first, rest) = path.split_first()?;
    let field = fields.iter().find(|field| field.is_called(first))?;
    if rest.is_empty() {
        Some(field)
    } else {
        field_in(&field.fields, rest)
    }
}
