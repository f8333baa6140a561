//! The files that a change touches: named, staged, or different since a commit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::git::{self, Repository};
use super::{Failure, output};
use crate::source::bounded;
use crate::source::files::{self, ReadError};

/// The range of commits that pre-commit runs on, where it runs on one.
const FROM: &str = "PRE_COMMIT_FROM_REF";
const TO: &str = "PRE_COMMIT_TO_REF";

/// What was before a change.
#[derive(Debug, Clone)]
pub(super) struct Before {
    /// The top of the work tree.
    pub(super) top: PathBuf,
    /// The commit.
    pub(super) commit: String,
}

/// A change.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The files, as absolute paths of the work tree, whether they are there or not.
    pub(super) paths: BTreeSet<PathBuf>,
    /// What was before it, if git knows.
    pub(super) before: Option<Before>,
    /// Whether a staged file is another one in the work tree, so that what will be
    /// committed was not read.
    pub(super) differs: bool,
}

impl Changes {
    /// What is staged, against the last commit; where pre-commit runs on a range of
    /// commits, that.
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
        // Files are read as they are in the work tree.
        let unstaged = repository.unstaged().map_err(Failure::Usage)?;
        let mut differs = false;
        for path in unstaged.iter().filter(|path| paths.contains(path)) {
            differs = true;
            output::tell(&format!(
                "{}: the file was changed after it was staged, so the content to commit was not checked; run `git add {0}`, or `git stash --keep-index`",
                path.display()
            ));
        }
        // Before the first commit nothing was there.
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

    /// What differs from where the branch left a revision, committed or not, below
    /// the paths; everywhere if there are none.
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
            before: Some(Before { top, commit }),
            differs: false,
        }
    }

    /// Adds paths that were named. One that is not there was deleted if git knows
    /// it; else that is told, as is one that can't be read, and the number of such is
    /// returned.
    pub(super) fn add(&mut self, named: &[PathBuf]) -> usize {
        let mut missing = 0;
        for path in named {
            let absolute = files::absolute(path);
            let is_there = absolute.symlink_metadata().is_ok();
            // Of a folder that is there, something may be gone.
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

/// The work tree around a path.
pub(super) fn repository(start: &Path) -> Result<Repository, Failure> {
    let start = files::absolute(start);
    Repository::around(git::standing(&start)).map_err(|why| {
        Failure::Usage(format!(
            "`diff`, --base, --staged and --trust-base compare with a git commit: {why}; run the command in a git work tree, or check files without these options: `headcount check PATH`"
        ))
    })
}

/// The commit that a revision names.
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

/// Where a branch left another, so that what others did since is not taken for this
/// change's. Histories without a common commit are compared as they stand.
pub(super) fn merge_base(repository: &Repository, named: &str, branch: &str) -> String {
    repository
        .merge_base(named, branch)
        .unwrap_or_else(|| named.to_owned())
}

/// The files that the last commit has at a path, or below it, and that are gone.
fn deleted(path: &Path) -> Option<(Before, Vec<PathBuf>)> {
    let repository = Repository::around(git::standing(path)).ok()?;
    let head = commit(&repository, "HEAD", "HEAD").ok()?;
    let known = repository.files_at(&head, path).ok()?.into_iter();
    let gone: Vec<PathBuf> = known
        .filter(|path| path.symlink_metadata().is_err())
        .collect();
    let top = repository.top().to_owned();
    (!gone.is_empty()).then_some((Before { top, commit: head }, gone))
}
