//! dbt's declarations of tables: its properties files (`schema.yml`) and the
//! `manifest.json` that it compiles.
//!
//! The documented columns of a model need not be all of them. A test counts as a key
//! only if it covers every row and a failure stops the build: a test with `where`,
//! or one whose failures only warn, proves nothing about the other rows.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schema::{DeclaredKey, KeyOrigin};
use super::{CatalogError, Field, TableName, TableSchema, text};

/// Reads a properties file.
///
/// # Errors
/// If the text is not YAML, or `models` and similar keys are not lists of tables.
pub fn parse_properties(path: &str, source: &str) -> Result<Vec<TableSchema>, CatalogError> {
    let document = text::yaml(path, source)?;
    // dbt uses no tags, and its keys are strings, so the values are those of JSON.
    let document = serde_json::to_value(&document).map_err(|error| {
        CatalogError::new(
            path,
            format!("not a properties file of dbt: {error}"),
            "keys must be strings",
        )
    })?;
    let mut found = Vec::new();
    for kind in ["models", "seeds", "snapshots"] {
        for model in list(path, &document, kind)? {
            let name = name_of(path, kind, model)?;
            let called = model.get("alias").and_then(Value::as_str).unwrap_or(name);
            found.push(properties(path, TableName::new([called]), model)?);
        }
    }
    for source in list(path, &document, "sources")? {
        let name = name_of(path, "sources", source)?;
        let part = |key: &str| source.get(key).and_then(Value::as_str);
        for table in list(path, source, "tables")? {
            let own = name_of(path, "tables", table)?;
            let called = table
                .get("identifier")
                .and_then(Value::as_str)
                .unwrap_or(own);
            let parts = part("database")
                .or(part("project"))
                .into_iter()
                .chain([part("schema").or(part("dataset")).unwrap_or(name), called]);
            found.push(properties(path, TableName::new(parts), table)?);
        }
    }
    Ok(found)
}

fn list<'v>(path: &str, value: &'v Value, key: &str) -> Result<&'v [Value], CatalogError> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(CatalogError::new(
            path,
            format!("`{key}` is not a list"),
            "write `- name: …` for each",
        )),
    }
}

fn name_of<'v>(path: &str, kind: &str, value: &'v Value) -> Result<&'v str, CatalogError> {
    value.get("name").and_then(Value::as_str).ok_or_else(|| {
        CatalogError::new(
            path,
            format!("an entry of `{kind}` has no `name`"),
            "write `name: …`",
        )
    })
}

fn properties(path: &str, table: TableName, model: &Value) -> Result<TableSchema, CatalogError> {
    let mut schema = partial(path, table);
    for column in list(path, model, "columns")? {
        let name = name_of(path, "columns", column)?;
        let field = documented(name, column);
        for test in tests(path, column)? {
            apply(&mut schema, &test, Some(name));
        }
        schema.fields.push(field);
    }
    for test in tests(path, model)? {
        apply(&mut schema, &test, None);
    }
    Ok(schema)
}

fn partial(path: &str, table: TableName) -> TableSchema {
    let mut schema = TableSchema::whole(path, Some(table), Vec::new());
    schema.complete = false;
    schema
}

