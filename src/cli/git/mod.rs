//! Git, which is asked and never changed: every call of it stands here. Names of
//! files are bytes: one that is no UTF-8 is a file like others.

mod command;
mod history;
mod tree;

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use command::Place;

use crate::source::bounded;
use crate::source::files::{self, listed};

/// The names of what differs, whatever git is configured to show. What is changed in
/// a submodule and not committed there is not asked: git would run in it.
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

/// Settings that name programs through which files go when git compares them.
const FILTERS: &str = r"^filter\..*\.(clean|smudge|process|required)$";

/// A work tree with its repository.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    top: PathBuf,
    git_dir: Option<PathBuf>,
    /// Settings of filters, read when they matter.
    filters: OnceCell<Vec<OsString>>,
}

impl Repository {
    /// The work tree around an absolute path: the folder with the nearest `.git`
    /// upward; without one, that of the environment, if the path lies in it.
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

    /// The top of the work tree, spelled as the path was.
    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    fn place(&self) -> Place<'_> {
        Place {
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

    /// What git says of the work tree, whose files it may have to read: no program
    /// that the settings name for that runs, and the index is that of the hook that
    /// runs this, where one does.
    fn compared(&self, args: &[impl AsRef<OsStr>]) -> Result<Vec<PathBuf>, String> {
        let index = self.hook_index();
        let place = Place {
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
            // Status 1 says that there is none.
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

    /// The index of the hook that runs this, if it is one of this repository.
    fn hook_index(&self) -> Option<PathBuf> {
        let index = files::absolute(Path::new(&std::env::var_os("GIT_INDEX_FILE")?));
        let own = match &self.git_dir {
            Some(git_dir) => git_dir.clone(),
            None => self.found_git_dir()?,
        };
        bounded::is_below(index.parent()?, &own).then_some(index)
    }

    /// The repository's folder, which a file `.git` may name.
    fn found_git_dir(&self) -> Option<PathBuf> {
        let path = self.top.join(".git");
        if path.is_dir() {
            return Some(path);
        }
        bounded::named_git_dir(&self.top)
    }

    /// The commit that a revision names.
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

    /// Where a branch left a commit, if they have one in common.
    pub(super) fn merge_base(&self, commit: &str, branch: &str) -> Option<String> {
        let args = ["merge-base", "--end-of-options", commit, branch];
        let printed = self.output(&args).ok()?;
        Some(String::from_utf8_lossy(&printed).trim().to_owned())
    }

    /// The files that differ between two commits.
    pub(super) fn changed_between(&self, from: &str, to: &str) -> Result<Vec<PathBuf>, String> {
        let args = [DIFF, &["--end-of-options", from, to, "--"]].concat();
        Ok(self.whole(self.compared(&args)?))
    }

    /// The files that differ between the last commit and the index.
    pub(super) fn staged(&self) -> Result<Vec<PathBuf>, String> {
        let args = [DIFF, &["--cached", "--"]].concat();
        Ok(self.whole(self.compared(&args)?))
    }

    /// The files below absolute paths, or all, that differ between a commit and the
    /// work tree, or that git does not know.
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

    /// All files that differ from the newest commit or are not in it; folders that
    /// are ignored, as a whole.
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

    /// The files whose changes git was told not to look for (`--skip-worktree`,
    /// `--assume-unchanged`), that are there and are not as the newest commit has them.
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

    /// Whether a file is as the newest commit has it, but for line ends.
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

    /// The files that differ between the index and the work tree.
    pub(super) fn unstaged(&self) -> Result<Vec<PathBuf>, String> {
        let args = [DIFF, &["--"]].concat();
        Ok(self.whole(self.compared(&args)?))
    }

    /// The files that git tracks, and those that it would.
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

    /// The files that a commit has at an absolute path or below it.
    pub(super) fn files_at(&self, commit: &str, path: &Path) -> Result<Vec<PathBuf>, String> {
        let mut args: Vec<OsString> = ["ls-tree", "-r", "-z", "--name-only", "--full-tree"]
            .iter()
            .map(OsString::from)
            .collect();
        args.extend(["--end-of-options", commit, "--"].map(OsString::from));
        let within = self.within(path);
        // All of it, where the top itself is meant.
        if !within.as_os_str().is_empty() {
            args.push(within.into());
        }
        Ok(self.whole(paths(&self.output(&args)?)))
    }

    /// The text of a file at a commit, as it is stored.
    pub(super) fn text_at(&self, commit: &str, path: &Path) -> Option<String> {
        let mut object = OsString::from(format!("{commit}:"));
        object.push(path.strip_prefix(&self.top).ok()?);
        let args = ["cat-file".into(), "blob".into(), object];
        String::from_utf8(self.output(&args).ok()?).ok()
    }

    /// The links that git tracks. Another one is itself something that changed.
    ///
    /// # Errors
    /// If git can't tell.
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

    /// The files below a folder that git tracks. What it would ignore is not asked: to
    /// match the patterns of a work tree may take git longer than anybody waits.
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

    /// The paths that git prints, below the top. One that leads out, as a commit that
    /// nobody's git made may have, is that of no file.
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

/// What git's settings say around a folder: those of its repository, else the
/// user's own.
pub(super) fn setting(folder: &Path, key: &str) -> Option<String> {
    let repository = Repository::around(&files::absolute(folder)).ok();
    // Where there is no repository, none that happens to be here is asked.
    let outside = std::env::temp_dir();
    let place = match &repository {
        Some(repository) => repository.place(),
        None => Place {
            folder: Some(&outside),
            ..Place::default()
        },
    };
    let mut command = command::command(&place);
    command.args(["config", "--get", key]);
    let printed = command::output(command).ok()?;
    let text = String::from_utf8(printed).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The nearest folder that is there, of an absolute path.
pub(super) fn standing(path: &Path) -> &Path {
    path.ancestors()
        .find(|above| above.is_dir())
        .unwrap_or(Path::new("."))
}

/// The files below a folder that git tracks, whatever a `.gitignore` names: they are
/// part of the repository. None where there is no repository.
///
/// # Errors
/// If git can't tell.
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

/// The paths that git prints, each ended by a NUL.
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
