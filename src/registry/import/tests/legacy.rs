//! Tests the import of legacy telemetry, and of Glean definitions that mirror it.

use super::*;

const SCALARS: &str = "browser.engagement:
  active_ticks:
    bug_numbers: [1376942, '1545172']
    description: Units of five seconds.
    expires: never
    kind: uint
  opened-from:
    bug_numbers: [2]
    expires: \"120\"
    kind: uint
    keyed: true
  session_id:
    kind: string
";

#[test]
fn scalars_have_the_reviews_of_their_bugs_and_no_category() {
    assert_snapshot!(written(take("Scalars.yaml", SCALARS)), @r#"
    Scalars.yaml: `bug_numbers` are linked as data reviews: legacy probes were reviewed in their bugs

    # ----------------------------------------------------------------------------
    # From a source

    [[column]]
    name = "keyed_scalars.browser_engagement_opened_from"
    aliases = ["keyed_scalars.browser_engagement_opened_from.value"]
    role = "metric"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=2"]
    description = "Collected until version 120."

    [[column]]
    name = "keyed_scalars.browser_engagement_opened_from.key"
    role = "dimension"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=2"]
    description = "Collected until version 120."

    [[column]]
    name = "scalars.browser_engagement_active_ticks"
    role = "metric"
    data_reviews = [
      "https://bugzilla.mozilla.org/show_bug.cgi?id=1376942",
      "https://bugzilla.mozilla.org/show_bug.cgi?id=1545172",
    ]
    description = "Units of five seconds."

    [[column]]
    name = "scalars.browser_engagement_session_id"
    role = "identifier"
    unit = "record"
    "#);
}

#[test]
fn histograms_have_the_reviews_of_their_bugs_and_no_category() {
    let text = r#"{
      "PAGE_IS_SSL": {"kind": "boolean", "bug_numbers": [1340021], "expires_in_version": "never",
        "description": "Loads."},
      "SEARCH_COUNTS": {"kind": "count", "keyed": true, "expires_in_version": "never"}
    }"#;
    assert_snapshot!(written(take("Histograms.json", text)), @r#"
    Histograms.json: `bug_numbers` are linked as data reviews: legacy probes were reviewed in their bugs

    # ----------------------------------------------------------------------------
    # From a source

    [[column]]
    name = "histograms.page_is_ssl"
    role = "metric"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=1340021"]
    description = "Loads."

    [[column]]
    name = "keyed_histograms.search_counts"
    aliases = ["keyed_histograms.search_counts.value"]
    role = "metric"

    [[column]]
    name = "keyed_histograms.search_counts.key"
    role = "dimension"
    "#);
}

const EVENTS: &str = "doh:
  evaluate_v2:
    objects: [heuristics, rollout]
    bug_numbers: [1573840]
    description: A check.
    expiry_version: never
  state:
    methods: [enabled, disabled]
    objects: [state]
    bug_numbers: [1631609]
";

#[test]
fn legacy_events_have_an_entry_for_each_method_and_object() {
    assert_snapshot!(written(take("Events.yaml", EVENTS)), @r#"
    Events.yaml: `bug_numbers` are linked as data reviews: legacy probes were reviewed in their bugs

    # ----------------------------------------------------------------------------
    # From a source

    [[column]]
    name = "events.doh.disabled.state"
    aliases = ["events.doh.disabled.state.*"]
    role = "dimension"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=1631609"]

    [[column]]
    name = "events.doh.enabled.state"
    aliases = ["events.doh.enabled.state.*"]
    role = "dimension"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=1631609"]

    [[column]]
    name = "events.doh.evaluate_v2.heuristics"
    aliases = ["events.doh.evaluate_v2.heuristics.*"]
    role = "dimension"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=1573840"]
    description = "A check."

    [[column]]
    name = "events.doh.evaluate_v2.rollout"
    aliases = ["events.doh.evaluate_v2.rollout.*"]
    role = "dimension"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=1573840"]
    description = "A check."
    "#);
}

#[test]
fn probe_info_of_legacy_probes_has_the_bugs_of_all_channels() {
    let text = r#"{
      "histogram/PAGE_IS_SSL": {"name": "PAGE_IS_SSL", "type": "histogram", "history": {
        "nightly": [
          {"bug_numbers": [2], "description": "Loads.", "expiry_version": "never", "details": {"keyed": false}},
          {"bug_numbers": [1], "description": "Old.", "details": {"keyed": false}}],
        "release": [{"bug_numbers": [3], "details": {"keyed": false}}]}},
      "scalar/tabs.opened": {"name": "tabs.opened", "type": "scalar", "history": {
        "nightly": [{"bug_numbers": [4], "expiry_version": "90", "details": {"keyed": true, "kind": "uint"}}]}},
      "event/doh.evaluate": {"name": "doh.evaluate#v1", "type": "event", "history": {
        "nightly": [{"bug_numbers": [5], "details": {"methods": ["evaluate"], "objects": ["heuristics"]}}]}},
      "other/x": {"name": "x", "type": "other", "history": {"nightly": [{}]}}
    }"#;
    assert_snapshot!(written(take("all_probes.json", text)), @r#"
    all_probes.json: `x` has the unknown type `other`: skipped
    all_probes.json: `bug_numbers` are linked as data reviews: legacy probes were reviewed in their bugs

    # ----------------------------------------------------------------------------
    # From a source

    [[column]]
    name = "events.doh.evaluate.heuristics"
    aliases = ["events.doh.evaluate.heuristics.*"]
    role = "dimension"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=5"]

    [[column]]
    name = "histograms.page_is_ssl"
    role = "metric"
    data_reviews = [
      "https://bugzilla.mozilla.org/show_bug.cgi?id=2",
      "https://bugzilla.mozilla.org/show_bug.cgi?id=1",
      "https://bugzilla.mozilla.org/show_bug.cgi?id=3",
    ]
    description = "Loads."

    [[column]]
    name = "keyed_scalars.tabs_opened"
    aliases = ["keyed_scalars.tabs_opened.value"]
    role = "metric"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=4"]
    description = "Collected until version 90."

    [[column]]
    name = "keyed_scalars.tabs_opened.key"
    role = "dimension"
    data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=4"]
    description = "Collected until version 90."
    "#);
}

const MIRRORS: &str = "# schemas/glean/metrics/2
browser.engagement:
  active_ticks:
    type: counter
    data_reviews: [https://example.org/ticks]
    data_sensitivity: [interaction]
    telemetry_mirror: BROWSER_ENGAGEMENT_ACTIVE_TICKS
  domains:
    type: quantity
    data_reviews: [https://example.org/domains]
    telemetry_mirror: BROWSER_ENGAGEMENT_UNIQUE_DOMAINS_COUNT
ssl:
  pageload:
    type: labeled_counter
    data_reviews: [https://example.org/ssl]
    data_sensitivity: [technical]
    telemetry_mirror: h#PAGE_IS_SSL
  handshake:
    type: labeled_timing_distribution
    data_sensitivity: [technical]
    telemetry_mirror: SSL_HANDSHAKE
doh:
  evaluate_v2_heuristics:
    type: event
    data_reviews: [https://example.org/doh]
    data_sensitivity: [technical]
    telemetry_mirror: Doh_EvaluateV2_Heuristics
  odd:
    type: object
    telemetry_mirror: DOH_ODD
";

#[test]
fn definition_of_glean_answers_for_the_probe_that_it_mirrors() {
    let import = take("metrics.yaml", MIRRORS);
    let merged = into(HEAD, import);
    let registry = Registry::parse(&SourceText::new("r.toml", merged.text)).expect("valid");
    let about = |path: &str| {
        let path: Vec<&str> = path.split('.').collect();
        let entry = registry.column(None, &path)?;
        Some((
            entry.role.word(),
            entry.category,
            entry.data_reviews.join(" "),
        ))
    };
    let process = "payload.processes.parent.scalars";
    assert_eq!(
        about(&format!("{process}.browser_engagement_active_ticks")),
        Some(("metric", Some(2), "https://example.org/ticks".to_owned()))
    );
    // Without a sensitivity there is no category.
    assert_eq!(
        about(&format!(
            "{process}.browser_engagement_unique_domains_count"
        )),
        Some(("metric", None, "https://example.org/domains".to_owned()))
    );
    assert_eq!(
        about("payload.histograms.page_is_ssl"),
        Some(("metric", Some(1), "https://example.org/ssl".to_owned()))
    );
    assert_eq!(
        about("payload.keyed_histograms.ssl_handshake.key"),
        Some(("dimension", Some(1), String::new()))
    );
    assert_eq!(about("payload.histograms.ssl_handshake"), None);
}

#[test]
fn probe_that_is_defined_twice_has_the_reviews_of_both_and_the_category_of_glean() {
    let mut import = take("Scalars.yaml", SCALARS);
    import.extend(take("Events.yaml", EVENTS));
    import.extend(take("metrics.yaml", MIRRORS));
    let merged = into(HEAD, import);
    let registry = Registry::parse(&SourceText::new("r.toml", merged.text)).expect("valid");
    let about = |path: &[&str]| {
        let entry = registry.column(None, path).expect("an entry");
        (entry.category, entry.data_reviews.len())
    };
    assert_eq!(
        about(&["scalars", "browser_engagement_active_ticks"]),
        (Some(2), 3)
    );
    assert_eq!(
        about(&["events", "doh", "evaluate_v2", "heuristics"]),
        (Some(1), 2)
    );
    // The object that is not mirrored keeps the values of its own definition.
    assert_eq!(
        about(&["events", "doh", "evaluate_v2", "rollout"]),
        (None, 1)
    );
}

#[test]
fn probe_in_camel_case_is_found_by_the_name_that_code_has_for_it() {
    let text =
        "installation.firstSeen:\n  failure_reason:\n    kind: string\n    bug_numbers: [1]\n";
    let mut import = take("Scalars.yaml", text);
    import.extend(take(
        "metrics.yaml",
        "# schemas/glean/metrics/2
installation.first_seen:
  failure_reason:
    type: string
    data_sensitivity: [technical]
    telemetry_mirror: INSTALLATION_FIRSTSEEN_FAILURE_REASON
",
    ));
    let merged = into(HEAD, import);
    assert_eq!(merged.added, 2);
    let registry = Registry::parse(&SourceText::new("r.toml", merged.text)).expect("valid");
    let path = ["scalars", "installation_first_seen_failure_reason"];
    let entry = registry.column(None, &path).expect("an entry");
    assert_eq!((entry.category, entry.data_reviews.len()), (Some(1), 1));
}

#[test]
fn mirror_of_a_type_without_a_legacy_form_is_reported() {
    let import = take("metrics.yaml", MIRRORS);
    assert_eq!(
        import
            .notes
            .iter()
            .filter(|note| note.contains("DOH_ODD"))
            .count(),
        1
    );
}

#[test]
fn mistakes_in_legacy_definitions_are_reported() {
    let reported = [
        refused("Scalars.yaml", "a:\n  b:\n    bug_numbers: [1]\n"),
        refused("Scalars.yaml", "a: 1\n"),
        refused("Scalars.yaml", "- a\n"),
        refused("Events.yaml", "a:\n  b:\n    methods: [c]\n"),
        refused("Histograms.json", "[]"),
        refused("Histograms.json", r#"{"A": {"bug_numbers": [1]}}"#),
        refused(
            "p.json",
            r#"{"x": {"name": "a", "history": {"nightly": []}}}"#,
        ),
        refused(
            "p.json",
            r#"{"x": {"name": "a", "type": "scalar", "history": {"nightly": []}}}"#,
        ),
        refused(
            "p.json",
            r#"{"x": {"name": "a", "type": "event", "history": {"nightly": [{}]}}}"#,
        ),
        refused(
            "p.json",
            r#"{"x": {"name": "a.b", "type": "event", "history": {"nightly": [{}]}}}"#,
        ),
    ];
    assert_snapshot!(reported.join("\n"), @r#"
    Scalars.yaml:2:3: the scalar `a.b` has no `kind`; write `CATEGORY:`, below it `NAME:`, and below that `kind: uint`, `string` or `boolean`
    Scalars.yaml:1:1: the category `a` contains no scalars; write `CATEGORY:`, below it `NAME:`, and below that `kind: uint`, `string` or `boolean`
    Scalars.yaml:1:1: the file defines no scalars; write `CATEGORY:`, below it `NAME:`, and below that `kind: uint`, `string` or `boolean`
    Events.yaml:2:3: the event `a.b` has no `objects`; write `CATEGORY:`, below it `NAME:`, and below that `objects: ["…"]`
    Histograms.json: not an object of histograms; write an object with an entry for each histogram, with its `kind`
    Histograms.json: the histogram `A` has no `kind`; write an object with an entry for each histogram, with its `kind`
    p.json: the probe `x` has no `type` or no `name`; save the response of probe-info for `/firefox/all/main/all_probes`
    p.json: the probe `x` has no `history`; save the response of probe-info for `/firefox/all/main/all_probes`
    p.json: the probe `x` is an event without a category; save the response of probe-info for `/firefox/all/main/all_probes`
    p.json: the probe `x` is an event without `methods` or `objects`; save the response of probe-info for `/firefox/all/main/all_probes`
    "#);
}

#[test]
fn importing_legacy_definitions_again_changes_nothing() {
    let all = || {
        let mut import = take("Scalars.yaml", SCALARS);
        import.extend(take("Events.yaml", EVENTS));
        import.extend(take("metrics.yaml", MIRRORS));
        import
    };
    let once = into(HEAD, all());
    let twice = into(&once.text, all());
    assert_eq!(twice.text, once.text);
    assert_eq!((twice.added, twice.same), (0, once.added));
    assert_eq!(twice.conflicts, []);
}
