//! A git repository with the shape of `ech_adoption_rate_v1`. Each test uses only
//! some of its functions.
#![allow(dead_code)]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::program::{ProgramOutput, headcount};

/// The bug in which the data review is requested.
pub const BUG: &str = "https://bugzilla.mozilla.org/show_bug.cgi?id=1957082";
/// The folder of the dataset.
pub const FOLDER: &str = "sql/moz-fx-data-shared-prod/telemetry_derived/ech_adoption_rate_v1";

/// The query as first published: its threshold counts distinct clients.
pub const CLIENTS_ONLY: &str = "SELECT
  submission_date,
  country,
  COUNT(DISTINCT client_id) AS clients,
  SUM(subsession_hours_sum) AS handshakes
FROM
  telemetry.clients_daily
WHERE
  submission_date = @submission_date
GROUP BY
  submission_date,
  country
HAVING
  COUNT(DISTINCT client_id) >= 5000
";

/// Returns the later query: one client with 5,000 handshakes passes its threshold.
pub fn build_query_with_or() -> String {
    CLIENTS_ONLY.replace(
        "COUNT(DISTINCT client_id) >= 5000",
        "SUM(subsession_hours_sum) >= 5000\n  OR COUNT(DISTINCT client_id) >= 5000",
    )
}

/// Runs git in a folder, with no configuration but the repository's.
pub fn run_git_in(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=A Steward",
            "-c",
            "user.email=steward@example.org",
        ])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A temporary repository with the dataset of [`CLIENTS_ONLY`] in one commit.
pub struct Repository(TempDir);

impl Repository {
    pub fn new() -> Self {
        let repository = Self(TempDir::new().expect("a folder"));
        repository.git(&["init", "-q", "-b", "main"]);
        repository.write(&format!("{FOLDER}/query.sql"), CLIENTS_ONLY);
        repository.commit("A dataset");
        repository
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn git(&self, args: &[&str]) -> String {
        run_git_in(self.path(), args)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file")
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// Runs the program on a fixed day, without the user's git configuration.
    pub fn run(&self, args: &[&str]) -> ProgramOutput {
        let env = [
            ("SOURCE_DATE_EPOCH", "1769904000"), // 2026-02-01
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ];
        headcount(args, "", self.path(), &env)
    }

    pub fn approve(&self) -> ProgramOutput {
        self.run(&["approve", "sql", "--bug", "1957082", "--by", "A Steward"])
    }

    /// Returns path and text of the only entry of the publishing record.
    pub fn entry(&self) -> (String, String) {
        let mut files: Vec<String> = fs::read_dir(self.path().join("publishing-record"))
            .expect("the record")
            .map(|file| {
                file.expect("a file")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        assert_eq!(files.len(), 1, "{files:?}");
        let path = format!("publishing-record/{}", files.remove(0));
        let text = self.read(&path);
        (path, text)
    }
}
