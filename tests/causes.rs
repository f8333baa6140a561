//! One file that can't be read or parsed, and those that depend on it.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use program::ProgramOutput;
use repository::Repository;

const BASE: &str = "CREATE TABLE d.base AS
SELECT country, COUNT(DISTINCT client_id) AS n
FROM telemetry.clients_daily
GROUP BY country
HAVING n >= 5000
";

/// Four datasets, three of which depend on the first, all of them approved.
fn repository() -> Repository {
    let repository = Repository::new();
    repository.git(&["rm", "-q", "-r", "sql"]);
    repository.write("headcount.toml", "[project]\nlayout = \"plain\"\n");
    repository.write("sql/z_base.sql", BASE);
    for (name, table) in [("a", "d.base"), ("b", "d.base"), ("c", "d.a")] {
        let text = format!("CREATE VIEW d.{name} AS SELECT country, n FROM {table}\n");
        repository.write(&format!("sql/{name}.sql"), &text);
    }
    repository.commit("Datasets");
    let said = repository.approve();
    assert_eq!(said.code, 0, "{}", said.err);
    repository.commit("Approvals");
    repository
}

fn check(repository: &Repository, args: &[&str]) -> ProgramOutput {
    repository.run(&[&["check", "sql"], args].concat())
}

#[test]
fn file_that_does_not_parse_comes_first_and_each_dependent_is_a_line() {
    let repository = repository();
    assert_eq!(check(&repository, &[]).code, 0);
    repository.write(
        "sql/z_base.sql",
        &BASE.replace("country, COUNT", "country COUNT ("),
    );
    let said = check(&repository, &[]);
    assert_eq!(said.code, 1, "{}", said.err);
    insta::assert_snapshot!(said.out);
    assert!(!said.err.contains("delete the entry"), "{}", said.err);
    // Every format says which file it is.
    let said = check(&repository, &["--format", "json"]);
    assert!(
        said.out
            .contains("but sql/z_base.sql, on which it depends, is not understood"),
        "{}",
        said.out
    );
    // All findings are there where they are asked for.
    let said = check(&repository, &["--verbose"]);
    assert!(said.out.matches("HC402").count() > 4, "{}", said.out);
}

#[test]
fn file_that_cannot_be_read_is_named_before_its_dependents() {
    let repository = repository();
    let path = repository.path().join("sql/z_base.sql");
    std::fs::write(path, b"CREATE TABLE d.base AS SELECT '\xff' AS country").expect("a file");
    let said = check(&repository, &[]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("sql/z_base.sql:1:"), "{}", said.err);
    let lines: Vec<&str> = said
        .out
        .lines()
        .filter(|line| line.contains("depends on"))
        .collect();
    assert_eq!(lines.len(), 3, "{}", said.out);
    assert!(
        lines
            .iter()
            .all(|line| line.contains("depends on sql/z_base.sql")),
        "{lines:?}"
    );
}
