//! Every change checks all datasets that it may affect.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::ffi::OsStr;
use std::fs;

use program::{ProgramOutput, headcount};
use repository::Repository;
use serde_json::Value;

const HAVING: &str = "HAVING COUNT(DISTINCT client_id) >= 5000";
const UNSAFE: &str = "SELECT client_id FROM shop.raw.purchases";

fn buyers(end: &str) -> String {
    format!(
        "SELECT country, COUNT(DISTINCT client_id) AS buyers FROM shop.raw.purchases GROUP BY country {end}"
    )
}

fn registry(category: u8) -> String {
    let review = "data_reviews = [\"https://bugzilla.mozilla.org/show_bug.cgi?id=1\"]";
    format!(
        "schema_version = 1\n[units.client]\nperson = true\n[[column]]\nname = \"client_id\"\nrole = \"identifier\"\nunit = \"client\"\ncategory = 1\n{review}\n[[column]]\nname = \"country\"\nrole = \"dimension\"\ncategory = {category}\n{review}\n"
    )
}

/// The extensions of included files.
const ENDINGS: [&str; 6] = [".j2", ".jinja", ".txt", ".sql.tmpl", ".sql", ""];

fn table(name: &str) -> String {
    format!("sql/shop/d/{name}/query.sql")
}

/// A repository without problems, except for `debt`.
fn repository() -> Repository {
    let repository = Repository::new();
    repository.git(&["rm", "-rq", "sql"]);
    repository.write(
        "headcount.toml",
        "exclude = ['parts/']\n[project]\nlayout = 'bigquery-etl'\n",
    );
    repository.write("dimension-registry.toml", &registry(1));
    repository.write("README.md", "Notes.\n");
    repository.write(&table("large"), &buyers(HAVING));
    repository.write(&table("reads"), "SELECT country, buyers FROM shop.d.large");
    repository.write(
        &table("further"),
        "SELECT country, buyers FROM shop.d.reads",
    );
    repository.write(&table("debt"), UNSAFE);
    repository.write("sql/shop/d/debt/metadata.yaml", "friendly_name: Debt\n");
    repository.write(
        "sql/shop/f/enough/udf.sql",
        "CREATE FUNCTION f.enough(n INT64) AS (n >= 5000);",
    );
    repository.write(
        &table("calls"),
        &buyers("HAVING f.enough(COUNT(DISTINCT client_id))"),
    );
    for ending in ENDINGS {
        repository.write(&format!("parts/having{ending}"), HAVING);
        let include = format!("{{% include 'parts/having{ending}' %}}");
        let name = format!("includes{}", ending.replace('.', "_"));
        repository.write(&table(&name), &buyers(&include));
    }
    repository.commit("All of it");
    repository
}

/// Returns the paths of the files in a JSON report.
fn files(said: &ProgramOutput) -> Vec<String> {
    let report: Value =
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
    let files = report["files"].as_array().expect("files").iter();
    files
        .map(|file| file["path"].as_str().expect("a path").to_owned())
        .collect()
}

/// Returns the status and the checked files of a change, staged and since a branch.
///
/// Both runs must agree.
fn reached(repository: &Repository) -> (i32, Vec<String>) {
    repository.git(&["add", "-A"]);
    let staged = repository.run(&["check", "--staged", "--format", "json"]);
    repository.git(&["commit", "-q", "-m", "change"]);
    let since = repository.run(&["check", "--base", "HEAD^", "--format", "json"]);
    assert_eq!((staged.code, files(&staged)), (since.code, files(&since)));
    (staged.code, files(&staged))
}

/// Returns the status and the checked files of a change in a new repository.
fn check_change(change: impl Fn(&Repository)) -> (i32, Vec<String>) {
    let repository = repository();
    change(&repository);
    reached(&repository)
}

fn remove(repository: &Repository, path: &str) {
    let path = repository.path().join(path);
    if path.is_dir() {
        fs::remove_dir_all(path).expect("it goes");
    } else {
        fs::remove_file(path).expect("it goes");
    }
}

