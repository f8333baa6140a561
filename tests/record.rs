//! The publishing record as a steward and a pipeline meet it: approve, check, diff,
//! with the real git.

mod common;
#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::Path;
use std::process::Command;

use program::{Said, headcount};
use tempfile::TempDir;

const BUG: &str = "https://bugzilla.mozilla.org/show_bug.cgi?id=1957082";
const FOLDER: &str = "sql/moz-fx-data-shared-prod/telemetry_derived/ech_adoption_rate_v1";

/// As it was first published: only groups of enough clients are left.
const CLIENTS_ONLY: &str = "SELECT
  submission_date,
  country,
  COUNT(DISTINCT client_id) AS clients,
  SUM(active_hours_sum) AS handshakes
FROM
  telemetry.clients_daily
WHERE
  submission_date = @submission_date
GROUP BY
  submission_date,
  country
HAVING
  COUNT(DISTINCT client_id) >= 5000
";

/// As it became: one client with 5,000 handshakes is enough.
fn with_or() -> String {
    CLIENTS_ONLY.replace(
        "COUNT(DISTINCT client_id) >= 5000",
        "SUM(active_hours_sum) >= 5000\n  OR COUNT(DISTINCT client_id) >= 5000",
    )
}

struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(TempDir::new().expect("a folder"));
        repository.git(&["init", "-q", "-b", "main"]);
        repository.write(&format!("{FOLDER}/query.sql"), CLIENTS_ONLY);
        repository.commit("A dataset");
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args([
                "-c",
                "user.name=A Steward",
                "-c",
                "user.email=steward@example.org",
            ])
            .args(args)
            .current_dir(self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .expect("git runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file")
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// Runs the program on a day.
    fn run(&self, args: &[&str]) -> Said {
        let env = [
            ("SOURCE_DATE_EPOCH", "1769904000"), // 2026-02-01
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ];
        headcount(args, "", self.path(), &env)
    }

    fn approve(&self) -> Said {
        self.run(&["approve", "sql", "--bug", "1957082", "--by", "A Steward"])
    }

    /// The one entry.
    fn entry(&self) -> (String, String) {
        let mut files: Vec<String> = fs::read_dir(self.path().join("publishing-record"))
            .expect("the record")
            .map(|file| {
                file.expect("a file")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        assert_eq!(files.len(), 1, "{files:?}");
        let path = format!("publishing-record/{}", files.remove(0));
        let text = self.read(&path);
        (path, text)
    }
}

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
    // From another folder, and by the file, it is the same dataset.
    let there = repository.path().join(FOLDER);
    let said = headcount(
        &["check", "query.sql", "--fail-on", "error"],
        "",
        &there,
        &[],
    );
    assert_eq!(said.code, 0, "{}", said.out);
    // It grows.
    repository.write(&format!("{FOLDER}/query.sql"), &with_or());
    let said = repository.run(&["check", "sql", "--select", "HC402"]);
    assert_eq!(said.code, 1);
    insta::assert_snapshot!("drift", said.out);
    let said = repository.run(&["check", "sql", "--format", "json"]);
    common::valid(&common::schema(), &said.out, "drifted");
    assert!(said.out.contains("\"status\": \"drifted\""), "{}", said.out);
    assert_eq!(repository.run(&["check", "sql", "--ndjson"]).code, 1);
    // Less is let be, and so is another way to write it.
    for less in [
        CLIENTS_ONLY.replace("5000", "8000"),
        CLIENTS_ONLY.replace("  SUM(active_hours_sum) AS handshakes\n", ""),
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
        "it is no day",
    );
    refused(&["approve", "sql", "--bug", "1"], "who approves?");
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
        "that day is past",
    );
    refused(&["approve", "none", "--bug", "1", "--by", "S"], "");
    repository.write("sql/a.sql", "SELECT FROM WHERE");
    repository.write("sql/b.sql", "EXECUTE IMMEDIATE @x");
    repository.commit("Two that can't be assessed");
    refused(
        &["approve", "sql/b.sql", "--bug", "1", "--by", "S"],
        "could not be assessed",
    );
    repository.write(&format!("{FOLDER}/query.sql"), &with_or());
    refused(
        &["approve", FOLDER, "--bug", "1", "--by", "S"],
        "changes that are not committed",
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
    repository.write(&format!("{FOLDER}/query.sql"), &with_or());
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
    // On the last day it is let be, on the next it is not.
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
        said.out.contains("it was known debt until 2026-06-30"),
        "{}",
        said.out
    );
    // More debt is not known debt.
    repository.write(
        &format!("{FOLDER}/query.sql"),
        &with_or().replace("  country,\n", "  country,\n  os,\n"),
    );
    assert_eq!(repository.run(&["check", "sql"]).code, 1);
    // A review ends it, and both stay on record.
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
        said.err.contains("there is no such dataset any more"),
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
fn a_change_is_told_dataset_by_dataset() {
    let repository = Repository::new();
    assert_eq!(repository.approve().code, 0);
    repository.write(
        "sql/gone.sql",
        "SELECT os, COUNT(*) AS n FROM telemetry.main GROUP BY os",
    );
    repository.commit("It is approved");
    repository.git(&["checkout", "-q", "-b", "change"]);
    repository.write(&format!("{FOLDER}/query.sql"), &with_or());
    repository.commit("It became an OR");
    fs::remove_file(repository.path().join("sql/gone.sql")).expect("it goes");
    repository.write("sql/new.sql", "SELECT client_id FROM telemetry.main");
    let before = (
        repository.git(&["status", "--porcelain"]),
        repository.git(&["rev-parse", "HEAD"]),
    );
    let base = repository.git(&["rev-parse", "main"]);
    for format in ["human", "markdown", "json"] {
        let said = repository.run(&["diff", "--base", "main", "--format", format]);
        assert_eq!(said.code, 0, "{}", said.err);
        let shown = said
            .out
            .replace(base.trim(), "BASE")
            .replace(&base[..12], "BASE");
        insta::with_settings!({ filters => vec![(r#""version": "[^"]*""#, r#""version": "V""#)] }, {
            insta::assert_snapshot!(format!("diff_{format}"), shown);
        });
    }
    let said = repository.run(&["diff", "--base", "main", "--fail-on", "review"]);
    assert_eq!(said.code, 1);
    let after = (
        repository.git(&["status", "--porcelain"]),
        repository.git(&["rev-parse", "HEAD"]),
    );
    assert_eq!(before, after, "the work tree is not touched");
    // From the folder of the query, and by it alone.
    let there = repository.path().join(FOLDER);
    let said = headcount(&["diff", "query.sql", "--base", "main"], "", &there, &[]);
    assert!(
        said.out.contains("1 dataset changed"),
        "{}{}",
        said.out,
        said.err
    );
    // What others did on main since is not this change's.
    repository.commit("All of it");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("sql/theirs.sql", "SELECT client_id FROM telemetry.main");
    repository.commit("Another's dataset");
    repository.git(&["checkout", "-q", "change"]);
    let said = repository.run(&["diff", "--base", "main"]);
    assert!(!said.out.contains("theirs"), "{}", said.out);
}

#[test]
fn a_revision_that_is_none_is_told() {
    let repository = Repository::new();
    for base in ["none", "--help", "HEAD:sql"] {
        let said = repository.run(&["diff", &format!("--base={base}")]);
        assert_eq!(said.code, 2);
        assert!(
            said.err.contains("git knows no such commit"),
            "{}",
            said.err
        );
    }
    let nowhere = TempDir::new().expect("a folder");
    let said = headcount(&["diff"], "", nowhere.path(), &[]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("compares with a commit of git"),
        "{}",
        said.err
    );
}

/// What a page must never load, and what every page must have.
#[test]
fn the_record_is_a_site_of_its_own() {
    let repository = Repository::new();
    repository.write(
        "sql/hostile.sql",
        "-- <script>alert(1)</script>\nSELECT '<img src=x onerror=alert(1)>' AS `<b>&\"'`, country, COUNT(DISTINCT client_id) AS n\nFROM telemetry.main GROUP BY country HAVING n >= 5000",
    );
    repository.write("sql/unread.sql", "EXECUTE IMMEDIATE @x");
    repository.commit("Others");
    let said = repository.run(&[
        "approve",
        "sql",
        "--bug",
        "1957082",
        "--by",
        "A <b> Steward <steward@example.org>",
        "--accept-unassessed",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    repository.write(&format!("{FOLDER}/query.sql"), &with_or());
    repository.write("sql/p/d/t/metadata.yaml", "labels:\n  public_json: true\n");
    repository.write(
        "sql/p/d/t/query.sql",
        "SELECT client_id FROM telemetry.main",
    );
    let said = repository.run(&["record", "--html", "site", "sql"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("site/index.html: 4 datasets"),
        "{}",
        said.err
    );
    let index = repository.read("site/index.html");
    for status in ["approved", "drifted", "no review"] {
        assert!(
            index.contains(&format!("data-status=\"{status}\"")),
            "{status}"
        );
    }
    let data: serde_json::Value =
        serde_json::from_str(&repository.read("site/record.json")).expect("it is JSON");
    let datasets = data["datasets"].as_array().expect("a list");
    assert_eq!(datasets.len(), 4);
    assert_eq!(data["date"], "2026-02-01");
    let mut pages = vec![("index.html".to_owned(), index)];
    for dataset in datasets {
        let page = dataset["page"].as_str().expect("a page").to_owned();
        let beside = page.replace(".html", ".json");
        let own: serde_json::Value =
            serde_json::from_str(&repository.read(&format!("site/{beside}"))).expect("JSON");
        assert_eq!(&own, dataset);
        let text = repository.read(&format!("site/{page}"));
        pages.push((page, text));
    }
    for (name, text) in &pages {
        assert!(
            text.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{name}"
        );
        for part in ["default-src 'none'", "<main id=\"main\">", "<h1>"] {
            assert!(text.contains(part), "{name} has no {part}");
        }
        for part in [
            "<script>",
            "<img",
            "steward@example.org",
            "onerror=alert(1)>",
            "<b>",
            "src=\"http",
        ] {
            assert!(!text.contains(part), "{name} has {part}");
        }
        // What is linked inside of the site is there.
        let folder = if name.contains('/') {
            "site/datasets/"
        } else {
            "site/"
        };
        for link in text
            .split("href=\"")
            .skip(1)
            .chain(text.split("src=\"").skip(1))
        {
            let link = link.split('"').next().expect("an address");
            if link.starts_with('#') || link.contains("://") || link.contains("&#x2f;") {
                continue;
            }
            let path = repository.path().join(folder).join(link);
            assert!(path.is_file(), "{name} links to {link}");
        }
    }
    let style = repository.read("site/style.css");
    assert!(style.contains("prefers-color-scheme: dark") && !style.contains("url("));
    // The same again is the same, byte for byte.
    let again = repository.run(&["record", "--html", "again", "sql"]);
    assert_eq!(again.code, 0);
    for (name, text) in &pages {
        assert_eq!(text, &repository.read(&format!("again/{name}")), "{name}");
    }
    let nowhere = TempDir::new().expect("a folder");
    fs::write(nowhere.path().join("a.sql"), "SELECT 1").expect("a file");
    let said = headcount(&["record", "--html", "site"], "", nowhere.path(), &[]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("there is no publishing record"),
        "{}",
        said.err
    );
}

#[test]
fn the_configuration_names_the_folder() {
    let repository = Repository::new();
    repository.write("headcount.toml", "[project]\nrecord = 'reviews/'\n");
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
