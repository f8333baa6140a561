//! Tests what each format yields, and what stays as it is.

mod glean;
mod legacy;
mod merging;

use super::*;
use crate::registry::Registry;
use crate::source::SourceText;
use insta::assert_snapshot;

const HEAD: &str = "schema_version = 1\n\n[units.record]\nperson = false\n";

fn take(name: &str, text: &str) -> Import {
    parse(Path::new(name), text, None, &ImportSettings::default()).expect("no mistake")
}

fn refused(name: &str, text: &str) -> String {
    let settings = ImportSettings {
        dataset: Some("app".to_owned()),
        ..ImportSettings::default()
    };
    parse(Path::new(name), text, None, &settings)
        .expect_err("a mistake")
        .to_string()
}

fn into(registry: &str, import: Import) -> MergedRegistry {
    let source = SourceText::new("registry.toml", registry);
    merge(&source, import, "a source").expect("a valid registry")
}

/// Returns the notes, and the text that is appended to an empty registry.
fn written(import: Import) -> String {
    let notes: String = import
        .notes
        .iter()
        .map(|note| format!("{note}\n"))
        .collect();
    let merged = into(HEAD, import);
    let new = merged
        .text
        .strip_prefix(HEAD)
        .expect("what was there stays");
    format!("{notes}{new}")
}

