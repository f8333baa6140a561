//! Which line of which configuration decided.

#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::Path;

use program::{ProgramOutput, headcount};
use tempfile::TempDir;

const QUERY: &str = "SELECT country FROM telemetry.main";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn run(folder: &Path, args: &[&str]) -> ProgramOutput {
    headcount(args, "", folder, &[])
}

/// The lines under a heading of the report.
fn section(out: &str) -> String {
    let below = out.lines().skip_while(|line| *line != "Configuration");
    let lines = below.take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn verbose_report_lists_each_setting_with_its_place_and_effect() {
    let folder = folder(&[
        (
            "headcount.toml",
            "fail_on = \"error\"\n\n[rules]\nHC304 = \"note\"\nunregistered-column = \"off\"\n",
        ),
        (
            "a.sql",
            "SELECT client_id, country, zzz FROM telemetry.main",
        ),
        (
            "in/headcount.toml",
            "exclude = [\"old/\"]\n[rules]\nHC203 = \"error\"\n",
        ),
        ("in/b.sql", QUERY),
    ]);
    let said = run(
        folder.path(),
        &["check", ".", "--verbose", "--fail-on", "never"],
    );
    assert_eq!(said.code, 0, "{}", said.err);
    insta::assert_snapshot!(section(&said.out));
    // Nothing of it is in a report that is not verbose, or for programs.
    let said = run(folder.path(), &["check", "."]);
    assert!(!said.out.contains("Configuration"), "{}", said.out);
    let said = run(
        folder.path(),
        &["check", ".", "--verbose", "--format", "json"],
    );
    assert!(!said.out.contains("fail_on"), "{}", said.out);
}

#[test]
fn named_file_that_is_not_checked_says_which_line_did_it() {
    let folder = folder(&[
        (
            "headcount.toml",
            "exclude = [\n  \"a/\",\n  \"old/*.sql\",\n]\n",
        ),
        ("old/a.sql", QUERY),
        (
            "in/headcount.toml",
            "include = [\"q/**\"]\n[project]\npublished = [\"q/out/**\"]\n",
        ),
        ("in/x.sql", QUERY),
        ("in/q/x.sql", QUERY),
        (
            "etl/headcount.toml",
            "[project]\nlayout = \"bigquery-etl\"\npublished = \"labelled\"\n",
        ),
        ("etl/sql/p/d/t/query.sql", QUERY),
        ("etl/sql/p/d/t/checks.sql", QUERY),
    ]);
    let paths = [
        "old/a.sql",
        "in/x.sql",
        "in/q/x.sql",
        "etl/sql/p/d/t/query.sql",
        "etl/sql/p/d/t/checks.sql",
    ];
    let said = run(folder.path(), &[&["check"], &paths[..]].concat());
    assert_eq!(said.code, 0);
    insta::assert_snapshot!(said.err);
    // A folder names none of its files.
    let said = run(folder.path(), &["check", "old"]);
    assert!(!said.err.contains("not checked"), "{}", said.err);
    // Of many named files the first are named.
    for at in 0..9 {
        fs::write(folder.path().join(format!("old/{at}.sql")), QUERY).expect("a file");
    }
    let many: Vec<String> = (0..9).map(|at| format!("old/{at}.sql")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let said = run(folder.path(), &[&["check"], &many[..]].concat());
    assert!(
        said.err.contains("4 more files not checked either"),
        "{}",
        said.err
    );
}

#[test]
fn error_of_what_a_setting_names_has_the_place_of_the_setting() {
    let registry =
        "schema_version = 1\n[[column]]\nname = \"a\"\nrole = \"dimension\"\ncategory = 5\n";
    for (config, place) in [
        (
            "registry = \"folder/\"\n",
            "headcount.toml:1:1: `registry`: ",
        ),
        (
            "\nregistry = \"missing.toml\"\n",
            "headcount.toml:2:1: `registry`: ",
        ),
        (
            "registry = \"empty.toml\"\n",
            "headcount.toml:1:1: `registry`: ",
        ),
        (
            "registry = \"link.toml\"\n",
            "headcount.toml:1:1: `registry`: ",
        ),
        (
            "registry = \"wrong.toml\"\n",
            "headcount.toml:1:1: `registry`: ",
        ),
        (
            "[project]\nrecord = \"a.sql\"\n",
            "headcount.toml:2:1: `record`: ",
        ),
        (
            "[project]\nrecord = \"link.toml\"\n",
            "headcount.toml:2:1: `record`: ",
        ),
        (
            "[project]\nschemas = [\"missing.json\"]\n",
            "headcount.toml:2:1: `schemas`: ",
        ),
        (
            "registry = \"/etc/passwd\"\n",
            "headcount.toml:1:1: `registry` leads to ",
        ),
    ] {
        let folder = folder(&[
            ("headcount.toml", config),
            ("a.sql", QUERY),
            ("folder/x", ""),
            ("empty.toml", ""),
            ("wrong.toml", registry),
        ]);
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere.toml", folder.path().join("link.toml"))
            .expect("a link");
        let said = run(folder.path(), &["check", "a.sql"]);
        assert_eq!(said.code, 2, "{config}: {}", said.out);
        assert!(said.err.contains(place), "{config}: {}", said.err);
        // What the command line names is not the setting's.
        if config.contains("registry") && !config.contains("/etc") {
            let said = run(
                folder.path(),
                &["check", "a.sql", "--registry", "missing.toml"],
            );
            assert_eq!(said.code, 2);
            assert!(!said.err.contains("headcount.toml:"), "{}", said.err);
        }
    }
}

#[cfg(unix)]
#[test]
fn registry_that_is_no_file_is_never_passed_over_for_the_built_in_one() {
    use std::os::unix::fs::symlink;
    for name in ["dimension-registry.toml", "headcount.toml"] {
        let linked = folder(&[("a.sql", QUERY)]);
        symlink("nowhere.toml", linked.path().join(name)).expect("a link");
        let said = run(linked.path(), &["check", "a.sql"]);
        assert_eq!(said.code, 2, "{}", said.out);
        assert!(
            said.err
                .contains("a symbolic link to nowhere.toml, which does not exist"),
            "{}",
            said.err
        );
        let listed = folder(&[("a.sql", QUERY), (&format!("{name}/x"), "")]);
        let said = run(listed.path(), &["check", "a.sql"]);
        assert_eq!(said.code, 2, "{}", said.out);
        assert!(said.err.contains("a folder, not a file"), "{}", said.err);
    }
    let empty = folder(&[("a.sql", QUERY), ("dimension-registry.toml", "")]);
    let said = run(empty.path(), &["check", "a.sql"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("schema_version"), "{}", said.err);
    // An empty configuration says nothing, which is no error.
    let empty = folder(&[("a.sql", "SELECT 1"), ("headcount.toml", "")]);
    assert_eq!(run(empty.path(), &["check", "a.sql"]).code, 0);
    // A record that can't be read is none that is empty.
    let record = folder(&[("a.sql", QUERY)]);
    symlink("nowhere", record.path().join("publishing-record")).expect("a link");
    let said = run(record.path(), &["check", "a.sql"]);
    assert_eq!(said.code, 2, "{}", said.out);
}
