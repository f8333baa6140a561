//! Tests the import of Glean definitions.

use super::*;

pub(super) const METRICS: &str = "---
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
    metrics.yaml:16:3: `N/A` is not a link to a data review of `page.loading.reloads`: skipped
    metrics.yaml:30:3: `metrics.string.page_loading_visit_id` is treated as an identifier because of its name; if it identifies neither a person nor a record, write `role = "dimension"`
    metrics.yaml:34:3: unknown sensitivity `very`, so `page.loading.started` has no category; known: technical, interaction, stored_content, web_activity and highly_sensitive
    metrics.yaml:42:3: `page.loading.odd` has the unknown type `holograph`: skipped
    metrics.yaml: the event columns are shared by all applications, so they get no entry; with `--tables` they get the highest category of these events

    # ----------------------------------------------------------------------------
    # From a source

    [[column]]
    name = "client_info.own"
    role = "dimension"
    category = 1

    [[column]]
    name = "events.clicks.closed"
    aliases = ["events.clicks.closed.*"]
    role = "dimension"
    category = 1
    data_reviews = ["https://example.org/review/4"]

    [[column]]
    name = "events.clicks.opened"
    aliases = ["events.clicks.opened.*"]
    role = "dimension"
    category = 2
    data_reviews = ["https://example.org/review/3"]

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
        let settings = ImportSettings {
            tables: tables.iter().map(|table| (*table).to_owned()).collect(),
            ..ImportSettings::default()
        };
        parse(Path::new("metrics.yaml"), text, None, &settings)
            .expect("metrics")
            .columns
            .iter()
            .filter(|column| {
                column
                    .aliases
                    .iter()
                    .any(|alias| alias.starts_with("event_"))
            })
            .map(|column| column.category)
            .collect()
    };
    assert_eq!(categories(METRICS, &["app.*"]), [Some(2), Some(2)]);
    assert_eq!(categories(METRICS, &[]), []);
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
    let settings = ImportSettings {
        dataset: Some("app".to_owned()),
        ..ImportSettings::default()
    };
    let import = parse(Path::new("pings.yaml"), text, None, &settings).expect("pings");
    assert_snapshot!(written(import), @r#"
    pings.yaml:4:1: the ping `spoc` includes no client identifier, so no column of its table identifies the person of a row: no entry

    # ----------------------------------------------------------------------------
    # From a source

    [[table]]
    name = "app.first_session"
    unit_column = "client_info.client_id"

    [[table]]
    name = "app_stable.first_session_v1"
    unit_column = "client_info.client_id"
    "#);
    let error = parse(
        Path::new("pings.yaml"),
        text,
        None,
        &ImportSettings::default(),
    );
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
fn each_event_has_its_own_entry() {
    let import = take("metrics.yaml", METRICS);
    let events: Vec<_> = import
        .columns
        .iter()
        .filter(|column| column.name.starts_with("events."))
        .map(|column| {
            (
                column.name.as_str(),
                column.category,
                column.data_reviews.len(),
            )
        })
        .collect();
    assert_eq!(
        events,
        [
            ("events.clicks.opened", Some(2), 1),
            ("events.clicks.closed", Some(1), 1),
        ]
    );
}

#[test]
fn event_whose_category_is_a_field_of_events_gets_no_entry() {
    let text = "# schemas/glean/metrics/2
extra:
  value:
    type: event
    data_sensitivity: [technical]
";
    let import = take("metrics.yaml", text);
    assert!(import.columns.is_empty());
    assert!(import.notes[0].contains("would be confused with the field `events.extra`"));
}

#[test]
fn event_without_a_review_leaves_the_shared_columns_without_one() {
    let text = "# schemas/glean/metrics/2
a:
  reviewed:
    type: event
    data_reviews: [https://example.org/1]
    data_sensitivity: [technical]
  unreviewed:
    type: event
    data_sensitivity: [technical]
";
    let settings = ImportSettings {
        tables: vec!["app.events".to_owned()],
        ..ImportSettings::default()
    };
    let import = parse(Path::new("metrics.yaml"), text, None, &settings).expect("metrics");
    let shared = import
        .columns
        .iter()
        .find(|column| column.name == "events.name");
    let shared = shared.expect("the shared column");
    assert_eq!((shared.category, shared.data_reviews.len()), (Some(1), 0));
}

#[test]
fn event_named_as_a_column_of_a_higher_category_is_still_written() {
    let text = "# schemas/glean/metrics/2\nhome:\n  url:\n    type: event\n    data_sensitivity: [technical]\n";
    let merged = into(Registry::builtin_text(), take("metrics.yaml", text));
    assert_eq!((merged.added, merged.conflicts.len()), (1, 0));
}

#[test]
fn merge_keys_and_a_byte_order_mark_are_read() {
    let text = "\u{feff}# schemas/glean/metrics/2
$common: &common
  type: string
  data_reviews: [https://example.org/1]
  data_sensitivity: [interaction]
account:
  device:
    <<: *common
    description: The device.
";
    let import = take("metrics.yaml", text);
    assert_eq!(import.columns.len(), 1);
    let column = &import.columns[0];
    assert_eq!(column.name, "metrics.string.account_device");
    assert_eq!((column.category, column.data_reviews.len()), (Some(2), 1));
}

#[test]
fn metrics_of_every_ping_are_named_by_their_paths() {
    let text = "# schemas/glean/metrics/2
glean.internal.metrics:
  os:
    type: string
    send_in_pings: [glean_client_info]
  seq:
    type: counter
    send_in_pings: [glean_internal_info]
glean.internal.metrics.attribution:
  source:
    type: string
    send_in_pings: [glean_client_info]
glean.internal.metrics.distribution:
  name:
    type: string
    send_in_pings: [glean_client_info]
";
    let import = take("metrics.yaml", text);
    let names: Vec<&str> = import
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "client_info.os",
            "ping_info.seq",
            "client_info.attribution.source",
            "client_info.distribution.name",
        ]
    );
}

#[test]
fn end_of_collection_and_tags_are_part_of_the_description() {
    let described = |rest: &str| {
        let text = format!(
            "# schemas/glean/metrics/2\na:\n  b:\n    type: counter\n    description: Reloads.\n{rest}"
        );
        take("metrics.yaml", &text).columns[0].description.clone()
    };
    let is = |text: &str| Some(text.to_owned());
    assert_eq!(described("    expires: never\n"), is("Reloads."));
    assert_eq!(
        described("    expires: 2024-06-01\n"),
        is("Reloads. Collected until 2024-06-01.")
    );
    assert_eq!(
        described("    expires: 120\n"),
        is("Reloads. Collected until version 120.")
    );
    assert_eq!(
        described("    expires: expired\n"),
        is("Reloads. No longer collected.")
    );
    assert_eq!(
        described("    metadata:\n      tags: [Search, Logins]\n"),
        is("Reloads. Tags: Search, Logins.")
    );
}

#[test]
fn tags_of_glean_give_no_entries() {
    let import = take(
        "tags.yaml",
        "$schema: moz://mozilla.org/schemas/glean/tags/1-0-0\nSearch:\n  description: x\n",
    );
    assert!(import.columns.is_empty());
    assert_eq!(
        import.notes,
        ["tags.yaml: tags classify metrics and are not columns, so they get no entry: 1"]
    );
}

#[test]
fn reviews_of_a_ping_are_those_of_its_table() {
    let text = "# schemas/glean/pings/2
baseline:
  include_client_id: true
  data_reviews: [https://example.org/1, TODO]
spoc:
  include_client_id: false
  data_reviews: [https://example.org/2]
";
    let settings = ImportSettings {
        dataset: Some("app".to_owned()),
        ..ImportSettings::default()
    };
    let import = || parse(Path::new("pings.yaml"), text, None, &settings).expect("pings");
    assert_snapshot!(written(import()), @r#"
    pings.yaml:2:1: `TODO` is not a link to a data review of the ping `baseline`: skipped
    pings.yaml:5:1: the ping `spoc` includes no client identifier, so no column of its table identifies the person of a row: the entry contains only its data reviews

    # ----------------------------------------------------------------------------
    # From a source

    [[table]]
    name = "app.baseline"
    unit_column = "client_info.client_id"
    data_reviews = ["https://example.org/1"]

    [[table]]
    name = "app.spoc"
    data_reviews = ["https://example.org/2"]

    [[table]]
    name = "app_stable.baseline_v1"
    unit_column = "client_info.client_id"
    data_reviews = ["https://example.org/1"]

    [[table]]
    name = "app_stable.spoc_v1"
    data_reviews = ["https://example.org/2"]
    "#);
    let once = into(HEAD, import());
    let twice = into(&once.text, import());
    assert_eq!(
        (twice.text, twice.added, twice.same),
        (once.text.clone(), 0, 4)
    );
    let other = text.replace("example.org/2", "example.org/3");
    let other = parse(Path::new("pings.yaml"), &other, None, &settings).expect("pings");
    let told = into(&once.text, other).conflicts;
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[0].message,
        "`data_reviews` lacks https://example.org/3"
    );
}

#[test]
fn of_a_key_that_stands_twice_the_last_is_meant() {
    let text = "# schemas/glean/metrics/2
a:
  b:
    type: string
    data_sensitivity: [technical]
    bugs: [1]
    data_sensitivity: [interaction]
    bugs: [1]
";
    assert_eq!(take("metrics.yaml", text).columns[0].category, Some(2));
}

#[test]
fn extended_attribution_is_also_part_of_client_info() {
    let text = "# schemas/glean/metrics/2
glean.attribution:
  ext:
    type: object
    data_reviews: [https://bugzilla.mozilla.org/1955429]
";
    let merged = into(HEAD, take("metrics.yaml", text));
    let registry = Registry::parse(&SourceText::new("r.toml", merged.text)).expect("valid");
    for path in [
        "metrics.object.glean_attribution_ext.ua",
        "client_info.attribution.ext.ua",
    ] {
        let path: Vec<&str> = path.split('.').collect();
        let entry = registry.column(None, &path).expect("an entry");
        assert_eq!(entry.data_reviews.len(), 1);
    }
}
