//! Parsing of every declaration format, and the errors of invalid files.

use super::*;
use insta::assert_snapshot;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Formats one field per line, with nested fields indented.
fn tree(fields: &[Field], indent: usize) -> String {
    let mut text = String::new();
    for field in fields {
        let mode = match field.mode {
            Mode::Nullable => "",
            Mode::Required => " required",
            Mode::Repeated => " repeated",
        };
        text.push_str(&format!(
            "{}{} {}{mode}\n",
            "  ".repeat(indent),
            field.name,
            field.kind.as_deref().unwrap_or("?")
        ));
        text.push_str(&tree(&field.fields, indent + 1));
    }
    text
}

fn told(schema: &TableSchema) -> String {
    let mut text = format!(
        "{} complete={}\n{}",
        schema
            .table
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string),
        schema.complete,
        tree(&schema.fields, 1)
    );
    for key in &schema.keys {
        text.push_str(&format!(
            "  key {} {:?}\n",
            key.columns.join(", "),
            key.origin
        ));
    }
    if !schema.not_null.is_empty() {
        text.push_str(&format!("  never null: {}\n", schema.not_null.join(", ")));
    }
    text
}

fn all(schemas: &[TableSchema]) -> String {
    schemas.iter().map(told).collect()
}

/// Creates a repository from pairs of path and text.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    folder
}

const BASE: &str = "fields:
- name: day
  type: DATE
  mode: REQUIRED
  description: !include-field-description
    file: nowhere.yaml
    field: day
- name: device
  type: RECORD
  mode: NULLABLE
  fields:
  - {name: os, type: STRING}
  - {name: versions, type: INTEGER, mode: REPEATED}
tableConstraints:
  primaryKey:
    columns: [day]
";

