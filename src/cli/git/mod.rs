//! Queries of git, which never change a repository. All calls of git are in this
//! folder. File names are bytes: a name that is not UTF-8 is valid.

mod command;
mod history;
mod tree;

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use command::GitLocation;

use crate::source::bounded;
use crate::source::files::{self, listed};

/// Arguments that list the names of changed files, whatever git is configured to
/// show. Uncommitted changes inside a submodule are not listed: git would have to
/// run in it.
const DIFF: &[&str] = &[
    "diff",
    "--name-only",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--ignore-submodules=dirty",
    "-z",
];

/// The mode of a link, as git prints it.
const LINK: &[u8] = b"120000 ";

/// Settings that name programs that convert files when git compares them.
const FILTERS: &str = r"^filter\..*\.(clean|smudge|process|required)$";

/// A work tree with its repository.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    top: PathBuf,
    git_dir: Option<PathBuf>,
    /// Settings of filters, read on demand.
    filters: OnceCell<Vec<OsString>>,
}

impl Repository {
    /// Returns the work tree around an absolute path: the folder with the nearest
    /// `.git` upward. Without one, returns the work tree of the environment, if it
    /// contains the path.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn around(path: &Path) -> Result<Self, String> {
        let of = |top: &Path, git_dir: Option<PathBuf>| Self {
            top: top.to_owned(),
            git_dir,
            filters: OnceCell::new(),
        };
        if let Some(top) = bounded::top(path) {
            return Ok(of(top, None));
        }
        let given = |name: &str| std::env::var_os(name).map(PathBuf::from);
        if let Some(git_dir) = given("GIT_DIR") {
            let top = given("GIT_WORK_TREE").unwrap_or_else(|| PathBuf::from("."));
            let top = files::absolute(&top);
            if path.starts_with(&top) {
                return Ok(of(&top, Some(files::absolute(&git_dir))));
            }
        }
        Err(format!(
            "{}: no git repository here or above",
            path.display()
        ))
    }

    /// The top of the work tree, spelled as in the path.
    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    fn place(&self) -> GitLocation<'_> {
        GitLocation {
            folder: Some(&self.top),
            git_dir: self.git_dir.as_deref(),
            index: None,
        }
    }

    fn output(&self, args: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, String> {
        let mut command = command::command(&self.place());
        command.args(args);
        command::output(command)
    }

    /// Returns the paths that git prints about the work tree, whose files it may
    /// read. No filter program from the settings runs. If a hook runs the program,
    /// the index is that of the hook.
    fn compared(&self, args: &[impl AsRef<OsStr>]) -> Result<Vec<PathBuf>, String> {
        let index = self.hook_index();
        let place = GitLocation {
            index: index.as_deref(),
            ..self.place()
        };
        let mut command = command::command(&place);
        let filters = self.filters()?;
        command.env("GIT_CONFIG_COUNT", filters.len().to_string());
        for (at, filter) in filters.iter().enumerate() {
            let value = if ends_with(filter, ".required") {
                "false"
            } else {
                ""
            };
            command.env(format!("GIT_CONFIG_KEY_{at}"), filter);
            command.env(format!("GIT_CONFIG_VALUE_{at}"), value);
        }
        command.args(args);
        command::output(command).map(|printed| paths(&printed))
    }

    fn filters(&self) -> Result<&[OsString], String> {
        if self.filters.get().is_none() {
            let args = ["config", "-z", "--name-only", "--get-regexp", FILTERS];
            let mut command = command::command(&self.place());
            command.args(args);
            // Status 1 means that there is none.
            let output = command::finished(command)?;
            if !matches!(output.status.code(), Some(0 | 1)) {
                return Err(command::said(&output.stderr));
            }
            let mut names: Vec<OsString> = split(&output.stdout).map(os_string).collect();
            names.sort();
            names.dedup();
            let _ = self.filters.set(names);
        }
        Ok(self.filters.get().map_or(&[], Vec::as_slice))
    }

    /// Returns the index of the hook that runs the program, if it belongs to this
    /// repository.
    fn hook_index(&self) -> Option<PathBuf> {
        let index = files::absolute(Path::new(&std::env::var_os("GIT_INDEX_FILE")?));
        let own = match &self.git_dir {
            Some(git_dir) => git_dir.clone(),
            None => self.found_git_dir()?,
        };
        bounded::is_below(index.parent()?, &own).then_some(index)
    }

    /// Returns the folder of the repository, which a file `.git` may name.
    fn found_git_dir(&self) -> Option<PathBuf> {
        let path = self.top.join(".git");
        if path.is_dir() {
            return Some(path);
        }
        bounded::named_git_dir(&self.top)
    }

    /// Returns the commit that a revision names.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn commit(&self, revision: &str) -> Result<String, String> {
        let spelled = format!("{revision}^{{commit}}");
        let args = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &spelled,
        ];
        let printed = self.output(&args)?;
        Ok(String::from_utf8_lossy(&printed).trim().to_owned())
    }

    /// Returns the merge base of a commit and a branch, if they have one.
    pub(super) fn merge_base(&self, commit: &str, branch: &str) -> Option<String> {
        let args = ["merge-base", "--end-of-options", commit, branch];
        let printed = self.output(&args).ok()?;
        Some(String::from_utf8_lossy(&printed).trim().to_owned())
    }

    /// Returns the files that differ between two commits.
    pub(super) fn changed_between(&self, from: &str, to: &str) -> Result<Vec<PathBuf>, String> {
        let args = [DIFF, &["--end-of-options", from, to, "--"]].concat();
        Ok(self.whole(self.compared(&args)?))
    }

    /// Returns the files that differ between the last commit and the index.
    pub(super) fn staged(&self) -> Result<Vec<PathBuf>, String> {
        let args = [DIFF, &["--cached", "--"]].concat();
        Ok(self.whole(self.compared(&args)?))
    }

    /// Returns the files that differ between a commit and the work tree. Untracked
    /// files are included. Only files below the given absolute paths count, unless
    /// there are none.
    pub(super) fn changed_since(
        &self,
        commit: &str,
        below: &[PathBuf],
    ) -> Result<Vec<PathBuf>, String> {
        let below: Vec<PathBuf> = below.iter().map(|path| self.within(path)).collect();
        let with = |args: &[&str]| -> Vec<OsString> {
            let args = args.iter().map(OsString::from);
            let below = below.iter().map(|path| listed(path).into());
            args.chain(below).collect()
        };
        let known = with(&[DIFF, &["--end-of-options", commit, "--"]].concat());
        let mut changed = self.compared(&known)?;
        let others = ["ls-files", "--others", "--exclude-standard", "-z", "--"];
        changed.extend(self.compared(&with(&others))?);
        Ok(self.whole(changed))
    }

    /// Returns all files that differ from the last commit or are not in it. An
    /// ignored folder is one path.
    pub(super) fn uncommitted(&self) -> Result<Vec<PathBuf>, String> {
        let args = [
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignored=matching",
            "--ignore-submodules=dirty",
        ];
        let printed = self.compared(&args)?;
        let paths = printed.iter().filter_map(|line| {
            let bytes = line.as_os_str().as_encoded_bytes();
            let path = bytes.get(3..).filter(|path| !path.is_empty())?;
            let path = path.strip_suffix(b"/").unwrap_or(path);
            Some(PathBuf::from(os_string(path)))
        });
        Ok(self.whole(paths.collect()))
    }

    /// Returns the changed files whose changes git was told to ignore. These are
    /// files with `--skip-worktree` or `--assume-unchanged` that exist and differ
    /// from the last commit.
    pub(super) fn changed_unseen(&self) -> Result<Vec<PathBuf>, String> {
        let printed = self.compared(&["ls-files", "-v", "-z"])?;
        let unseen = printed.iter().filter_map(|line| {
            let bytes = line.as_os_str().as_encoded_bytes();
            let (tag, path) = (bytes.first()?, bytes.get(2..)?);
            let told = tag.is_ascii_lowercase() || *tag == b'S';
            told.then(|| PathBuf::from(os_string(path)))
        });
        let mut changed = self.whole(unseen.collect());
        changed.retain(|path| path.is_file() && !self.is_as_committed(path));
        Ok(changed)
    }

    /// Returns whether a file equals that of the last commit, apart from line ends.
    fn is_as_committed(&self, path: &Path) -> bool {
        let here = bounded::read(path, bounded::LARGEST_TEXT);
        let lines = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.replace("\r\n", "\n")
        };
        let here = here.ok().map(|bytes| lines(&bytes));
        let there = self.text_at("HEAD", path);
        here.is_some() && here == there.map(|text| lines(text.as_bytes()))
    }

    /// Returns the files that differ between the index and the work tree.
    pub(super) fn unstaged(&self) -> Result<Vec<PathBuf>, String> {
        let args = [DIFF, &["--"]].concat();
        Ok(self.whole(self.compared(&args)?))
    }

    /// Returns the files that git tracks, and the untracked files that it does not
    /// ignore.
    pub(super) fn known(&self) -> Result<Vec<PathBuf>, String> {
        let args = [
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ];
        Ok(self.whole(self.compared(&args)?))
    }

    /// Returns the files that a commit has at or below an absolute path.
    pub(super) fn files_at(&self, commit: &str, path: &Path) -> Result<Vec<PathBuf>, String> {
        let mut args: Vec<OsString> = ["ls-tree", "-r", "-z", "--name-only", "--full-tree"]
            .iter()
            .map(OsString::from)
            .collect();
        args.extend(["--end-of-options", commit, "--"].map(OsString::from));
        let within = self.within(path);
        // The top itself means all files.
        if !within.as_os_str().is_empty() {
            args.push(within.into());
        }
        Ok(self.whole(paths(&self.output(&args)?)))
    }

    /// Returns the text of a file at a commit, as it is stored.
    pub(super) fn text_at(&self, commit: &str, path: &Path) -> Option<String> {
        let mut object = OsString::from(format!("{commit}:"));
        object.push(path.strip_prefix(&self.top).ok()?);
        let args = ["cat-file".into(), "blob".into(), object];
        String::from_utf8(self.output(&args).ok()?).ok()
    }

    /// Returns the links that git tracks. An untracked link is itself a change.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn links(&self) -> Result<Vec<PathBuf>, String> {
        let printed = self.compared(&["ls-files", "-s", "-z"])?;
        let links = printed.iter().filter_map(|line| {
            let bytes = line.as_os_str().as_encoded_bytes();
            let place = bytes.iter().position(|byte| *byte == b'\t')?;
            let path = bytes.get(place + 1..)?;
            bytes
                .starts_with(LINK)
                .then(|| PathBuf::from(os_string(path)))
        });
        Ok(self.whole(links.collect()))
    }

    /// Returns the files below a folder that git tracks. Git is not asked which
    /// files it ignores: to match the patterns of a work tree may take very long.
    fn tracked(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let within = self.within(folder);
        let args = [
            "ls-files".into(),
            "-z".into(),
            "--cached".into(),
            "--".into(),
            OsString::from(listed(&within)),
        ];
        Ok(self.whole(self.compared(&args)?))
    }

    fn within(&self, path: &Path) -> PathBuf {
        let path = files::absolute(path);
        match path.strip_prefix(&self.top) {
            Ok(within) => within.to_owned(),
            Err(_) => path,
        }
    }

    /// Returns the paths that git prints as paths below the top. A path that leads
    /// out of it, which a crafted commit may contain, is dropped.
    fn whole(&self, paths: Vec<PathBuf>) -> Vec<PathBuf> {
        let mut whole = Vec::with_capacity(paths.len());
        for path in paths {
            let parts = path.components();
            if parts
                .into_iter()
                .all(|part| matches!(part, Component::Normal(_)))
            {
                whole.push(self.top.join(path));
            }
        }
        whole
    }
}

