//! `headcount init` on new repositories.

#[path = "common/program.rs"]
mod program;

use program::headcount;
use std::path::Path;

fn init(folder: &Path) -> String {
    let said = headcount(&["init"], "", folder, &[]);
    assert_eq!(said.code, 0);
    said.out
}

#[test]
fn a_repository_gets_what_it_lacks_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    std::fs::create_dir(root.join("sql")).expect("it is made");
    std::fs::write(root.join("bqetl_project.yaml"), "").expect("it is written");
    insta::assert_snapshot!("new", init(root));
    let configuration = std::fs::read_to_string(root.join("headcount.toml")).expect("it is there");
    insta::assert_snapshot!("configuration", configuration);
    // A check loads all that was written.
    let checked = headcount(&["check"], "", root, &[]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    for file in [
        "headcount.toml",
        "dimension-registry.toml",
        ".pre-commit-config.yaml",
    ] {
        std::fs::write(root.join(file), "mine").expect("it is written");
    }
    insta::assert_snapshot!("kept", init(root));
    for file in [
        "headcount.toml",
        "dimension-registry.toml",
        ".pre-commit-config.yaml",
    ] {
        let text = std::fs::read_to_string(root.join(file)).expect("it is there");
        assert_eq!(text, "mine", "{file}");
    }
}

#[test]
fn layouts_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(init(folder.path()).starts_with("layout: plain"));
    std::fs::write(folder.path().join("dbt_project.yml"), "name: x").expect("it is written");
    assert!(init(folder.path()).starts_with("layout: dbt"));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let said = headcount(&["init", "/no/such/folder"], "", Path::new("."), &[]);
    assert_eq!(said.code, 2);
}
