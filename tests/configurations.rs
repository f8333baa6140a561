//! Configuration of each file: the nearest one applies. Files that git ignores are
//! skipped.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;
use std::path::Path;

use program::{ProgramOutput, headcount};
use repository::Repository;
use serde_json::Value;
use tempfile::TempDir;

const UNSAFE: &str = "SELECT client_id FROM telemetry.main";
const SMALL: &str =
    "SELECT country, COUNT(DISTINCT client_id) AS n FROM telemetry.main GROUP BY country";

/// Creates a folder with these files.
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

/// Returns the paths of a report, with their datasets.
fn files(said: &ProgramOutput) -> Vec<(String, Vec<Value>)> {
    let report: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.err));
    let files = report["files"].as_array().expect("files");
    let of = |file: &Value| {
        let path = file["path"].as_str().expect("a path").to_owned();
        (path, file["datasets"].as_array().expect("a list").clone())
    };
    files.iter().map(of).collect()
}

fn paths(said: &ProgramOutput) -> Vec<String> {
    files(said).into_iter().map(|(path, _)| path).collect()
}

fn codes(dataset: &Value) -> Vec<&str> {
    let findings = dataset["findings"].as_array().expect("a list").iter();
    findings
        .map(|finding| finding["code"].as_str().expect("a code"))
        .collect()
}

#[test]
fn two_configurations_in_one_run_serve_their_own_files() {
    let registry = "schema_version = 1\n[units.reader]\nperson = true\n[[column]]\nname = \"badge\"\nrole = \"identifier\"\nunit = \"reader\"\ncategory = 1\n";
    let folder = folder(&[
        // The first sets a registry, a disabled rule, templates, and a layout, so
        // that tables are followed.
        (
            "a/headcount.toml",
            "registry = 'readers.toml'\n[rules]\nHC304 = 'off'\n[project]\nlayout = 'plain'\n[template]\nvariables = { least = 5000 }\n",
        ),
        ("a/readers.toml", registry),
        (
            "a/large.sql",
            "CREATE VIEW d.large AS SELECT shelf, COUNT(DISTINCT badge) AS n FROM d.loans GROUP BY shelf HAVING n >= {{ least }}",
        ),
        ("a/reads.sql", "SELECT n FROM d.large"),
        // The second publishes only one folder and does not follow tables.
        (
            "b/headcount.toml",
            "exclude = ['out/scratch/']\n[project]\npublished = ['out/**']\n",
        ),
        ("b/out/reads.sql", "SELECT n FROM d.large"),
        ("b/out/scratch/x.sql", UNSAFE),
        ("b/in/x.sql", UNSAFE),
        // No configuration applies to this file.
        ("c/reads.sql", "SELECT badge FROM d.loans"),
    ]);
    for args in [
        &["check", ".", "--format", "json"][..],
        &["check", "a", "b", "c", "--format", "json"],
        &["check", "c", "b", "a", "--format", "json"],
        &[
            "check",
            "b/out/reads.sql",
            "c/reads.sql",
            "a/reads.sql",
            "b/in/x.sql",
            "--format",
            "json",
        ],
    ] {
        let said = run(folder.path(), args);
        let files = files(&said);
        let dataset = |path: &str| {
            let found = files.iter().find(|(known, _)| known == path);
            &found.unwrap_or_else(|| panic!("{path}: {}", said.out)).1[0]
        };
        let proven = dataset("a/reads.sql");
        assert_eq!(proven["bucket"]["proven"], 5000, "{args:?}");
        assert!(!codes(proven).contains(&"HC304"), "{args:?}");
        let alone = dataset("b/out/reads.sql");
        assert_eq!(alone["bucket"]["proven"], Value::Null);
        // The built-in registry does not know `badge` as an identifier.
        assert!(!codes(dataset("c/reads.sql")).contains(&"HC201"));
        let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert!(!names.contains(&"b/in/x.sql"), "{names:?}");
        assert!(!names.contains(&"b/out/scratch/x.sql"), "{names:?}");
    }
}

#[test]
fn the_strictest_of_the_configurations_decides_the_status() {
    let folder = folder(&[
        ("a/headcount.toml", "fail_on = 'never'\n"),
        ("a/x.sql", UNSAFE),
        ("b/headcount.toml", "fail_on = 'error'\n"),
        ("b/x.sql", SMALL),
    ]);
    let status = |args: &[&str]| run(folder.path(), &[&["check"], args].concat()).code;
    assert_eq!(status(&["a", "b"]), 0);
    assert_eq!(status(&["b", "a"]), 0);
    assert_eq!(status(&["a", "--fail-on", "error"]), 1);
    fs::write(folder.path().join("b/x.sql"), UNSAFE).expect("a file");
    assert_eq!(status(&["a", "b"]), 1);
    assert_eq!(status(&["a"]), 0);
    fs::write(folder.path().join("b/headcount.toml"), "fail_on = 3").expect("a file");
    assert_eq!(status(&["a", "b"]), 2);
}

