//! Standard input: a paste, and lines of queries; and the small commands that shells
//! and editors call.

#[path = "common/program.rs"]
mod program;

use program::{headcount, run_headcount_bytes};
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

const UNSAFE: &str = "SELECT client_id FROM telemetry.main";

fn empty() -> TempDir {
    TempDir::new().expect("a directory")
}

#[test]
fn a_paste_is_reviewed_and_its_places_are_those_of_the_paste() {
    let directory = empty();
    let paste = "Could you look at this one?\n\n> ```sql\n> SELECT\n>\u{a0}\u{a0}client_id, '{{ Start date }}' AS d\n> FROM telemetry.main\n> ```\n\nThanks!\n";
    let said = headcount(
        &["review", "-", "--format", "json"],
        paste,
        directory.path(),
        &[],
    );
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&said.out).expect("it is JSON");
    let dataset = &report["files"][0]["datasets"][0];
    assert_eq!(dataset["level"], 6);
    let column = &dataset["columns"][0];
    assert_eq!(column["name"], "client_id");
    let start = usize::try_from(column["span"]["start"]["offset"].as_u64().expect("a byte"))
        .expect("small");
    assert!(paste[start..].starts_with("client_id"), "{column}");
    assert_eq!(column["span"]["start"]["line"], 5);
    let taken: Vec<&str> = dataset["assumptions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .filter(|said| said.starts_with("ignored in the paste: "))
        .collect();
    insta::assert_snapshot!(taken.join("\n"));
    // A hook reads files unchanged.
    let said = headcount(
        &["check", "-", "--format", "concise"],
        paste,
        directory.path(),
        &[],
    );
    assert!(said.out.contains("HC001"), "{}", said.out);
}

#[test]
fn lines_are_answered_with_lines() {
    let directory = empty();
    let lines = format!(
        "{{\"path\": \"a.sql\", \"sql\": \"{UNSAFE}\"}}\n\n{{\"path\": \"b.sql\", \"sql\": \"SELECT 1 AS one\"}}\n"
    );
    let said = headcount(
        &["check", "-", "--ndjson", "--select", "HC201"],
        &lines,
        directory.path(),
        &[],
    );
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    let mut told: Vec<Value> = said
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    told.sort_by_key(|line| line["path"].to_string());
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["path"], "a.sql");
    assert_eq!(told[0]["schema_version"], 1);
    assert_eq!(told[0]["policy"]["min_bucket"], 5000);
    assert_eq!(told[0]["datasets"][0]["findings"][0]["code"], "HC201");
    assert_eq!(told[1]["datasets"][0]["verdict"], "publishable");
}

#[test]
fn lines_are_answered_in_their_order_and_by_their_names() {
    let directory = empty();
    let ids = ["7", "\"x\"", "{\"a\": [1]}", "null"];
    let mut lines = String::new();
    for at in 0..40 {
        let id = match ids.get(at) {
            Some(id) => format!("\"id\": {id}, "),
            None => String::new(),
        };
        // The first line takes longest.
        let sql = match at {
            0 => vec![UNSAFE; 200].join(" UNION ALL "),
            _ => UNSAFE.to_owned(),
        };
        lines.push_str(&format!(
            "{{{id}\"path\": \"{at}.sql\", \"sql\": \"{sql}\"}}\n"
        ));
    }
    let said = headcount(
        &[
            "check",
            "-",
            "--ndjson",
            "--jobs",
            "4",
            "--fail-on",
            "never",
        ],
        &lines,
        directory.path(),
        &[],
    );
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let told: Vec<Value> = said
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    let paths: Vec<String> = (0..40).map(|at| format!("{at}.sql")).collect();
    assert!(
        told.iter()
            .zip(&paths)
            .all(|(line, path)| line["path"] == **path)
    );
    assert_eq!(told.len(), paths.len());
    for (line, id) in told.iter().zip(ids) {
        let id: Value = serde_json::from_str(id).expect("it is JSON");
        assert_eq!(line["id"], id);
    }
    assert!(
        told[3..]
            .iter()
            .all(|line| line.get("id").is_none_or(Value::is_null))
    );
}

