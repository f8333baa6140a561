//! What each form gives, and what is left as it is.

use super::*;
use crate::registry::Registry;
use crate::source::SourceText;
use insta::assert_snapshot;
use proptest::prelude::*;

const HEAD: &str = "schema_version = 1\n\n[units.record]\nperson = false\n";

fn take(name: &str, text: &str) -> Import {
    parse(Path::new(name), text, None, &Settings::default()).expect("no mistake")
}

fn refused(name: &str, text: &str) -> String {
    let settings = Settings {
        dataset: Some("app".to_owned()),
        ..Settings::default()
    };
    parse(Path::new(name), text, None, &settings)
        .expect_err("a mistake")
        .to_string()
}

fn into(registry: &str, import: Import) -> Merged {
    let source = SourceText::new("registry.toml", registry);
    merge(&source, import, "a source").expect("a valid registry")
}

/// What is written behind a registry that has nothing.
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

const METRICS: &str = "---
$schema: moz://mozilla.org/schemas/glean/metrics/2-0-0
no_lint: [CATEGORY_GENERIC]

page.loading:
  time_to_paint:
    type: timing_distribution
    description: |
      How long a page takes,
      in all.

      And more.
    data_reviews:
      - https://example.org/review/1
    data_sensitivity: [technical]
  reloads:
    type: counter
    description: Reloads.
    data_reviews: [N/A, '']
  by_engine:
    type: labeled_counter
    description: Searches by engine.
    data_reviews: [https://example.org/review/2]
    data_sensitivity: [technical, interaction]
  host:
    type: url
    description: Where.
    data_reviews: [https://example.org/review/2]
    data_sensitivity: [technical, web_activity]
  visit_id:
    type: string
    data_reviews: [https://example.org/review/2]
    data_sensitivity: [interaction]
  started:
    type: datetime
    time_unit: day
    data_reviews: [https://example.org/review/2]
    data_sensitivity: [very]
  finished:
    type: datetime
    data_sensitivity: highly_sensitive
  odd:
    type: holograph
  own:
    type: string
    send_in_pings: [glean_client_info]
    data_sensitivity: [technical]
clicks:
  opened:
    type: event
    data_reviews: [https://example.org/review/3]
    data_sensitivity: [interaction]
  closed:
    type: event
    data_reviews: [https://example.org/review/4]
    data_sensitivity: [technical]
";

#[test]
fn metrics_of_glean() {
    assert_snapshot!(written(take("metrics.yaml", METRICS)), @r#"
    metrics.yaml:16:3: `N/A` is no link to a data review of `page.loading.reloads`: it is left out
    metrics.yaml:30:3: `metrics.string.page_loading_visit_id` is taken for an identifier because of its name; where it names neither a person nor a record, write `role = "dimension"`
    metrics.yaml:34:3: `very` is no sensitivity, so `page.loading.started` has no category; the words are technical, interaction, stored_content, web_activity and highly_sensitive
    metrics.yaml:42:3: `page.loading.odd` has the type `holograph`, which is not known: it is left out
    metrics.yaml: the columns of events are those of all applications, so they get no category; with `--tables` they get that of these events

    # ----------------------------------------------------------------------------
    # From a source

    [[column]]
    name = "client_info.own"
    role = "dimension"
    category = 1

    [[column]]
    name = "events.extra"
    aliases = ["events.extra.*", "event_extra", "event_extra.*"]
    role = "dimension"
    data_reviews = ["https://example.org/review/3", "https://example.org/review/4"]
    description = "What belongs to an event; of the greatest category of all events."

    [[column]]
    name = "events.name"
    aliases = ["events.category", "event_name", "event_category"]
    role = "dimension"
    data_reviews = ["https://example.org/review/3", "https://example.org/review/4"]
    description = "What happened; of the greatest category of all events."

    [[column]]
    name = "metrics.counter.page_loading_reloads"
    role = "metric"
    description = "Reloads."

    [[column]]
    name = "metrics.datetime.page_loading_finished"
    aliases = [
      "metrics.datetime.raw_page_loading_finished",
      "metrics.datetime.parsed_page_loading_finished",
    ]
    role = "timestamp"
    category = 4
    resolution = "subsecond"

    [[column]]
    name = "metrics.datetime.page_loading_started"
    aliases = [
      "metrics.datetime.raw_page_loading_started",
      "metrics.datetime.parsed_page_loading_started",
    ]
    role = "dimension"
    resolution = "day"
    data_reviews = ["https://example.org/review/2"]

    [[column]]
    name = "metrics.labeled_counter.page_loading_by_engine"
    aliases = ["metrics.labeled_counter.page_loading_by_engine.*"]
    role = "metric"
    category = 2
    data_reviews = ["https://example.org/review/2"]
    description = "Searches by engine."

    [[column]]
    name = "metrics.labeled_counter.page_loading_by_engine.key"
    role = "dimension"
    category = 2
    data_reviews = ["https://example.org/review/2"]
    description = "The label: Searches by engine."

    [[column]]
    name = "metrics.string.page_loading_visit_id"
    role = "identifier"
    unit = "record"
    category = 2
    data_reviews = ["https://example.org/review/2"]

    [[column]]
    name = "metrics.timing_distribution.page_loading_time_to_paint"
    aliases = ["metrics.timing_distribution.page_loading_time_to_paint.*"]
    role = "metric"
    category = 1
    data_reviews = ["https://example.org/review/1"]
    description = "How long a page takes, in all."

    [[column]]
    name = "metrics.timing_distribution.page_loading_time_to_paint.values.key"
    role = "dimension"
    category = 1
    data_reviews = ["https://example.org/review/1"]
    description = "The bucket: How long a page takes, in all."

    [[column]]
    name = "metrics.url.page_loading_host"
    aliases = ["metrics.url2.page_loading_host"]
    role = "dimension"
    category = 3
    data_reviews = ["https://example.org/review/2"]
    description = "Where."
    "#);
}

#[test]
fn events_have_a_category_in_their_own_tables_where_each_says_one() {
    let categories = |text: &str, tables: &[&str]| -> Vec<Option<u8>> {
        let settings = Settings {
            tables: tables.iter().map(|table| (*table).to_owned()).collect(),
            ..Settings::default()
        };
        parse(Path::new("metrics.yaml"), text, None, &settings)
            .expect("metrics")
            .columns
            .iter()
            .filter(|column| column.name.starts_with("events."))
            .map(|column| column.category)
            .collect()
    };
    assert_eq!(categories(METRICS, &["app.*"]), [Some(2), Some(2)]);
    assert_eq!(categories(METRICS, &[]), [None, None]);
    let unsaid = format!("{METRICS}  other:\n    type: event\n");
    assert_eq!(categories(&unsaid, &["app.*"]), [None, None]);
}

#[test]
fn pings_of_glean_are_tables() {
    let text = "$schema: moz://mozilla.org/schemas/glean/pings/2-0-0
first-session:
  include_client_id: true
spoc:
  include_client_id: false
";
    let settings = Settings {
        dataset: Some("app".to_owned()),
        ..Settings::default()
    };
    let import = parse(Path::new("pings.yaml"), text, None, &settings).expect("pings");
    assert_snapshot!(written(import), @r#"
    pings.yaml:4:1: the ping `spoc` has no client's identifier, so no column of its table names whom a row stands for: it gets no entry

    # ----------------------------------------------------------------------------
    # From a source

    [[table]]
    name = "app.first_session"
    unit_column = "client_info.client_id"

    [[table]]
    name = "app_stable.first_session_v1"
    unit_column = "client_info.client_id"
    "#);
    let error = parse(Path::new("pings.yaml"), text, None, &Settings::default());
    assert!(
        error
            .expect_err("no dataset")
            .to_string()
            .contains("--dataset")
    );
}

#[test]
fn probe_info_has_all_that_was_ever_defined() {
    let text = r#"{
      "a.size": {"type": "quantity", "history": [
        {"type": "string", "data_sensitivity": ["highly_sensitive"], "data_reviews": ["https://example.org/1"]},
        {"type": "quantity", "data_sensitivity": ["web_activity"]},
        {"type": "quantity", "data_sensitivity": ["technical"], "data_reviews": ["https://example.org/2"],
         "description": "A size."}]},
      "a.unsaid": {"type": "counter", "history": [
        {"type": "counter", "data_sensitivity": ["technical"]},
        {"type": "counter"}]}
    }"#;
    assert_snapshot!(written(take("app.json", text)), @r#"

    # ----------------------------------------------------------------------------
    # From a source

    [[column]]
    name = "metrics.counter.a_unsaid"
    role = "metric"

    [[column]]
    name = "metrics.quantity.a_size"
    role = "metric"
    category = 3
    data_reviews = ["https://example.org/2"]
    description = "A size."

    [[column]]
    name = "metrics.string.a_size"
    role = "dimension"
    category = 4
    data_reviews = ["https://example.org/1"]
    "#);
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
    global.yaml: `badge_id` is taken for an identifier because of its name; where it names neither a person nor a record, write `role = "dimension"`

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
    let settings = Settings {
        tags: vec![
            ("policyTags/2".to_owned(), 4),
            ("policyTags/9".to_owned(), 1),
        ],
        ..Settings::default()
    };
    let import = parse(Path::new("t.json"), text, None, &settings).expect("a schema");
    assert_snapshot!(written(import), @r#"
    t.json: columns that have no policy tag get no entry: 1
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
    metrics.yaml:2:1: the category `a` holds no metrics; write `CATEGORY:`, below it `NAME:`, and below that `type: …`
    metrics.yaml:2:1: an entry of `a` is no metric; write `CATEGORY:`, below it `NAME:`, and below that `type: …`
    metrics.yaml:3:1: not YAML: did not find expected node content at line 3 column 1, while parsing a flow node
    pings.yaml:2:1: the ping `baseline` does not say whether it includes the client's identifier; write `NAME:` and below it `include_client_id: true` or `false`
    app.json: the metric `a.b` has no `history`; save what probe-info serves under `/glean/APPLICATION/metrics`
    app.json: a definition of the metric `a.b` has no `type`; save what probe-info serves under `/glean/APPLICATION/metrics`
    columns.csv:1:1: unknown header `rôle`; did you mean `role`?
    columns.csv:1:1: no header is called `name`; write a first line with some of name, aliases, tables, role, unit, pseudonym, category, sensitive, resolution, data_reviews, description
    columns.csv:3:1: `thing` is no role; write dimension, metric, identifier or timestamp
    columns.csv:2:1: `5` is no category; write 1 technical, 2 interaction, 3 web activity or 4 highly sensitive, or leave the cell empty
    columns.csv:2:1: not CSV: CSV error: record 1 (line: 2, byte: 10): found record with 1 fields, but the previous record has 2 fields; every line needs as many cells as the header
    columns.csv:2:1: `bug 12` is no link to a data review; write the whole address, which starts with `https://`
    notes.txt: what kind of definitions it holds can't be told from its name and beginning; say so with `--from`: glean, pings, probe-info, vocabulary, policy-tags, csv
    other.yaml: what kind of definitions it holds can't be told from its name and beginning; say so with `--from`: glean, pings, probe-info, vocabulary, policy-tags, csv
    ");
}

#[test]
fn what_a_person_wrote_stays_and_conflicts_are_told() {
    let registry = "# Ours.
schema_version = 1
[units.record]
person = false

[[column]] # by hand
name = 'metrics.counter.page_loading_reloads'
role = \"metric\"
category = 2

[[column]]
name = \"metrics.url.*\"
role = \"dimension\"
category = 4

[[column]]
name = \"metrics.labeled_counter.page_loading_by_engine.key\"
role = \"dimension\"
sensitive = \"revenue\"

[[column]]
name = \"*_visit_id\"
role = \"identifier\"
unit = \"record\"
# The end.";
    let merged = into(registry, take("metrics.yaml", METRICS));
    assert!(merged.text.starts_with(registry));
    let source = SourceText::new("registry.toml", registry);
    let told: Vec<String> = merged
        .conflicts
        .iter()
        .map(|conflict| {
            let line = source.position(conflict.span.start).line;
            format!("{line} {}: {}", conflict.name, conflict.message)
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r"
    16 metrics.labeled_counter.page_loading_by_engine.key: `category` is nothing here and `2` in the source, `data_reviews` lacks https://example.org/review/2
    11 metrics.url.page_loading_host: `metrics.url.*` puts it in category 4, the source in 3
    ");
}

#[test]
fn importing_again_changes_nothing() {
    let once = into(HEAD, take("metrics.yaml", METRICS));
    let twice = into(&once.text, take("metrics.yaml", METRICS));
    assert_eq!(twice.text, once.text);
    assert_eq!((twice.added, twice.same), (0, once.added));
    assert_eq!(twice.conflicts, []);
}

/// A column of a metric of Glean, as a query reads it.
fn resolves(registry: &Registry, path: &str) -> bool {
    let path: Vec<&str> = path.split('.').collect();
    registry.column(None, &path).is_some()
}

#[test]
fn the_columns_of_an_application_resolve() {
    let merged = into(Registry::builtin_text(), take("metrics.yaml", METRICS));
    let registry =
        Registry::parse(&SourceText::new("r.toml", merged.text)).expect("a valid registry");
    for path in [
        "metrics.timing_distribution.page_loading_time_to_paint.sum",
        "metrics.timing_distribution.page_loading_time_to_paint.values.key",
        "metrics.labeled_counter.page_loading_by_engine.key",
        "metrics.labeled_counter.page_loading_by_engine.value",
        "metrics.url2.page_loading_host",
        "metrics.datetime.raw_page_loading_started",
        "client_info.client_id",
        "client_info.own",
        "events.name",
        "ping_info.seq",
        "metadata.geo.country",
    ] {
        assert!(resolves(&registry, path), "{path}");
    }
    assert!(!resolves(&registry, "metrics.counter.page_loading_gone"));
}

#[test]
fn a_stub_is_an_entry_that_is_never_publishable() {
    let text = format!(
        "schema_version = 1\n{}{}",
        stub(&stub_entry("ping.weather", true)),
        stub(&stub_entry("badge_id", false))
    );
    let registry = Registry::parse(&SourceText::new("r.toml", text.clone())).expect("valid");
    assert!(
        registry
            .columns()
            .iter()
            .all(|column| column.category.is_none())
    );
    assert_snapshot!(text, @r#"
    schema_version = 1
    [[column]]
    name = "ping.weather"
    role = "metric"
    # category = 1 to 4
    # data_reviews = ["https://…"]
    [[column]]
    name = "badge_id"
    role = "identifier"
    # category = 1 to 4
    # data_reviews = ["https://…"]
    "#);
}

proptest! {
    /// Whatever is in a file: an answer, and never a panic.
    #[test]
    fn any_text_is_taken_or_refused(text in "[a-z\\[\\]{}:,\"' \n-]{0,80}", form in 0..6_usize) {
        let settings = Settings { dataset: Some("d".to_owned()), ..Settings::default() };
        let (_, form) = Form::ALL[form];
        if let Ok(import) = parse(Path::new("x"), &text, Some(form), &settings) {
            let source = SourceText::new("r.toml", HEAD);
            if let Ok(merged) = merge(&source, import, "x") {
                prop_assert!(merged.text.starts_with(HEAD));
            }
        }
    }

    /// What is written is read as what was meant, whatever the texts.
    #[test]
    fn what_is_written_is_read_again(
        name in "[a-z_]{1,8}(\\.[a-z_]{1,8}){0,2}",
        description in "\\PC{0,60}",
        category in proptest::option::of(1..=4_u8),
    ) {
        let mut entry = stub_entry(&name, false);
        entry.category = category;
        entry.description = draft::one_line(&description);
        let import = Import { columns: vec![entry.clone()], ..Import::default() };
        let merged = into(HEAD, import);
        let registry = Registry::parse(&SourceText::new("r.toml", merged.text)).expect("valid");
        let mut read = registry.columns()[0].clone();
        read.span = entry.span;
        prop_assert_eq!(read, entry);
    }
}
