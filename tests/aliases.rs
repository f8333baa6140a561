//! Changed files that have other paths: through links, and below a folder that git
//! lists as one entry (a link, a submodule). Files that read a changed file by
//! another path are checked.
#![cfg(unix)]

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use program::headcount;
use repository::{Repository, run_git_in};

const SAFE: &str = "SELECT country, COUNT(DISTINCT client_id) AS n FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000";
const UNSAFE: &str = "SELECT country, client_id FROM telemetry.clients_daily";

fn link(repository: &Repository, to: &str, from: &str) {
    let from = repository.path().join(from);
    fs::create_dir_all(from.parent().expect("a folder")).expect("a folder");
    symlink(to, from).expect("a link");
}

fn change(repository: &Repository, path: &str, text: &str) {
    repository.write(path, text);
    repository.commit("Change");
}

/// Asserts that the runs that look only at changes report the last commit's change.
fn assert_change_is_reported(repository: &Repository, path: &str) {
    for args in [
        &["check", "--base", "HEAD^", "--trust-base", "HEAD^"][..],
        &["check", "--base", "HEAD^"],
        &["diff", "--base", "HEAD^", "--fail-on", "review"],
    ] {
        let said = repository.run(args);
        assert_eq!(said.code, 1, "{args:?}: {}{}", said.out, said.err);
        assert!(said.out.contains(path), "{args:?}: {}", said.out);
    }
}

#[test]
fn what_a_link_leads_to_is_a_change_of_the_link() {
    let repository = Repository::new();
    repository.write("lib/a.txt", SAFE);
    link(&repository, "../lib/a.txt", "q/a.sql");
    link(&repository, "a.sql", "q/b.sql");
    repository.commit("Links");
    change(&repository, "lib/a.txt", UNSAFE);
    assert_change_is_reported(&repository, "q/a.sql");
    assert_change_is_reported(&repository, "q/b.sql");
}

#[test]
fn what_is_included_through_a_link_is_a_change_of_who_includes_it() {
    let repository = Repository::new();
    repository.write("lib/a.txt", SAFE);
    link(&repository, "../lib", "q/parts");
    link(&repository, "../lib/a.txt", "q/one.txt");
    repository.write("q/a.sql", "{% include 'parts/a.txt' %}");
    repository.write("q/b.sql", "{% include 'one.txt' %}");
    repository.commit("Links");
    change(&repository, "lib/a.txt", UNSAFE);
    assert_change_is_reported(&repository, "q/a.sql");
    assert_change_is_reported(&repository, "q/b.sql");
}

#[test]
fn a_link_to_another_folder_is_a_change_of_all_below_it() {
    let repository = Repository::new();
    repository.write("lib1/a.txt", SAFE);
    repository.write("lib2/a.txt", UNSAFE);
    link(&repository, "lib1", "lib");
    repository.write("headcount.toml", "[project]\nlayout = \"plain\"\n");
    repository.write("q/a.sql", "{% include 'lib/a.txt' %}");
    repository.commit("Links");
    fs::remove_file(repository.path().join("lib")).expect("it goes");
    link(&repository, "lib2", "lib");
    repository.commit("Change");
    assert_change_is_reported(&repository, "q/a.sql");
}

#[test]
fn a_label_that_a_link_leads_to_checks_its_folder() {
    let repository = Repository::new();
    repository.write("bqetl_project.yaml", "");
    repository.write("sql/p/d/t/query.sql", UNSAFE);
    repository.write("shared.yaml", "friendly_name: T\n");
    link(
        &repository,
        "../../../../shared.yaml",
        "sql/p/d/t/metadata.yaml",
    );
    repository.commit("Links");
    change(&repository, "shared.yaml", "labels:\n  public_json: true\n");
    assert_change_is_reported(&repository, "sql/p/d/t/query.sql");
}

#[test]
fn another_commit_of_a_submodule_is_a_change_of_all_below_it() {
    let repository = Repository::new();
    let sub = repository.path().join("sub");
    fs::create_dir(&sub).expect("a folder");
    let git = |args: &[&str]| run_git_in(&sub, args);
    git(&["init", "-q"]);
    let write = |text: &str| {
        fs::write(sub.join("a.txt"), text).expect("a file");
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "Text"]);
    };
    write(SAFE);
    repository.write("q/a.sql", "{% include 'sub/a.txt' %}");
    repository.write("headcount.toml", "[project]\nlayout = \"plain\"\n");
    link(&repository, "../sub/a.txt", "q/b.sql");
    repository.commit("A submodule");
    write(UNSAFE);
    repository.commit("Change");
    for path in ["q/a.sql", "q/b.sql"] {
        let said = repository.run(&["check", "--base", "HEAD^"]);
        assert_eq!(said.code, 1, "{}{}", said.out, said.err);
        assert!(said.out.contains(path), "{path}: {}", said.out);
    }
}

/// A link whose target did not change is not checked.
#[test]
fn links_to_what_did_not_change_check_nothing() {
    let repository = Repository::new();
    repository.write("lib/a.txt", UNSAFE);
    repository.write("lib/b.txt", SAFE);
    link(&repository, "../lib/a.txt", "q/a.sql");
    link(&repository, "../lib", "q/all");
    link(&repository, "../q", "q/all2");
    repository.commit("Links");
    repository.write("lib/b.txt", "Notes");
    repository.commit("Change");
    let said = repository.run(&["check", "--base", "HEAD^"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

/// If git fails, any file may be tracked, so that ignored files are checked, too.
#[test]
fn git_that_fails_hides_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::new();
    repository.write("q/a.sql", UNSAFE);
    repository.commit("A query");
    repository.write(".gitignore", "*.sql\n");
    repository.commit("It is ignored");
    let said = repository.run(&["check", "."]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    let programs = tempfile::TempDir::new().expect("a folder");
    let git = programs.path().join("git");
    fs::write(&git, "#!/bin/sh\nexit 128\n").expect("a file");
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).expect("it is a program");
    let path = format!("{}:/usr/bin:/bin", programs.path().display());
    let said = headcount(&["check", "."], "", repository.path(), &[("PATH", &path)]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("HC201"), "{}", said.out);
    assert!(said.err.contains("git does not say"), "{}", said.err);
    assert!(Path::new(&git).exists());
}
