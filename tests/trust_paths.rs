//! The trusted revision decides for any spelling of a path, and whatever links the
//! change creates.
#![cfg(unix)]

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use program::{ProgramOutput, headcount};
use repository::Repository;
use tempfile::TempDir;

/// A query for which five people are enough.
const SMALL: &str = "SELECT country, COUNT(DISTINCT client_id) AS n FROM telemetry.clients_daily WHERE submission_date = @d GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5";

/// The built-in registry, which requires 5,000 people.
const USUAL: &str = include_str!("../dimension-registry.toml");

fn lax() -> String {
    let lax = USUAL.replace("\nmin_bucket = 5000\n", "\nmin_bucket = 5\n");
    assert_ne!(lax, USUAL);
    lax
}

/// A repository with a trusted base and a change, and a link to it from outside.
struct ChangedRepository {
    repository: Repository,
    outside: TempDir,
}

impl ChangedRepository {
    fn of(base: &[(&str, &str)], change: &[(&str, &str)]) -> Self {
        let repository = Repository::new();
        repository.write("README.md", "A repository.\n");
        for (path, text) in base {
            repository.write(path, text);
        }
        repository.commit("The base");
        for (path, text) in change {
            repository.write(path, text);
        }
        repository.write("sql/q.sql", SMALL);
        let outside = TempDir::new().expect("a folder");
        symlink(repository.path(), outside.path().join("link")).expect("a link");
        Self {
            repository,
            outside,
        }
    }

    fn link(&self, below: &str) -> String {
        let link = self.outside.path().join("link").join(below);
        link.display().to_string()
    }

    fn run_in(&self, folder: &Path, args: &[&str]) -> ProgramOutput {
        let env = [
            ("SOURCE_DATE_EPOCH", "1769904000"), // 2026-02-01
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ];
        headcount(args, "", folder, &env)
    }

    /// Asserts that a run finds five people too few for the query.
    fn fails(&self, args: &[&str]) {
        let said = self.run_in(self.repository.path(), args);
        assert_eq!(said.code, 1, "{args:?}: {} {}", said.out, said.err);
    }
}

#[test]
fn repository_that_is_reached_by_a_link_is_the_same() {
    let changed = ChangedRepository::of(
        &[
            ("sql/headcount.toml", "registry = \"../reg.toml\"\n"),
            ("reg.toml", USUAL),
        ],
        &[("reg.toml", &lax())],
    );
    let loose = changed.repository.run(&["check", "sql/q.sql"]);
    assert_eq!(loose.code, 0, "{} {}", loose.out, loose.err);
    changed.repository.commit("The change");
    let (sql, file) = (changed.link("sql"), changed.link("sql/q.sql"));
    for args in [
        &["check", "--trust-base", "HEAD^", &sql][..],
        &["check", "--trust-base", "HEAD^", &file],
        &["check", "--trust-base", "HEAD^", "--base", "HEAD^", &sql],
    ] {
        let said = changed.run_in(changed.repository.path(), args);
        assert_eq!(said.code, 1, "{args:?}: {} {}", said.out, said.err);
        assert!(said.out.contains("modifies reg.toml"), "{}", said.out);
    }
    let args = ["check", "--trust-base", "HEAD^", "--stdin-filename", &file];
    let args = [&args[..], &["-"]].concat();
    let env = [("GIT_CONFIG_GLOBAL", "/dev/null")];
    let said = headcount(&args, SMALL, changed.repository.path(), &env);
    assert_ne!(said.code, 0, "{} {}", said.out, said.err);
}

#[test]
fn approval_of_the_change_is_none_by_any_path() {
    let changed = ChangedRepository::of(
        &[
            ("sql/headcount.toml", "[project]\nrecord = \"../rec\"\n"),
            ("rec/README.md", "The record.\n"),
        ],
        &[],
    );
    changed.repository.commit("The change");
    let approved = ["approve", "sql/q.sql", "--bug", "1", "--by", "S"];
    let said = changed.repository.run(&approved);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    changed.repository.commit("Approved by itself");
    let said = changed.repository.run(&["check", "sql/q.sql"]);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    for path in ["sql/q.sql".to_owned(), changed.link("sql/q.sql")] {
        let args = ["check", "--trust-base", "HEAD~2", &path];
        let said = changed.repository.run(&args);
        assert_eq!(said.code, 1, "{path}: {} {}", said.out, said.err);
    }
}

#[test]
fn link_of_the_change_leads_to_no_other_registry() {
    for leads in ["lax/sub", "out/sub"] {
        let changed = ChangedRepository::of(
            &[
                ("headcount.toml", "registry = \"conf/../reg.toml\"\n"),
                ("conf/README.md", "Nothing.\n"),
                ("reg.toml", USUAL),
                ("lax/reg.toml", &lax()),
                ("lax/sub/README.md", "Nothing.\n"),
            ],
            &[],
        );
        let root = changed.repository.path();
        let out = changed.outside.path().join("out");
        fs::create_dir_all(out.join("sub")).expect("a folder");
        fs::write(out.join("reg.toml"), lax()).expect("a file");
        fs::remove_dir_all(root.join("conf")).expect("it was there");
        let target = match leads {
            "lax/sub" => leads.into(),
            _ => changed.outside.path().join(leads),
        };
        symlink(target, root.join("conf")).expect("a link");
        changed.repository.commit("A link");
        let loose = changed.repository.run(&["check", "sql/q.sql"]);
        let served = leads == "lax/sub" && loose.code == 0;
        // Without a trusted revision, a path that leads out of the repository is
        // refused.
        assert!(served || loose.code == 2, "{} {}", loose.out, loose.err);
        let trust = ["--base", "HEAD^", "--trust-base", "HEAD^"];
        changed.fails(&["check", "--trust-base", "HEAD^", "sql/q.sql"]);
        changed.fails(&[&["check"], &trust[..]].concat());
        changed.fails(&[&["diff", "--fail-on", "review"], &trust[..]].concat());
    }
}

#[test]
fn files_that_the_command_line_names_are_the_revisions_by_any_path() {
    let changed = ChangedRepository::of(
        &[],
        &[("r.toml", &lax()), ("c.toml", "registry = \"r.toml\"\n")],
    );
    let (registry, config) = (changed.link("r.toml"), changed.link("c.toml"));
    for named in [
        &["--registry", "r.toml"][..],
        &["--registry", &registry],
        &["--registry", "/proc/self/cwd/r.toml"],
        &["--registry", "sql/../r.toml"],
        &["--config", "c.toml"],
        &["--config", &config],
        &["--config", "/proc/self/cwd/c.toml"],
    ] {
        let loose = changed
            .repository
            .run(&[&["check", "sql/q.sql"], named].concat());
        let here = !named[1].starts_with("/proc") || Path::new("/proc/self/cwd").exists();
        let (out, err) = (&loose.out, &loose.err);
        assert!(!here || loose.code == 0, "{named:?}: {out} {err}");
        let args = [&["check", "sql/q.sql", "--trust-base", "HEAD"], named].concat();
        let said = changed.repository.run(&args);
        assert_eq!(said.code, 2, "{named:?}: {} {}", said.out, said.err);
    }
}
