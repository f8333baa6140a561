//! Files are written completely or not at all: the old one stays if writing fails,
//! and no file is left that `git add -A` would add.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;
use std::path::Path;

use repository::Repository;

const FORMATS: [&str; 7] = [
    "human", "concise", "json", "markdown", "sarif", "github", "gitlab",
];

fn untracked(repository: &Repository) -> String {
    repository.git(&["status", "--porcelain", "--untracked-files=all"])
}

#[test]
fn report_replaces_the_old_one_and_leaves_nothing_beside_it() {
    let repository = Repository::new();
    for format in FORMATS {
        let target = format!("{format}=report.{format}");
        for _ in 0..2 {
            let said = repository.run(&["check", "sql", "--format", &target]);
            assert_eq!(said.code, 1, "{}", said.err);
        }
    }
    repository.run(&["diff", "--output", "report.diff"]);
    let left = untracked(&repository);
    assert_eq!(left.lines().count(), FORMATS.len() + 1, "{left}");
}

#[test]
fn report_that_cannot_be_written_leaves_the_old_one() {
    let repository = Repository::new();
    repository.write("out/report.json", "old");
    let path = repository.path().join("out/report.json");
    let mut permissions = path.metadata().expect("it is there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("it is set");
    let said = repository.run(&["check", "sql", "--format", "json=out/report.json"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert_eq!(repository.read("out/report.json"), "old");
    for place in ["not/there.json", "out", "out/report.json/x"] {
        let said = repository.run(&["check", "sql", "--format", &format!("json={place}")]);
        assert_eq!(said.code, 2, "{place}: {}", said.err);
    }
    assert_eq!(
        fs::read_dir(repository.path().join("out"))
            .expect("a folder")
            .count(),
        1
    );
}

#[cfg(unix)]
#[test]
fn report_is_written_through_no_link() {
    let repository = Repository::new();
    let outside = tempfile::tempdir().expect("a folder");
    let target = outside.path().join("precious");
    fs::write(&target, "old").expect("a file");
    let config = repository.read(".git/config");
    for to in [target.as_path(), Path::new(".git/config")] {
        let link = repository.path().join("report.sarif");
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(to, &link).expect("a link");
        let said = repository.run(&["check", "sql", "--format", "sarif=report.sarif"]);
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(repository.read("report.sarif").contains("sarif"));
    }
    assert_eq!(fs::read_to_string(&target).expect("it is there"), "old");
    assert_eq!(repository.read(".git/config"), config);
}

#[cfg(unix)]
#[test]
fn device_is_written_to_and_stays_one() {
    use std::os::unix::fs::FileTypeExt;
    let repository = Repository::new();
    for place in ["/dev/null", "/dev/stdout", "/dev/stderr"] {
        let said = repository.run(&["check", "sql", "--format", "json", "--output", place]);
        assert_eq!(said.code, 1, "{place}: {}", said.err);
    }
    let null = fs::metadata("/dev/null").expect("it is there").file_type();
    assert!(null.is_char_device());
    let said = repository.run(&["check", "sql", "--format", "json", "--output", "/dev/full"]);
    assert_eq!(said.code, 2, "{}", said.err);
}

/// A limit on the size of files has the same effect as a full disk.
#[cfg(unix)]
#[test]
fn full_disk_leaves_the_old_ones() {
    let repository = Repository::new();
    repository.approve();
    repository.run(&["record", "--html", "site"]);
    let sql = "SELECT country, COUNT(DISTINCT client_id) AS n FROM telemetry.clients_daily WHERE submission_date = @d GROUP BY country";
    repository.write("fix.sql", &format!("{sql} -- {}\n", "x".repeat(4_000)));
    repository.write("report.json", "old");
    repository.commit("All");
    fs::create_dir(repository.path().join("pages")).expect("a folder");
    let before = untracked(&repository);
    let binary = assert_cmd::cargo::cargo_bin("headcount");
    for command in [
        "check sql --format json=report.json",
        "check sql --format sarif=report.json",
        "check --fix fix.sql",
        "approve sql --bug 2 --by S",
        "record --html site",
        "registry import schema.json --output report.json",
        "man --dir pages",
    ] {
        repository.write("schema.json", "[{\"name\": \"a\", \"type\": \"STRING\"}]");
        // Writing past the limit is an error if the signal is ignored.
        let line = format!(
            "trap '' XFSZ; ulimit -f 1; exec '{}' {command}",
            binary.display()
        );
        let done = std::process::Command::new("bash")
            .args(["-c", &line])
            .current_dir(repository.path())
            .env("SOURCE_DATE_EPOCH", "1769904000")
            .output()
            .expect("bash runs");
        fs::remove_file(repository.path().join("schema.json")).expect("it was there");
        let said = String::from_utf8_lossy(&done.stderr);
        assert_ne!(done.status.code(), Some(0), "{command}: {said}");
        assert_eq!(untracked(&repository), before, "{command}: {said}");
        assert_eq!(repository.read("report.json"), "old", "{command}");
    }
}

#[test]
fn leftovers_of_killed_runs_are_taken_by_nobody_and_go() {
    let repository = Repository::new();
    repository.approve();
    repository.run(&["record", "--html", "site"]);
    repository.commit("All");
    for folder in ["", "publishing-record/", "sql/"] {
        for (file, text) in [("lock", ""), ("new", "half")] {
            repository.write(&format!("{folder}.headcount-abc.tmp/.git/{file}"), text);
        }
    }
    assert_eq!(untracked(&repository), "");
    repository.run(&["check", "sql", "--format", "json=report.json"]);
    assert!(!repository.path().join(".headcount-abc.tmp").exists());
    repository.run(&["approve", "sql", "--bug", "2", "--by", "S"]);
    assert!(
        !repository
            .path()
            .join("publishing-record/.headcount-abc.tmp")
            .exists()
    );
}

#[test]
fn site_is_the_old_one_or_the_new_one() {
    let repository = Repository::new();
    repository.approve();
    assert_eq!(repository.run(&["record", "--html", "site"]).code, 0);
    repository.write("site/CNAME", "example.org");
    assert_eq!(repository.run(&["record", "--html", "site"]).code, 0);
    assert_eq!(repository.read("site/CNAME"), "example.org");
    let index = repository.read("site/index.html");
    for place in [".", "headcount-file"] {
        repository.write("headcount-file", "");
        let said = repository.run(&["record", "--html", place]);
        assert_eq!(said.code, 2, "{place}: {}", said.err);
    }
    assert_eq!(repository.read("site/index.html"), index);
}
