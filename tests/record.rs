//! The publishing record as data stewards and pipelines use it: approve and check,
//! with the real git.

mod common;
#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;

use program::headcount;
use repository::{BUG, CLIENTS_ONLY, FOLDER, Repository, build_query_with_or};

#[test]
fn what_is_approved_passes_until_it_discloses_more() {
    let repository = Repository::new();
    assert_eq!(repository.run(&["check", "sql"]).code, 1);
    let said = repository.approve();
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("level 2, 4 columns"), "{}", said.err);
    let (_, text) = repository.entry();
    for part in [
        BUG,
        "by = \"A Steward\"",
        "date = 2026-02-01",
        "version = \"",
        "bucket = 5000",
        "kind = \"review\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("1 approved"), "{}", said.out);
    // ParameterValue by file from another folder, it is the same dataset.
    let there = repository.path().join(FOLDER);
    let said = headcount(
        &["check", "query.sql", "--fail-on", "error"],
        "",
        &there,
        &[],
    );
    assert_eq!(said.code, 0, "{}", said.out);
    // The dataset discloses more.
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
    let said = repository.run(&["check", "sql", "--select", "HC402"]);
    assert_eq!(said.code, 1);
    insta::assert_snapshot!("drift", said.out);
    let said = repository.run(&["check", "sql", "--format", "json"]);
    common::valid(&common::schema(), &said.out, "drifted");
    assert!(said.out.contains("\"status\": \"drifted\""), "{}", said.out);
    assert_eq!(repository.run(&["check", "sql", "--ndjson"]).code, 1);
    // A change that discloses less is accepted, and so is another spelling.
    for less in [
        CLIENTS_ONLY.replace("5000", "8000"),
        CLIENTS_ONLY.replace("  SUM(subsession_hours_sum) AS handshakes\n", ""),
        format!("-- why\n{}", CLIENTS_ONLY.replace("  ", "\t")),
    ] {
        repository.write(&format!("{FOLDER}/query.sql"), &less);
        let said = repository.run(&["check", "sql"]);
        assert_eq!(said.code, 0, "{less}\n{}", said.out);
    }
}

