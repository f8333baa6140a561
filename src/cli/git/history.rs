//! The commits that changed a file.

use std::ffi::OsString;
use std::path::Path;

use super::Repository;

/// The most commits of one file that are looked at; of one with more it is not shown which
/// commit wrote what.
const MOST: usize = 200;

/// A commit.
pub(in crate::cli) struct Commit {
    pub(in crate::cli) id: String,
    /// When it was made, in seconds since 1970.
    pub(in crate::cli) seconds: i64,
}

impl Repository {
    /// Whether the history ends before its first commit; also if git does not say so.
    pub(in crate::cli) fn is_shallow(&self) -> bool {
        let printed = self.output(&["rev-parse", "--is-shallow-repository"]);
        printed.map_or(true, |printed| printed.trim_ascii() != b"false")
    }

    /// The commits up to the newest one that changed a file, the oldest first; none if git
    /// does not know the file.
    pub(in crate::cli) fn commits_of(&self, path: &Path) -> Vec<Commit> {
        let Ok(below) = path.strip_prefix(self.top()) else {
            return Vec::new();
        };
        let most = format!("--max-count={}", MOST + 1);
        let args = ["rev-list", "--timestamp", &most, "HEAD", "--"];
        let mut args: Vec<OsString> = args.iter().map(OsString::from).collect();
        args.push(below.into());
        let printed = self.output(&args).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed);
        let mut commits: Vec<Commit> = printed.lines().filter_map(commit).collect();
        if commits.len() > MOST {
            return Vec::new();
        }
        commits.reverse();
        commits
    }
}

/// A line `SECONDS ID`.
fn commit(line: &str) -> Option<Commit> {
    let (seconds, id) = line.split_once(' ')?;
    let hexadecimal = !id.is_empty() && id.chars().all(|c| c.is_ascii_hexdigit());
    hexadecimal.then_some(Commit {
        id: id.to_owned(),
        seconds: seconds.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::commit;

    #[test]
    fn line_is_a_time_and_a_name() {
        let found = commit("1769904000 0a1b2c").expect("a commit");
        assert_eq!(
            (found.seconds, found.id.as_str()),
            (1_769_904_000, "0a1b2c")
        );
        for line in ["", "x 0a", "1769904000 ", "1769904000 <b>"] {
            assert!(commit(line).is_none(), "{line}");
        }
    }
}
