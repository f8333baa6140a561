//! The command line as a user runs it: exit status, messages, invalid input.

mod common;

use assert_cmd::Command;
use std::fs;
use tempfile::TempDir;

const SAFE: &str = "SELECT 1 AS one";
const UNSAFE: &str = "SELECT client_id FROM telemetry.main";

struct ProgramOutput {
    code: i32,
    out: String,
    err: String,
}

fn headcount(args: &[&str], stdin: &str) -> ProgramOutput {
    in_directory(args, stdin, None)
}

fn in_directory(args: &[&str], stdin: &str, directory: Option<&TempDir>) -> ProgramOutput {
    let mut command = Command::cargo_bin("headcount").expect("the program is built");
    command.env("LC_ALL", "C.UTF-8");
    command.args(args).write_stdin(stdin.to_owned());
    command.env_remove("RUST_BACKTRACE");
    if let Some(directory) = directory {
        command.current_dir(directory.path());
    }
    let output = command.output().expect("the program runs");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!err.contains("panicked"), "{err}");
    ProgramOutput {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("it writes UTF-8"),
        err,
    }
}

fn written(name: &str, bytes: &[u8]) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    fs::write(directory.path().join(name), bytes).expect("a file");
    directory
}

#[test]
fn status_0_where_there_is_nothing_to_stop_for() {
    let said = headcount(&["check", "-"], SAFE);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn status_1_where_a_dataset_needs_review() {
    assert_eq!(headcount(&["check", "-"], UNSAFE).code, 1);
    assert_eq!(
        headcount(&["check", "-", "--fail-on", "error"], UNSAFE).code,
        1
    );
    assert_eq!(
        headcount(&["check", "-", "--fail-on", "never"], UNSAFE).code,
        0
    );
    assert_eq!(headcount(&["review"], UNSAFE).code, 0);
    assert_eq!(
        headcount(&["review", "-", "--fail-on", "review"], UNSAFE).code,
        1
    );
}

#[test]
fn what_is_shown_changes_no_verdict() {
    let said = headcount(&["check", "-", "--ignore", "HC2,HC3,HC0"], UNSAFE);
    assert_eq!(said.code, 1);
    assert!(!said.out.contains("HC201"), "{}", said.out);
    let said = headcount(
        &[
            "check",
            "-",
            "--select",
            "raw-identifier",
            "--format",
            "concise",
        ],
        UNSAFE,
    );
    assert_eq!(said.out.lines().count(), 1, "{}", said.out);
    let said = headcount(&["check", "-", "--select", "HC999"], UNSAFE);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("unknown rule `HC999`"), "{}", said.err);
}

#[test]
fn a_review_without_any_file_uses_the_built_in_registry_and_says_so() {
    let empty = TempDir::new().expect("a directory");
    let said = in_directory(&["review", "-"], UNSAFE, Some(&empty));
    assert_eq!(said.code, 0);
    assert!(
        said.out
            .contains("no dimension-registry.toml was found: the built-in registry was used"),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("Is the level of aggregation 3 or higher? yes")
    );
}

#[test]
fn a_missing_path_is_status_2_and_the_others_are_assessed() {
    let directory = written("a.sql", UNSAFE.as_bytes());
    let said = in_directory(&["check", "missing.sql", "a.sql"], "", Some(&directory));
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("missing.sql: no such file or directory"),
        "{}",
        said.err
    );
    assert!(said.out.contains("HC201"));
    let said = in_directory(&["review", "missing.sql"], "", Some(&directory));
    assert_eq!(said.code, 2);
}

#[test]
fn a_directory_without_sql_is_status_0_and_a_warning() {
    let directory = written("notes.txt", b"SELECT");
    let said = in_directory(&["check"], "", Some(&directory));
    assert_eq!(said.code, 0);
    assert!(
        said.err.contains("warning: .: contains no .sql file"),
        "{}",
        said.err
    );
}

#[test]
fn what_is_no_text_is_status_2_at_its_place() {
    let directory = written("a.sql", b"SELECT 1;\nSELECT '\xff\xfe'");
    let said = in_directory(&["check", "."], "", Some(&directory));
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("a.sql:2:9: byte 18 is not UTF-8"),
        "{}",
        said.err
    );
    let directory = written("a.sql", b"\x7fELF\0\0");
    let said = in_directory(&["check", "."], "", Some(&directory));
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("a.sql:1:5: byte 4 is NUL"),
        "{}",
        said.err
    );
}