fn stopped(names: &[&str]) -> (i32, Vec<String>) {
    (1, names.iter().map(|name| table(name)).collect())
}

#[test]
fn an_upstream_query_that_changes_goes_or_moves_checks_its_readers() {
    let readers = stopped(&["further", "reads"]);
    let with_own = stopped(&["further", "large", "reads"]);
    let changed = check_change(|repository| repository.write(&table("large"), &buyers("")));
    assert_eq!(changed, with_own);
    let deleted = check_change(|repository| remove(repository, &table("large")));
    assert_eq!(deleted, readers);
    let moved = check_change(|repository| {
        repository.git(&["mv", "sql/shop/d/large", "sql/shop/d/larger"]);
    });
    assert_eq!(moved, stopped(&["further", "larger", "reads"]));
    let broken = check_change(|repository| repository.write(&table("large"), "SELECT ("));
    assert_eq!(broken, with_own);
    // The path to a reader two tables away leads through a table that is deleted.
    let between = check_change(|repository| remove(repository, &table("reads")));
    assert_eq!(between, stopped(&["further"]));
}

#[test]
fn a_statement_that_no_longer_makes_a_table_checks_its_readers() {
    let repository = repository();
    repository.write("headcount.toml", "[project]\nlayout = 'plain'\n");
    repository.write(
        "make.sql",
        &format!("CREATE VIEW shop.e.all AS {}", buyers(HAVING)),
    );
    repository.write("read.sql", "SELECT country, buyers FROM shop.e.all");
    repository.commit("Views");
    repository.write(
        "make.sql",
        &format!("CREATE VIEW shop.e.every AS {}", buyers(HAVING)),
    );
    assert_eq!(
        reached(&repository),
        (1, vec!["make.sql".to_owned(), "read.sql".to_owned()])
    );
}

#[test]
fn an_included_template_of_any_ending_checks_what_includes_it() {
    for ending in ENDINGS {
        let path = format!("parts/having{ending}");
        let reader = format!("includes{}", ending.replace('.', "_"));
        let changed = check_change(|repository| repository.write(&path, ""));
        assert_eq!(changed, stopped(&[&reader]), "{ending}");
        let deleted = check_change(|repository| remove(repository, &path));
        assert_eq!(deleted, stopped(&[&reader]), "{ending}");
    }
}

#[test]
fn a_template_that_another_includes_checks_the_readers_of_who_asks() {
    let repository = repository();
    repository.write("parts/outer.txt", "{% include 'parts/inner' %}");
    repository.write("parts/inner", HAVING);
    repository.write(&table("large"), &buyers("{% include 'parts/outer.txt' %}"));
    repository.commit("Two templates");
    repository.write("parts/inner", "");
    assert_eq!(
        reached(&repository),
        stopped(&["further", "large", "reads"])
    );
}

#[test]
fn a_template_without_a_configuration_is_found_beside_its_file() {
    let repository = repository();
    for path in ["headcount.toml", "sql", "parts"] {
        remove(&repository, path);
    }
    repository.write("q/having.txt", HAVING);
    repository.write("q/q.sql", &buyers("{% include 'having.txt' %}"));
    repository.commit("No configuration");
    repository.write("q/having.txt", "");
    assert_eq!(reached(&repository), (1, vec!["q/q.sql".to_owned()]));
}

#[test]
fn a_function_that_changes_or_goes_checks_what_calls_it() {
    let function = "sql/shop/f/enough/udf.sql";
    let small = "CREATE FUNCTION f.enough(n INT64) AS (n >= 5);";
    let (code, files) = check_change(|repository| repository.write(function, small));
    assert_eq!((code, &files[0]), (1, &table("calls")));
    let deleted = check_change(|repository| remove(repository, "sql/shop/f"));
    assert_eq!(deleted, stopped(&["calls"]));
}

#[test]
fn metadata_that_goes_checks_its_folder() {
    let deleted = check_change(|repository| remove(repository, "sql/shop/d/debt/metadata.yaml"));
    assert_eq!(deleted, stopped(&["debt"]));
}

