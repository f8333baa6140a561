//! BigQuery's own form of a schema: what `bq show --schema` prints, a list of
//! fields; what `bq show --format=prettyjson` prints, a table with its schema;
//! or an object with `fields`.

use serde_json::Value;

use super::schema::{DeclaredKey, KeyOrigin};
use super::{CatalogError, Field, Mode, TableName, TableSchema, text};

const FORM: &str = "write a list of fields in the format of `bq show --schema`";

/// Reads such a schema.
///
/// # Errors
/// Where the text is no JSON, or no schema.
pub fn parse(path: &str, source: &str) -> Result<TableSchema, CatalogError> {
    let document = text::json(path, source)?;
    of_value(path, &document)
}

/// The same for what was read already.
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

/// The columns of `tableConstraints.primaryKey`.
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

/// BigQuery's types, as a schema may name them.
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

/// A type in upper case, without parameters.
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

/// A mode; nullable where nothing is said.
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
