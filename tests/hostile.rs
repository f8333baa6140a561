//! Texts that once crashed the program, did not end or exhausted memory. Each is
//! reported, and so are the files beside it.

#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::Path;

use program::headcount;
use tempfile::TempDir;

/// The hostile texts of this repository, which `tests/fuzz/` also tries unchanged.
fn texts() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in ["pipeline", "template"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fuzz/corpus")
            .join(folder);
        for entry in fs::read_dir(folder).expect("the corpus is there") {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            all.push((name, fs::read_to_string(&path).expect("it is text")));
        }
    }
    all.sort();
    all
}

#[test]
fn hostile_texts_do_not_prevent_the_report_of_others() {
    let directory = TempDir::new().expect("a directory");
    let texts = texts();
    for (name, text) in &texts {
        fs::write(directory.path().join(name), text).expect("it is written");
    }
    fs::write(directory.path().join("zz_good.sql"), "SELECT 1 AS one").expect("it is written");
    let args = ["check", ".", "--all", "--no-config", "--format", "json"];
    let said = headcount(&args, "", directory.path(), &[]);
    assert_eq!(said.code, 1, "{}", said.err);
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("it is JSON");
    let files = report["files"].as_array().expect("files");
    assert_eq!(files.len(), texts.len() + 1);
    let good = files.last().expect("the last one");
    assert_eq!(good["datasets"][0]["verdict"], "publishable");
    assert!(!said.out.contains("internal error"), "{}", said.out);
}

/// In a cycle of tables below diamonds, each table is followed once.
#[test]
fn a_cycle_under_diamonds_is_followed_once() {
    let directory = TempDir::new().expect("a directory");
    let put = |name: &str, text: &str| {
        fs::write(directory.path().join(name), text).expect("it is written");
    };
    put("headcount.toml", "[project]\nlayout = \"plain\"\n");
    let rounds = 12;
    for at in 0..rounds {
        let next = (at + 1) % rounds;
        put(
            &format!("a{at}.sql"),
            &format!(
                "CREATE TABLE d.a{at} AS SELECT os FROM d.b{at} UNION ALL SELECT os FROM d.c{at}"
            ),
        );
        for arm in ["b", "c"] {
            put(
                &format!("{arm}{at}.sql"),
                &format!("CREATE TABLE d.{arm}{at} AS SELECT os FROM d.a{next}"),
            );
        }
    }
    let args = ["check", ".", "--all", "--format", "concise"];
    let said = headcount(&args, "", directory.path(), &[]);
    assert_eq!(said.code, 1, "{}", said.err);
    let through = "is created from itself, through";
    assert_eq!(
        said.out.matches(through).count(),
        4 * rounds,
        "{}",
        said.out
    );
}

/// A chain of files is followed up to a limit, which is reported.
#[test]
fn a_chain_of_files_has_a_limit() {
    let directory = TempDir::new().expect("a directory");
    let put = |name: &str, text: &str| {
        fs::write(directory.path().join(name), text).expect("it is written");
    };
    put("headcount.toml", "[project]\nlayout = \"plain\"\n");
    put(
        "t0.sql",
        "CREATE TABLE d.t0 AS SELECT os FROM telemetry.main",
    );
    for at in 1..=51 {
        put(
            &format!("t{at}.sql"),
            &format!("CREATE TABLE d.t{at} AS SELECT os FROM d.t{}", at - 1),
        );
    }
    let check = |name: &str| {
        let args = ["check", name, "--all", "--format", "concise"];
        headcount(&args, "", directory.path(), &[]).out
    };
    let limit = "it is made of too many others, one of another";
    assert!(!check("t50.sql").contains(limit));
    assert!(check("t51.sql").contains(limit));
}

/// If too many files write a table, they are not followed, and this is reported.
#[test]
fn table_with_too_many_writers_is_reported() {
    let directory = TempDir::new().expect("a directory");
    let put = |name: &str, text: &str| {
        fs::write(directory.path().join(name), text).expect("it is written");
    };
    put("headcount.toml", "[project]\nlayout = \"plain\"\n");
    put("reader.sql", "CREATE TABLE d.t AS SELECT os FROM d.o");
    let check = || {
        let args = ["check", "reader.sql", "--all", "--format", "concise"];
        headcount(&args, "", directory.path(), &[]).out
    };
    for at in 0..100 {
        put(
            &format!("w{at}.sql"),
            "INSERT INTO d.o SELECT os FROM telemetry.main",
        );
    }
    let limit = "more than 100 files write it";
    assert!(!check().contains(limit));
    put("w100.sql", "INSERT INTO d.o SELECT os FROM telemetry.main");
    assert!(check().contains(limit), "{}", check());
}