#[test]
fn a_registry_checks_the_datasets_of_which_it_says_something_else() {
    let (code, files) = check_change(|repository| {
        repository.write("dimension-registry.toml", &registry(3));
    });
    assert_eq!(code, 1);
    assert!(files.contains(&table("reads")), "{files:?}");
    assert!(!files.contains(&table("debt")), "{files:?}");
    // The built-in registry then applies: it declares `country` in the same way, but
    // more about the client.
    let (code, files) = check_change(|repository| remove(repository, "dimension-registry.toml"));
    assert_eq!(code, 1);
    assert!(files.contains(&table("debt")), "{files:?}");
    assert!(!files.contains(&table("reads")), "{files:?}");
    // A comment changes no declaration.
    let (code, files) = check_change(|repository| {
        let text = format!("# Ours.\n{}", registry(1));
        repository.write("dimension-registry.toml", &text);
    });
    assert_eq!((code, files), (0, vec![]));
}

#[test]
fn a_configuration_checks_what_it_serves() {
    for change in [Some("[project]\nlayout = 'plain'\n"), None] {
        let (code, files) = check_change(|repository| match change {
            Some(text) => repository.write("headcount.toml", text),
            None => remove(repository, "headcount.toml"),
        });
        assert_eq!(code, 1);
        assert!(files.contains(&table("reads")), "{files:?}");
    }
    // A new configuration takes a folder out of the scope of the one above.
    let (code, files) =
        check_change(|repository| repository.write("sql/shop/d/reads/headcount.toml", ""));
    assert_eq!(code, 1);
    assert_eq!(files, [table("further"), table("reads")]);
}

/// Attributes change the files of the work tree, although git reports no difference.
#[test]
fn attributes_of_git_check_what_stands_below_them() {
    let all = check_change(|repository| repository.write(".gitattributes", "*.sql eol=crlf\n"));
    assert_eq!(all.0, 1);
    for name in ["debt", "large", "reads", "calls"] {
        assert!(all.1.contains(&table(name)), "{name}: {:?}", all.1);
    }
    let one = |repository: &Repository| {
        repository.write("sql/shop/d/debt/.gitattributes", "* ident\n");
    };
    assert_eq!(check_change(one), stopped(&["debt"]));
    let repository = repository();
    one(&repository);
    repository.commit("Attributes");
    remove(&repository, "sql/shop/d/debt/.gitattributes");
    assert_eq!(reached(&repository), stopped(&["debt"]));
}

/// In the original encoding, the yen sign does not end a string. In the other one it
/// escapes the following quote, and the threshold becomes part of a string.
#[test]
fn a_text_that_attributes_make_another_is_checked() {
    let repository = repository();
    let kept = "SELECT country, COUNT(DISTINCT client_id) AS buyers FROM shop.raw.purchases \
         WHERE country != '\u{a5}' GROUP BY country \
         HAVING COUNT(DISTINCT client_id) >= 5000 AND country != ' GROUP BY country -- '\n";
    repository.write(&table("yen"), kept);
    repository.commit("A yen sign");
    let checked = ["check", &table("yen")];
    assert_eq!(repository.run(&checked).code, 0);
    repository.write(".gitattributes", "*.sql working-tree-encoding=SHIFT_JIS\n");
    // The commit does not contain the query itself.
    repository.git(&["add", ".gitattributes"]);
    repository.git(&["commit", "-q", "-m", "Attributes"]);
    remove(&repository, &table("yen"));
    repository.git(&["checkout", "-q", "--", &table("yen")]);
    assert_eq!(repository.run(&checked).code, 1);
    for args in [
        &["check", "--base", "HEAD^", "--trust-base", "HEAD^"][..],
        &["check", "--base", "HEAD^"],
        &["diff", "--base", "HEAD^", "--fail-on", "review"],
    ] {
        let said = repository.run(args);
        assert_eq!(said.code, 1, "{args:?}: {}{}", said.out, said.err);
        assert!(said.out.contains("yen"), "{args:?}: {}", said.out);
    }
}

