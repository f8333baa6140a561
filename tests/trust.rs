//! A change's own declarations do not decide about it.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;

use repository::{FOLDER, Repository, build_query_with_or};

/// Returns the built-in registry with another minimum bucket.
fn registry(min_bucket: u32) -> String {
    let builtin = include_str!("../dimension-registry.toml");
    let policy = format!("[policy]\nmin_bucket = {min_bucket}\n");
    assert!(builtin.contains("[policy]\nmin_bucket = 5000\n"));
    builtin.replace("[policy]\nmin_bucket = 5000\n", &policy)
}

/// A query for which five people are enough.
const SMALL: &str = "SELECT country, COUNT(DISTINCT client_id) AS n FROM telemetry.clients_daily WHERE submission_date = @d GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5";

fn base() -> Repository {
    let repository = Repository::new();
    repository.write("dimension-registry.toml", &registry(5000));
    repository.write("headcount.toml", "[rules]\nHC114 = 'note'\n");
    repository.write("q/small.sql", SMALL);
    repository.commit("The base");
    repository
}

/// A loosened configuration: the path to write, the path that is reported, the text.
type LoosenedFile = (&'static str, &'static str, fn() -> String);

/// Changes that would make a dataset pass, each with the file that is reported.
const LOOSENED_FILES: [LoosenedFile; 8] = [
    ("dimension-registry.toml", "dimension-registry.toml", || {
        registry(5)
    }),
    (
        "q/dimension-registry.toml",
        "q/dimension-registry.toml",
        || registry(5000).replace("name = \"client_id\"\n", "name = \"client_id\"\nx = 1\n"),
    ),
    ("headcount.toml", "headcount.toml", || {
        "fail_on = 'never'\n".to_owned()
    }),
    ("headcount.toml", "headcount.toml", || {
        "exclude = ['q/']\n".to_owned()
    }),
    ("headcount.toml", "headcount.toml", || {
        "registry = 'q/mine.toml'\n".to_owned()
    }),
    ("q/headcount.toml", "q/headcount.toml", || {
        "[project]\npublished = []\n".to_owned()
    }),
    ("q/headcount.toml", "q/headcount.toml", || {
        "this is no toml".to_owned()
    }),
    ("dimension-registry.toml", "dimension-registry.toml", || {
        "this is no toml".to_owned()
    }),
];

#[test]
fn configuration_and_registry_of_the_change_do_not_serve() {
    for (path, touched, text) in LOOSENED_FILES {
        let repository = base();
        repository.write(path, &text());
        repository.write("q/mine.toml", &registry(5));
        repository.write("q/small.sql", &format!("{SMALL}\n-- changed\n"));
        repository.commit("Loosened");
        for args in [
            &["check", "--trust-base", "HEAD^", "q"][..],
            &["check", "--base", "HEAD^", "--trust-base", "HEAD^"],
            &[
                "diff",
                "--base",
                "HEAD^",
                "--trust-base",
                "HEAD^",
                "--fail-on",
                "never",
            ],
            &["review", "--trust-base", "HEAD^", "q/small.sql"],
        ] {
            let said = repository.run(args);
            let told = args[0] == "check";
            let code = if told { 1 } else { 0 };
            assert_eq!(
                said.code, code,
                "{path} {args:?}: {} {}",
                said.out, said.err
            );
            assert!(
                said.out.contains(&format!("modifies {touched}")),
                "{path} {args:?}: {} {}",
                said.out,
                said.err
            );
        }
    }
}

#[test]
fn files_that_the_command_line_names_are_those_of_the_base() {
    let repository = base();
    repository.write("own.toml", &registry(5000));
    repository.write("own-config.toml", "");
    repository.commit("Own");
    repository.write("own.toml", &registry(5));
    repository.write("own-config.toml", "fail_on = 'never'\n");
    let args = [
        "check",
        "--trust-base",
        "HEAD",
        "--registry",
        "own.toml",
        "--config",
        "own-config.toml",
        "q",
    ];
    let said = repository.run(&args);
    assert_eq!(said.code, 1, "{} {}", said.out, said.err);
    for file in ["own.toml", "own-config.toml"] {
        assert!(
            said.out.contains(&format!("modifies {file}")),
            "{}",
            said.out
        );
    }
    // A file that the base does not contain is not used.
    repository.write("new.toml", &registry(5));
    let said = repository.run(&[
        "check",
        "--trust-base",
        "HEAD",
        "--registry",
        "new.toml",
        "q",
    ]);
    assert_eq!(said.code, 2, "{} {}", said.out, said.err);
}