fn documented(name: &str, column: &Value) -> Field {
    let text = |key: &str| {
        let text = column.get(key)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let mut field = Field::named(name);
    field.kind = text("data_type").map(|kind| kind.to_uppercase());
    field.description = text("description");
    field
}

/// A test in the form that is common to both files.
struct Test {
    name: String,
    arguments: Value,
    holds: bool,
}

/// Returns the tests under `tests`, or under `data_tests` as newer files call them.
fn tests(path: &str, of: &Value) -> Result<Vec<Test>, CatalogError> {
    let mut found = Vec::new();
    for test in list(path, of, "tests")?
        .iter()
        .chain(list(path, of, "data_tests")?)
    {
        match test {
            Value::String(name) => found.push(Test {
                name: name.clone(),
                arguments: Value::Null,
                holds: true,
            }),
            Value::Object(object) => {
                for (name, body) in object {
                    let config = body.get("config").unwrap_or(body);
                    found.push(Test {
                        name: name.clone(),
                        arguments: body.get("arguments").unwrap_or(body).clone(),
                        holds: stops(config) && stops(body),
                    });
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                return Err(CatalogError::new(
                    path,
                    "a test is neither a name nor a table of settings",
                    "write `- unique`, or `- unique: {…}`",
                ));
            }
        }
    }
    Ok(found)
}

/// Whether a test covers every row, and a failure stops the build.
fn stops(config: &Value) -> bool {
    let given = |key: &str| config.get(key).filter(|value| !value.is_null());
    let warns = given("severity")
        .and_then(Value::as_str)
        .is_some_and(|severity| !severity.eq_ignore_ascii_case("error"));
    let lenient = |key: &str, usual: &str| {
        given(key)
            .and_then(Value::as_str)
            .is_some_and(|condition| condition.replace(' ', "") != usual)
    };
    let off = given("enabled").is_some_and(|enabled| enabled != &Value::Bool(true));
    given("where").is_none()
        && given("limit").is_none()
        && !warns
        && !off
        && !lenient("error_if", "!=0")
}

fn apply(schema: &mut TableSchema, test: &Test, column: Option<&str>) {
    if !test.holds {
        return;
    }
    let named = test.arguments.get("column_name").and_then(Value::as_str);
    let mut key = None;
    match (test.name.as_str(), column.or(named)) {
        ("unique", Some(column)) => key = Some(vec![column.to_owned()]),
        ("not_null", Some(column)) => {
            if !schema.not_null.iter().any(|known| known == column) {
                schema.not_null.push(column.to_owned());
            }
        }
        ("dbt_utils.unique_combination_of_columns", _) => {
            key = test
                .arguments
                .get("combination_of_columns")
                .and_then(Value::as_array)
                .and_then(|columns| {
                    columns
                        .iter()
                        .map(|column| column.as_str().map(str::to_owned))
                        .collect()
                });
        }
        // Other tests prove nothing about keys.
        (_, _) => {}
    }
    // An expression is not a column, so a key over one is ignored.
    let plain = |name: &String| {
        name.chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.')
    };
    if let Some(columns) = key
        && !columns.is_empty()
        && columns.iter().all(plain)
        && !schema.keys.iter().any(|known| known.columns == columns)
    {
        schema.keys.push(DeclaredKey {
            columns,
            origin: KeyOrigin::Tested,
        });
    }
}

/// Reads a manifest, which has the full names of tables, and tests as separate
/// nodes.
///
/// # Errors
/// If the text is not JSON, or has neither `nodes` nor `sources`.
pub fn parse_manifest(path: &str, source: &str) -> Result<Vec<TableSchema>, CatalogError> {
    let document = text::json(path, source)?;
    let empty = serde_json::Map::new();
    let object = |key: &str| document.get(key).and_then(Value::as_object);
    if object("nodes").is_none() && object("sources").is_none() {
        return Err(CatalogError::new(
            path,
            "not a dbt manifest: it has neither `nodes` nor `sources`",
            "create one with `dbt compile`; its path is `target/manifest.json`",
        ));
    }
    let nodes = object("nodes").unwrap_or(&empty);
    let sources = object("sources").unwrap_or(&empty);
    let mut found: BTreeMap<&str, TableSchema> = BTreeMap::new();
    for (id, node) in nodes.iter().chain(sources) {
        let text = |key: &str| node.get(key).and_then(Value::as_str);
        let table = matches!(
            text("resource_type"),
            Some("model" | "seed" | "snapshot" | "source")
        );
        let Some(name) = text("identifier").or(text("alias")).or(text("name")) else {
            continue;
        };
        if !table {
            continue;
        }
        let parts = text("database")
            .filter(|_| text("schema").is_some())
            .into_iter()
            .chain(text("schema"))
            .chain([name]);
        let mut schema = partial(path, TableName::new(parts));
        let columns = node.get("columns").and_then(Value::as_object);
        for (key, column) in columns.unwrap_or(&empty) {
            let name = column.get("name").and_then(Value::as_str).unwrap_or(key);
            schema.fields.push(documented(name, column));
        }
        found.insert(id, schema);
    }
    for node in nodes.values() {
        let Some(metadata) = node.get("test_metadata") else {
            continue;
        };
        let attached = node
            .get("attached_node")
            .and_then(Value::as_str)
            .or_else(|| only_table(node));
        let Some(schema) = attached.and_then(|id| found.get_mut(id)) else {
            continue;
        };
        let text = |key: &str| metadata.get(key).and_then(Value::as_str);
        let name = text("name").unwrap_or_default();
        let test = Test {
            name: match text("namespace") {
                Some(namespace) => format!("{namespace}.{name}"),
                None => name.to_owned(),
            },
            arguments: metadata.get("kwargs").cloned().unwrap_or(Value::Null),
            holds: node.get("config").is_none_or(stops),
        };
        apply(schema, &test, None);
    }
    Ok(found.into_values().collect())
}

/// Returns the only node that a test depends on; older manifests attach tests only
/// so.
fn only_table(test: &Value) -> Option<&str> {
    let nodes = test.get("depends_on")?.get("nodes")?.as_array()?;
    match nodes.as_slice() {
        [only] => only.as_str(),
        _ => None,
    }
}