#[test]
fn an_entry_of_the_record_that_goes_checks_its_dataset() {
    let repository = repository();
    let approve = [
        "approve",
        "sql/shop/d/debt",
        "--bug",
        "1",
        "--by",
        "A Steward",
    ];
    assert_eq!(repository.run(&approve).code, 0);
    repository.commit("Approved");
    remove(&repository, "publishing-record");
    assert_eq!(reached(&repository), stopped(&["debt"]));
}

#[test]
fn what_reaches_nothing_checks_nothing() {
    let notes = check_change(|repository| repository.write("README.md", "More.\n"));
    assert_eq!(notes, (0, vec![]));
    let upstream = check_change(|repository| {
        repository.write(
            &table("large"),
            &buyers("HAVING COUNT(DISTINCT client_id) >= 6000"),
        );
    });
    assert_eq!(upstream.0, 0);
    // A published dataset that was not changed does not block.
    assert!(!upstream.1.contains(&table("debt")), "{upstream:?}");
}

#[cfg(unix)]
#[test]
fn a_name_of_whatever_bytes_is_a_name() {
    use std::os::unix::ffi::OsStrExt;
    let other = OsStr::from_bytes(b"q\xff.sql");
    let repository = repository();
    fs::write(repository.path().join(other), buyers(HAVING)).expect("a file");
    repository.write("--fix.sql", &buyers(HAVING));
    repository.commit("Names");
    fs::write(repository.path().join(other), UNSAFE).expect("a file");
    assert_eq!(reached(&repository), (1, vec!["q\u{fffd}.sql".to_owned()]));
    repository.write("--fix.sql", UNSAFE);
    let said = repository.run(&["check", "--readers", "--format", "json", "--", "--fix.sql"]);
    assert_eq!((said.code, files(&said)), (1, vec!["--fix.sql".to_owned()]));
}

#[test]
fn a_path_that_is_gone_was_deleted_if_the_last_commit_has_it() {
    let repository = repository();
    remove(&repository, &table("large"));
    let check = |paths: &[&str]| {
        let args = [&["check", "--readers", "--format", "json", "--"], paths].concat();
        repository.run(&args)
    };
    let said = check(&[&table("large")]);
    assert_eq!((said.code, files(&said)), stopped(&["further", "reads"]));
    // The same holds for the files of a given folder, whether it still exists or
    // not.
    let said = check(&["sql/shop/d/large"]);
    assert_eq!((said.code, files(&said)), stopped(&["further", "reads"]));
    remove(&repository, "sql/shop/d/large");
    let said = check(&["sql/shop/d/large"]);
    assert_eq!((said.code, files(&said)), stopped(&["further", "reads"]));
    let said = check(&["sql/shop/d/never"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("sql/shop/d/never: no such file"),
        "{}",
        said.err
    );
}

#[test]
fn before_the_first_commit_all_that_is_staged_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git")
            .args(args)
            .current_dir(folder.path())
            .status();
        assert!(done.expect("git runs").success());
    };
    git(&["init", "-q"]);
    fs::write(folder.path().join("a.sql"), UNSAFE).expect("a file");
    fs::write(folder.path().join("b.sql"), UNSAFE).expect("a file");
    git(&["add", "a.sql"]);
    let said = headcount(
        &["check", "--staged", "--format", "json"],
        "",
        folder.path(),
        &[],
    );
    assert_eq!((said.code, files(&said)), (1, vec!["a.sql".to_owned()]));
}

#[test]
fn a_range_that_pre_commit_runs_on_is_what_changed() {
    let repository = repository();
    remove(&repository, &table("large"));
    repository.commit("It goes");
    let range = [
        ("PRE_COMMIT_FROM_REF", "HEAD^"),
        ("PRE_COMMIT_TO_REF", "HEAD"),
    ];
    let args = ["check", "--staged", "--format", "json"];
    let said = headcount(&args, "", repository.path(), &range);
    assert_eq!((said.code, files(&said)), stopped(&["further", "reads"]));
    let said = headcount(&args, "", repository.path(), &[]);
    assert_eq!((said.code, files(&said)), (0, vec![]));
}