#[test]
fn approval_of_the_change_does_not_count() {
    let repository = base();
    let small = ["approve", "q", "--bug", "1", "--by", "S"];
    assert_eq!(repository.run(&small).code, 0);
    repository.commit("Approved by itself");
    assert_eq!(repository.run(&["check", "q"]).code, 0);
    let said = repository.run(&["check", "--trust-base", "HEAD^", "q"]);
    assert_eq!(said.code, 1, "{} {}", said.out, said.err);
    assert!(
        said.out.contains("modifies publishing-record/"),
        "{}",
        said.out
    );
    // The approval counts after it is merged.
    let said = repository.run(&["check", "--trust-base", "HEAD", "q"]);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    assert!(!said.out.contains("touches"), "{}", said.out);
}

#[test]
fn label_that_the_change_takes_away_keeps_the_dataset_checked() {
    let repository = Repository::new();
    repository.write(
        "headcount.toml",
        "[project]\nlayout = 'bigquery-etl'\npublished = 'labelled'\n",
    );
    let metadata = format!("{FOLDER}/metadata.yaml");
    repository.write(
        &metadata,
        "friendly_name: x\nlabels:\n  public_json: true\n",
    );
    repository.commit("Labelled");
    repository.write(&metadata, "friendly_name: x\n");
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    for args in [
        &["check", "--trust-base", "HEAD", "sql"][..],
        &["check", "--base", "HEAD", "--trust-base", "HEAD"],
    ] {
        let said = repository.run(args);
        assert_eq!(said.code, 1, "{args:?}: {} {}", said.out, said.err);
        assert!(said.out.contains("metadata.yaml"), "{}", said.out);
    }
}

/// The folder of a labelled table is deleted, and another file creates the table.
#[test]
fn table_whose_folder_the_change_takes_away_is_checked_where_it_is_made() {
    let label = "labels:\n  public_json: true\n";
    let unsafe_query = "SELECT country, client_id FROM telemetry.clients_daily";
    let made = format!("CREATE OR REPLACE TABLE p.d.t AS {unsafe_query}");
    let elsewhere: [&[(&str, &str)]; 3] = [
        &[("sql/p/d/priv/script.sql", &made)],
        &[
            ("sql/p/d/priv/query.sql", unsafe_query),
            (
                "sql/p/d/priv/metadata.yaml",
                "scheduling:\n  destination_table: t\n",
            ),
        ],
        &[("gen/sql/p/d/t/query.sql", unsafe_query)],
    ];
    for files in elsewhere {
        let repository = base();
        repository.write(
            "headcount.toml",
            "[project]\nlayout = 'bigquery-etl'\npublished = 'labelled'\n",
        );
        repository.write("sql/p/d/t/query.sql", SMALL);
        repository.write("sql/p/d/t/metadata.yaml", label);
        repository.write("sql/p/d/other/query.sql", unsafe_query);
        repository.commit("A table that is published");
        fs::remove_dir_all(repository.path().join("sql/p/d/t")).expect("it goes");
        for (path, text) in files {
            repository.write(path, text);
        }
        repository.commit("It is made elsewhere");
        for args in [
            &["check", "--trust-base", "HEAD^", "."][..],
            &["check", "--base", "HEAD^", "--trust-base", "HEAD^"],
            &[
                "diff",
                "--base",
                "HEAD^",
                "--trust-base",
                "HEAD^",
                "--fail-on",
                "review",
            ],
        ] {
            let said = repository.run(args);
            assert_eq!(said.code, 1, "{files:?} {args:?}: {}{}", said.out, said.err);
            // The change does not publish files that it does not modify.
            assert!(!said.out.contains("other/query.sql"), "{}", said.out);
        }
    }
}

#[test]
fn tree_that_the_change_makes_recognised_is_none() {
    let repository = Repository::new();
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
    repository.write("other.sql", SMALL);
    repository.commit("Plain");
    repository.write("bqetl_project.yaml", "");
    let said = repository.run(&["check", "--trust-base", "HEAD", "other.sql"]);
    let plain = repository.run(&["check", "other.sql", "--no-config"]);
    assert_eq!((said.code, plain.code), (1, 1), "{} {}", said.out, said.err);
}