#[test]
fn a_line_that_is_none_is_told_and_the_others_are_answered() {
    let directory = empty();
    let lines =
        "nonsense\n{\"path\": \"b.sql\"}\n{\"path\": \"c.sql\", \"sql\": \"SELECT 1 AS one\"}";
    let said = headcount(&["check", "-", "--ndjson"], lines, directory.path(), &[]);
    assert_eq!(said.code, 2);
    assert_eq!(said.out.lines().count(), 3, "{}", said.out);
    insta::assert_snapshot!(said.err);
    let said = headcount(
        &["check", "-", "--ndjson", "--select", "HC999"],
        lines,
        directory.path(),
        &[],
    );
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    let said = headcount(
        &["check", "-", "--ndjson", "--format", "json"],
        lines,
        directory.path(),
        &[],
    );
    assert_eq!(said.code, 2);
}

/// Returns a line of the given kind with its number as `id`, mostly an invalid one.
///
/// Kinds 0, 5, 6, 15 and 17 are valid requests.
fn hostile_line(kind: usize, at: usize) -> Vec<u8> {
    let line = |rest: &str| format!("{{\"id\": {at}, {rest}}}").into_bytes();
    let with = |sql: &[u8]| {
        let mut line = format!("{{\"id\": {at}, \"path\": \"{at}.sql\", \"sql\": \"").into_bytes();
        line.extend(sql);
        line.extend(b"\"}");
        line
    };
    match kind {
        0 => with(b"SELECT 1 AS one"),
        1 => with(b"SELECT \\u0000"),
        2 => with(b"SELECT \0"),
        3 => with(b"SELECT '\xff\xfe'"),
        4 => with(b"SELECT \\ud800"),
        5 => with(&vec![b'a'; 200_000]),
        6 => with(b"SELECT 1; SELECT FROM"),
        7 => line("\"path\": \"a.sql\""),
        8 => line("\"sql\": \"SELECT 1\""),
        9 => line("\"path\": 7, \"sql\": \"SELECT 1\""),
        10 => line("\"path\": \"a.sql\", \"sql\": [\"SELECT 1\"]"),
        11 => line("\"path\": \"a.sql\", \"sql\": \"SELECT 1\", \"more\": 1"),
        12 => line("\"path\": \"broken/a.sql\", \"sql\": \"SELECT 1\""),
        13 => line("\"path\": \"registry/a.sql\", \"sql\": \"SELECT 1\""),
        14 => line("\"path\": \"record/a.sql\", \"sql\": \"SELECT 1\""),
        15 => line("\"path\": \"\", \"sql\": \"\""),
        16 => line(&format!(
            "\"path\": \"{}\", \"sql\": \"\"",
            "a/".repeat(5_000)
        )),
        17 => line("\"path\": \"/etc/passwd\", \"sql\": \"{% include 'passwd' %}\""),
        18 => b"nonsense".to_vec(),
        19 => b"{\"path\": \"a.sql\", \"sql\": \"SELECT".to_vec(),
        20 => b"\xff\xff\0".to_vec(),
        21 => "[".repeat(5_000).into_bytes(),
        22 => b"{}".to_vec(),
        _ => b"null".to_vec(),
    }
}