#[test]
fn thousands_of_files_are_one_run() {
    let repository = repository();
    for number in 0..2000 {
        repository.write(
            &format!("many/{number}.sql"),
            &format!("SELECT {number} AS one"),
        );
    }
    repository.write("many/1234.sql", UNSAFE);
    let (code, files) = reached(&repository);
    assert_eq!((code, files.len()), (1, 2000));
}

#[test]
fn a_diff_stops_for_what_the_change_reaches_alone() {
    let diff = |repository: &Repository| {
        repository.run(&[
            "diff",
            "--base",
            "HEAD",
            "--fail-on",
            "review",
            "--format",
            "json",
        ])
    };
    let repository = repository();
    repository.write("README.md", "More.\n");
    assert_eq!(diff(&repository).code, 0);
    repository.write(
        "sql/shop/f/enough/udf.sql",
        "CREATE FUNCTION f.enough(n INT64) AS (n >= 5000 AND TRUE);",
    );
    let said = diff(&repository);
    assert_eq!(said.code, 0, "{}", said.out);
    repository.write("parts/having.txt", "");
    let said = diff(&repository);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("shop.d.includes_txt"), "{}", said.out);
    assert!(!said.out.contains("shop.d.debt"), "{}", said.out);
    // An unpublished dataset is reported, and does not block.
    repository.write("parts/having.txt", HAVING);
    repository.write(
        "headcount.toml",
        "exclude = ['parts/']\n[project]\nlayout = 'bigquery-etl'\npublished = 'labelled'\n",
    );
    repository.commit("Nothing is published");
    repository.write(&table("large"), UNSAFE);
    let said = diff(&repository);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("shop.d.large"), "{}", said.out);
}

#[test]
fn a_label_that_publishes_what_no_sql_makes_is_checked() {
    let labelled = "[project]\nlayout = 'bigquery-etl'\npublished = 'labelled'\n";
    let public = "labels:\n  public_json: true\n";
    let old = "sql/shop/d/old/metadata.yaml";
    let start = || {
        let repository = repository();
        repository.write("headcount.toml", labelled);
        repository.write("sql/shop/d/large/metadata.yaml", public);
        repository.write("sql/shop/d/old/query.py", "print(1)\n");
        repository.write(old, public);
        repository.commit("Labels");
        repository
    };
    // A diff reports a new label without SQL, too.
    let diff = |repository: &Repository| {
        let arguments = ["diff", "--base", "HEAD", "--fail-on", "review", "."];
        repository.run(&arguments).code
    };
    let repository = start();
    repository.write("sql/shop/d/new/metadata.yaml", public);
    repository.git(&["add", "."]);
    assert_eq!(diff(&repository), 1);
    let repository = start();
    remove(&repository, &table("large"));
    assert_eq!(diff(&repository), 1);
    let repository = start();
    repository.write(&table("further"), "SELECT 1 AS n");
    assert_eq!(diff(&repository), 0);
    // A label without SQL that existed before does not belong to this change.
    let repository = start();
    repository.write(&table("further"), "SELECT 1 AS n");
    assert_eq!(reached(&repository), (0, Vec::new()));
    let repository = start();
    repository.write("sql/shop/d/new/metadata.yaml", public);
    let new = vec!["sql/shop/d/new/metadata.yaml".to_owned()];
    assert_eq!(reached(&repository), (1, new.clone()));
    repository.write("sql/shop/d/new/metadata.yaml", "labels: {}\n");
    assert_eq!(reached(&repository), (0, Vec::new()));
    // The SQL is deleted and the label stays, in a tree with or without other
    // tables.
    for alone in [false, true] {
        let repository = start();
        if alone {
            remove(&repository, "sql");
            repository.write("sql/shop/d/large/metadata.yaml", public);
            repository.write(&table("large"), &buyers(HAVING));
            repository.commit("One table");
        }
        remove(&repository, &table("large"));
        let large = vec!["sql/shop/d/large/metadata.yaml".to_owned()];
        assert_eq!(reached(&repository), (1, large), "{alone}");
    }
    // A file that git ignores is not checked, unless it is tracked.
    let repository = start();
    repository.write(".gitignore", "new/\n");
    repository.write("sql/shop/d/new/metadata.yaml", public);
    let checked = |repository: &Repository| {
        files(&repository.run(&["check", ".", "--format", "json"]))
            .iter()
            .any(|file| *file == new[0])
    };
    assert!(!checked(&repository));
    repository.git(&["add", "-f", "."]);
    assert!(checked(&repository));
}