#[test]
fn an_empty_file_holds_no_dataset() {
    let directory = written("a.sql", b"");
    let said = in_directory(&["check", "."], "", Some(&directory));
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.contains("1 file, 0 datasets"), "{}", said.out);
    let said = headcount(&["review"], "-- nothing\n");
    assert!(
        said.err.contains("there is no dataset to review"),
        "{}",
        said.err
    );
}

#[test]
fn ten_megabytes_are_read() {
    let mut sql = String::from("SELECT country FROM telemetry.main WHERE country IN (\n");
    while sql.len() < 10 << 20 {
        sql.push_str(
            "  'a country whose name is rather long, so that few of them make a large file', \n",
        );
    }
    sql.push_str("'the last')");
    let said = headcount(&["check", "-", "--format", "concise"], &sql);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("HC203"),
        "{}",
        &said.out[..said.out.len().min(2000)]
    );
}

#[test]
fn more_tokens_than_the_limit_are_told() {
    let sql = format!("SELECT {} 1", "1 +".repeat(600_000));
    let said = headcount(&["check", "-", "--format", "concise"], &sql);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("the file has more than 700,000 tokens"),
        "{}",
        said.out
    );
}

#[test]
fn ten_thousand_conditions_are_read() {
    let sql = format!(
        "SELECT country FROM telemetry.main WHERE os = 'a'{}",
        " AND os != 'b'".repeat(10_000)
    );
    let said = headcount(&["check", "-", "--format", "concise"], &sql);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("HC203") && !said.out.contains("HC001"),
        "{}",
        said.out
    );
}

#[test]
fn two_thousand_parentheses_are_a_limit_that_is_named() {
    let sql = format!("SELECT {}1{}", "(".repeat(2_000), ")".repeat(2_000));
    let said = headcount(&["check", "-", "--format", "concise"], &sql);
    assert_eq!(said.code, 1);
    assert!(
        said.out
            .contains("<stdin>:1:308: error: more than 300 nested parentheses"),
        "{}",
        said.out
    );
}

#[test]
fn an_unclosed_string_costs_only_its_statement() {
    let said = headcount(
        &["check", "-", "--format", "concise"],
        "CREATE TABLE d.t AS SELECT client_id FROM telemetry.main;\nSELECT 'open FROM telemetry.main",
    );
    assert_eq!(said.code, 1);
    assert!(said.out.contains("HC201"), "{}", said.out);
    assert!(said.out.contains("<stdin>:2:8: error: "), "{}", said.out);
}

#[test]
fn mistakes_in_a_registry_are_shown_at_their_places() {
    for (toml, message) in [
        ("schema_version = 1\ncolour = 3\n", "colour"),
        (
            "schema_version = 1\n[[column]]\nname = \"a\"\nrole = \"metric\"\n[[column]]\nname = \"a\"\nrole = \"metric\"\n",
            "a",
        ),
        (
            "schema_version = 1\n[[column]]\nname = \"a\"\nrole = \"metric\"\ncategory = 5\n",
            "category",
        ),
    ] {
        let directory = written("dimension-registry.toml", toml.as_bytes());
        fs::write(directory.path().join("a.sql"), SAFE).expect("a file");
        let said = in_directory(&["check"], "", Some(&directory));
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(
            said.err.contains("dimension-registry.toml has 1 error"),
            "{}",
            said.err
        );
        assert!(said.err.contains(message), "{}", said.err);
        insta::with_settings!({ filters => vec![(r"(/|[A-Z]:\\)\S*dimension-registry", "DIR/dimension-registry")], omit_expression => true }, {
            insta::assert_snapshot!(format!("registry_{message}"), said.err);
        });
    }
}

#[test]
fn formats_go_where_they_are_sent() {
    let directory = written("a.sql", UNSAFE.as_bytes());
    let said = in_directory(
        &[
            "check",
            ".",
            "--format",
            "json=report.json",
            "--format",
            "github",
        ],
        "",
        Some(&directory),
    );
    assert_eq!(said.code, 1);
    assert!(
        said.out
            .starts_with("::error file=a.sql,line=1,endLine=1,col=8"),
        "{}",
        said.out
    );
    let json = fs::read_to_string(directory.path().join("report.json")).expect("it was written");
    common::valid(&common::schema(), &json, "report.json");
    let said = headcount(
        &["check", "-", "--format", "json", "--format", "human"],
        SAFE,
    );
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--format FORMAT=FILE"), "{}", said.err);
    let said = headcount(&["check", "-", "--format", "xml"], SAFE);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("the formats are human, concise"),
        "{}",
        said.err
    );
}

#[test]
fn reports_of_bad_input_keep_to_the_schema() {
    let validator = common::schema();
    for sql in [
        "SELECT FROM",
        "",
        "CALL p()",
        "SELECT 'open",
        "EXECUTE IMMEDIATE x",
        UNSAFE,
    ] {
        let said = headcount(&["check", "-", "--format", "json"], sql);
        common::valid(&validator, &said.out, sql);
    }
}

