//! Nothing outside of the repository is read, and nothing endless: links, includes,
//! paths of configurations and projects, devices, pipes, sockets, pastes. Files
//! outside contain a marker that must not appear in any message.
#![cfg(unix)]

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use program::{ProgramOutput, headcount};
use repository::Repository;

/// The marker in files outside of the repository.
const SECRET_MARKER: &str = "k3y_0f_n0b0dy";

struct SurroundedRepository {
    repository: Repository,
    outside: tempfile::TempDir,
}

impl SurroundedRepository {
    fn new() -> Self {
        let repository = Repository::new();
        let outside = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            ("secret", format!("{SECRET_MARKER} = '{SECRET_MARKER}\n")),
            (
                "secret.sql",
                format!("SELECT '{SECRET_MARKER}' AS {SECRET_MARKER}, FROM {SECRET_MARKER}"),
            ),
            (
                "secret.toml",
                format!("{SECRET_MARKER} = '{SECRET_MARKER}\n"),
            ),
            (
                "secret.yaml",
                format!("{SECRET_MARKER}: [{SECRET_MARKER}\n"),
            ),
            (
                "secret.json",
                format!("{{\"{SECRET_MARKER}\": {SECRET_MARKER}"),
            ),
            (
                "firefox_desktop.toml",
                format!(
                    "[metrics.{SECRET_MARKER}]\nselect_expression = '{SECRET_MARKER}'\ndata_source = 'x'\n"
                ),
            ),
        ] {
            fs::write(outside.path().join(name), text).expect("a file");
        }
        Self {
            repository,
            outside,
        }
    }

    fn root(&self) -> &Path {
        self.repository.path()
    }

    fn link(&self, name: &str, to: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let _ = fs::remove_file(&path);
        symlink(self.outside.path().join(to), path).expect("a link");
    }

    /// Runs the program, and asserts that it does not print the marker.
    fn run(&self, args: &[&str]) -> ProgramOutput {
        self.run_with(args, "")
    }

    fn run_with(&self, args: &[&str], stdin: &str) -> ProgramOutput {
        let said = headcount(args, stdin, self.root(), &[]);
        for text in [&said.out, &said.err] {
            assert!(!text.contains(SECRET_MARKER), "{args:?}: {text}");
        }
        said
    }
}

#[test]
fn link_to_a_query_outside_is_an_error_and_the_others_are_checked() {
    let around = SurroundedRepository::new();
    around.link("link.sql", "secret.sql");
    around.link("folder", "");
    around.repository.write("good.sql", "SELECT 1 AS one");
    for args in [
        &["check", "."][..],
        &["check", "link.sql"],
        &["check", "folder/secret.sql"],
        &["check", "folder"],
        &["review", "link.sql"],
        &["lineage", "link.sql"],
        &["check", "--ndjson", "."],
        &["check", "--readers", "link.sql"],
        &["check", "--fix", "."],
    ] {
        let said = around.run(args);
        assert_eq!(said.code, 2, "{args:?}: {} {}", said.out, said.err);
    }
    let said = around.run(&["check", ".", "--format", "json"]);
    assert!(said.out.contains("good.sql"), "{}", said.out);
    assert!(
        said.err.contains("leads out of the repository"),
        "{}",
        said.err
    );
}

#[test]
fn folder_of_git_is_not_read() {
    let around = SurroundedRepository::new();
    around
        .repository
        .git(&["config", "http.extraheader", SECRET_MARKER]);
    symlink(".git/config", around.root().join("link.sql")).expect("a link");
    symlink(".git", around.root().join("folder")).expect("a link");
    around.repository.write(
        "include.sql",
        "SELECT 1 AS one {% include '.git/config' %}{% include 'folder/config' %}",
    );
    for args in [
        &["check", "link.sql"][..],
        &["check", "include.sql"],
        &["review", "include.sql"],
        &["render", "include.sql"],
        &["check", "--registry", ".git/config", "include.sql"],
        &["check", "--config", "folder/config", "include.sql"],
    ] {
        // A review or rendering of a readable query may end with status 0.
        let stops = args[0] == "check";
        assert!(around.run(args).code > 0 || !stops, "{args:?}");
    }
}

