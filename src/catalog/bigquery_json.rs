//! BigQuery's JSON formats of a schema: the list of fields that `bq show --schema`
//! prints, the table with its schema that `bq show --format=prettyjson` prints, or
//! an object with `fields`.

use serde_json::Value;

use super::schema::{DeclaredKey, KeyOrigin};
use super::{CatalogError, Field, Mode, TableName, TableSchema, text};

const FORM: &str = "write a list of fields in the format of `bq show --schema`";

/// Reads a schema in any of these formats.
///
/// # Errors
/// If the text is not JSON, or not a schema.
pub fn parse(path: &str, source: &str) -> Result<TableSchema, CatalogError> {
    let document = text::json(path, source)?;
    of_value(path, &document)
}

/// Reads a schema from JSON that is already parsed.
pub(crate) fn of_value(path: &str, document: &Value) -> Result<TableSchema, CatalogError> {
    let schema = document.get("schema").unwrap_or(document);
    let list = schema.get("fields").unwrap_or(schema);
    let fields = fields(path, "the schema", list)?;
    let reference = document.get("tableReference");
    let part = |key: &str| reference?.get(key)?.as_str();
    let table = part("datasetId")
        .zip(part("tableId"))
        .map(|(dataset, id)| TableName::new(part("projectId").into_iter().chain([dataset, id])));
    let mut schema = TableSchema::whole(path, table, fields);
    schema.keys = primary_key(document).into_iter().collect();
    Ok(schema)
}

/// Returns the columns of `tableConstraints.primaryKey` as a key.
fn primary_key(document: &Value) -> Option<DeclaredKey> {
    let columns: Vec<String> = document
        .get("tableConstraints")?
        .get("primaryKey")?
        .get("columns")?
        .as_array()?
        .iter()
        .filter_map(|column| column.as_str().map(str::to_owned))
        .collect();
    (!columns.is_empty()).then_some(DeclaredKey {
        columns,
        origin: KeyOrigin::Declared,
    })
}

fn fields(path: &str, of: &str, list: &Value) -> Result<Vec<Field>, CatalogError> {
    let Some(items) = list.as_array() else {
        return Err(CatalogError::new(
            path,
            format!("{of} is {}, not a list of fields", kind_of(list)),
            FORM,
        ));
    };
    items
        .iter()
        .enumerate()
        .map(|(at, item)| field(path, of, at, item))
        .collect()
}

fn field(path: &str, of: &str, at: usize, item: &Value) -> Result<Field, CatalogError> {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let Some(name) = text("name") else {
        return Err(CatalogError::new(
            path,
            format!("field {} of {of} has no `name`", at + 1),
            FORM,
        ));
    };
    let mut field = Field::named(name);
    let what = format!("`{name}` in {of}");
    field.kind = text("type")
        .map(|kind| plain_type(path, &what, kind))
        .transpose()?;
    field.mode = mode(path, &what, text("mode"))?;
    field.description = text("description").map(str::to_owned);
    field.policy_tags = item
        .get("policyTags")
        .and_then(|tags| tags.get("names"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect();
    if let Some(inner) = item.get("fields").filter(|inner| !inner.is_null()) {
        field.fields = fields(path, &format!("`{name}`"), inner)?;
    }
    Ok(field)
}

/// The names of BigQuery's types that a schema may contain.
const TYPES: &[&str] = &[
    "STRING",
    "BYTES",
    "INTEGER",
    "INT64",
    "FLOAT",
    "FLOAT64",
    "NUMERIC",
    "DECIMAL",
    "BIGNUMERIC",
    "BIGDECIMAL",
    "BOOLEAN",
    "BOOL",
    "TIMESTAMP",
    "DATE",
    "TIME",
    "DATETIME",
    "GEOGRAPHY",
    "RECORD",
    "STRUCT",
    "JSON",
    "INTERVAL",
    "RANGE",
];

/// Returns a type in upper case, without parameters.
pub(super) fn plain_type(path: &str, what: &str, kind: &str) -> Result<String, CatalogError> {
    let plain = kind
        .split(['(', '<'])
        .next()
        .unwrap_or(kind)
        .trim()
        .to_uppercase();
    if TYPES.contains(&plain.as_str()) {
        Ok(plain)
    } else {
        Err(CatalogError::new(
            path,
            format!("{what} has the type `{kind}`, which BigQuery does not have"),
            format!("known types: {}", TYPES.join(", ")),
        ))
    }
}

/// Parses a mode; the default is nullable.
pub(super) fn mode(path: &str, what: &str, mode: Option<&str>) -> Result<Mode, CatalogError> {
    match mode.map(str::to_uppercase).as_deref() {
        None | Some("NULLABLE") => Ok(Mode::Nullable),
        Some("REQUIRED") => Ok(Mode::Required),
        Some("REPEATED") => Ok(Mode::Repeated),
        Some(other) => Err(CatalogError::new(
            path,
            format!("{what} has the mode `{other}`"),
            "write NULLABLE, REQUIRED or REPEATED",
        )),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
