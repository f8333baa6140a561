//! Tests what is appended to a registry, and what stays as it is.

use super::glean::METRICS;
use super::*;
use crate::registry::import::draft;
use proptest::prelude::*;

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
    11 metrics.url.page_loading_host: `metrics.url.*` has category 4, the source has 3
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

/// Whether a query's path to a Glean metric finds an entry.
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
    /// Every text is imported or refused, without a panic.
    #[test]
    fn any_text_is_taken_or_refused(text in "[a-z\\[\\]{}:,\"' \n-]{0,80}", form in 0..DefinitionFormat::ALL.len()) {
        let settings = ImportSettings { dataset: Some("d".to_owned()), ..ImportSettings::default() };
        let (_, form) = DefinitionFormat::ALL[form];
        if let Ok(import) = parse(Path::new("x"), &text, Some(form), &settings) {
            let source = SourceText::new("r.toml", HEAD);
            if let Ok(merged) = merge(&source, import, "x") {
                prop_assert!(merged.text.starts_with(HEAD));
            }
        }
    }

    /// Written entries are read back unchanged, for all texts.
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
