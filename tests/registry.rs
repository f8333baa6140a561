//! `headcount registry` as a user runs it.

use assert_cmd::Command;
use std::fs;
use tempfile::TempDir;

struct ProgramOutput {
    code: i32,
    out: String,
    err: String,
}

fn headcount(folder: &TempDir, args: &[&str]) -> ProgramOutput {
    let output = Command::cargo_bin("headcount")
        .expect("the program is built")
        .env("LC_ALL", "C.UTF-8")
        .arg("registry")
        .args(args)
        .current_dir(folder.path())
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("the program runs");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!err.contains("panicked"), "{err}");
    // The search for a registry ascends the absolute path.
    let root = folder.path().display().to_string();
    ProgramOutput {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout)
            .expect("it writes UTF-8")
            .replace(&format!("{root}/"), ""),
        err,
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    folder
}

const REGISTRY: &str = "schema_version = 1

[units.client]
person = true

[[column]]
name = \"client_id\"
role = \"identifier\"
category = 4

[[column]]
name = \"country\"
role = \"dimension\"
category = 1
data_reviews = [\"https://example.org/1\"]

[[column]]
name = \"country\"
tables = [\"*\"]
role = \"dimension\"
category = 2
data_reviews = [\"https://example.org/2\"]

[[column]]
name = \"weather\"
role = \"dimension\"
category = 1
data_reviews = [\"https://example.org/1\"]
";

const QUERY: &str =
    "SELECT country, city, SUM(pages) AS pages, COUNT(DISTINCT client_id) AS clients
FROM d.visits GROUP BY country, city";

#[test]
fn check_finds_problems_at_their_places() {
    let folder = folder(&[("dimension-registry.toml", REGISTRY), ("sql/a.sql", QUERY)]);
    let said = headcount(&folder, &["check", "--against", "sql"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    insta::assert_snapshot!("registry_check", said.out);
    let said = headcount(&folder, &["check", "--format", "json"]);
    assert_eq!(said.code, 1);
    insta::assert_snapshot!("registry_check_json", said.out);
}

#[test]
fn check_ends_as_it_is_told() {
    let folder = folder(&[("dimension-registry.toml", REGISTRY)]);
    let code = |args: &[&str]| headcount(&folder, &[&["check"], args].concat()).code;
    assert_eq!(code(&["--fail-on", "error"]), 0);
    assert_eq!(code(&["--fail-on", "never"]), 0);
    assert_eq!(code(&["--ignore", "missing-unit,shadowed-entry"]), 0);
    assert_eq!(
        code(&[
            "--ignore",
            "missing-unit,shadowed-entry",
            "--fail-on",
            "note"
        ]),
        1
    );
    assert_eq!(code(&["--select", "missing-review"]), 0);
    assert_eq!(code(&["--against", "nowhere"]), 2);
    assert_eq!(code(&["--registry", "nowhere.toml"]), 2);
    let said = headcount(&folder, &["check", "--select", "missing-revue"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("did you mean `missing-review`?"),
        "{}",
        said.err
    );
}

#[test]
fn check_tells_what_makes_a_registry_invalid() {
    let text = format!("{REGISTRY}\n[[column]]\nname = \"WEATHER\"\nrole = \"metric\"\n");
    let folder = folder(&[("dimension-registry.toml", &text)]);
    let said = headcount(&folder, &["check"]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("column `WEATHER` is registered twice"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("1 error, 0 warnings, 0 notes"),
        "{}",
        said.out
    );
    // Commands that use the registry fail; `coverage` has no query to read.
    assert_eq!(headcount(&folder, &["show", "country"]).code, 2);
    assert_eq!(
        headcount(&folder, &["coverage"]).code,
        0,
        "there is no query to read"
    );
}

#[test]
fn the_built_in_registry_has_no_warnings() {
    let folder = TempDir::new().expect("a folder");
    let said = headcount(&folder, &["check"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("0 errors, 0 warnings"), "{}", said.out);
}

#[test]
fn show_tells_which_entry_is_meant_and_why() {
    let folder = folder(&[("dimension-registry.toml", REGISTRY)]);
    let said = headcount(&folder, &["show", "geo.country", "--table", "d.visits"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!("registry_show", said.out);
    let said = headcount(&folder, &["show", "country", "--format", "json"]);
    insta::assert_snapshot!("registry_show_json", said.out);
    let said = headcount(&folder, &["show", "city"]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("so it is never publishable"),
        "{}",
        said.out
    );
    assert_eq!(headcount(&folder, &["show", "a..b"]).code, 2);
    let empty = TempDir::new().expect("a folder");
    let said = headcount(&empty, &["show", "client_info.client_id"]);
    assert!(
        said.out.contains("<built-in>/dimension-registry.toml:"),
        "{}",
        said.out
    );
    assert!(said.out.contains("a person: counts"), "{}", said.out);
}

#[test]
fn coverage_lists_what_is_missing_and_writes_stubs() {
    let folder = folder(&[
        ("dimension-registry.toml", REGISTRY),
        ("sql/a.sql", QUERY),
        ("sql/b.sql", "SELECT city FROM e.trips"),
    ]);
    let said = headcount(&folder, &["coverage", "sql", "--stubs", "stubs.toml"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!("registry_coverage", said.out);
    let stubs = fs::read_to_string(folder.path().join("stubs.toml")).expect("stubs");
    insta::assert_snapshot!("registry_stubs", stubs);
    // The stubs are a valid registry.
    let said = headcount(&folder, &["check", "--registry", "stubs.toml"]);
    assert_eq!(said.code, 0, "{}", said.out);
    let said = headcount(&folder, &["coverage", "sql", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(
        found["missing"][0]["datasets"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(headcount(&folder, &["coverage", "nowhere"]).code, 2);
}

const METRICS: &str = "# schemas/glean/metrics/2
page:
  reloads:
    type: counter
    data_reviews: [https://example.org/3]
    data_sensitivity: [interaction]
";

#[test]
fn import_begins_with_the_built_in_registry_and_adds_to_it() {
    let folder = folder(&[("metrics.yaml", METRICS)]);
    let said = headcount(&folder, &["import", "metrics.yaml"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(
        said.out,
        "dimension-registry.toml: 1 new, 0 already there, 0 in conflict\n"
    );
    let path = folder.path().join("dimension-registry.toml");
    let written = fs::read_to_string(&path).expect("a registry");
    let new = written.strip_prefix(headcount::registry::Registry::builtin_text());
    insta::assert_snapshot!("registry_import", new.expect("it begins so"));
    let said = headcount(&folder, &["show", "metrics.counter.page_reloads"]);
    assert_eq!(said.code, 0);
    assert_eq!(headcount(&folder, &["check"]).code, 0);
    // After an edit by hand, a second import reports the conflict.
    let edited = written.replace(
        "name = \"metrics.counter.page_reloads\"\nrole = \"metric\"\ncategory = 2",
        "name = \"metrics.counter.page_reloads\"\nrole = \"metric\"\ncategory = 3",
    );
    assert_ne!(edited, written);
    fs::write(&path, &edited).expect("written");
    let said = headcount(&folder, &["import", "metrics.yaml"]);
    assert_eq!(said.code, 0);
    assert!(
        said.out
            .contains("`category` is `3` here and `2` in the source"),
        "{}",
        said.out
    );
    assert_eq!(fs::read_to_string(&path).expect("a registry"), edited);
}

#[test]
fn import_goes_where_it_is_sent() {
    let folder = folder(&[("metrics.yaml", METRICS), ("broken.yaml", "a: [\n")]);
    let said = headcount(
        &folder,
        &[
            "import",
            "metrics.yaml",
            "--bare",
            "--tables",
            "app.*",
            "--output",
            "-",
        ],
    );
    assert_eq!(said.code, 0);
    insta::assert_snapshot!("registry_import_bare", said.out);
    assert!(!folder.path().join("dimension-registry.toml").exists());
    assert!(said.err.contains("1 new"), "{}", said.err);
    let said = headcount(
        &folder,
        &["import", "metrics.yaml", "--bare", "--format", "json"],
    );
    let told: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(told["added"], 1);
    for (args, message) in [
        (vec!["import", "gone.yaml"], "no such file"),
        (
            vec!["import", "broken.yaml", "--from", "glean"],
            "broken.yaml:2:1: not YAML",
        ),
        (vec!["import", "broken.yaml"], "set it with `--from`"),
        (
            vec!["import", "metrics.yaml", "--from", "glee"],
            "unknown kind of definitions",
        ),
        (
            vec!["import", "metrics.yaml", "--from", "pings"],
            "--dataset",
        ),
        (vec!["import", "metrics.yaml", "--tag", "x=9"], "--tag x=9"),
        (
            vec!["import", "metrics.yaml", "--output", "no/where.toml"],
            "cannot be written",
        ),
    ] {
        let said = headcount(&folder, &args);
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.err.contains(message), "{args:?}: {}", said.err);
    }
}

const PIPELINE: &str = "schema_version = 1

[units.client]
person = true

[[column]]
name = \"client_id\"
role = \"identifier\"
unit = \"client\"
category = 4
data_reviews = [\"https://example.org/1\"]

[[column]]
name = \"submission_date\"
role = \"dimension\"
category = 1
resolution = \"day\"
origin = \"pipeline\"

[[table]]
name = \"d.baseline\"
unit_column = \"client_id\"
data_reviews = [\"https://example.org/2\"]
";

#[test]
fn show_tells_origin_and_the_reviews_of_a_table() {
    let folder = folder(&[("dimension-registry.toml", PIPELINE)]);
    let said = headcount(
        &folder,
        &["show", "submission_date", "--table", "d.baseline"],
    );
    insta::assert_snapshot!(said.out, @r"
    `submission_date` of `d.baseline` is `submission_date`, dimension-registry.toml:13:1
      role: dimension
      category: 1, allowed at levels 1, 2, 3
      resolution: day
      origin: pipeline, which adds the column: no data review of its collection is needed
      matches by the last name `submission_date` in every table

    table `d.baseline`, dimension-registry.toml:20:1
      column that identifies the person: client_id
      data review of the whole table: https://example.org/2
    ");
    let said = headcount(
        &folder,
        &[
            "show",
            "submission_date",
            "--table",
            "d.baseline",
            "--format",
            "json",
        ],
    );
    let shown: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(shown["entry"]["origin"], "pipeline");
    assert_eq!(
        shown["table_entry"]["data_reviews"][0],
        "https://example.org/2"
    );
    assert_eq!(headcount(&folder, &["check", "--fail-on", "note"]).code, 0);
}

#[test]
fn column_that_the_pipeline_adds_needs_no_review_of_its_collection() {
    let query = "SELECT submission_date, COUNT(DISTINCT client_id) AS clients FROM d.baseline
GROUP BY submission_date HAVING COUNT(DISTINCT client_id) >= 5000";
    let answer = |registry: &str| {
        let folder = folder(&[("dimension-registry.toml", registry), ("q.sql", query)]);
        let output = Command::cargo_bin("headcount")
            .expect("the program is built")
            .env("LC_ALL", "C.UTF-8")
            .args(["check", "q.sql", "--format", "json"])
            .current_dir(folder.path())
            .output()
            .expect("the program runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let questions = &report["files"][0]["datasets"][0]["questions"];
        assert_eq!(questions[3]["id"], "missing-data-review");
        questions[3]["answer"]
            .as_str()
            .expect("an answer")
            .to_owned()
    };
    assert_eq!(answer(PIPELINE), "no");
    assert_eq!(
        answer(&PIPELINE.replace("origin = \"pipeline\"\n", "")),
        "yes"
    );
}

#[test]
fn import_reports_what_it_would_write_and_writes_nothing() {
    let folder = folder(&[
        ("metrics.yaml", METRICS),
        ("dimension-registry.toml", "schema_version = 1\n"),
    ]);
    let path = folder.path().join("dimension-registry.toml");
    let said = headcount(&folder, &["import", "metrics.yaml", "--dry-run"]);
    assert_eq!(said.code, 0);
    assert_eq!(
        said.out,
        "dimension-registry.toml: 1 new, 0 already there, 0 in conflict; nothing was written\n"
    );
    let said = headcount(&folder, &["import", "metrics.yaml", "--diff"]);
    assert_eq!(said.code, 0);
    insta::assert_snapshot!(said.out, @r#"
    --- dimension-registry.toml
    +++ dimension-registry.toml
    @@ -1 +1,10 @@
     schema_version = 1
    +
    +# ----------------------------------------------------------------------------
    +# From metrics.yaml
    +
    +[[column]]
    +name = "metrics.counter.page_reloads"
    +role = "metric"
    +category = 2
    +data_reviews = ["https://example.org/3"]
    "#);
    assert!(said.err.contains("nothing was written"), "{}", said.err);
    let text = fs::read_to_string(&path).expect("a registry");
    assert_eq!(text, "schema_version = 1\n");
    // After the import, there is no difference.
    assert_eq!(headcount(&folder, &["import", "metrics.yaml"]).code, 0);
    assert_eq!(
        headcount(&folder, &["import", "metrics.yaml", "--diff"]).out,
        ""
    );
}
