//! `check --fix`, `check --diff` and `review --to-level 2` as a user runs them.

mod common;

use assert_cmd::Command;
use std::fs;
use tempfile::TempDir;

const UNBOUNDED: &str = "SELECT country, SUM(active_hours_sum) AS hours\nFROM telemetry.clients_daily\nGROUP BY country\n";
const BOUNDED: &str = "SELECT country, SUM(active_hours_sum) AS hours\nFROM telemetry.clients_daily\nGROUP BY country\nHAVING COUNT(DISTINCT client_id) >= 5000\n";

struct ProgramOutput {
    code: i32,
    out: String,
    err: String,
}

fn headcount(args: &[&str], stdin: &str, directory: &TempDir) -> ProgramOutput {
    let mut command = Command::cargo_bin("headcount").expect("the program is built");
    command.args(args).write_stdin(stdin.to_owned());
    command.current_dir(directory.path());
    let output = command.output().expect("the program runs");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!err.contains("panicked"), "{err}");
    ProgramOutput {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("it writes UTF-8"),
        err,
    }
}

fn folder() -> TempDir {
    let directory = TempDir::new().expect("a directory");
    fs::write(directory.path().join("a.sql"), UNBOUNDED).expect("a file");
    fs::write(directory.path().join("b.sql"), "SELECT 1 AS one").expect("a file");
    directory
}

fn text(directory: &TempDir) -> String {
    fs::read_to_string(directory.path().join("a.sql")).expect("the file is there")
}