#[test]
fn fields_of_a_schema_and_of_those_that_it_includes() {
    let folder = repository(&[
        ("sql/p/d/base_v1/schema.yaml", BASE),
        (
            "sql/p/d/same_v1/schema.yaml",
            "fields: !include-fields\n  table: p.d.base_v1\n",
        ),
        (
            "sql/p/d/mixed_v1/schema.yaml",
            "fields: !flatten-lists
- !include-field
  table: p.d.base_v1
  field: device.os
  new_name: platform
  new_mode: REPEATED
- !include-fields
  file: /sql/p/d/base_v1/schema.yaml
  exclude_field_names: day
  field_replacements:
  - !include-field
    table: p.d.base_v1
    field: device
    new_fields:
    - {name: only, type: INT64}
    append_fields:
    - {name: more, type: JSON}
    prepend_fields: !include-fields
      table: p.d.base_v1
      parent_field: device
      field_names: [versions]
",
        ),
    ]);
    let (schemas, errors) = Schemas::load_bigquery_etl(folder.path());
    assert!(errors.is_empty(), "{errors:?}");
    let found: Vec<TableSchema> = schemas.iter().cloned().collect();
    assert_snapshot!(all(&found), @r"
    p.d.base_v1 complete=true
      day DATE required
      device RECORD
        os STRING
        versions INTEGER repeated
      key day Declared
      never null: day
    p.d.mixed_v1 complete=true
      platform STRING repeated
      device RECORD
        versions INTEGER repeated
        only INT64
        more JSON
    p.d.same_v1 complete=true
      day DATE required
      device RECORD
        os STRING
        versions INTEGER repeated
      never null: day
    ");
}

#[test]
fn tables_are_found_by_the_end_of_their_names() {
    let folder = repository(&[
        ("sql/p/d/base_v1/schema.yaml", BASE),
        (
            "sql/p/other/base_v1/schema.yaml",
            "fields:\n- {name: x, type: STRING}\n",
        ),
    ]);
    let (schemas, _) = Schemas::load_bigquery_etl(folder.path());
    let columns = |name: &str| {
        schemas
            .shape(&TableName::new([name]))
            .map(|shape| shape.columns.join(","))
    };
    assert_eq!(columns("p.d.base_v1").as_deref(), Some("day,device"));
    assert_eq!(columns("D.Base_v1").as_deref(), Some("day,device"));
    assert_eq!(columns("other.base_v1").as_deref(), Some("x"));
    // Two tables have this name, and neither takes precedence.
    assert_eq!(columns("base_v1"), None);
    assert_eq!(columns("q.d.base_v1"), None);
    let table = TableName::new(["d", "base_v1"]);
    assert!(schemas.knows(&table, &["DEVICE", "versions"]));
    assert!(!schemas.knows(&table, &["device", "day"]));
}

/// Returns the error for a schema in a repository that contains `base_v1`.
fn refused(text: &str) -> String {
    let folder = repository(&[
        ("sql/p/d/base_v1/schema.yaml", BASE),
        ("sql/p/d/t_v1/schema.yaml", text),
    ]);
    let path = folder.path().join("sql/p/d/t_v1/schema.yaml");
    let error = SchemaFiles::default().load(&path).expect_err("a mistake");
    let root = folder.path().display().to_string();
    error.to_string().replace(&root, "ROOT")
}

#[test]
fn mistakes_in_a_schema() {
    let texts = [
        "",
        "fields",
        "field:\n- name: a\n",
        "fields: [a",
        "fields:\n- type: STRING\n",
        "fields:\n- name: a\n  type: STRING\n- name: b\n  type: TEXT\n",
        "fields:\n- name: a\n  mode: MANY\n",
        "fields: 3\n",
        "fields:\n- [1]\n",
        "fields:\n- !include-fields\n  table: p.d.base_v1\n",
        "fields: !include-fields\n  table: p.d.gone_v1\n",
        "fields: !include-fields\n  table: p.d.t_v1\n",
        "fields: !include-fields\n  field: x\n",
        "fields:\n- !include-field\n  table: p.d.base_v1\n  field: device.cpu\n",
        "fields: !include\n  file: sql/p/d/base_v1/schema.yaml\n  jmespath: x\n",
        "fields: !include-everything\n  file: x\n",
        "fields: !flatten-lists\n  file: x\n",
    ];
    let told: Vec<String> = texts.iter().map(|text| refused(text)).collect();
    assert_snapshot!(told.join("\n"), @r"
    ROOT/sql/p/d/t_v1/schema.yaml:1:1: found empty, expected a schema; write `fields:` and below it `- name: …`, `type: …`, `mode: …` for each
    ROOT/sql/p/d/t_v1/schema.yaml:1:1: found a string, expected a schema; write `fields:` and below it `- name: …`, `type: …`, `mode: …` for each
    ROOT/sql/p/d/t_v1/schema.yaml:1:1: missing `fields`; write `fields:` and below it `- name: …`, `type: …`, `mode: …` for each
    ROOT/sql/p/d/t_v1/schema.yaml:2:1: not YAML: while parsing a flow sequence, expected ',' or ']'
    ROOT/sql/p/d/t_v1/schema.yaml: a field of the schema has no `name`; write `fields:` and below it `- name: …`, `type: …`, `mode: …` for each
    ROOT/sql/p/d/t_v1/schema.yaml:4:1: `b` in the schema has the type `TEXT`, which BigQuery does not have; known types: STRING, BYTES, INTEGER, INT64, FLOAT, FLOAT64, NUMERIC, DECIMAL, BIGNUMERIC, BIGDECIMAL, BOOLEAN, BOOL, TIMESTAMP, DATE, TIME, DATETIME, GEOGRAPHY, RECORD, STRUCT, JSON, INTERVAL, RANGE
    ROOT/sql/p/d/t_v1/schema.yaml:2:1: `a` in the schema has the mode `MANY`; write NULLABLE, REQUIRED or REPEATED
    ROOT/sql/p/d/t_v1/schema.yaml: the fields of the schema are a number, not a list; write `fields:` and below it `- name: …`, `type: …`, `mode: …` for each
    ROOT/sql/p/d/t_v1/schema.yaml: an entry of the schema is a list, not a field; write `fields:` and below it `- name: …`, `type: …`, `mode: …` for each
    ROOT/sql/p/d/t_v1/schema.yaml: `!include-fields` is inside the list of the schema; write `fields: !flatten-lists` above the list
    ROOT/sql/p/d/t_v1/schema.yaml: include of ROOT/sql/p/d/gone_v1/schema.yaml: cannot be read: No such file or directory (os error 2); write the path relative to the root of the repository
    ROOT/sql/p/d/t_v1/schema.yaml: circular include: the schema includes ROOT/sql/p/d/t_v1/schema.yaml, which includes the schema; remove one of the includes
    ROOT/sql/p/d/t_v1/schema.yaml: `!include-fields` has neither `file` nor `table`; write `file: …`, relative to the root of the repository, or `table: PROJECT.DATASET.TABLE`
    ROOT/sql/p/d/t_v1/schema.yaml: the included file has no field `device.cpu`; check the name in the included file
    ROOT/sql/p/d/t_v1/schema.yaml: `!include` selects with `jmespath`, which is not evaluated; write `!include-field` or `!include-fields` with the names
    ROOT/sql/p/d/t_v1/schema.yaml: unknown tag `!include-everything` in the schema; known tags: `!include-field`, `!include-fields`, `!include`, `!flatten-lists` and, for a description, `!include-field-description`
    ROOT/sql/p/d/t_v1/schema.yaml: `!flatten-lists` in the schema has a table of settings; write its settings below it, `file: …` or `table: …` first; `!flatten-lists` takes a list
    ");
}

#[test]
fn an_include_outside_a_repository_is_refused() {
    let error = SchemaFiles::default()
        .parse(
            Path::new("schema.yaml"),
            "fields: !include\n  file: a.yaml\n",
        )
        .expect_err("a mistake");
    assert!(
        error
            .message
            .contains("no folder above this file is called `sql`")
    );
}

#[test]
fn bigquery_prints_schemas_in_three_forms() {
    let list = r#"[{"name": "id", "type": "STRING", "mode": "REQUIRED"},
        {"name": "geo", "type": "RECORD", "fields": [{"name": "city", "type": "STRING(10)",
         "policyTags": {"names": ["projects/p/locations/us/taxonomies/1/policyTags/2"]}}]}]"#;
    let table = format!(
        r#"{{"tableReference": {{"projectId": "p", "datasetId": "d", "tableId": "t"}},
            "tableConstraints": {{"primaryKey": {{"columns": ["id"]}}}},
            "schema": {{"fields": {list}}}}}"#
    );
    let read = |text: &str| bigquery_json::parse("t.json", text).expect("a schema");
    let (bare, object, whole) = (
        read(list),
        read(&format!(r#"{{"fields": {list}}}"#)),
        read(&table),
    );
    assert_eq!(bare, object);
    assert_eq!(bare.fields, whole.fields);
    let city = whole.field(&["geo", "city"]).expect("it is there");
    assert_eq!(
        city.policy_tags,
        ["projects/p/locations/us/taxonomies/1/policyTags/2"]
    );
    assert_snapshot!(told(&whole), @r"
    p.d.t complete=true
      id STRING required
      geo RECORD
        city STRING
      key id Declared
      never null: id
    ");
}

#[test]
fn mistakes_in_bigquery_json() {
    let texts = [
        "",
        "{\n  \"fields\": [}",
        "3",
        "{}",
        "[{}]",
        r#"[{"name": "a", "type": "TEXT"}]"#,
        r#"[{"name": "a", "type": "RECORD", "fields": [{"name": "b", "mode": "MANY"}]}]"#,
    ];
    let told: Vec<String> = texts
        .iter()
        .map(|text| {
            bigquery_json::parse("t.json", text)
                .expect_err("a mistake")
                .to_string()
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r"
    t.json:1:1: not JSON: EOF while parsing a value at line 1 column 0
    t.json:2:14: not JSON: expected value at line 2 column 14
    t.json: the schema is a number, not a list of fields; write a list of fields in the format of `bq show --schema`
    t.json: the schema is an object, not a list of fields; write a list of fields in the format of `bq show --schema`
    t.json: field 1 of the schema has no `name`; write a list of fields in the format of `bq show --schema`
    t.json: `a` in the schema has the type `TEXT`, which BigQuery does not have; known types: STRING, BYTES, INTEGER, INT64, FLOAT, FLOAT64, NUMERIC, DECIMAL, BIGNUMERIC, BIGDECIMAL, BOOLEAN, BOOL, TIMESTAMP, DATE, TIME, DATETIME, GEOGRAPHY, RECORD, STRUCT, JSON, INTERVAL, RANGE
    t.json: `b` in `a` has the mode `MANY`; write NULLABLE, REQUIRED or REPEATED
    ");
}

#[test]
fn a_test_of_dbt_is_a_key_where_it_holds_for_every_row() {
    let properties = "version: 2
models:
- name: orders
  columns:
  - name: order_id
    data_type: string
    data_tests: [unique, not_null]
  - name: day
    tests:
    - not_null: {where: \"day > '2020-01-01'\"}
    - unique: {config: {severity: warn}}
  tests:
  - dbt_utils.unique_combination_of_columns:
      combination_of_columns: [day, customer]
  - dbt_utils.unique_combination_of_columns:
      arguments: {combination_of_columns: [customer, \"lower(name)\"]}
sources:
- name: shop
  schema: shop_raw
  database: p
  tables:
  - name: customers
    identifier: customers_v1
    columns: [{name: id, tests: [unique: {config: {where: x}}]}]
";
    let found = dbt::parse_properties("schema.yml", properties).expect("a file of dbt");
    assert_snapshot!(all(&found), @r"
    orders complete=false
      order_id STRING
      day ?
      key order_id Tested
      key day, customer Tested
      never null: order_id
    p.shop_raw.customers_v1 complete=false
      id ?
    ");
}

#[test]
fn a_manifest_of_dbt_has_full_names_and_tests_apart() {
    let manifest = r#"{"nodes": {
      "model.shop.orders": {"resource_type": "model", "database": "p", "schema": "d", "name": "orders",
        "alias": "orders_v1", "columns": {"id": {"name": "id", "data_type": "STRING"}, "day": {"name": "day"}}},
      "test.shop.unique": {"resource_type": "test", "attached_node": "model.shop.orders",
        "config": {"severity": "ERROR", "where": null, "enabled": true},
        "test_metadata": {"name": "unique", "kwargs": {"column_name": "id"}}},
      "test.shop.combination": {"resource_type": "test", "depends_on": {"nodes": ["model.shop.orders"]},
        "test_metadata": {"name": "unique_combination_of_columns", "namespace": "dbt_utils",
          "kwargs": {"combination_of_columns": ["day", "id"]}}},
      "test.shop.sometimes": {"resource_type": "test", "attached_node": "model.shop.orders",
        "config": {"severity": "warn"},
        "test_metadata": {"name": "not_null", "kwargs": {"column_name": "day"}}},
      "analysis.shop.x": {"resource_type": "analysis", "name": "x"}},
     "sources": {"source.shop.raw.events": {"resource_type": "source", "database": "p", "schema": "raw",
        "name": "events", "identifier": "events_v2", "columns": {}}}}"#;
    let found = dbt::parse_manifest("manifest.json", manifest).expect("a manifest");
    assert_snapshot!(all(&found), @r"
    p.d.orders_v1 complete=false
      id STRING
      day ?
      key id Tested
      key day, id Tested
    p.raw.events_v2 complete=false
    ");
    let error = dbt::parse_manifest("manifest.json", "{}").expect_err("no manifest");
    assert!(error.message.contains("neither `nodes` nor `sources`"));
}

#[test]
fn a_file_is_taken_for_what_it_is() {
    let folder = repository(&[
        (
            "a/schema.yml",
            "models: [{name: orders, columns: [{name: id}]}]",
        ),
        ("a/manifest.json", r#"{"nodes": {}}"#),
        (
            "a/t.json",
            r#"{"tableReference": {"datasetId": "d", "tableId": "t"}, "schema": {"fields": [{"name": "x"}]}}"#,
        ),
        ("sql/p/d/base_v1/schema.yaml", BASE),
    ]);
    let mut schemas = Schemas::default();
    for file in [
        "a/schema.yml",
        "a/manifest.json",
        "a/t.json",
        "sql/p/d/base_v1/schema.yaml",
    ] {
        schemas.add_file(&folder.path().join(file)).expect(file);
    }
    let names: Vec<String> = schemas
        .iter()
        .filter_map(|schema| schema.table.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(names, ["orders", "d.t", "p.d.base_v1"]);
    let missing = schemas
        .add_file(&folder.path().join("none.json"))
        .expect_err("no file");
    assert!(missing.message.starts_with("cannot be read"));
}
