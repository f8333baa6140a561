//! `headcount init` on new repositories.

#[path = "common/program.rs"]
mod program;

use program::headcount;
use std::path::Path;

fn init(folder: &Path) -> String {
    let said = headcount(&["init"], "", folder, &[]);
    assert_eq!(said.code, 0);
    said.out
}

#[test]
fn a_repository_gets_what_it_lacks_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    std::fs::create_dir(root.join("sql")).expect("it is made");
    std::fs::write(root.join("bqetl_project.yaml"), "").expect("it is written");
    insta::assert_snapshot!("new", init(root));
    let configuration = std::fs::read_to_string(root.join("headcount.toml")).expect("it is there");
    insta::assert_snapshot!("configuration", configuration);
    // A check loads all files that were written.
    let checked = headcount(&["check"], "", root, &[]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    for file in [
        "headcount.toml",
        "dimension-registry.toml",
        ".pre-commit-config.yaml",
    ] {
        std::fs::write(root.join(file), "mine").expect("it is written");
    }
    insta::assert_snapshot!("kept", init(root));
    for file in [
        "headcount.toml",
        "dimension-registry.toml",
        ".pre-commit-config.yaml",
    ] {
        let text = std::fs::read_to_string(root.join(file)).expect("it is there");
        assert_eq!(text, "mine", "{file}");
    }
}

#[test]
fn layouts_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(init(folder.path()).starts_with("layout: plain"));
    std::fs::write(folder.path().join("dbt_project.yml"), "name: x").expect("it is written");
    assert!(init(folder.path()).starts_with("layout: dbt"));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let said = headcount(&["init", "/no/such/folder"], "", Path::new("."), &[]);
    assert_eq!(said.code, 2);
}

/// Returns the level and the codes of a query in a new repository of a preset.
fn assessed(preset: &str, query: &str) -> (Option<u64>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let said = headcount(&["init", "--preset", preset], "", folder.path(), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    std::fs::write(folder.path().join("q.sql"), query).expect("it is written");
    let said = headcount(
        &["check", "q.sql", "--format", "json"],
        "",
        folder.path(),
        &[],
    );
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let dataset = &report["files"][0]["datasets"][0];
    let codes = dataset["findings"].as_array().expect("findings");
    let codes = codes
        .iter()
        .map(|finding| finding["code"].as_str().expect("a code").to_owned())
        .collect();
    (dataset["level"].as_u64(), codes)
}

/// Returns the level of a query in a new repository of a preset.
fn level(preset: &str, query: &str) -> Option<u64> {
    assessed(preset, query).0
}

#[test]
fn presets_know_the_people_of_their_schemas() {
    for (preset, identifier, table) in [
        ("mozilla", "client_id", "telemetry.clients_daily"),
        ("ga4", "user_pseudo_id", "`p.analytics_1.events_*`"),
        ("ga4", "device.advertising_id", "`p.analytics_1.events_*`"),
        (
            "ga4",
            "ecommerce.transaction_id",
            "`p.analytics_1.events_20260101`",
        ),
        ("ga360", "fullVisitorId", "`p.d.ga_sessions_*`"),
        ("ga360", "visitId", "`p.d.ga_sessions_*`"),
        ("firebase", "user_pseudo_id", "`p.analytics_1.events_*`"),
        (
            "firebase",
            "installation_uuid",
            "p.firebase_crashlytics.com_example_ANDROID",
        ),
        (
            "firebase",
            "user.email",
            "p.firebase_crashlytics.com_example_ANDROID",
        ),
        ("firebase", "instance_id", "p.firebase_messaging.data"),
        ("omop", "person_id", "p.cdm.person"),
        ("omop", "visit_occurrence_id", "p.cdm.visit_occurrence"),
    ] {
        let query = format!("SELECT {identifier} AS id FROM {table}");
        assert_eq!(level(preset, &query), Some(6), "{preset}: {query}");
    }
}

#[test]
fn presets_count_the_people_of_their_schemas() {
    for (preset, unit, label, table) in [
        (
            "ga4",
            "user_pseudo_id",
            "geo.country",
            "`p.analytics_1.events_*`",
        ),
        (
            "ga360",
            "fullVisitorId",
            "device.browser",
            "`p.d.ga_sessions_*`",
        ),
        (
            "firebase",
            "installation_uuid",
            "device.model",
            "p.firebase_crashlytics.com_example_IOS",
        ),
        (
            "omop",
            "person_id",
            "condition_concept_id",
            "p.cdm.condition_occurrence",
        ),
    ] {
        let query = |least: u32| {
            format!(
                "SELECT {label} AS label, COUNT(DISTINCT {unit}) AS people FROM {table}
                 WHERE {unit} IS NOT NULL GROUP BY label HAVING COUNT(DISTINCT {unit}) >= {least}"
            )
        };
        assert_eq!(level(preset, &query(5000)), Some(2), "{preset}");
        assert_eq!(level(preset, &query(50)), Some(3), "{preset}");
    }
}

#[test]
fn presets_know_what_is_sensitive_in_their_schemas() {
    for (preset, query, code) in [
        (
            "ga4",
            "SELECT geo.city, COUNT(DISTINCT user_pseudo_id) AS n FROM `p.analytics_1.events_*` GROUP BY 1",
            "HC302",
        ),
        (
            "ga4",
            "SELECT event_date, SUM(ecommerce.purchase_revenue) AS n FROM `p.analytics_1.events_*` GROUP BY 1",
            "HC302",
        ),
        (
            "ga360",
            "SELECT trafficSource.keyword, COUNT(*) AS n FROM `p.d.ga_sessions_*` GROUP BY 1",
            "HC301",
        ),
        (
            "firebase",
            "SELECT geo.region, COUNT(*) AS n FROM `p.analytics_1.events_*` GROUP BY 1",
            "HC302",
        ),
        (
            "omop",
            "SELECT gender_concept_id, COUNT(*) AS n FROM p.cdm.person GROUP BY 1",
            "HC301",
        ),
    ] {
        let (_, codes) = assessed(preset, query);
        assert!(
            codes.iter().any(|found| found == code),
            "{query}: {codes:?}"
        );
    }
}

#[test]
fn vocabularies_of_omop_have_no_people() {
    assert_eq!(
        level("omop", "SELECT concept_name FROM p.cdm.concept"),
        None
    );
}

#[test]
fn unknown_preset_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = headcount(&["init", "--preset", "ga5"], "", folder.path(), &[]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("ga4"), "{}", said.err);
    assert!(!folder.path().join("headcount.toml").exists());
}
