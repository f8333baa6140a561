//! Writing entries of the record: which files it requires to be committed,
//! concurrent approvals, and leftovers of killed runs.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;

use program::headcount;
use repository::{BUG, CLIENTS_ONLY, FOLDER, Repository};

const TABLES: &str = "sql/moz-fx-data-shared-prod/telemetry_derived";

fn assert_approval_refused(repository: &Repository, path: &str, file: &str) {
    let said = repository.run(&["approve", path, "--bug", "1", "--by", "S"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("uncommitted changes"), "{}", said.err);
    assert!(said.err.contains(file), "{file}: {}", said.err);
    assert!(!repository.path().join("publishing-record").exists());
    let allowed = [
        "approve",
        path,
        "--bug",
        "1",
        "--by",
        "S",
        "--allow-uncommitted",
    ];
    let said = repository.run(&allowed);
    assert_eq!(said.code, 0, "{}", said.err);
    fs::remove_dir_all(repository.path().join("publishing-record")).expect("the record");
}

#[test]
fn approvals_at_the_same_time_all_survive() {
    let repository = Repository::new();
    for at in 0..8 {
        repository.write(&format!("many/q{at}.sql"), "SELECT 1 AS one");
    }
    repository.commit("Many");
    std::thread::scope(|scope| {
        for at in 0..8 {
            let repository = &repository;
            scope.spawn(move || {
                let own = format!("many/q{at}.sql");
                let bug = (at + 1).to_string();
                for path in [own.as_str(), FOLDER] {
                    let args = ["approve", path, "--bug", &bug, "--by", "S"];
                    let said = repository.run(&args);
                    assert_eq!(said.code, 0, "{}", said.err);
                }
            });
        }
    });
    let record = repository.path().join("publishing-record");
    let files: Vec<_> = fs::read_dir(&record)
        .expect("the record")
        .map(|file| file.expect("a file").path())
        .collect();
    assert_eq!(files.len(), 9, "{files:?}");
    let shared = files
        .iter()
        .find(|path| path.display().to_string().contains("ech_adoption"))
        .expect("the entry of all");
    let text = fs::read_to_string(shared).expect("an entry");
    assert_eq!(text.matches("[[approval]]").count(), 8, "{text}");
}

#[test]
fn leftovers_of_killed_runs_are_removed() {
    let repository = Repository::new();
    let left = "publishing-record/.headcount-abc123.tmp/.git";
    repository.write(&format!("{left}/lock"), "");
    repository.write(&format!("{left}/new"), "schema_ver");
    let said = repository.approve();
    assert_eq!(said.code, 0, "{}", said.err);
    // Only the entry remains.
    repository.entry();
}

#[test]
fn every_entry_that_is_written_is_read_again() {
    let repository = Repository::new();
    for (at, sql) in [
        "SELECT COUNT(*) AS n FROM telemetry.main GROUP BY country, @x",
        "SELECT COUNT(*) AS n FROM telemetry.main GROUP BY (SELECT 1), ''",
        "SELECT {{ m('country') }} AS x, COUNT(*) AS n FROM telemetry.main GROUP BY x",
        "SELECT DISTINCT SUBSTR(country, 1, 1), {{ z }} FROM telemetry.main",
        "SELECT '' AS ``, COUNT(*) FROM telemetry.main GROUP BY ALL",
        "SELECT country, COUNT(*) AS n FROM telemetry.main GROUP BY 1, '≥5\n\\'\"\"\"'",
        "SELECT STRUCT('a' AS ``, os), COUNT(*) FROM `a b.c d.e` GROUP BY ROLLUP (1)",
    ]
    .iter()
    .enumerate()
    {
        repository.write(&format!("odd/q{at}.sql"), sql);
    }
    repository.commit("Odd ones");
    let approve = [
        "approve",
        "odd",
        "--bug",
        "1",
        "--by",
        "S",
        "--accept-unassessed",
    ];
    let said = repository.run(&approve);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = repository.run(&["check", "odd"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

#[test]
fn all_that_an_approval_rests_on_is_committed() {
    let repository = Repository::new();
    let upstream = format!("{TABLES}/people_v1/query.sql");
    repository.write(&upstream, "SELECT client_id, country FROM telemetry.main");
    repository.write(
        &format!("{TABLES}/reader_v1/query.sql"),
        "{% include 'head.txt' %} COUNT(DISTINCT client_id) AS n FROM telemetry_derived.people_v1 GROUP BY country",
    );
    let part = format!("{TABLES}/reader_v1/head.txt");
    repository.write(&part, "SELECT country,");
    repository.write("headcount.toml", "[project]\nlayout = 'bigquery-etl'\n");
    repository.commit("A reader");
    let folder = format!("{TABLES}/reader_v1");
    for (path, text) in [
        (
            upstream.as_str(),
            "SELECT client_id, os AS country FROM telemetry.main",
        ),
        (part.as_str(), "SELECT country, "),
        (
            "headcount.toml",
            "[project]\nlayout = 'bigquery-etl'\n[template]\nvariables = { a = 1 }\n",
        ),
    ] {
        let before = repository.read(path);
        repository.write(path, text);
        assert_approval_refused(&repository, &folder, path);
        repository.write(path, &before);
    }
    repository.write("dimension-registry.toml", "schema_version = 1\n");
    assert_approval_refused(&repository, &folder, "dimension-registry.toml");
    fs::remove_file(repository.path().join("dimension-registry.toml")).expect("a file");
    let metadata = format!("{folder}/metadata.yaml");
    repository.write(&metadata, "labels:\n  public_json: true\n");
    assert_approval_refused(&repository, &folder, "metadata.yaml");
    fs::remove_file(repository.path().join(&metadata)).expect("a file");
    // Changes of unrelated files do not matter.
    repository.write("notes.txt", "later");
    repository.write("other/nobody_reads_me.sql", "SELECT 1 AS one");
    let said = repository.run(&["approve", &folder, "--bug", "1", "--by", "S"]);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn outside_of_git_nothing_is_known_to_be_committed() {
    let folder = tempfile::TempDir::new().expect("a folder");
    fs::write(folder.path().join("q.sql"), CLIENTS_ONLY).expect("a query");
    let run = |more: &[&str]| {
        let mut args = vec!["approve", "q.sql", "--bug", "1", "--by", "S"];
        args.extend(more);
        headcount(
            &args,
            "",
            folder.path(),
            &[("GIT_CEILING_DIRECTORIES", "/")],
        )
    };
    let said = run(&[]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("cannot determine"), "{}", said.err);
    assert_eq!(run(&["--allow-uncommitted"]).code, 0);
}

#[test]
fn entries_of_the_first_version_are_read_and_written_anew() {
    let repository = Repository::new();
    let first = format!(
        r#"schema_version = 1
dataset = "{FOLDER}/query.sql#1"
paths = ["{FOLDER}/query.sql"]

[[approval]]
kind = "review"
bug = "{BUG}"
date = 2025-01-31
by = "A"
version = "0.1.0"
level = 2
bucket = 5000
columns = ["submission_date", "country", "clients", "handshakes"]
fingerprints = ["FINGERPRINT"]

[disclosure]
assessed = true
level = 2
bucket = 5000
grain = ["submission_date", "country", ""]
column = [
  {{ name = "submission_date", role = "dimension", category = 1, level = 2, bucket = 5000, resolution = "day", made = "telemetry.clients_daily.submission_date", sources = ["telemetry.clients_daily.submission_date"] }},
  {{ name = "country", role = "dimension", category = 1, level = 2, bucket = 5000, made = "telemetry.clients_daily.country", sources = ["telemetry.clients_daily.country"] }},
  {{ name = "clients", role = "metric", category = 1, level = 2, bucket = 5000, made = "COUNT(DISTINCT telemetry.clients_daily.client_id)", sources = ["telemetry.clients_daily.client_id"] }},
  {{ name = "handshakes", role = "metric", category = 2, level = 2, bucket = 5000, made = "SUM(telemetry.clients_daily.subsession_hours_sum)", sources = ["telemetry.clients_daily.subsession_hours_sum"] }},
]
source = [
  {{ name = "telemetry.clients_daily.submission_date", category = 1, reviewed = false }},
  {{ name = "telemetry.clients_daily.country", category = 1, reviewed = false }},
  {{ name = "telemetry.clients_daily.client_id", category = 1, measured = true, reviewed = false }},
  {{ name = "telemetry.clients_daily.subsession_hours_sum", category = 2, measured = true, reviewed = false }},
]
"#
    );
    // The fingerprint is the one that an approval writes today.
    assert_eq!(repository.approve().code, 0);
    let (path, text) = repository.entry();
    let print = text
        .split_once("fingerprints = [\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .expect("a fingerprint")
        .0;
    repository.write(&path, &first.replace("FINGERPRINT", print));
    let query = format!("{FOLDER}/query.sql");
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    repository.write(&query, &format!("-- why\n{CLIENTS_ONLY}"));
    assert_eq!(repository.run(&["check", "sql"]).code, 0);
    // A change is not accepted if the old version did not record it.
    for changed in [
        CLIENTS_ONLY.replace("SUM(subsession", "MAX(subsession"),
        CLIENTS_ONLY.replace("  country,\n  COUNT", "  UPPER(os) AS country,\n  COUNT"),
    ] {
        repository.write(&query, &changed);
        let said = repository.run(&["check", "sql"]);
        assert_eq!(said.code, 1, "{changed}");
        assert!(said.out.contains("HC402"), "{}", said.out);
    }
    repository.write(&query, CLIENTS_ONLY);
    repository.git(&["add", "-A"]);
    repository.git(&["commit", "-q", "-m", "An old entry"]);
    let said = repository.approve();
    assert_eq!(said.code, 0, "{}", said.err);
    let (_, text) = repository.entry();
    assert!(text.contains("schema_version = 3"), "{text}");
    assert_eq!(text.matches("[[approval]]").count(), 2, "{text}");
    repository.write(&query, &CLIENTS_ONLY.replace("country", "Country"));
    assert_eq!(repository.run(&["check", "sql"]).code, 0);
}

#[test]
fn a_file_whose_changes_git_does_not_look_for_is_not_committed() {
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        let repository = Repository::new();
        let query = format!("{FOLDER}/query.sql");
        repository.git(&["update-index", flag, &query]);
        let said = repository.run(&["approve", FOLDER, "--bug", "1", "--by", "S"]);
        assert_eq!(said.code, 0, "{flag}: {}", said.err);
        fs::remove_dir_all(repository.path().join("publishing-record")).expect("the record");
        repository.write(&query, &CLIENTS_ONLY.replace("5000", "5"));
        assert_approval_refused(&repository, FOLDER, "query.sql");
    }
}

#[test]
fn a_template_whose_name_is_computed_may_be_any_file() {
    let repository = Repository::new();
    repository.write(
        "a.sql",
        "SELECT country FROM telemetry.clients_daily {% include 'in' ~ 'c.txt' %}",
    );
    repository.commit("A template");
    repository.write("inc.txt", "WHERE country = 'a'");
    let said = repository.run(&[
        "approve",
        "a.sql",
        "--bug",
        "1",
        "--by",
        "S",
        "--accept-unassessed",
    ]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("inc.txt"), "{}", said.err);
}

#[test]
fn nobody_a_day_to_come_and_a_place_that_is_held_approve_nothing() {
    let repository = Repository::new();
    for args in [
        &["--bug", "1", "--by", ""][..],
        &["--bug", "1", "--by", " - "],
        &["--bug", "1", "--by", "S", "--date", "9999-12-31"],
        &["--bug", "https://example.org/1/TODO1", "--by", "S"],
    ] {
        let said = repository.run(&[&["approve", FOLDER], args].concat());
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(!repository.path().join("publishing-record").exists());
    }
}

#[test]
fn what_is_staged_and_is_not_what_is_checked_is_told() {
    let repository = Repository::new();
    let query = format!("{FOLDER}/query.sql");
    repository.write(&query, &CLIENTS_ONLY.replace("5000", "5"));
    repository.git(&["add", "-A"]);
    let said = repository.run(&["check", "--staged"]);
    assert!(!said.err.contains("stash"), "{}", said.err);
    repository.write(&query, CLIENTS_ONLY);
    let said = repository.run(&["check", "--staged"]);
    assert!(said.err.contains("stash"), "{}", said.err);
}

#[test]
fn an_entry_without_a_line_that_it_needs_is_wrong() {
    let repository = Repository::new();
    let said = repository.run(&["approve", FOLDER, "--bug", "1", "--by", "S"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let (path, text) = repository.entry();
    let begin = text.find("keys = [").expect("its keys");
    let end = begin + text[begin..].find("\n]\n").expect("their end") + 3;
    let without = format!("{}{}", &text[..begin], &text[end..]);
    let said = |text: &str| {
        repository.write(&path, text);
        let said = repository.run(&["check", "sql"]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        said.err
    };
    assert!(said(&without).contains("has no `keys`"));
    let begin = text.find("[[disclosure]]").expect("what is disclosed");
    let nothing =
        said(&text[..begin].replacen("[[approval]]", "disclosure = []\n\n[[approval]]", 1));
    assert!(
        nothing.contains("does not contain what was approved"),
        "{nothing}"
    );
}

#[test]
fn entries_of_the_second_version_are_compared_as_they_are() {
    let repository = Repository::new();
    let said = repository.run(&["approve", FOLDER, "--bug", "1", "--by", "S"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let (path, text) = repository.entry();
    let old = text.replace("schema_version = 3", "schema_version = 2");
    repository.write(&path, &old);
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    // A dataset that the old version described differently needs a new approval.
    let words = r#"populations = ["telemetry.clients_daily"#;
    let other = old.replace(words, &format!("{words} in other words"));
    assert_ne!(other, old);
    repository.write(&path, &other);
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("earlier version"), "{}", said.out);
}