#[test]
fn laxer_policy_below_another_registry_is_an_error() {
    let repository = base();
    for (text, why) in [
        (registry(20), "`min_bucket` is 20"),
        (
            registry(5000).replace(
                "min_bucket = 5000\n",
                "min_bucket = 5000\nresidual_other = \"allow\"\n",
            ),
            "`residual_other`",
        ),
        (
            registry(5000).replace(
                "min_bucket = 5000\n",
                "min_bucket = 5000\nlevels = { 4 = [1, 2, 3] }\n",
            ),
            "`levels`",
        ),
    ] {
        // A key that the built-in registry already contains is written only once.
        let text = once(&text);
        repository.write("q/dimension-registry.toml", &text);
        for args in [
            &["check", "q"][..],
            &["review", "q/small.sql"],
            &["check", "--base", "HEAD"],
        ] {
            let said = repository.run(args);
            assert_eq!(said.code, 2, "{why} {args:?}: {} {}", said.out, said.err);
            assert!(said.err.contains(why), "{why}: {}", said.err);
        }
    }
    repository.write("q/dimension-registry.toml", &registry(10_000));
    assert_eq!(repository.run(&["check", "q"]).code, 1);
}

/// Removes repeated keys of the policy from a registry; the first one is kept.
fn once(text: &str) -> String {
    let mut seen = Vec::new();
    let mut kept = String::new();
    for line in text.lines() {
        let key = line.split(' ').next().unwrap_or_default();
        if ["residual_other", "levels"].contains(&key) {
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

#[test]
fn every_report_says_which_minimum_bucket_served() {
    let repository = base();
    repository.write("dimension-registry.toml", &registry(20));
    let sentence = "minimum bucket is 20, not the policy's 5,000";
    for format in [
        "human", "concise", "json", "markdown", "sarif", "github", "gitlab",
    ] {
        for command in ["check", "review"] {
            let said = repository.run(&[command, "q/small.sql", "--format", format]);
            assert!(
                said.out.contains(sentence),
                "{command} {format}: {}",
                said.out
            );
        }
    }
    let said = repository.run(&["check", "--ndjson", "q"]);
    assert!(said.out.contains(sentence), "{}", said.out);
    for format in ["human", "json", "markdown"] {
        let said = repository.run(&["diff", "--base", "HEAD", "--format", format]);
        assert!(said.out.contains(sentence), "{format}: {}", said.out);
    }
    assert_eq!(
        repository
            .run(&[
                "approve",
                "q",
                "--bug",
                "1",
                "--by",
                "S",
                "--allow-uncommitted"
            ])
            .code,
        0
    );
    assert_eq!(repository.run(&["record", "--html", "site"]).code, 0);
    let page = repository.read("site/index.html");
    assert!(page.contains("minimum bucket is 20"), "{page}");
    let plain = base();
    for format in [
        "human", "concise", "json", "markdown", "sarif", "github", "gitlab",
    ] {
        let said = plain.run(&["check", "q", "--format", format]);
        assert!(
            !said.out.contains("bucket that served"),
            "{format}: {}",
            said.out
        );
    }
}

#[test]
fn file_that_is_called_as_an_option_is_no_option() {
    let repository = base();
    for name in [
        "--registry=x.toml",
        "--output=q.sql",
        "-q",
        "--fail-on=never",
        "--trust-base=HEAD",
    ] {
        repository.write(name, "SELECT client_id FROM telemetry.main");
        let said = repository.run(&["check", name]);
        assert_eq!(said.code, 2, "{name}: {}", said.err);
        assert!(
            said.err.contains("a file here has the same name"),
            "{name}: {}",
            said.err
        );
        let said = repository.run(&["check", "--", name]);
        assert_eq!(said.code, 1, "{name}: {} {}", said.out, said.err);
        let said = repository.run(&["check", &format!("./{name}")]);
        assert_eq!(said.code, 1, "{name}: {} {}", said.out, said.err);
        fs::remove_file(repository.path().join(name)).expect("it was there");
    }
    assert!(!repository.path().join("q.sql").exists());
}

#[test]
fn commands_that_write_the_record_trust_no_other_revision() {
    let repository = base();
    for args in [
        &["approve", "q", "--bug", "1", "--trust-base", "HEAD"][..],
        &["record", "--html", "site", "--trust-base", "HEAD"],
    ] {
        let said = repository.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
    }
}