#[test]
fn a_diff_is_printed_and_nothing_is_written() {
    let directory = folder();
    let said = headcount(&["check", ".", "--diff"], "", &directory);
    assert_eq!(said.code, 1, "a dataset needs review, as without --diff");
    assert!(said.err.contains("1 file would be changed"), "{}", said.err);
    insta::assert_snapshot!(said.out, @r"
    --- a.sql
    +++ a.sql
    @@ -1,3 +1,4 @@
     SELECT country, SUM(active_hours_sum) AS hours
     FROM telemetry.clients_daily
     GROUP BY country
    +HAVING COUNT(DISTINCT client_id) >= 5000
    ");
    assert_eq!(text(&directory), UNBOUNDED);
    let said = headcount(&["check", "--diff", "--fail-on", "never"], "", &directory);
    assert_eq!(said.code, 0);
    let said = headcount(&["check", "b.sql", "--diff"], "", &directory);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
}

#[test]
fn a_fix_is_written_and_assessed_again() {
    let directory = folder();
    let said = headcount(&["check", ".", "--fix"], "", &directory);
    assert_eq!(text(&directory), BOUNDED);
    assert!(
        said.err.contains("a.sql: fixed: add `HAVING"),
        "{}",
        said.err
    );
    assert!(!said.out.contains("HC101"), "{}", said.out);
    assert!(said.out.contains("2 publishable"), "{}", said.out);
    let again = headcount(&["check", ".", "--fix"], "", &directory);
    assert_eq!(again.err, "");
    assert_eq!(text(&directory), BOUNDED);
    let left: Vec<_> = fs::read_dir(directory.path())
        .expect("the directory")
        .collect();
    assert_eq!(left.len(), 2, "nothing else is left there");
}

#[test]
fn what_was_not_asked_for_is_not_fixed() {
    let directory = folder();
    headcount(
        &["check", ".", "--fix", "--ignore", "HC101"],
        "",
        &directory,
    );
    assert_eq!(text(&directory), UNBOUNDED);
    for comment in ["internal for the team", "allow(HC101) known"] {
        let silenced = format!("-- headcount: {comment}\n{UNBOUNDED}");
        fs::write(directory.path().join("a.sql"), &silenced).expect("a file");
        headcount(&["check", ".", "--fix"], "", &directory);
        assert_eq!(text(&directory), silenced);
    }
    let said = headcount(&["check", "--fix", "--diff"], "", &directory);
    assert_eq!(said.code, 2);
}

#[test]
fn what_comes_from_standard_input_is_printed() {
    let directory = folder();
    let said = headcount(&["check", "-", "--fix"], UNBOUNDED, &directory);
    assert_eq!((said.code, said.out.as_str()), (0, BOUNDED), "{}", said.err);
    let said = headcount(&["check", "-", "--fix"], "SELECT 1 AS one", &directory);
    assert_eq!((said.code, said.out.as_str()), (0, "SELECT 1 AS one"));
}

#[cfg(unix)]
#[test]
fn a_link_and_who_may_read_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = folder();
    let real = directory.path().join("a.sql");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("permissions");
    let link = directory.path().join("c.sql");
    symlink(&real, &link).expect("a link");
    headcount(&["check", "c.sql", "--fix"], "", &directory);
    assert_eq!(text(&directory), BOUNDED);
    assert!(link.symlink_metadata().expect("the link").is_symlink());
    let mode = real.metadata().expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn level_2_is_proposed_in_every_format() {
    let directory = folder();
    let human = headcount(&["review", "a.sql", "--to-level", "2"], "", &directory);
    assert_eq!(human.code, 0);
    let (_, part) = human
        .out
        .split_once("  To level 2\n")
        .expect("it is proposed");
    insta::assert_snapshot!("to_level_2__human", part);
    let markdown = headcount(
        &["review", "a.sql", "--to-level", "2", "--format", "markdown"],
        "",
        &directory,
    );
    let (_, part) = markdown
        .out
        .split_once("### To level 2\n")
        .expect("it is proposed");
    insta::assert_snapshot!("to_level_2__markdown", part);
    let validator = common::schema();
    for sql in [
        UNBOUNDED,
        BOUNDED,
        "SELECT client_id FROM telemetry.clients_daily",
        "SELECT client_id, country, COUNT(*) AS n FROM telemetry.clients_daily GROUP BY 1, 2",
    ] {
        let json = headcount(
            &["review", "-", "--to-level", "2", "--format", "json"],
            sql,
            &directory,
        );
        common::valid(&validator, &json.out, sql);
        assert!(json.out.contains("\"to_level_2\""), "{}", json.out);
    }
}

#[test]
fn other_levels_are_not_offered() {
    let directory = folder();
    let said = headcount(&["review", "a.sql", "--to-level", "1"], "", &directory);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(
        said.err,
        @"headcount: --to-level 1: edits are proposed to level 2 alone, the one that a minimum bucket gives; write --to-level 2"
    );
}

#[test]
fn json_tells_the_fix() {
    let directory = folder();
    let said = headcount(&["check", "a.sql", "--format", "json"], "", &directory);
    common::valid(&common::schema(), &said.out, "a.sql");
    assert!(said.out.contains("\"safe\": true"), "{}", said.out);
}

/// The residual gets a threshold, or a filter removes it by its label.
///
/// The threshold is proposed if the person is still available. The edit is never
/// marked as safe, so a person decides about it.
#[test]
fn the_residual_is_bounded_or_dropped() {
    let counted = "WITH counted AS (\n  SELECT country, COUNT(DISTINCT client_id) AS clients, COUNT(*) AS pings\n  FROM telemetry.clients_daily\n  GROUP BY country\n)\n";
    let window = "SELECT country, client_id, COUNT(DISTINCT client_id) OVER (PARTITION BY country) AS clients\n  FROM telemetry.clients_daily";
    let cases = [
        (
            format!(
                "{counted}SELECT IF(clients >= 5000, country, 'Other') AS label, SUM(pings) AS pings\nFROM counted\nGROUP BY 1"
            ),
            "add `HAVING label != 'Other'`",
        ),
        (
            format!(
                "{counted}SELECT IF(clients >= 5000, country, NULL) AS country, SUM(pings) AS pings\nFROM counted\nGROUP BY country\nORDER BY pings"
            ),
            "add `HAVING country IS NOT NULL`",
        ),
        (
            format!(
                "SELECT IF(clients >= 5000, country, 'Other') AS country, COUNT(*) AS n\nFROM (\n  {window}\n)\nGROUP BY country"
            ),
            "add `HAVING COUNT(DISTINCT client_id) >= 5000`",
        ),
        (
            format!(
                "{counted}FROM counted\n|> EXTEND IF(clients >= 5000, country, 'Other') AS label\n|> AGGREGATE SUM(pings) AS pings GROUP BY label"
            ),
            "add `|> WHERE label != 'Other'`",
        ),
    ];
    let directory = folder();
    for (query, expected) in cases {
        let said = headcount(
            &["review", "-", "--to-level", "2", "--format", "json"],
            &query,
            &directory,
        );
        let said: serde_json::Value = serde_json::from_str(&said.out).expect("it is JSON");
        let dataset = &said["files"][0]["datasets"][0];
        assert_eq!(dataset["bucket"]["residual"], "unbounded", "{query}");
        let mend = &dataset["to_level_2"];
        assert_eq!(mend["fix"]["title"], expected, "{query}\n{mend}");
        assert_eq!(mend["fix"]["safe"], false);
        assert_eq!(
            (&mend["proven"], &mend["residual"]),
            (&5000.into(), &serde_json::Value::Null)
        );
    }
    // A registry that allows the residual needs no edit.
    let allows = "schema_version = 1\n[policy]\nresidual_other = \"allow\"\n[[table]]\nname = \"telemetry.clients_daily\"\nunit_column = \"client_id\"\n[[column]]\nname = \"client_id\"\nrole = \"identifier\"\n";
    fs::write(directory.path().join("dimension-registry.toml"), allows).expect("a registry");
    let query = format!(
        "{counted}SELECT IF(clients >= 5000, country, 'Other') AS label, SUM(pings) AS pings\nFROM counted\nGROUP BY 1"
    );
    fs::write(directory.path().join("a.sql"), query).expect("a file");
    let said = headcount(&["review", "a.sql", "--to-level", "2"], "", &directory);
    assert!(said.out.contains("already level 2"), "{}", said.out);
}