/// A link to the root of another repository leads out of this one.
///
/// It does not make the other repository's files part of this one.
#[test]
fn link_to_another_repository_leads_out() {
    let around = SurroundedRepository::new();
    let query =
        format!("SELECT '{SECRET_MARKER}' AS {SECRET_MARKER}, client_id FROM telemetry.main");
    let outside = around.outside.path();
    fs::create_dir_all(outside.join("d/t")).expect("a folder");
    fs::create_dir(outside.join(".git")).expect("a folder");
    fs::write(outside.join("d/t/query.sql"), query).expect("a file");
    let schema = format!("fields:\n- name: {SECRET_MARKER}\n  type: STRING\n");
    fs::write(outside.join("d/t/schema.yaml"), schema).expect("a file");
    around.link("sql/p", "");
    around.link("folder", "");
    around.repository.write("bqetl_project.yaml", "");
    let reading = "sql/z/d/u/query.sql";
    around.repository.write(reading, "SELECT * FROM p.d.t");
    around.repository.git(&["add", "-A"]);
    for args in [
        &["check", "sql", "--all", "--format", "json"][..],
        &["review", reading],
        &["lineage", reading],
        &["check", "sql/p", "--all"],
        &["check", "folder"],
        &["check", "sql/p/d/t/query.sql"],
        &["review", "sql/p/d/t/query.sql"],
        &["check", "folder/secret.sql"],
        &["check", "--registry", "folder/secret.toml", reading],
        &["check", "--config", "folder/secret.toml", reading],
        &["check", "--staged"],
        &["site", "--record", "folder", "--output", "site"],
    ] {
        let said = around.run(args);
        let reads = args.contains(&reading) && !args.contains(&"folder/secret.toml");
        assert!(
            said.code > 0 || reads || args[1] == "--staged",
            "{args:?}: {}",
            said.out
        );
    }
    // If the other repository is not reached through this one, its files are read.
    let said = headcount(&["check", "."], "", outside, &[]);
    assert!(said.out.contains(SECRET_MARKER), "{}", said.out);
}

/// Work trees are read as usual behind a link and inside another work tree.
///
/// Only a link of the repository itself must not lead out of it.
#[test]
fn work_trees_within_and_behind_a_link_are_read() {
    let around = SurroundedRepository::new();
    around
        .repository
        .write("own/d/t/query.sql", "SELECT 1 AS own");
    around
        .repository
        .write("own/.git", "gitdir: ../.git/modules/own\n");
    around.repository.write("a/query.sql", "SELECT 1 AS own");
    symlink("../own", around.root().join("a/link")).expect("a link");
    let behind = around.outside.path().join("behind");
    symlink(around.root(), &behind).expect("a link");
    for path in ["own", "own/d/t/query.sql", "a/link/d/t/query.sql"] {
        for path in [Path::new(path), &behind.join(path)] {
            let path = path.display().to_string();
            let said = around.run(&["check", &path]);
            assert_eq!(said.code, 0, "{path}: {}{}", said.out, said.err);
        }
    }
}

#[test]
fn include_that_leads_out_is_unknown() {
    let around = SurroundedRepository::new();
    around.link("link.sql", "secret.sql");
    around.link("folder", "");
    let absolute = around.outside.path().join("secret.sql");
    let up = format!(
        "{}{}",
        "../".repeat(around.root().components().count()),
        absolute
            .strip_prefix("/")
            .expect("it is absolute")
            .display()
    );
    for name in [
        "link.sql",
        "folder/secret.sql",
        "./folder/../folder/secret.sql",
        &up,
        &absolute.display().to_string(),
    ] {
        for tag in [
            format!("{{% include '{name}' %}}"),
            format!("{{% include ['{name}', 'x'] ignore missing %}}"),
            format!("{{% import '{name}' as m %}}{{{{ m.x }}}}"),
            format!("{{% from '{name}' import x %}}{{{{ x }}}}"),
            format!("{{% extends '{name}' %}}"),
        ] {
            let sql = format!("SELECT 1 AS one {tag}");
            around.repository.write("q.sql", &sql);
            for args in [
                &["check", "q.sql"][..],
                &["review", "q.sql"],
                &["render", "q.sql"],
            ] {
                around.run(args);
            }
        }
    }
}