/// Every format reports a finding in a line that is too long to be drawn.
#[test]
fn finding_in_a_very_long_line_has_its_position() {
    let directory = TempDir::new().expect("a directory");
    let spaces = " ".repeat(70_000);
    let text = format!("SELECT 1 AS one,{spaces}client_id FROM telemetry.main");
    fs::write(directory.path().join("q.sql"), text).expect("it is written");
    for format in ["human", "concise", "json", "sarif", "github", "markdown"] {
        let args = ["check", ".", "--all", "--no-config", "--format", format];
        let said = headcount(&args, "", directory.path(), &[]);
        assert_eq!(said.code, 1, "{format}: {}", said.err);
        if format == "human" {
            assert!(said.out.contains("  at q.sql:1:70017: "), "{}", said.out);
        }
    }
}

/// An array in a call with a lambda is evaluated once: sixty calls inside each other
/// would otherwise take 2 to the power of sixty steps.
#[test]
fn lambdas_inside_each_other_are_evaluated_once() {
    let directory = TempDir::new().expect("a directory");
    let nested = (0..60).fold("client_id_list".to_owned(), |array, _| {
        format!("ARRAY_TRANSFORM({array}, e -> e)")
    });
    let text = format!("SELECT {nested} AS x FROM telemetry.main");
    fs::write(directory.path().join("q.sql"), text).expect("it is written");
    let said = headcount(&["check", ".", "--no-config"], "", directory.path(), &[]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("level 5"), "{}", said.out);
}

/// The names of tables may end with any character.
#[test]
fn names_in_any_letters_are_read() {
    let directory = TempDir::new().expect("a directory");
    for name in [
        "a.b\u{e9}",
        "a.b\u{200b}",
        "a.b\u{ad}",
        "a.b\u{feff}",
        "\u{e9}.\u{1f600}",
    ] {
        for query in [
            format!("SELECT COUNT(*) AS n FROM `{name}`"),
            format!("SELECT country, COUNT(*) AS n FROM `{name}` GROUP BY 1"),
            format!("SELECT `\u{e9}` FROM `{name}`"),
        ] {
            let args = ["check", "-", "--no-config", "--format", "json"];
            let said = headcount(&args, &query, directory.path(), &[]);
            assert_eq!(said.code, 1, "{query}: {} {}", said.out, said.err);
            assert!(
                !said.out.contains("internal error"),
                "{query}: {}",
                said.out
            );
        }
    }
}

/// The search for a counterexample also has a limit.
#[test]
fn a_search_for_rows_has_a_limit() {
    let directory = TempDir::new().expect("a directory");
    let chain = |make: &str| {
        let steps: String = (1..60)
            .map(|at| format!(", c{at} AS (SELECT {make} AS a FROM c{})", at - 1))
            .collect();
        format!(
            "WITH c0 AS (SELECT country AS a FROM telemetry.clients_daily){steps} SELECT a, COUNT(*) AS n FROM c59 GROUP BY 1"
        )
    };
    let arrays = "UNNEST(GENERATE_ARRAY(1, 999)) AS a, UNNEST(GENERATE_ARRAY(1, 999)) AS b, UNNEST(GENERATE_ARRAY(1, 999)) AS c";
    let unions = vec!["SELECT country FROM c0"; 50].join(" UNION ALL ");
    for query in [
        chain("CONCAT(a, a)"),
        chain("ARRAY_CONCAT(a, a)"),
        chain("STRUCT(a AS p, a AS q)"),
        format!(
            "SELECT country, COUNT(DISTINCT client_id) AS n FROM telemetry.clients_daily, {arrays} GROUP BY 1"
        ),
        format!(
            "WITH c0 AS (SELECT country FROM telemetry.clients_daily) SELECT country, COUNT(*) AS n FROM ({unions}) GROUP BY 1"
        ),
    ] {
        let args = ["review", "-", "--no-config"];
        let said = headcount(&args, &query, directory.path(), &[]);
        assert!(said.code < 2, "{query}: {} {}", said.out, said.err);
    }
}
