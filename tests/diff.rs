//! What a change does to datasets, told from git.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;

use program::headcount;
use repository::{FOLDER, Repository, with_or};
use tempfile::TempDir;

#[test]
fn a_change_is_told_dataset_by_dataset() {
    let repository = Repository::new();
    assert_eq!(repository.approve().code, 0);
    repository.write(
        "sql/gone.sql",
        "SELECT os, COUNT(*) AS n FROM telemetry.main GROUP BY os",
    );
    repository.commit("It is approved");
    repository.git(&["checkout", "-q", "-b", "change"]);
    repository.write(&format!("{FOLDER}/query.sql"), &with_or());
    repository.commit("It became an OR");
    fs::remove_file(repository.path().join("sql/gone.sql")).expect("it goes");
    repository.write("sql/new.sql", "SELECT client_id FROM telemetry.main");
    let before = (
        repository.git(&["status", "--porcelain"]),
        repository.git(&["rev-parse", "HEAD"]),
    );
    let base = repository.git(&["rev-parse", "main"]);
    for format in ["human", "markdown", "json"] {
        let said = repository.run(&["diff", "--base", "main", "--format", format]);
        assert_eq!(said.code, 0, "{}", said.err);
        let shown = said
            .out
            .replace(base.trim(), "BASE")
            .replace(&base[..12], "BASE");
        insta::with_settings!({ filters => vec![(r#""version": "[^"]*""#, r#""version": "V""#)] }, {
            insta::assert_snapshot!(format!("diff_{format}"), shown);
        });
    }
    let said = repository.run(&["diff", "--base", "main", "--fail-on", "review"]);
    assert_eq!(said.code, 1);
    let after = (
        repository.git(&["status", "--porcelain"]),
        repository.git(&["rev-parse", "HEAD"]),
    );
    assert_eq!(before, after, "the work tree is not touched");
    // From the folder of the query, and by it alone.
    let there = repository.path().join(FOLDER);
    let said = headcount(&["diff", "query.sql", "--base", "main"], "", &there, &[]);
    assert!(
        said.out.contains("1 dataset changed"),
        "{}{}",
        said.out,
        said.err
    );
    // What others did on main since is not this change's.
    repository.commit("All of it");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("sql/theirs.sql", "SELECT client_id FROM telemetry.main");
    repository.commit("Another's dataset");
    repository.git(&["checkout", "-q", "change"]);
    let said = repository.run(&["diff", "--base", "main"]);
    assert!(!said.out.contains("theirs"), "{}", said.out);
}

#[test]
fn a_revision_that_is_none_is_told() {
    let repository = Repository::new();
    for base in ["none", "--help", "HEAD:sql"] {
        let said = repository.run(&["diff", &format!("--base={base}")]);
        assert_eq!(said.code, 2);
        assert!(
            said.err.contains("git knows no such commit"),
            "{}",
            said.err
        );
    }
    let nowhere = TempDir::new().expect("a folder");
    let said = headcount(&["diff"], "", nowhere.path(), &[]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("compares with a commit of git"),
        "{}",
        said.err
    );
}
