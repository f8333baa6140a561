//! Internal errors on one file: each command reports the error and the other files.
//! The status is 2.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use program::{ProgramOutput, headcount};
use repository::{BUG, CLIENTS_ONLY, FOLDER, Repository};

/// A text with this marker makes the program panic in a build with feature `faults`.
const FAULT_MARKER: &str = "broken_for_a_test";
const FAULT: &str = "internal error, please report: asked for by a test";

/// A repository with two queries, one of which makes the program fail.
fn repository() -> Repository {
    let repository = Repository::new();
    repository.write(
        "sql/moz-fx-data-shared-prod/telemetry_derived/broken_v1/query.sql",
        &format!("SELECT os AS {FAULT_MARKER}, COUNT(*) AS n FROM telemetry.main GROUP BY 1"),
    );
    repository.commit("Another dataset");
    repository
}

fn run(repository: &Repository, args: &[&str]) -> ProgramOutput {
    let said = headcount(
        args,
        "",
        repository.path(),
        &[("HEADCOUNT_PANIC", FAULT_MARKER)],
    );
    assert_eq!(said.code, 2, "{args:?}: {}{}", said.out, said.err);
    said
}

#[test]
fn check_reports_the_others() {
    let repository = repository();
    let said = run(
        &repository,
        &["check", "sql", "--all", "--format", "concise"],
    );
    assert!(said.out.contains(FAULT), "{}", said.out);
    let sound = headcount(
        &["check", "sql", "--all", "--format", "concise"],
        "",
        repository.path(),
        &[],
    );
    let others = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains("ech_adoption"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(others(&said.out), others(&sound.out));
    let said = run(&repository, &["check", "sql", "--all", "--ndjson"]);
    assert_eq!(said.out.lines().count(), 2, "{}", said.out);
}

#[test]
fn diff_reports_the_others() {
    let repository = repository();
    repository.write(
        &format!("{FOLDER}/query.sql"),
        &CLIENTS_ONLY.replace("5000", "10"),
    );
    repository.write(
        "sql/moz-fx-data-shared-prod/telemetry_derived/broken_v1/query.sql",
        &format!("SELECT os AS {FAULT_MARKER}, COUNT(1) AS n FROM telemetry.main GROUP BY 1"),
    );
    for format in ["human", "json", "markdown"] {
        let said = run(&repository, &["diff", "--format", format]);
        assert!(said.out.contains("ech_adoption_rate_v1"), "{}", said.out);
        // The file is assessed twice: before and after the change.
        assert_eq!(said.err.matches(FAULT).count(), 2, "{}", said.err);
    }
}

#[test]
fn nothing_is_approved() {
    let repository = repository();
    for extra in [
        &[][..],
        &["--accept-unassessed"],
        &["--baseline", "--until", "2099-01-01"],
    ] {
        let args = [&["approve", "sql", "--bug", BUG, "--by", "S"][..], extra];
        let said = run(&repository, &args.concat());
        assert!(said.err.contains("nothing was approved"), "{}", said.err);
        assert!(said.err.contains(FAULT), "{}", said.err);
    }
    assert!(!repository.path().join("publishing-record").exists());
}

#[test]
fn site_has_the_others() {
    let repository = repository();
    assert_eq!(repository.approve().code, 0);
    let said = run(&repository, &["record", "--html", "site", "sql"]);
    assert!(said.err.contains(FAULT), "{}", said.err);
    let index = repository.read("site/index.html");
    assert!(index.contains("ech_adoption_rate_v1"), "{index}");
}