#[test]
fn a_macro_of_dbt_that_changes_or_goes_checks_the_models_that_call_it() {
    let model = buyers("{{ enough() }}");
    let macros = |text: &str| format!("{{% macro enough() %}}{text}{{% endmacro %}}\n");
    // A file of macros is a checked file without datasets.
    let models = |repository: &Repository| {
        let (code, mut files) = reached(repository);
        files.retain(|file| file.starts_with("models/"));
        (code, files)
    };
    let start = || {
        let repository = Repository::new();
        repository.git(&["rm", "-rq", "sql"]);
        repository.write(
            "dbt_project.yml",
            "name: shop\nmacro-paths: ['macros', 'own']\n",
        );
        repository.write("headcount.toml", "[project]\nlayout = 'dbt'\n");
        repository.write("dimension-registry.toml", &registry(1));
        repository.write("macros/enough.sql", &macros("{{ deeper() }}"));
        let deeper = macros(HAVING).replace("enough", "deeper");
        repository.write("own/deeper.sql", &deeper);
        repository.write("models/calls.sql", &model);
        repository.write("models/other.sql", &buyers(HAVING));
        repository.write("models/reads.sql", "SELECT country FROM {{ ref('calls') }}");
        repository.commit("All of it");
        repository
    };
    let calls = ["models/calls.sql", "models/reads.sql"].map(str::to_owned);
    for path in ["macros/enough.sql", "own/deeper.sql"] {
        let repository = start();
        let name = if path == "own/deeper.sql" {
            "deeper"
        } else {
            "enough"
        };
        let weaker = macros("").replace("enough", name);
        repository.write(path, &weaker);
        assert_eq!(models(&repository), (1, calls.to_vec()), "{path}");
        // The findings are the same, but the models are rendered from another text.
        repository.write(path, &format!("{weaker}{{# a note #}}\n"));
        assert_eq!(models(&repository), (1, calls.to_vec()), "{path}");
        let repository = start();
        remove(&repository, path);
        assert_eq!(models(&repository), (1, calls.to_vec()), "{path}");
    }
}

#[test]
fn files_of_sql_of_every_ending_are_checked_and_reach_their_readers() {
    for ending in ["sql", "sql.j2", "sql.tmpl", "bqsql", "ddl", "DML"] {
        let start = || {
            let repository = Repository::new();
            repository.git(&["rm", "-rq", "sql"]);
            repository.write("headcount.toml", "[project]\nlayout = 'plain'\n");
            repository.write("dimension-registry.toml", &registry(1));
            let large = format!("CREATE OR REPLACE TABLE d.large AS {}", buyers(HAVING));
            repository.write("large.sql", &large);
            repository.write("reads.sql", "SELECT country, buyers FROM d.large");
            repository.commit("All of it");
            repository
        };
        let name = format!("z/w.{ending}");
        let repository = start();
        repository.write(&name, &format!("CREATE TABLE d.new AS {}", buyers("")));
        assert_eq!(reached(&repository), (1, vec![name.clone()]));
        let repository = start();
        repository.write(&name, &format!("INSERT INTO d.large {}", buyers("")));
        let (code, files) = reached(&repository);
        assert_eq!(code, 1, "{ending}");
        assert!(
            files.contains(&"reads.sql".to_owned()),
            "{ending} {files:?}"
        );
    }
}

