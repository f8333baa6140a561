//! The steps of `docs/pull-requests.md` by which an approval gets into the record, run as
//! they are written there.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::path::Path;
use std::process::Command;

use program::{ProgramOutput, headcount};
use repository::{FOLDER, build_query_with_or, run_git_in};
use tempfile::TempDir;

/// The commands of the section, one a line.
fn steps() -> Vec<&'static str> {
    let page = include_str!("../docs/pull-requests.md");
    let section = page
        .split("## Recording an approval")
        .nth(1)
        .expect("the section");
    let block = section.split("```sh\n").nth(1).expect("a block");
    let block = block.split("```").next().expect("its end");
    block.lines().collect()
}

/// Runs a command of a shell in a clone, with the program on the PATH.
fn shell(folder: &Path, line: &str) {
    let program = Path::new(env!("CARGO_BIN_EXE_headcount"));
    let programs = program.parent().expect("a folder");
    let path = std::env::var("PATH").expect("a PATH");
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {said}");
}

fn clone(origin: &Path, folder: &Path) {
    run_git_in(
        origin,
        &["clone", "-q", ".", folder.to_str().expect("a path")],
    );
    run_git_in(folder, &["config", "user.name", "A Steward"]);
    run_git_in(folder, &["config", "user.email", "steward@example.org"]);
}

fn check(folder: &Path) -> ProgramOutput {
    run_git_in(folder, &["fetch", "-q", "origin"]);
    let args = [
        "check",
        "--base",
        "origin/main",
        "--trust-base",
        "origin/main",
    ];
    headcount(&args, "", folder, &[])
}

#[test]
fn approval_in_a_pull_request_of_its_own_lets_the_authors_pass() {
    let place = TempDir::new().expect("a folder");
    let at = |name: &str| place.path().join(name);
    std::fs::create_dir(at("origin")).expect("a folder");
    run_git_in(&at("origin"), &["init", "-q", "--bare", "-b", "main"]);
    clone(&at("origin"), &at("author"));
    let author = at("author");
    std::fs::write(author.join("README.md"), "Queries\n").expect("a file");
    let commit = |message: &str| {
        run_git_in(&author, &["add", "-A"]);
        run_git_in(&author, &["commit", "-q", "-m", message]);
    };
    commit("A repository");
    run_git_in(&author, &["push", "-q", "origin", "HEAD:main"]);
    clone(&at("origin"), &at("steward"));
    run_git_in(&author, &["switch", "-q", "-c", "ech-adoption"]);
    std::fs::create_dir_all(author.join(FOLDER)).expect("a folder");
    std::fs::write(author.join(FOLDER).join("query.sql"), build_query_with_or()).expect("a file");
    commit("A dataset");
    run_git_in(&author, &["push", "-q", "origin", "ech-adoption"]);
    let before = check(&author);
    assert_eq!(before.code, 1, "{}{}", before.out, before.err);

    let steps = steps();
    assert_eq!(steps.len(), 8, "{steps:?}");
    for line in steps {
        shell(&at("steward"), line);
    }

    // The branch has the entry alone, and nothing keeps it from being merged.
    let steward = at("steward");
    let changed = run_git_in(&steward, &["diff", "--name-only", "origin/main...HEAD"]);
    let changed: Vec<&str> = changed.lines().collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].starts_with("publishing-record/"), "{changed:?}");
    let own = check(&steward);
    assert_eq!(own.code, 0, "{}{}", own.out, own.err);
    // Before the merge it counts for nobody.
    assert_eq!(check(&author).code, 1);
    run_git_in(&steward, &["push", "-q", "origin", "approve-1957082:main"]);
    let after = check(&author);
    assert_eq!(after.code, 0, "{}{}", after.out, after.err);
}
