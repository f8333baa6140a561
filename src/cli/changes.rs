//! The files that a change touches: named files, staged files, or the difference
//! from a commit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::git::{self, Repository};
use super::{Failure, output};
use crate::source::bounded;
use crate::source::files::{self, ReadError};

/// Environment variable with the first commit of the range that pre-commit runs on;
/// absent if it does not run on a range.
const FROM: &str = "PRE_COMMIT_FROM_REF";
const TO: &str = "PRE_COMMIT_TO_REF";

/// The state of the repository before a change.
#[derive(Debug, Clone)]
pub(super) struct BaseCommit {
    /// The top of the work tree.
    pub(super) top: PathBuf,
    /// The commit, as an object name.
    pub(super) commit: String,
}

/// The files that a change touches, and the commit before it.
#[derive(Debug, Default)]
pub(super) struct ChangedFiles {
    /// The changed files as absolute paths of the work tree, deleted files included.
    pub(super) paths: BTreeSet<PathBuf>,
    /// The state before the change, if git knows one.
    pub(super) before: Option<BaseCommit>,
    /// Whether a staged file has further changes in the work tree. If so, the
    /// content to commit was not read.
    pub(super) differs: bool,
}

impl ChangedFiles {
    /// Returns the difference between the index and the last commit. If pre-commit
    /// runs on a range of commits, returns the difference of that range instead.
    pub(super) fn staged(start: &Path) -> Result<Self, Failure> {
        let repository = repository(start)?;
        let top = repository.top().to_owned();
        let env = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        if let (Some(from), Some(to)) = (env(FROM), env(TO)) {
            let from = commit(&repository, FROM, &from)?;
            let to = commit(&repository, TO, &to)?;
            let base = merge_base(&repository, &from, &to);
            let paths = repository.changed_between(&base, &to);
            return Ok(Self::since(top, base, paths.map_err(Failure::Usage)?));
        }
        let paths = repository.staged().map_err(Failure::Usage)?;
        // Files are read from the work tree, not from the index.
        let unstaged = repository.unstaged().map_err(Failure::Usage)?;
        let mut differs = false;
        for path in unstaged.iter().filter(|path| paths.contains(path)) {
            differs = true;
            output::tell(&format!(
                "{}: the file was changed after it was staged, so the content to commit was not checked; run `git add {0}`, or `git stash --keep-index`",
                path.display()
            ));
        }
        // There is no earlier state before the first commit.
        Ok(match commit(&repository, "HEAD", "HEAD") {
            Ok(head) => Self {
                differs,
                ..Self::since(top, head, paths)
            },
            Err(_) => Self {
                paths: paths.into_iter().collect(),
                before: None,
                differs,
            },
        })
    }

    /// Returns the difference from the merge base of a revision and HEAD.
    /// Uncommitted changes are included. Only changes below the given paths count,
    /// unless there are none.
    pub(super) fn since_revision(
        start: &Path,
        revision: &str,
        below: &[PathBuf],
    ) -> Result<Self, Failure> {
        let repository = repository(start)?;
        let named = commit(&repository, "--base", revision)?;
        let base = merge_base(&repository, &named, "HEAD");
        let paths = repository.changed_since(&base, below);
        let top = repository.top().to_owned();
        Ok(Self::since(top, base, paths.map_err(Failure::Usage)?))
    }

    fn since(top: PathBuf, commit: String, paths: Vec<PathBuf>) -> Self {
        Self {
            paths: paths.into_iter().collect(),
            before: Some(BaseCommit { top, commit }),
            differs: false,
        }
    }

    /// Adds paths that the user named, and returns the number of missing ones.
    ///
    /// A path that does not exist was deleted if the last commit or the change
    /// contains it. Any other, and one that cannot be read, is reported and counted
    /// as missing.
    pub(super) fn add(&mut self, named: &[PathBuf]) -> usize {
        let mut missing = 0;
        for path in named {
            let absolute = files::absolute(path);
            let is_there = absolute.symlink_metadata().is_ok();
            // Files below an existing folder may have been deleted.
            let gone = if absolute.is_dir() || !is_there {
                deleted(&absolute)
            } else {
                None
            };
            if !is_there && gone.is_none() && !self.paths.contains(&absolute) {
                let path = path.clone();
                Failure::Read(ReadError::Missing { path }).tell();
                missing += 1;
                continue;
            }
            if is_there
                && !absolute.is_dir()
                && let Err(error) = bounded::readable(path, u64::MAX)
            {
                let path = path.clone();
                Failure::Read(ReadError::Unreadable { path, error }).tell();
                missing += 1;
                continue;
            }
            if let Some((before, gone)) = gone {
                self.paths.extend(gone);
                self.before.get_or_insert(before);
            }
            if is_there {
                self.paths.insert(absolute);
            }
        }
        missing
    }
}

/// Returns the work tree around a path.
pub(super) fn repository(start: &Path) -> Result<Repository, Failure> {
    let start = files::absolute(start);
    Repository::around(git::nearest_folder(&start)).map_err(|why| {
        Failure::Usage(format!(
            "`diff`, --base, --staged and --trust-base compare with a git commit: {why}; run the command in a git work tree, or check files without these options: `headcount check PATH`"
        ))
    })
}

/// Returns the commit that a revision names.
pub(super) fn commit(
    repository: &Repository,
    what: &str,
    revision: &str,
) -> Result<String, Failure> {
    repository.commit(revision).map_err(|why| {
        Failure::Usage({
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(" ({why})")
            };
            let help = "check its name, or fetch it: `git fetch origin` (in CI: `fetch-depth: 0`)";
            format!("{what} {revision}: unknown git commit{why}; {help}")
        })
    })
}

/// Returns the merge base of a commit and a branch, otherwise the commit. With the
/// merge base, later changes by others are not attributed to this change.
pub(super) fn merge_base(repository: &Repository, named: &str, branch: &str) -> String {
    repository
        .merge_base(named, branch)
        .unwrap_or_else(|| named.to_owned())
}

/// Returns the files of the last commit at or below a path that no longer exist.
fn deleted(path: &Path) -> Option<(BaseCommit, Vec<PathBuf>)> {
    let repository = Repository::around(git::nearest_folder(path)).ok()?;
    let head = commit(&repository, "HEAD", "HEAD").ok()?;
    let known = repository.files_at(&head, path).ok()?.into_iter();
    let gone: Vec<PathBuf> = known
        .filter(|path| path.symlink_metadata().is_err())
        .collect();
    let top = repository.top().to_owned();
    (!gone.is_empty()).then_some((BaseCommit { top, commit: head }, gone))
}