#[test]
fn what_may_not_be_approved_is_refused_and_nothing_is_written() {
    let repository = Repository::new();
    let refused = |args: &[&str], why: &str| {
        let said = repository.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains(why), "{args:?}: {}", said.err);
        assert!(!repository.path().join("publishing-record").exists());
    };
    for bug in [
        "tbd",
        "TODO",
        "",
        "soon",
        "https://bugzilla.mozilla.org/show_bug.cgi?id=TBD",
    ] {
        refused(&["approve", "sql", "--bug", bug, "--by", "S"], "--bug: ");
    }
    refused(&["approve", "sql"], "--bug");
    refused(
        &[
            "approve", "sql", "--bug", "1", "--by", "S", "--date", "soon",
        ],
        "invalid date",
    );
    refused(&["approve", "sql", "--bug", "1"], "no approver");
    refused(&["approve", "sql", "--bug", "1", "--baseline"], "--until");
    refused(
        &[
            "approve",
            "sql",
            "--bug",
            "1",
            "--by",
            "S",
            "--baseline",
            "--until",
            "2025-01-01",
        ],
        "this day is past",
    );
    refused(&["approve", "none", "--bug", "1", "--by", "S"], "");
    repository.write("sql/a.sql", "SELECT FROM WHERE");
    repository.write("sql/b.sql", "EXECUTE IMMEDIATE @x");
    repository.commit("Two that can't be assessed");
    refused(
        &["approve", "sql/b.sql", "--bug", "1", "--by", "S"],
        "could not be assessed",
    );
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
    refused(
        &["approve", FOLDER, "--bug", "1", "--by", "S"],
        "uncommitted changes",
    );
    let said = repository.run(&[
        "approve",
        FOLDER,
        "--bug",
        "1",
        "--by",
        "S",
        "--allow-uncommitted",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn what_could_not_be_assessed_is_approved_as_it_is_written() {
    let repository = Repository::new();
    repository.write("b.sql", "EXECUTE IMMEDIATE @x");
    repository.commit("A query that can't be assessed");
    let said = repository.run(&[
        "approve",
        "b.sql",
        "--bug",
        "12",
        "--by",
        "S",
        "--accept-unassessed",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = repository.run(&["check", "b.sql"]);
    assert_eq!(said.code, 0, "{}", said.out);
    repository.write("b.sql", "-- the same\nexecute immediate @x;");
    assert_eq!(repository.run(&["check", "b.sql"]).code, 0);
    repository.write("b.sql", "EXECUTE IMMEDIATE @y");
    let said = repository.run(&["check", "b.sql", "--format", "concise"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("HC402"), "{}", said.out);
}

#[test]
fn known_debt_is_told_in_every_run_and_ends() {
    let repository = Repository::new();
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
    repository.commit("It became an OR");
    let said = repository.run(&[
        "approve",
        "sql",
        "--bug",
        "1957082",
        "--by",
        "S",
        "--baseline",
        "--until",
        "2026-06-30",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(
        said.out
            .contains("known debt until 2026-06-30, never reviewed"),
        "{}",
        said.out
    );
    assert!(said.out.contains("1 known debt"), "{}", said.out);
    assert!(!said.out.contains("approved"), "{}", said.out);
    let json = repository.run(&["check", "sql", "--format", "json"]).out;
    common::valid(&common::schema(), &json, "known debt");
    let report: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(report["summary"]["known_debt"], 1);
    let record = &report["files"][0]["datasets"][0]["record"];
    assert_eq!(record["status"], "missing");
    assert_eq!(record["known_debt_until"], "2026-06-30");
    // It is tolerated until the last day, and not on the next.
    assert_eq!(
        repository
            .run(&["check", "sql", "--date", "2026-06-30"])
            .code,
        0
    );
    let said = repository.run(&[
        "check",
        "sql",
        "--date",
        "2026-07-01",
        "--format",
        "concise",
    ]);
    assert_eq!(said.code, 1);
    assert!(
        said.out
            .contains("tolerated as known debt until 2026-06-30"),
        "{}",
        said.out
    );
    // Additional disclosure is not known debt.
    repository.write(
        &format!("{FOLDER}/query.sql"),
        &build_query_with_or().replace("  country,\n", "  country,\n  os,\n"),
    );
    assert_eq!(repository.run(&["check", "sql"]).code, 1);
    // A review ends the known debt, and both approvals stay in the record.
    repository.commit("More of it");
    assert_eq!(repository.approve().code, 0);
    assert_eq!(
        repository
            .run(&["check", "sql", "--date", "2027-01-01"])
            .code,
        0
    );
    let (_, text) = repository.entry();
    assert_eq!(text.matches("[[approval]]").count(), 2, "{text}");
}

#[test]
fn a_public_dataset_without_an_entry_is_told() {
    let repository = Repository::new();
    let said = repository.run(&["check", "sql", "--format", "concise"]);
    assert!(!said.out.contains("HC401"), "{}", said.out);
    repository.write(
        &format!("{FOLDER}/metadata.yaml"),
        "friendly_name: ECH\nlabels:\n  public_json: true\n  review_bugs: ['1957082']\n",
    );
    let said = repository.run(&["check", "sql", "--format", "concise"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("[HC401 missing-review]"), "{}", said.out);
    repository.commit("It is public");
    assert_eq!(repository.approve().code, 0);
    let said = repository.run(&["check", "sql", "--format", "concise"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
}

#[test]
fn an_entry_without_a_dataset_is_told() {
    let repository = Repository::new();
    assert_eq!(repository.approve().code, 0);
    let (path, _) = repository.entry();
    fs::remove_file(repository.path().join(format!("{FOLDER}/query.sql"))).expect("it goes");
    repository.write("sql/a.sql", "SELECT 1 AS one");
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.err.contains(&format!("{path}:")), "{}", said.err);
    assert!(
        said.err.contains("the dataset no longer exists"),
        "{}",
        said.err
    );
    let said = repository.run(&["check", "sql", "--format", "json"]);
    common::valid(&common::schema(), &said.out, "without a dataset");
    assert!(said.out.contains("entries_without_dataset"), "{}", said.out);
}

#[test]
fn a_part_of_the_repository_tells_nothing_of_other_entries() {
    let repository = Repository::new();
    assert_eq!(repository.approve().code, 0);
    repository.write("other/a.sql", "SELECT 1 AS one");
    let said = repository.run(&["check", "other"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn an_entry_that_a_hand_broke_is_told_at_its_place_and_nothing_is_rewritten() {
    let repository = Repository::new();
    assert_eq!(repository.approve().code, 0);
    let (path, text) = repository.entry();
    for (from, to) in [
        ("level = 2", "level = 9"),
        ("kind = \"review\"", "kind = \"maybe\""),
        ("bug = \"https", "bug = \"tbd https"),
        ("date = 2026-02-01", "date = 2026-02-31"),
        ("[disclosure]", "[disclosure"),
        ("dataset = \"", "dataset = \"other."),
        ("assessed = true", "asessed = true"),
    ] {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text);
        repository.write(&path, &broken);
        let line = broken
            .lines()
            .zip(text.lines())
            .position(|(one, other)| one != other)
            .expect("a line differs")
            + 1;
        for args in [
            &["check", "sql"][..],
            &["approve", "sql", "--bug", "12", "--by", "S"],
            &["diff"],
        ] {
            let said = repository.run(args);
            assert_eq!(said.code, 2, "{to}: {}{}", said.out, said.err);
            assert!(
                said.err.contains(&format!("{path}:{line}:")),
                "{to}: {}",
                said.err
            );
            assert_eq!(repository.read(&path), broken, "{args:?} rewrote it");
        }
    }
}

#[test]
fn branches_that_approve_different_datasets_merge() {
    let repository = Repository::new();
    repository.write("sql/a.sql", "SELECT client_id FROM telemetry.main");
    repository.commit("Another dataset");
    repository.git(&["checkout", "-q", "-b", "one"]);
    let one = ["approve", FOLDER, "--bug", "1", "--by", "S"];
    assert_eq!(repository.run(&one).code, 0);
    repository.commit("One is approved");
    repository.git(&["checkout", "-q", "main"]);
    repository.git(&["checkout", "-q", "-b", "two"]);
    let two = ["approve", "sql/a.sql", "--bug", "2", "--by", "S"];
    assert_eq!(repository.run(&two).code, 0);
    repository.commit("The other is approved");
    repository.git(&["merge", "-q", "--no-edit", "one"]);
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("2 approved"), "{}", said.out);
}

#[test]
fn the_configuration_names_the_folder() {
    let repository = Repository::new();
    repository.write("headcount.toml", "[project]\nrecord = 'reviews/'\n");
    repository.commit("A configuration");
    assert_eq!(repository.approve().code, 0);
    assert!(!repository.path().join("publishing-record").exists());
    let files = fs::read_dir(repository.path().join("reviews")).expect("the record");
    assert_eq!(files.count(), 1);
    assert_eq!(repository.run(&["check", "sql"]).code, 0);
    let there = repository.path().join(FOLDER);
    let said = headcount(&["check", "query.sql"], "", &there, &[]);
    assert_eq!(said.code, 0, "{}", said.out);
    let said = repository.run(&["check", "sql", "--record", "elsewhere"]);
    assert_eq!(said.code, 1);
}

/// An unchanged view discloses whatever the table that it reads now contains.
#[test]
fn a_table_of_the_repository_that_grows_is_told_where_it_is_read() {
    let repository = Repository::new();
    repository.write("headcount.toml", "[project]\nlayout = 'bigquery-etl'\n");
    repository.write(
        "sql/moz-fx-data-shared-prod/telemetry/ech/view.sql",
        "CREATE OR REPLACE VIEW `moz-fx-data-shared-prod.telemetry.ech` AS\nSELECT * FROM `moz-fx-data-shared-prod.telemetry_derived.ech_adoption_rate_v1`\n",
    );
    repository.commit("A view of it");
    let view = "sql/moz-fx-data-shared-prod/telemetry/ech";
    let said = repository.run(&["approve", view, "--bug", "1957082", "--by", "S"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let (path, _) = repository.entry();
    assert_eq!(
        path,
        "publishing-record/moz-fx-data-shared-prod.telemetry.ech.toml"
    );
    assert_eq!(repository.run(&["check", view]).code, 0);
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
    let said = repository.run(&["check", view, "--format", "concise", "--select", "HC402"]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("view.sql:2:15: error: ") && said.out.contains("level 2 became level 3"),
        "{}",
        said.out
    );
}