#[test]
fn files_are_told_in_the_order_of_their_paths_whatever_serves_them() {
    let folder = folder(&[
        ("a.sql", SMALL),
        ("b/headcount.toml", ""),
        ("b/x.sql", SMALL),
        ("c.sql", SMALL),
    ]);
    let said = run(folder.path(), &["check", ".", "--format", "json"]);
    assert_eq!(paths(&said), ["a.sql", "b/x.sql", "c.sql"]);
    let lines = run(folder.path(), &["check", "--ndjson", "--jobs", "1"]);
    let told: Vec<String> = lines
        .out
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("a line is JSON");
            line["path"].as_str().expect("a path").to_owned()
        })
        .collect();
    assert_eq!(told, ["a.sql", "b/x.sql", "c.sql"]);
}

#[test]
fn each_record_holds_the_datasets_of_its_configuration() {
    let folder = folder(&[
        ("a/headcount.toml", "[project]\nrecord = 'reviews'\n"),
        ("a/x.sql", UNSAFE),
        ("b/headcount.toml", "[project]\nrecord = 'reviews'\n"),
        ("b/x.sql", UNSAFE),
    ]);
    let approve = [
        "approve",
        "a",
        "b",
        "--bug",
        "1957082",
        "--by",
        "A",
        "--date",
        "2026-01-01",
        "--allow-uncommitted",
    ];
    let said = run(folder.path(), &approve);
    assert_eq!(said.code, 0, "{}", said.err);
    for one in ["a", "b"] {
        let reviews = fs::read_dir(folder.path().join(one).join("reviews")).expect("a record");
        assert_eq!(reviews.count(), 1, "{one}");
    }
    assert_eq!(run(folder.path(), &["check", "."]).code, 0);
}

#[test]
fn a_path_with_dots_is_served_from_where_it_leads() {
    let folder = folder(&[
        ("a/headcount.toml", "exclude = ['**']\n"),
        ("a/below/x.sql", UNSAFE),
        ("b/x.sql", UNSAFE),
    ]);
    let there = folder.path().join("a/below");
    let said = run(&there, &["check", "../../b/x.sql", "--format", "json"]);
    assert_eq!(
        (said.code, paths(&said)),
        (1, vec!["../../b/x.sql".to_owned()])
    );
    let said = run(
        &there,
        &["check", "../../a/below/x.sql", "--format", "json"],
    );
    assert_eq!((said.code, paths(&said)), (0, vec![]));
}

#[test]
fn standard_input_is_served_by_the_configuration_of_its_name() {
    let folder = folder(&[
        ("headcount.toml", "exclude = ['scratch/']\n"),
        ("inner/headcount.toml", "fail_on = 'never'\n"),
    ]);
    let check = |args: &[&str], sql: &str| {
        let args = [&["check", "-", "--stdin-filename"], args].concat();
        headcount(&args, sql, folder.path(), &[])
    };
    assert_eq!(check(&["x.sql"], UNSAFE).code, 1);
    assert_eq!(check(&["inner/x.sql"], UNSAFE).code, 0);
    assert_eq!(check(&["scratch/x.sql"], UNSAFE).code, 0);
    let said = check(&["scratch/x.sql", "--format", "json"], UNSAFE);
    assert!(paths(&said).is_empty(), "{}", said.out);
    // An editor that formats an excluded file receives the unchanged text.
    let text = format!("{SMALL}\n");
    let said = check(&["scratch/x.sql", "--fix"], &text);
    assert_eq!((said.code, said.out), (0, text.clone()));
    let said = check(&["x.sql", "--fix"], &text);
    assert!(said.out.contains("HAVING"), "{}", said.out);
    // Each line of input gets one line of output.
    let lines = ["scratch/x.sql", "inner/x.sql", "x.sql"]
        .map(|path| format!("{{\"path\": \"{path}\", \"sql\": \"{UNSAFE}\"}}\n"))
        .concat();
    let said = headcount(
        &["check", "-", "--ndjson", "--jobs", "1"],
        &lines,
        folder.path(),
        &[],
    );
    assert_eq!(said.code, 1);
    let told: Vec<(String, usize)> = said
        .out
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("a line is JSON");
            let datasets = line["datasets"].as_array().expect("a list").len();
            (line["path"].as_str().expect("a path").to_owned(), datasets)
        })
        .collect();
    let expected = [("scratch/x.sql", 0), ("inner/x.sql", 1), ("x.sql", 1)];
    assert_eq!(told, expected.map(|(path, count)| (path.to_owned(), count)));
}