#[test]
fn a_vocabulary_says_nothing_of_sensitivity() {
    let text = "fields:
- name: country
  type: STRING
  description: The country.
  aliases: [geo]
- {name: client_id, type: STRING}
- {name: badge_id, type: STRING}
- {name: seen_at, type: TIMESTAMP}
- name: device
  type: RECORD
  fields:
  - {name: os, type: STRING, aliases: [platform]}
";
    assert_snapshot!(written(take("global.yaml", text)), @r#"
    global.yaml: `badge_id` is treated as an identifier because of its name; if it identifies neither a person nor a record, write `role = "dimension"`

    # ----------------------------------------------------------------------------
    # From a source

    [units.client]
    person = true

    [[column]]
    name = "badge_id"
    role = "identifier"
    unit = "record"

    [[column]]
    name = "client_id"
    role = "identifier"
    unit = "client"

    [[column]]
    name = "country"
    aliases = ["geo"]
    role = "dimension"
    description = "The country."

    [[column]]
    name = "device.os"
    aliases = ["device.platform"]
    role = "dimension"

    [[column]]
    name = "seen_at"
    role = "timestamp"
    resolution = "subsecond"
    "#);
}

#[test]
fn a_policy_tag_makes_a_column_sensitive() {
    let text = r#"{"tableReference": {"projectId": "p", "datasetId": "d", "tableId": "t"},
      "schema": {"fields": [
        {"name": "plain", "type": "STRING"},
        {"name": "salary", "type": "NUMERIC", "policyTags": {"names": ["projects/p/locations/us/taxonomies/1/policyTags/2"]}},
        {"name": "home", "type": "RECORD", "policyTags": {"names": ["projects/p/locations/us/taxonomies/1/policyTags/3"]},
         "fields": [{"name": "street", "type": "STRING"}, {"name": "since", "type": "DATE"}]}]}}"#;
    let settings = ImportSettings {
        tags: vec![
            ("policyTags/2".to_owned(), 4),
            ("policyTags/9".to_owned(), 1),
        ],
        ..ImportSettings::default()
    };
    let import = parse(Path::new("t.json"), text, None, &settings).expect("a schema");
    assert_snapshot!(written(import), @r#"
    t.json: no entry for columns without a policy tag: 1
    t.json: no column has the policy tag `policyTags/9`

    # ----------------------------------------------------------------------------
    # From a source

    [[column]]
    name = "home.since"
    tables = ["d.t"]
    role = "dimension"
    sensitive = "policy tag taxonomies/1/policyTags/3"
    resolution = "day"

    [[column]]
    name = "home.street"
    tables = ["d.t"]
    role = "dimension"
    sensitive = "policy tag taxonomies/1/policyTags/3"

    [[column]]
    name = "salary"
    tables = ["d.t"]
    role = "dimension"
    category = 4
    sensitive = "policy tag taxonomies/1/policyTags/2"
    "#);
}

#[test]
fn a_table_with_a_header() {
    let text = "name,role,category,data_reviews,tables,description,unit
country,dimension,technical,https://example.org/1;https://example.org/2,,\"Where, roughly\",
visitor,identifier,4,,web.*;app.*,,record
session_id,,,,,,
";
    assert_snapshot!(written(take("columns.csv", text)), @r#"

    # ----------------------------------------------------------------------------
    # From a source

    [units.session]
    person = false

    [[column]]
    name = "country"
    role = "dimension"
    category = 1
    data_reviews = ["https://example.org/1", "https://example.org/2"]
    description = "Where, roughly"

    [[column]]
    name = "session_id"
    role = "identifier"
    unit = "session"

    [[column]]
    name = "visitor"
    tables = ["web.*", "app.*"]
    role = "identifier"
    unit = "record"
    category = 4
    "#);
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    let told = [
        refused(
            "metrics.yaml",
            "$schema: schemas/glean/metrics/2\na:\n  b:\n    data_reviews: []\n",
        ),
        refused("metrics.yaml", "# schemas/glean/metrics/2\na: 3\n"),
        refused("metrics.yaml", "# schemas/glean/metrics/2\na:\n  b: 3\n"),
        refused("metrics.yaml", "# schemas/glean/metrics/2\na: [\n"),
        refused(
            "pings.yaml",
            "$schema: schemas/glean/pings/2\nbaseline:\n  x: 1\n",
        ),
        refused("app.json", r#"{"a.b": {"history": []}}"#),
        refused("app.json", r#"{"a.b": {"history": [{}]}}"#),
        refused("columns.csv", "name,rôle\n"),
        refused("columns.csv", "role\n"),
        refused("columns.csv", "name,role\nx,dimension\ny,thing\n"),
        refused("columns.csv", "name,category\nx,5\n"),
        refused("columns.csv", "name,role\nx\n"),
        refused("columns.csv", "name,data_reviews\nx,bug 12\n"),
        refused("notes.txt", "x"),
        refused("other.yaml", "a: 1\n"),
    ];
    assert_snapshot!(told.join("\n"), @r"
    metrics.yaml:3:3: the metric `a.b` has no `type`; write `CATEGORY:`, below it `NAME:`, and below that `type: …`
    metrics.yaml:2:1: the category `a` contains no metrics; write `CATEGORY:`, below it `NAME:`, and below that `type: …`
    metrics.yaml:2:1: an entry of `a` does not define one of the metrics; write `CATEGORY:`, below it `NAME:`, and below that `type: …`
    metrics.yaml:3:1: not YAML: did not find expected node content at line 3 column 1, while parsing a flow node; correct the file at this place
    pings.yaml:2:1: the ping `baseline` does not declare whether it includes the client identifier; write `NAME:` and below it `include_client_id: true` or `false`
    app.json: the metric `a.b` has no `history`; save the response of probe-info for `/glean/APPLICATION/metrics`
    app.json: a definition of the metric `a.b` has no `type`; save the response of probe-info for `/glean/APPLICATION/metrics`
    columns.csv:1:1: unknown header `rôle`; did you mean `role`?
    columns.csv:1:1: no header `name`; write a first line with some of name, aliases, tables, role, unit, pseudonym, category, sensitive, resolution, data_reviews, origin, description
    columns.csv:3:1: unknown role `thing`; write dimension, metric, identifier or timestamp
    columns.csv:2:1: unknown category `5`; write 1 technical, 2 interaction, 3 web activity or 4 highly sensitive, or leave the cell empty
    columns.csv:2:1: not CSV: CSV error: record 1 (line: 2, byte: 10): found record with 1 fields, but the previous record has 2 fields; write as many cells in every line as in the header
    columns.csv:2:1: `bug 12` is not a link to a data review; write the complete address, which starts with `https://`
    notes.txt: unknown kind of definitions: neither the name nor the start of the file identifies it; set it with `--from`: glean, pings, tags, probe-info, scalars, histograms, events, vocabulary, policy-tags, csv
    other.yaml: unknown kind of definitions: neither the name nor the start of the file identifies it; set it with `--from`: glean, pings, tags, probe-info, scalars, histograms, events, vocabulary, policy-tags, csv
    ");
}