#[test]
fn paste_includes_nothing() {
    let around = SurroundedRepository::new();
    around.repository.write("own.sql", SECRET_MARKER);
    for tag in [
        "{% include 'own.sql' %}",
        "{% import 'own.sql' as m %}{{ m }}",
        "{% from 'own.sql' import x %}{{ x }}",
    ] {
        let sql = format!("SELECT 1 AS one {tag}");
        for args in [
            &["review", "-"][..],
            &["check", "-"],
            &["check", "-", "--stdin-filename", "sql/not_there.sql"],
            &["lineage", "-"],
            &["render", "-"],
        ] {
            around.run_with(args, &sql);
        }
        let line = serde_json::json!({"path": "not_there.sql", "sql": sql}).to_string();
        around.run_with(&["check", "--ndjson", "-"], &line);
        let outside = around.outside.path().join("secret.sql");
        let sql = sql.replace("own.sql", "secret.sql");
        let line = serde_json::json!({"path": outside, "sql": sql}).to_string();
        around.run_with(&["check", "--ndjson", "-"], &line);
    }
}

#[test]
fn configuration_leads_nowhere_else() {
    let around = SurroundedRepository::new();
    around.link("inside", "");
    let outside = around.outside.path().display().to_string();
    for place in [outside.as_str(), "inside", "../.."] {
        for (key, name) in [
            ("registry = ", "secret.toml"),
            ("[project]\nrecord = ", ""),
            ("[project]\nschemas = ", "secret.yaml"),
            ("[project]\nschemas = ", "secret.json"),
            ("[template]\nmetric_hub = ", ""),
        ] {
            let path = format!("'{place}/{name}'");
            let value = if key.contains("schemas") {
                format!("[{path}]")
            } else {
                path
            };
            around
                .repository
                .write("headcount.toml", &format!("{key}{value}\n"));
            around.repository.write(
                "q.sql",
                "SELECT {{ metrics.calculate(['k'], 'firefox_desktop') }} AS one",
            );
            for args in [
                &["check", "q.sql"][..],
                &["review", "q.sql"],
                &["registry", "check"],
            ] {
                let said = around.run(args);
                assert_eq!(said.code, 2, "{key}{value} {args:?}: {}", said.err);
            }
        }
    }
}

#[test]
fn registry_configuration_and_metadata_that_are_links_are_errors() {
    let around = SurroundedRepository::new();
    for (name, to) in [
        ("headcount.toml", "secret.toml"),
        ("dimension-registry.toml", "secret.toml"),
        ("sql/dimension-registry.toml", "secret.toml"),
        ("publishing-record/x.toml", "secret.toml"),
    ] {
        around.link(name, to);
        for args in [&["check", "sql"][..], &["check", "--staged", "."]] {
            let said = around.run(args);
            assert_eq!(said.code, 2, "{name}: {}", said.err);
        }
        fs::remove_file(around.root().join(name)).expect("it was there");
    }
    for name in ["metadata.yaml", "schema.yaml"] {
        around.link(&format!("{}/{name}", repository::FOLDER), "secret.yaml");
    }
    around.link("bqetl_project.yaml", "secret.yaml");
    around.run(&["check", "sql"]);
    around.run(&["check", "sql", "--all"]);
}

#[test]
fn project_of_dbt_leads_nowhere_else() {
    let around = SurroundedRepository::new();
    let outside = around.outside.path().display().to_string();
    for key in ["model-paths", "macro-paths", "snapshot-paths"] {
        around.repository.write(
            "dbt_project.yml",
            &format!(
                "name: p\n{key}: ['{outside}', '..', '../..']\npackages-install-path: '{outside}'\n"
            ),
        );
        around
            .repository
            .write("models/m.sql", "SELECT one FROM {{ ref('secret') }}");
        for args in [&["check", "models"][..], &["lineage", "models/m.sql"]] {
            around.run(args);
        }
    }
    fs::remove_file(around.root().join("dbt_project.yml")).expect("it was there");
    around.link("dbt_project.yml", "secret.yaml");
    around.run(&["check", "models"]);
    around.link("models/schema.yml", "secret.yaml");
    around.link("target/manifest.json", "secret.json");
    around.run(&["check", "models"]);
}