fn hostile_lines() -> TempDir {
    let directory = empty();
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("broken/headcount.toml", "nonsense = [");
    write("registry/dimension-registry.toml", "nonsense = [");
    write("record/headcount.toml", "record = \"held\"\n");
    write("record/held/a.toml", "nonsense = [");
    directory
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each line has one answer, in its order and with its `id`, whatever it
    /// contains.
    #[test]
    fn each_line_has_one_answer(kinds in proptest::collection::vec(0_usize..24, 1..40), jobs in 1_usize..4) {
        let directory = hostile_lines();
        let lines: Vec<Vec<u8>> = kinds.iter().enumerate().map(|(at, kind)| hostile_line(*kind, at)).collect();
        let said = run_headcount_bytes(
            &["check", "-", "--ndjson", "--jobs", &jobs.to_string()],
            &lines.join(&b"\n\n"[..]),
            directory.path(),
            &[],
        );
        let told: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        prop_assert_eq!(told.len(), lines.len(), "{}", said.err);
        for (at, (kind, answer)) in kinds.iter().zip(&told).enumerate() {
            // The `id` is read from any line that is a JSON object apart from
            // invalid UTF-8.
            let named = !matches!(kind, 2 | 4 | 18..);
            prop_assert_eq!(answer["id"].as_u64(), named.then_some(at as u64), "{} {}", kind, answer);
            let fails = !matches!(kind, 0 | 5 | 6 | 15 | 17);
            let datasets = answer["datasets"].as_array().expect("datasets");
            prop_assert!(!fails || datasets.iter().all(|dataset| dataset["assessed"] == false && dataset["verdict"] != "publishable"));
            prop_assert!(!fails || datasets.len() == 1, "{} {}", kind, answer);
            prop_assert!(!fails || said.code == 2);
        }
    }
}

#[test]
fn files_are_answered_with_lines() {
    let directory = empty();
    for name in ["a", "b", "c"] {
        fs::write(directory.path().join(format!("{name}.sql")), UNSAFE).expect("a file");
    }
    let said = headcount(&["check", "--ndjson", "."], "", directory.path(), &[]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    assert_eq!(said.out.lines().count(), 3);
    let said = headcount(
        &["check", "--ndjson", ".", "no.sql"],
        "",
        directory.path(),
        &[],
    );
    assert_eq!(said.code, 2);
    assert_eq!(said.out.lines().count(), 3);
}

#[test]
fn a_step_gets_its_summary_beside_other_formats() {
    let directory = empty();
    fs::write(directory.path().join("a.sql"), UNSAFE).expect("a file");
    let summary = directory.path().join("summary.md");
    fs::write(&summary, "before\n").expect("a file");
    let path = summary.display().to_string();
    let said = headcount(
        &[
            "check",
            "a.sql",
            "--format",
            "sarif=out.sarif",
            "--format",
            "gitlab=out.json",
            "--format",
            "github",
        ],
        "",
        directory.path(),
        &[("GITHUB_STEP_SUMMARY", &path)],
    );
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    assert!(said.out.starts_with("::error file=a.sql,"), "{}", said.out);
    let read =
        |name: &str| fs::read_to_string(directory.path().join(name)).expect("it was written");
    assert!(read("summary.md").starts_with("before\n## headcount\n"));
    assert!(read("out.sarif").contains("\"2.1.0\""));
    assert!(read("out.json").contains("check_name"));
}

#[test]
fn shells_and_editors_get_what_they_ask() {
    let directory = empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = headcount(&["completions", shell], "", directory.path(), &[]);
        assert_eq!(said.code, 0);
        assert!(
            said.out.contains("headcount") && said.out.contains("ndjson"),
            "{shell}"
        );
    }
    let said = headcount(&["man"], "", directory.path(), &[]);
    assert!(said.out.contains(".TH headcount 1"), "{}", said.out);
    let said = headcount(&["man", "--dir", "."], "", directory.path(), &[]);
    assert_eq!(said.code, 0);
    assert!(directory.path().join("headcount-check.1").exists());
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/schema/headcount-toml.schema.json"
    );
    let schema = fs::read_to_string(path).unwrap_or_default();
    let said = headcount(&["schema"], "", directory.path(), &[]);
    assert_eq!(
        said.out, schema,
        "docs/schema/headcount-toml.schema.json is not what `headcount schema` shows"
    );
}