#[test]
fn what_git_ignores_is_passed_over() {
    let folder = folder(&[
        (".gitignore", "build/\n*.tmp.sql\n"),
        ("build/x.sql", UNSAFE),
        ("a.tmp.sql", UNSAFE),
        ("a.sql", SMALL),
        ("inner/.gitignore", "local.sql\n!keep.tmp.sql\n"),
        ("inner/local.sql", UNSAFE),
        ("inner/keep.tmp.sql", SMALL),
        ("local.sql", SMALL),
    ]);
    let check = |args: &[&str]| {
        let args = [&["check", "--format", "json"], args].concat();
        paths(&run(folder.path(), &args))
    };
    let looked_at = ["a.sql", "inner/keep.tmp.sql", "local.sql"];
    assert_eq!(check(&["."]), looked_at);
    assert_eq!(check(&[]), looked_at);
    assert_eq!(check(&["inner"]), ["inner/keep.tmp.sql"]);
    assert_eq!(check(&["--no-ignore"]).len(), 6);
    // A named path is checked although git ignores it.
    assert_eq!(check(&["build"]), ["build/x.sql"]);
    assert_eq!(
        check(&["a.tmp.sql", "build/x.sql"]),
        ["a.tmp.sql", "build/x.sql"]
    );
}

#[test]
fn what_git_tracks_is_checked_though_it_is_ignored() {
    let repository = Repository::new();
    repository.write(".gitignore", "*.secret.sql\n");
    repository.write("sql/a.secret.sql", UNSAFE);
    repository.write("sql/b.secret.sql", UNSAFE);
    repository.git(&["add", "-f", "sql/a.secret.sql"]);
    let said = repository.run(&["check", "sql", "--format", "json"]);
    let paths = paths(&said);
    assert!(paths.contains(&"sql/a.secret.sql".to_owned()), "{paths:?}");
    assert!(!paths.contains(&"sql/b.secret.sql".to_owned()), "{paths:?}");
}

const REGISTRY: &str = "schema_version = 1
[units.client]
person = true
[[column]]
name = 'client_id'
role = 'identifier'
unit = 'client'
category = 4
data_reviews = ['https://bugzilla.mozilla.org/show_bug.cgi?id=1']
[[column]]
name = 'country'
role = 'dimension'
category = 1
data_reviews = ['https://bugzilla.mozilla.org/show_bug.cgi?id=2']
[[table]]
name = 'raw.pings'
unit_column = 'client_id'
columns = ['client_id', 'country']
";
const MAKE: &str = "CREATE TABLE d.big AS SELECT country, COUNT(DISTINCT client_id) AS clients FROM raw.pings GROUP BY country HAVING COUNT(DISTINCT client_id) >= ";

/// Returns the verdict on `out.sql`, which reads `d.big`.
fn out(files: &[(&str, &str)]) -> String {
    let all = [
        ("dimension-registry.toml", REGISTRY),
        ("out.sql", "SELECT country, clients FROM d.big"),
    ];
    let folder = folder(&[&all, files].concat());
    let arguments = ["check", "out.sql", "--format", "json", "--fail-on", "never"];
    let said = run(folder.path(), &arguments);
    let files = self::files(&said);
    files[0].1[0]["verdict"]
        .as_str()
        .expect("a verdict")
        .to_owned()
}