/// Returns a setting of git for a folder: that of its repository, otherwise that of
/// the user.
pub(super) fn setting(folder: &Path, key: &str) -> Option<String> {
    let repository = Repository::around(&files::absolute(folder)).ok();
    // Without a repository, the one around the working directory must not be used.
    let outside = std::env::temp_dir();
    let place = match &repository {
        Some(repository) => repository.place(),
        None => GitLocation {
            folder: Some(&outside),
            ..GitLocation::default()
        },
    };
    let mut command = command::command(&place);
    command.args(["config", "--get", key]);
    let printed = command::output(command).ok()?;
    let text = String::from_utf8(printed).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Returns the nearest existing folder of an absolute path.
pub(super) fn nearest_folder(path: &Path) -> &Path {
    path.ancestors()
        .find(|above| above.is_dir())
        .unwrap_or(Path::new("."))
}

/// Returns the files below a folder that git tracks, whatever a `.gitignore` names:
/// they are part of the repository. Empty outside of a repository.
///
/// # Errors
/// If git fails.
pub(super) fn tracked(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let absolute = files::absolute(folder);
    let Ok(repository) = Repository::around(&absolute) else {
        return Ok(Vec::new());
    };
    let found = repository.tracked(&absolute)?.into_iter();
    let found = found.filter_map(|path| Some(folder.join(path.strip_prefix(&absolute).ok()?)));
    Ok(found.collect())
}

fn split(printed: &[u8]) -> impl Iterator<Item = &[u8]> {
    printed
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
}

/// Splits the output of git into paths, each of which ends with a NUL.
fn paths(printed: &[u8]) -> Vec<PathBuf> {
    split(printed)
        .map(|name| PathBuf::from(os_string(name)))
        .collect()
}

fn ends_with(text: &OsStr, end: &str) -> bool {
    text.as_encoded_bytes().ends_with(end.as_bytes())
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).to_owned()
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
