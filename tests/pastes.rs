//! What is pasted, and which commands read it as a paste.

#[path = "common/program.rs"]
mod program;

use program::{ProgramOutput, headcount, run_headcount_bytes};
use tempfile::TempDir;

fn run(args: &[&str], text: &str) -> ProgramOutput {
    let folder = TempDir::new().expect("a folder");
    headcount(args, text, folder.path(), &[])
}

const CHAT: &str = "Al Smith  12:01 PM
Could you look at these?
[12:01] al: SELECT country, COUNT(DISTINCT client_id) AS n
[12:01] al: FROM telemetry.clients_daily
[12:01] al: GROUP BY country
[12:01] al: HAVING n &gt;= 5000
[12:02] bob: looks good (see https://bugzilla.mozilla.org/show_bug.cgi?id=1)
:thumbsup: 2
";

#[test]
fn chat_is_reviewed_and_what_was_ignored_is_listed() {
    let said = run(&["review", "-"], CHAT);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("verdict: publishable"), "{}", said.out);
    let ignored: Vec<&str> = said
        .out
        .lines()
        .filter(|line| line.contains("in the paste"))
        .map(str::trim)
        .collect();
    insta::assert_snapshot!(ignored.join("\n"));
    // Places are those of the paste.
    let said = run(
        &["review", "-", "--format", "concise"],
        &CHAT.replace(" &gt;= 5000", " &gt;= 50"),
    );
    assert!(said.out.contains("<stdin>:6:20: "), "{}", said.out);
}

#[test]
fn what_does_not_parse_without_words_either_is_a_syntax_error_at_its_place() {
    let broken = CHAT.replace("COUNT(DISTINCT", "COUNT((DISTINCT");
    let said = run(&["review", "-"], &broken);
    assert!(said.out.contains("HC001"), "{}", said.out);
    assert!(!said.out.contains("verdict: publishable"), "{}", said.out);
}

#[test]
fn check_reads_standard_input_as_it_is_and_says_so() {
    let fenced = "Please review:\n\n```sql\nSELECT 1\n```\n";
    let said = run(&["check", "-"], fenced);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("HC001"), "{}", said.out);
    assert!(
        said.err
            .contains("this looks like a paste; `headcount review -`"),
        "{}",
        said.err
    );
    // A query with an error is no paste, and one without is none either.
    for text in ["SELECT (", "SELECT '“a”' AS a -- > b\n"] {
        let said = run(&["check", "-"], text);
        assert!(!said.err.contains("paste"), "{}", said.err);
    }
}

#[test]
fn standard_input_is_not_approved() {
    let said = run(&["approve", "-", "--bug", "1"], "SELECT 1");
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("`-`: standard input cannot be approved")
            && said.err.contains("headcount approve PATH --bug NUMBER"),
        "{}",
        said.err
    );
}

#[test]
fn quiet_approval_prints_errors_alone() {
    let folder = TempDir::new().expect("a folder");
    let text = "SELECT country FROM telemetry.main";
    std::fs::write(folder.path().join("a.sql"), text).expect("a file");
    let args = ["approve", "a.sql", "empty", "--bug", "1", "--by", "A", "-q"];
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    let with = |args: &[&str]| headcount(args, "", folder.path(), &[]);
    let said = with(&[&args[..], &["--allow-uncommitted"]].concat());
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (0, "", "")
    );
    assert!(folder.path().join("publishing-record").is_dir());
    let said = with(&args);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("nothing was approved"), "{}", said.err);
}

/// A text as UTF-16, without a byte order mark.
fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn utf_16_without_a_mark_is_named_in_every_input() {
    let folder = TempDir::new().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, utf_16(text)).expect("a file");
    };
    let named = "looks like UTF-16 (UTF-16LE, without a byte order mark): save it as UTF-8";
    let of = |args: &[&str]| headcount(args, "", folder.path(), &[]);
    let said = run_headcount_bytes(&["review", "-"], &utf_16("SELECT 1"), folder.path(), &[]);
    assert!(said.code == 2 && said.err.contains(named), "{}", said.err);
    let line = utf_16("{\"path\": \"a.sql\", \"sql\": \"SELECT 1\"}\n");
    let said = run_headcount_bytes(&["check", "--ndjson", "-"], &line, folder.path(), &[]);
    assert!(said.code == 2 && said.err.contains(named), "{}", said.err);
    write("a.sql", "SELECT 1");
    let said = of(&["check", "a.sql"]);
    assert!(said.code == 2 && said.err.contains(named), "{}", said.err);
    std::fs::write(folder.path().join("b.sql"), "SELECT 1").expect("a file");
    for (path, text, config) in [
        ("headcount.toml", "fail_on = 'never'\n", None),
        (
            "r.toml",
            "schema_version = 1\n",
            Some("registry = 'r.toml'\n"),
        ),
        (
            "s.json",
            "[{\"name\": \"a\"}]",
            Some("[project]\nschemas = ['s.json']\n"),
        ),
        (
            "s.yaml",
            "fields:\n- name: a\n",
            Some("[project]\nschemas = ['s.yaml']\n"),
        ),
    ] {
        if let Some(config) = config {
            std::fs::write(folder.path().join("headcount.toml"), config).expect("a file");
        }
        write(path, text);
        let said = of(&["check", "b.sql"]);
        assert!(
            said.code == 2 && said.err.contains(named),
            "{path}: {}",
            said.err
        );
    }
    std::fs::write(
        folder.path().join("headcount.toml"),
        "[project]\nlayout = 'bigquery-etl'\n",
    )
    .expect("a file");
    write("sql/p/d/t/metadata.yaml", "labels:\n  public_json: true\n");
    std::fs::write(folder.path().join("sql/p/d/t/query.sql"), "SELECT 1").expect("a file");
    let said = of(&["check", "sql"]);
    assert!(
        said.err.contains(named) || said.out.contains("UTF-16"),
        "{}{}",
        said.out,
        said.err
    );
    assert_ne!(said.code, 0, "{}", said.out);
}
