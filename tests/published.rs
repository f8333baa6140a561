//! The owners of datasets declare which of them are published.

#[path = "common/program.rs"]
mod program;

use program::headcount;
use serde_json::Value;

const RAW: &str = "SELECT client_id FROM telemetry.main";

/// Creates a tree of bigquery-etl with the given files below `sql/p/d/`.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        std::fs::write(path, text).expect("it is written");
    };
    write("bqetl_project.yaml", "");
    for (name, text) in files {
        write(&format!("sql/p/d/{name}"), text);
    }
    folder
}

fn check(folder: &tempfile::TempDir, arguments: &[&str]) -> (i32, Value, String) {
    let mut all = vec!["check", ".", "--format", "json"];
    all.extend(arguments);
    let said = headcount(&all, "", folder.path(), &[]);
    let run = serde_json::from_str(&said.out).unwrap_or(Value::Null);
    (said.code, run, said.err)
}

fn check_path(folder: &tempfile::TempDir, path: &str) -> (i32, Value, String) {
    let said = headcount(&["check", path, "--format", "json"], "", folder.path(), &[]);
    let run = serde_json::from_str(&said.out).unwrap_or(Value::Null);
    (said.code, run, said.err)
}

fn datasets(run: &Value) -> Vec<&Value> {
    let files = run["files"].as_array().expect("there are files").iter();
    files
        .flat_map(|file| file["datasets"].as_array().expect("a list"))
        .collect()
}

#[test]
fn label_publishes_as_the_owner_of_the_layout_reads_it() {
    for (labels, public) in [
        ("public_json: true", true),
        ("public_bigquery: true", true),
        ("public_json: yes", true),
        ("public_json: \"\"", true),
        ("public_json: \"false\"", true),
        ("public_json: 'no'", true),
        ("public_json: !!str no", true),
        ("public_json: !!str no\nfoo: {public_json: no}", true),
        ("public_json: !!str no\nfoo:\n  public_json: no", true),
        (
            "note: |\n    public_json: no\n  public_json: !!str no",
            true,
        ),
        ("public_json: 0", true),
        ("public_json:", true),
        ("public_json: maybe", true),
        ("public_json: []", true),
        ("\"public_json\": true", true),
        ("\"public\\x5fjson\": true", true),
        ("{public_json: true}", true),
        ("<<: *shared", true),
        ("<<: [*shared]", true),
        ("<<: *shared\n  public_json: false", false),
        ("public_json: false", false),
        ("public_json: False", false),
        ("public_json: no", false),
        ("public_json: OFF", false),
        ("incremental: true", false),
    ] {
        let shared = "x: &shared\n  public_json: true\n";
        let labels = if labels.starts_with('{') {
            format!("{shared}labels: {labels}\n")
        } else {
            format!("{shared}labels:\n  {labels}\n")
        };
        let folder = tree(&[("out/query.sql", RAW), ("out/metadata.yaml", &labels)]);
        let (code, run, err) = check(&folder, &[]);
        assert_eq!(code, i32::from(public), "{labels}\n{err}");
        assert_eq!(datasets(&run).len(), usize::from(public), "{labels}");
    }
}

#[test]
fn layout_that_is_recognised_publishes_what_is_labelled() {
    let folder = tree(&[("out/query.sql", RAW)]);
    let (code, _, err) = check(&folder, &[]);
    assert_eq!(code, 0);
    assert!(
        err.contains("no dataset under the paths is published"),
        "{err}"
    );
    let (code, run, _) = check(&folder, &["--all"]);
    assert_eq!((code, datasets(&run).len()), (1, 1));
}

#[test]
fn public_label_without_sql_is_told() {
    let public = "labels:\n  public_json: true\n";
    let folder = tree(&[
        ("out/query.py", "print(1)\n"),
        ("out/metadata.yaml", public),
    ]);
    let (code, run, _) = check(&folder, &[]);
    assert_eq!(code, 1);
    let all = datasets(&run);
    assert_eq!(all[0]["identity"], "p.d.out");
    assert_eq!(all[0]["assessed"], false);
    assert_eq!(all[0]["findings"][0]["code"], "HC007");
    assert_eq!(all[0]["findings"][0]["span"]["start"]["line"], 2);
    let folder = tree(&[
        ("out/query.py", "print(1)\n"),
        ("out/metadata.yaml", "labels: {}\n"),
    ]);
    assert_eq!(check(&folder, &[]).0, 0);
}

#[test]
fn public_table_is_not_internal() {
    let internal = format!("-- headcount: internal it is for us\n{RAW}");
    let public = "labels:\n  public_json: true\n";
    let folder = tree(&[("out/query.sql", &internal), ("out/metadata.yaml", public)]);
    let (code, run, _) = check(&folder, &[]);
    assert_eq!(code, 1);
    assert_eq!(datasets(&run)[0]["internal"], Value::Null);
    let findings = run["files"][0]["findings"].as_array().expect("a list");
    assert_eq!(findings[0]["code"], "HC403");
    // Another table that the script writes may be internal.
    let script = format!(
        "-- headcount: internal on the way\nCREATE TABLE p.d.between AS {RAW};\nSELECT 1 AS n"
    );
    let folder = tree(&[("out/script.sql", &script), ("out/metadata.yaml", public)]);
    assert_eq!(check(&folder, &[]).0, 0);
    // Without the label, the comment is effective.
    let folder = tree(&[("out/query.sql", &internal)]);
    assert_eq!(check(&folder, &["--all"]).0, 0);
}