#[test]
fn a_configuration_of_sqlmesh_checks_the_models_below_it() {
    let grouped = "MODEL (name d.rows);\nSELECT client_id, ANY_VALUE(country) AS country FROM shop.raw.purchases WHERE client_id IS NOT NULL GROUP BY client_id";
    let counted = "MODEL (name d.out, kind FULL);\nSELECT country, COUNT(*) AS buyers FROM d.rows GROUP BY country HAVING COUNT(*) >= 5000";
    for name in ["config.yaml", "config.yml", "sqlmesh.yaml", "sqlmesh.yml"] {
        let repository = Repository::new();
        repository.git(&["rm", "-rq", "sql"]);
        repository.write(
            "headcount.toml",
            "[project]\nlayout = 'plain'\npublished = ['models/out.sql']\n",
        );
        repository.write("dimension-registry.toml", &registry(1));
        repository.write("models/rows.sql", grouped);
        repository.write("models/out.sql", counted);
        repository.write(name, "model_defaults: {kind: FULL}\n");
        repository.commit("All of it");
        repository.write(name, "model_defaults: {kind: INCREMENTAL_UNMANAGED}\n");
        let out = vec!["models/out.sql".to_owned()];
        assert_eq!(reached(&repository), (1, out), "{name}");
    }
}

/// Returns the checked files for given paths, without a commit to compare with.
fn readers(repository: &Repository, paths: &[&str]) -> Vec<String> {
    let args = [&["check", "--readers", "--format", "json", "--"], paths].concat();
    files(&repository.run(&args))
}

#[test]
fn a_routine_that_changes_reaches_who_reads_its_callers() {
    let repository = repository();
    let published = |name: &str| {
        let label = format!("sql/shop/d/{name}/metadata.yaml");
        repository.write(
            &label,
            "friendly_name: N\ndescription: D\nlabels:\n  public_bigquery: true\n",
        );
    };
    repository.write(
        "headcount.toml",
        "[project]\nlayout = 'bigquery-etl'\npublished = 'labelled'\n",
    );
    published("further");
    let udf = "sql/shop/f/enough/udf.sql";
    repository.write(
        &table("large"),
        &buyers("HAVING f.enough(COUNT(DISTINCT client_id))"),
    );
    assert_eq!(readers(&repository, &[udf]), [table("further")]);
    // A table function is not expanded, but it reaches the same readers.
    let rows = "sql/shop/f/rows/udf.sql";
    repository.write(
        rows,
        "CREATE TABLE FUNCTION f.rows() AS (SELECT country, 1 AS buyers FROM shop.raw.purchases)",
    );
    repository.write(&table("large"), "SELECT country, buyers FROM f.rows()");
    assert_eq!(readers(&repository, &[rows]), [table("further")]);
    // A CALL makes a procedure write the table that is passed to it.
    repository.write(&table("large"), &buyers(HAVING));
    repository.write(
        "sql/shop/f/fill/stored_procedure.sql",
        "CREATE PROCEDURE f.fill(t STRING) BEGIN EXECUTE IMMEDIATE 'INSERT INTO ' || t || ' SELECT 1'; END",
    );
    let call = "sql/shop/e/x/script.sql";
    repository.write(call, "CALL f.fill('d.large')");
    assert_eq!(readers(&repository, &[call]), [table("further")]);
}

#[test]
fn what_a_package_of_dbt_says_reaches_the_project() {
    let repository = repository();
    repository.write("headcount.toml", "[project]\nlayout = 'dbt'\n");
    repository.git(&["rm", "-rqf", "sql"]);
    repository.write("dbt_project.yml", "name: shop\n");
    repository.write("models/out.sql", &buyers(HAVING));
    let package = "dbt_packages/u/dbt_project.yml";
    repository.write(package, "name: u\n");
    let reached = readers(&repository, &[package]);
    assert!(
        reached.contains(&"models/out.sql".to_owned()),
        "{reached:?}"
    );
}