#[test]
fn commit_whose_files_lead_out_is_compared_without_them() {
    let around = SurroundedRepository::new();
    around.link("link.sql", "secret.sql");
    around.link("deep/link.sql", "secret.sql");
    around.repository.commit("Links");
    around.repository.write("q.sql", "SELECT 1 AS one");
    around.run(&["diff", "--base", "HEAD"]);
    around.run(&["check", "--base", "HEAD"]);
    around.run(&["check", "--trust-base", "HEAD", "q.sql"]);
}

#[test]
fn ignores_that_are_endless_are_an_error() {
    let around = SurroundedRepository::new();
    for name in [".gitignore", "sql/.gitignore"] {
        let path = around.root().join(name);
        symlink("/dev/zero", &path).expect("a link");
        let said = around.run(&["check", "."]);
        assert_eq!(said.code, 2, "{name}: {}", said.err);
        fs::remove_file(path).expect("it was there");
    }
}

#[test]
fn what_is_no_file_is_an_error_where_it_is_named() {
    let around = SurroundedRepository::new();
    let made = Command::new("mkfifo")
        .arg(around.root().join("pipe.sql"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    let socket = around.root().join("socket.sql");
    let _kept = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    symlink("/dev/zero", around.root().join("zero.sql")).expect("a link");
    around.repository.write("q.sql", "SELECT 1 AS one");
    for path in [
        "pipe.sql",
        "socket.sql",
        "zero.sql",
        "/dev/zero",
        "/dev/tty",
        "/dev/null",
    ] {
        for args in [
            &["check", path][..],
            &["review", path],
            &["lineage", path],
            &["render", path],
            &["check", "--registry", path, "q.sql"],
            &["check", "--config", path, "q.sql"],
            &["check", "--readers", path],
            &["registry", "check", "--registry", path],
            &["registry", "import", path, "--registry", "new.toml"],
        ] {
            let said = around.run(args);
            assert_eq!(said.code, 2, "{args:?}: {} {}", said.out, said.err);
        }
    }
    let said = around.run(&["check", "."]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("a pipe, not a file"), "{}", said.err);
}

#[test]
fn substituted_process_is_never_nothing() {
    let around = SurroundedRepository::new();
    let binary = assert_cmd::cargo::cargo_bin("headcount");
    for command in ["check", "review", "lineage", "check --ndjson"] {
        let line = format!(
            "'{}' {command} <(echo 'SELECT client_id FROM telemetry.main')",
            binary.display()
        );
        let done = Command::new("bash")
            .args(["-c", &line])
            .current_dir(around.root())
            .output()
            .expect("bash runs");
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("a pipe, not a file"), "{command}: {said}");
    }
}

#[test]
fn size_is_bounded_before_a_file_is_read() {
    let around = SurroundedRepository::new();
    let path = around.root().join("large.sql");
    let file = fs::File::create(&path).expect("a file");
    file.set_len(1 << 40).expect("a hole");
    around.repository.write("q.sql", "SELECT 1 AS one");
    for args in [
        &["check", "large.sql"][..],
        &["check", "."],
        &["check", "--registry", "large.sql", "q.sql"],
        &["check", "--config", "large.sql", "q.sql"],
    ] {
        let said = around.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains("MiB"), "{}", said.err);
    }
}

#[test]
fn table_whose_name_is_a_path_leads_nowhere() {
    let around = SurroundedRepository::new();
    around.repository.write(
        "headcount.toml",
        "[project]\nlayout = 'bigquery-etl'\npublished = 'all'\n",
    );
    for name in [
        "../../secret",
        "`..`.`..`.`..`",
        "`../..`.`x`",
        "`/etc`.`passwd`",
        "`a/b`.`c`.`d`",
        "`.git`.`x`.`y`",
    ] {
        around.repository.write(
            "sql/p/d/t_v1/query.sql",
            &format!("SELECT COUNT(*) AS n FROM {name}"),
        );
        around.run(&["check", "sql/p"]);
    }
}