#[test]
fn rules_are_explained() {
    let said = headcount(&["explain"], "");
    assert_eq!(said.code, 0);
    assert!(
        said.out.contains("HC105  threshold-escapable"),
        "{}",
        said.out
    );
    let said = headcount(&["explain", "hc105"], "");
    assert!(
        said.out.starts_with("# HC105 threshold-escapable"),
        "{}",
        said.out
    );
    assert_eq!(
        headcount(&["explain", "missing-minimum-bucket"], "").code,
        0
    );
    assert_eq!(headcount(&["explain", "HC999"], "").code, 2);
}

/// The pages in `docs/rules/` are the text that `headcount explain` prints.
#[test]
fn the_documented_pages_are_the_programs() {
    for rule in headcount::rules::RULES {
        let path = format!("docs/rules/{}.md", rule.code);
        let page = fs::read_to_string(&path).unwrap_or_default();
        let said = headcount(&["explain", rule.code], "");
        assert_eq!(
            page, said.out,
            "{path} is not what `headcount explain {}` shows",
            rule.code
        );
    }
}

/// Each function calls the previous one twice, on its argument twice. The expanded
/// text would be larger than any memory.
#[test]
fn functions_of_functions_have_a_limit_that_is_named() {
    let mut sql = String::from("CREATE TEMP FUNCTION f0(x INT64) AS (x + x);\n");
    for at in 1..60 {
        sql.push_str(&format!(
            "CREATE TEMP FUNCTION f{at}(x INT64) AS (f{}(f{}(x)));\n",
            at - 1,
            at - 1
        ));
    }
    sql.push_str("SELECT f59(1)");
    let said = headcount(&["check", "-", "--format", "concise"], &sql);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("HC007"), "{}", said.out);
}

#[test]
fn a_configuration_is_found_upward_and_heeded() {
    let directory = TempDir::new().expect("a directory");
    let write = |name: &str, text: &str| {
        fs::write(directory.path().join(name), text).expect("a file");
    };
    fs::create_dir_all(directory.path().join("sql/old")).expect("a directory");
    write("sql/a.sql", "SELECT client_id, x_y FROM telemetry.main");
    write("sql/old/b.sql", UNSAFE);
    write(
        "headcount.toml",
        "exclude = ['sql/old/']\nfail_on = 'never'\n[rules]\nHC303 = 'note'\nHC304 = 'off'\n",
    );
    let said = in_directory(
        &["check", "sql", "--format", "concise"],
        "",
        Some(&directory),
    );
    assert_eq!(said.code, 0);
    assert!(said.out.contains("sql/a.sql:1:19: note: "), "{}", said.out);
    assert!(
        !said.out.contains("HC304") && !said.out.contains("b.sql"),
        "{}",
        said.out
    );
    // An excluded file is not checked even if it is named, because hooks name files.
    let said = in_directory(&["check", "sql/old/b.sql"], "", Some(&directory));
    assert!(said.out.contains("0 files"), "{}", said.out);
    let said = in_directory(&["check", "sql", "--no-config"], "", Some(&directory));
    assert_eq!(said.code, 1);
    assert!(said.out.contains("b.sql"), "{}", said.out);
    let said = in_directory(
        &["check", "sql", "--fail-on", "review"],
        "",
        Some(&directory),
    );
    assert_eq!(said.code, 1);
    write("headcount.toml", "colour = 3\n");
    let said = in_directory(&["check", "sql"], "", Some(&directory));
    assert_eq!(said.code, 2);
    assert!(
        said.err
            .contains("unknown key `colour` in the configuration"),
        "{}",
        said.err
    );
}

#[test]
fn a_mark_of_the_byte_order_and_line_ends_of_windows_are_no_sql() {
    let said = headcount(
        &["check", "-", "--format", "concise", "--select", "HC201"],
        "\u{feff}SELECT client_id\r\nFROM telemetry.main;\r\n\r\nSELECT client_id FROM telemetry.main\r\n",
    );
    assert!(said.out.starts_with("<stdin>:4:8: error: "), "{}", said.out);
    let said = headcount(&["check", "-", "--format", "concise"], "\u{feff}");
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    let said = headcount(
        &["check", "-", "--format", "concise", "--select", "HC201"],
        "\u{feff}{% set x = 1 %}SELECT client_id FROM telemetry.main",
    );
    assert!(
        said.out.starts_with("<stdin>:1:24: error: "),
        "{}",
        said.out
    );
}
