//! Repositories that multiply the work: each run ends with the limit that it
//! reaches, and a regular one is read as usual.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use program::headcount;
use repository::Repository;

/// Each link to a folder of tables duplicates all of them.
#[cfg(unix)]
#[test]
fn links_that_multiply_the_tables_have_a_limit() {
    for (links, status) in [(3, 1), (60, 2)] {
        let repository = Repository::new();
        repository.write("bqetl_project.yaml", "");
        for table in 0..60 {
            repository.write(
                &format!("sql/p/d/t{table}/query.sql"),
                "SELECT client_id FROM a.b",
            );
        }
        for link in 0..links {
            let link = repository.path().join(format!("sql/l{link}"));
            std::os::unix::fs::symlink("p", link).expect("a link");
        }
        let said = repository.run(&["check", ".", "--all", "--format", "concise"]);
        assert_eq!(said.code, status, "{links}: {}", said.err);
        let told = said
            .err
            .contains("links to table folders lead to more than");
        assert_eq!(told, status == 2, "{links}: {}", said.err);
        assert_eq!(said.out.contains("sql/l2/d/t59"), status == 1, "{links}");
    }
}

#[test]
fn a_path_that_no_file_can_have_is_told_and_the_other_lines_are_answered() {
    let repository = Repository::new();
    let line = |path: &str| format!("{{\"path\": \"{path}\", \"sql\": \"SELECT 1 AS x\"}}\n");
    for part in ["a/", "a/../", "../"] {
        let lines = format!(
            "{}{}",
            line(&format!("{}a.sql", part.repeat(9_000))),
            line("b.sql")
        );
        let said = headcount(&["check", "--ndjson", "-"], &lines, repository.path(), &[]);
        assert_eq!(said.code, 2, "{part}: {}", said.err);
        assert!(
            said.err.contains("<stdin>:1: the path is longer"),
            "{part}: {}",
            said.err
        );
        assert!(said.out.contains("b.sql"), "{part}: {}", said.out);
    }
    let name = "a/".repeat(9_000);
    let said = repository.run(&["check", "-", "--stdin-filename", &name]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn of_many_mistakes_the_first_are_told() {
    let repository = Repository::new();
    // Each line has three errors, except the first.
    for (count, told) in [(34, None), (100, Some("and 199 more errors"))] {
        repository.write("headcount.toml", &"= \n".repeat(count));
        let said = repository.run(&["check", "sql"]);
        assert_eq!(said.code, 2);
        let shown = said.err.matches("headcount.toml:").count();
        assert!(shown <= 102, "{count}: {shown}");
        let more = said.err.contains("more errors");
        assert_eq!(more, told.is_some(), "{count}: {}", said.err);
        assert!(
            told.is_none_or(|told| said.err.contains(told)),
            "{}",
            said.err
        );
    }
}

/// Each table's folder has its own configuration, nested in that of the previous
/// table. Each configuration is a repository that contains all nested ones.
#[test]
fn nested_configurations_serve_their_own_files_up_to_a_limit() {
    for (count, status) in [(16, 1), (17, 2), (60, 2)] {
        let repository = Repository::new();
        let mut folder = String::new();
        for at in 0..count {
            folder.push_str("a/");
            repository.write(
                &format!("{folder}headcount.toml"),
                "[project]\nlayout = 'plain'\n",
            );
            let reads = match at {
                0 => "telemetry.main".to_owned(),
                at => format!("d.t{}", at - 1),
            };
            repository.write(
                &format!("{folder}q.sql"),
                &format!("CREATE TABLE d.t{at} AS SELECT client_id FROM {reads};"),
            );
        }
        let said = repository.run(&["check", "a", "--format", "concise"]);
        assert_eq!(said.code, status, "{count}: {}", said.err);
        let told = "more than 16 configurations stand inside each other";
        assert_eq!(said.err.contains(told), status == 2, "{}", said.err);
        if status == 1 {
            assert_eq!(said.out.matches("HC201").count(), count, "{}", said.out);
        }
    }
}