#[test]
fn what_a_file_writes_is_read_with_the_configuration_that_serves_it() {
    let insert = "INSERT INTO {{ t }} SELECT country, 1 FROM raw.pings";
    let make = format!("{MAKE}5000");
    let config = |layout: &str, template: &str| {
        format!("[project]\nlayout = '{layout}'\n[template]\n{template}\n")
    };
    let other = config("plain", "variables = {t = 'd.other'}");
    let files = [
        ("headcount.toml", other.as_str()),
        ("a.sql", make.as_str()),
        ("ops/b.sql", insert),
    ];
    assert_eq!(out(&files), "publishable");
    let with = |path: &'static str, text: &str| {
        let more = [files.as_slice(), &[(path, text)]].concat();
        out(&more)
    };
    let own = config("plain", "variables = {t = 'd.big'}");
    assert_eq!(with("ops/headcount.toml", &own), "extra-review");
    assert_eq!(with(".ops/headcount.toml", &own), "publishable");
    // An invalid configuration provides no values.
    assert_eq!(with("ops/headcount.toml", "x"), "extra-review");

    // The same holds for a variable in a threshold, and for a flag that selects a
    // branch.
    let least = |inner: &str| {
        let make = format!("{MAKE}{{{{ least }}}}");
        let outer = config("plain", "variables = {least = 5000}");
        let files = [
            ("headcount.toml", outer.as_str()),
            ("ops/headcount.toml", inner),
            ("ops/a.sql", make.as_str()),
        ];
        out(&files)
    };
    let five = config("plain", "variables = {least = 5000}");
    assert_eq!(least(&five), "publishable");
    let three = config("plain", "variables = {least = 3}");
    assert_eq!(least(&three), "extra-review");
    let flagged = "{% if small %}INSERT INTO d.big SELECT country, 1 FROM raw.pings{% else %}SELECT 1{% endif %}";
    let outer = config("plain", "flags = {small = false}");
    let inner = config("plain", "flags = {small = true}");
    let files = [
        ("headcount.toml", outer.as_str()),
        ("a.sql", make.as_str()),
        ("ops/b.sql", flagged),
    ];
    assert_eq!(out(&files), "publishable");
    let more = [files.as_slice(), &[("ops/headcount.toml", inner.as_str())]].concat();
    assert_eq!(out(&more), "extra-review");
}

#[test]
fn a_project_inside_another_has_its_own_layout() {
    let make = format!("{MAKE}5000");
    let plain = "[project]\nlayout = 'plain'\n";
    let insert = "INSERT INTO d.big SELECT country, 1 FROM raw.pings";
    let files = [("headcount.toml", plain), ("a.sql", make.as_str())];
    let with = |more: &[(&str, &str)]| out(&[files.as_slice(), more].concat());
    let dbt = ("shop/headcount.toml", "[project]\nlayout = 'dbt'\n");
    let project = format!("name: shop\non-run-end: '{insert}'\n");
    assert_eq!(
        with(&[dbt, ("shop/dbt_project.yml", &project)]),
        "extra-review"
    );
    let by_hand =
        "{% macro fix() %}{% do run_query('INSERT INTO ' ~ x ~ '.big SELECT 1') %}{% endmacro %}";
    let quiet = ("shop/dbt_project.yml", "name: shop\n");
    assert_eq!(with(&[dbt, quiet]), "publishable");
    assert_eq!(
        with(&[dbt, quiet, ("shop/macros/m.sql", by_hand)]),
        "extra-review"
    );
    let etl = ("etl/headcount.toml", "[project]\nlayout = 'bigquery-etl'\n");
    let query = "SELECT country, 1 AS clients FROM raw.pings";
    assert_eq!(
        with(&[etl, ("etl/sql/p/d/big/query.sql", query)]),
        "extra-review"
    );
    assert_eq!(
        with(&[etl, ("etl/sql/p/d/other/query.sql", query)]),
        "publishable"
    );
    let script = "INSERT INTO d.big SELECT country, 1 FROM raw.pings";
    assert_eq!(
        with(&[etl, ("etl/sql/p/e/x/script.sql", script)]),
        "extra-review"
    );
}

#[cfg(unix)]
#[test]
fn a_labelled_folder_that_is_a_link_is_checked() {
    let label = "friendly_name: N\ndescription: D\nlabels:\n  public_bigquery: true\n";
    let folder = folder(&[
        (
            "headcount.toml",
            "[project]\nlayout = 'bigquery-etl'\npublished = 'labelled'\n",
        ),
        ("dimension-registry.toml", REGISTRY),
        ("shared/t/query.sql", "SELECT client_id FROM raw.pings"),
        ("shared/t/metadata.yaml", label),
        ("sql/p/d/other/query.sql", "SELECT 1 AS n"),
    ]);
    let link = folder.path().join("sql/p/d/t");
    std::os::unix::fs::symlink("../../../shared/t", &link).expect("a link");
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("query.sql"), UNSAFE).expect("a file");
    fs::write(outside.path().join("metadata.yaml"), label).expect("a file");
    let away = folder.path().join("sql/p/d/away");
    std::os::unix::fs::symlink(outside.path(), away).expect("a link");
    let said = run(folder.path(), &["check", ".", "--format", "json"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert_eq!(paths(&said), ["sql/p/d/t/query.sql"]);
    let said = run(
        folder.path(),
        &["check", ".", "--no-ignore", "--format", "json"],
    );
    assert_eq!(paths(&said), ["sql/p/d/t/query.sql"]);
}
