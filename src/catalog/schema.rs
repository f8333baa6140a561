//! A table's columns and keys as a file declares them.

use super::{TableName, TableShape};

/// The number of values that a field has in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One value or NULL.
    Nullable,
    /// Exactly one value, never NULL.
    Required,
    /// An array.
    Repeated,
}

/// A column, or a field inside a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name as written.
    pub name: String,
    /// Other names that the file declares for it.
    pub aliases: Vec<String>,
    /// BigQuery's type in upper case, without parameters; `None` if it is not
    /// declared.
    pub kind: Option<String>,
    /// The number of values that it has in a row.
    pub mode: Mode,
    /// The fields of a record; empty for every other type.
    pub fields: Vec<Field>,
    /// The description as written.
    pub description: Option<String>,
    /// The resource names of its policy tags.
    pub policy_tags: Vec<String>,
}

impl Field {
    /// Creates a nullable field with nothing but a name.
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

    /// Whether the field is a record.
    pub fn is_record(&self) -> bool {
        matches!(self.kind.as_deref(), Some("RECORD" | "STRUCT"))
    }

    /// Whether `name` refers to this field; BigQuery ignores the case of columns.
    pub fn has_name(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Why a key is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOrigin {
    /// A primary key, which BigQuery does not enforce.
    Declared,
    /// A test that fails if the key does not hold.
    Tested,
}

/// A set of columns on whose values no two rows agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredKey {
    /// The columns, in the order of the file.
    pub columns: Vec<String>,
    /// Why the key is trusted.
    pub origin: KeyOrigin,
}

/// A file's declaration of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
    /// The table; `None` if neither the file nor its path names it.
    pub table: Option<TableName>,
    /// The columns in order.
    pub fields: Vec<Field>,
    /// Whether these are all columns of the table.
    pub complete: bool,
    /// Unique keys.
    pub keys: Vec<DeclaredKey>,
    /// Columns that are never null.
    pub not_null: Vec<String>,
    /// The file that contains the declaration.
    pub origin: String,
}

impl TableSchema {
    /// Returns the fields inside its columns, each as the names from the column down.
    pub fn fields_inside(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        let columns = self.fields.iter();
        let mut open: Vec<(Vec<String>, &Field)> = columns
            .map(|field| (vec![field.name.clone()], field))
            .collect();
        while let Some((path, field)) = open.pop() {
            for inside in &field.fields {
                let mut path = path.clone();
                path.push(inside.name.clone());
                found.push(path.clone());
                open.push((path, inside));
            }
        }
        found
    }

    /// Creates the schema of a table from all its columns; required columns are
    /// never null.
    pub(super) fn whole(origin: &str, table: Option<TableName>, fields: Vec<Field>) -> Self {
        Self {
            table,
            not_null: fields
                .iter()
                .filter(|field| field.mode == Mode::Required)
                .map(|field| field.name.clone())
                .collect(),
            // BigQuery has no table without columns, so an empty list declares
            // nothing.
            complete: !fields.is_empty(),
            fields,
            keys: Vec::new(),
            origin: origin.to_owned(),
        }
    }

    /// Returns the field at a path that starts at a column.
    pub fn field(&self, path: &[&str]) -> Option<&Field> {
        field_in(&self.fields, path)
    }

    /// Returns the names of the columns, in the form that the binder uses.
    pub fn shape(&self) -> TableShape {
        TableShape {
            columns: self.fields.iter().map(|field| field.name.clone()).collect(),
            complete: self.complete,
        }
    }
}

/// Returns the field at a path that starts among the given fields.
pub(super) fn field_in<'f>(fields: &'f [Field], path: &[&str]) -> Option<&'f Field> {
    let (first, rest) = path.split_first()?;
    let field = fields.iter().find(|field| field.has_name(first))?;
    if rest.is_empty() {
        Some(field)
    } else {
        field_in(&field.fields, rest)
    }
}