#[test]
fn internal_in_one_arm_of_a_template_is_of_that_arm() {
    for (first, second) in [
        (
            "-- headcount: internal backfill\nSELECT client_id FROM telemetry.main",
            "SELECT country FROM telemetry.main",
        ),
        (
            "SELECT country FROM telemetry.main",
            "-- headcount: internal backfill\nSELECT client_id FROM telemetry.main",
        ),
    ] {
        let text = format!("{{% if is_init() %}}\n{first}\n{{% else %}}\n{second}\n{{% endif %}}");
        let folder = tree(&[("out/query.sql", &text)]);
        let (code, run, _) = check(&folder, &["--all"]);
        assert_eq!(code, 1, "{text}");
        assert_eq!(datasets(&run)[0]["internal"], Value::Null);
    }
}

#[test]
fn checks_and_tests_of_the_layout_are_no_datasets() {
    let folder = tree(&[("out/query.sql", RAW), ("out/checks.sql", RAW)]);
    let tests = folder.path().join("tests/sql");
    std::fs::create_dir_all(&tests).expect("it is made");
    std::fs::write(tests.join("a.sql"), RAW).expect("it is written");
    let (_, run, _) = check(&folder, &["--all"]);
    assert_eq!(datasets(&run).len(), 1);
}

/// The findings of the report, each with its file, line and column.
fn places(run: &Value) -> Vec<String> {
    let files = run["files"].as_array().expect("there are files").iter();
    files
        .flat_map(|file| {
            let findings = file["findings"].as_array().expect("a list").iter();
            findings.map(move |finding| {
                let at = &finding["span"]["start"];
                format!(
                    "{}:{}:{} {} {}",
                    file["path"].as_str().expect("a path"),
                    at["line"],
                    at["column"],
                    finding["code"].as_str().expect("a code"),
                    finding["message"].as_str().expect("a message"),
                )
            })
        })
        .collect()
}

#[test]
fn misspelt_label_is_told_at_its_place_and_its_dataset_is_checked() {
    for (labels, place, meant) in [
        (
            "labels:\n  public_bigqery: true\n",
            "2:3",
            "did you mean `public_bigquery`?",
        ),
        (
            "labels:\n  owner: a\n  public-json: true\n",
            "3:3",
            "did you mean `public_json`?",
        ),
        (
            "labels: {Public_JSON: true}\n",
            "1:1",
            "did you mean `public_json`?",
        ),
        (
            "friendly_name: a\npublic_json: true\n",
            "2:1",
            "is outside `labels`",
        ),
    ] {
        let files = [("out/query.sql", RAW), ("out/metadata.yaml", labels)];
        let folder = tree(&files);
        for path in [".", "sql/p/d/out/query.sql"] {
            let (code, run, err) = check_path(&folder, path);
            assert_eq!(code, 1, "{labels}{err}");
            assert_eq!(datasets(&run).len(), 1, "{labels}");
            let places = places(&run);
            assert_eq!(places.len(), 1, "{labels}: {places:?}");
            let told = &places[0];
            assert!(
                told.starts_with(&format!("sql/p/d/out/metadata.yaml:{place} HC007")),
                "{told}"
            );
            assert!(told.contains(meant), "{told}");
        }
        // The configuration may publish by other means.
        std::fs::write(
            folder.path().join("headcount.toml"),
            "[project]\nlayout = 'bigquery-etl'\n",
        )
        .expect("it is written");
        assert_eq!(places(&check(&folder, &[]).1).len(), 1, "{labels}");
    }
}

#[test]
fn label_that_is_merely_another_is_not_told() {
    for labels in [
        "labels:\n  public: true\n  published: true\n",
        "labels:\n  public_bigqery: false\n",
        "labels:\n  incremental: true\nbigquery:\n  time_partitioning: null\n",
        "description: 'public_bigqery\nis a label'\n",
        "# public-json\nlabels: {}\n",
        "",
    ] {
        let folder = tree(&[("out/query.sql", RAW), ("out/metadata.yaml", labels)]);
        let (code, run, err) = check(&folder, &[]);
        assert_eq!((code, places(&run)), (0, Vec::new()), "{labels}{err}");
    }
}

#[test]
fn metadata_that_cannot_be_read_is_told_at_its_place() {
    for (metadata, place, datasets_told) in [
        ("labels: [", "1:", 0),
        ("labels:\n  public_json: [\n", "", 1),
        ("labels:\n- public_json\n", "1:1", 1),
    ] {
        let folder = tree(&[("out/query.sql", RAW), ("out/metadata.yaml", metadata)]);
        let (code, run, err) = check(&folder, &[]);
        assert_eq!(code, 1, "{metadata}{err}");
        assert_eq!(datasets(&run).len(), datasets_told, "{metadata}");
        let places = places(&run);
        let told = places.first().expect(metadata);
        assert!(
            told.starts_with(&format!("sql/p/d/out/metadata.yaml:{place}")),
            "{told}"
        );
        assert!(told.contains(" HC001 "), "{told}");
    }
    // A broken file hides no other dataset, and a link to nothing is one.
    let folder = tree(&[
        ("a/query.sql", RAW),
        ("a/metadata.yaml", "labels:\n  public_json: true\n"),
        ("b/query.sql", RAW),
        ("b/metadata.yaml", "labels: ["),
    ]);
    let (code, run, _) = check(&folder, &[]);
    assert_eq!((code, datasets(&run).len(), places(&run).len()), (1, 1, 1));
    #[cfg(unix)]
    {
        let folder = tree(&[("a/query.sql", RAW)]);
        let link = folder.path().join("sql/p/d/a/metadata.yaml");
        std::os::unix::fs::symlink("nowhere.yaml", link).expect("a link");
        let (code, run, err) = check(&folder, &[]);
        assert_eq!((code, datasets(&run).len()), (1, 1), "{err}");
        let message = datasets(&run)[0]["findings"].to_string();
        assert!(
            message.contains("nowhere.yaml, which does not exist"),
            "{message}"
        );
    }
}
