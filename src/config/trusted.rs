//! A revision whose configuration, registry and record serve in place of those of the
//! work tree: what a change says of itself does not decide about it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::source::files::absolute;

/// The files of a revision, and which of them a change touches.
#[derive(Debug)]
pub struct Trusted {
    /// What the revision was called.
    revision: String,
    /// The top of the work tree.
    top: PathBuf,
    /// The folder with the files of the revision.
    stored: PathBuf,
    /// The files of the work tree that the change touches.
    changed: BTreeSet<PathBuf>,
    /// Those of them that were asked for and do not serve.
    passed: Mutex<BTreeSet<PathBuf>>,
}

impl Trusted {
    /// The files of a revision, in a folder of their own.
    pub fn new(
        revision: String,
        top: PathBuf,
        stored: PathBuf,
        changed: BTreeSet<PathBuf>,
    ) -> Self {
        Self {
            revision,
            top,
            stored,
            changed,
            passed: Mutex::default(),
        }
    }

    /// Where what the revision has at a path of the work tree is; `None` for a path
    /// outside of that, which no change touches.
    pub fn stored(&self, path: &Path) -> Option<PathBuf> {
        let absolute = absolute(path);
        let within = absolute.strip_prefix(&self.top).ok()?;
        // Joined with an empty path it would end with a slash.
        Some(if within.as_os_str().is_empty() {
            self.stored.clone()
        } else {
            self.stored.join(within)
        })
    }

    /// Where a path is read that says what serves.
    pub fn read_at(&self, path: &Path) -> PathBuf {
        self.pass_over(path);
        self.stored(path).unwrap_or_else(|| path.to_owned())
    }

    /// Notes that a path of the work tree, with all below it, does not serve.
    pub fn pass_over(&self, path: &Path) {
        let path = absolute(path);
        let below = self.changed.range(path.clone()..);
        let touched = below.take_while(|changed| changed.starts_with(&path));
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.extend(touched.cloned());
    }

    /// What is said of the files that the change touches and that do not serve.
    pub fn notes(&self) -> Vec<String> {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed
            .iter()
            .map(|path| {
                let shown = path.strip_prefix(&self.top).unwrap_or(path);
                format!(
                    "the change touches {}, which does not serve: that of {} does",
                    shown.display(),
                    self.revision
                )
            })
            .collect()
    }
}

/// Where a path is read, whether or not a revision is trusted.
pub fn read_at(trusted: Option<&Trusted>, path: &Path) -> PathBuf {
    trusted.map_or_else(|| path.to_owned(), |trusted| trusted.read_at(path))
}

#[cfg(test)]
mod tests {
    use super::Trusted;
    use std::path::{Path, PathBuf};

    #[test]
    fn path_of_work_tree_is_read_from_revision_and_change_of_it_is_noted() {
        let changed = ["/w/a/headcount.toml", "/w/record/x.toml", "/w/q.sql"];
        let trusted = Trusted::new(
            "main".to_owned(),
            PathBuf::from("/w"),
            PathBuf::from("/t"),
            changed.iter().map(PathBuf::from).collect(),
        );
        assert_eq!(trusted.stored(Path::new("/outside")), None);
        trusted.stored(Path::new("/w/q.sql"));
        assert!(trusted.notes().is_empty());
        let read = trusted.read_at(Path::new("/w/a/headcount.toml"));
        assert_eq!(read, Path::new("/t/a/headcount.toml"));
        trusted.read_at(Path::new("/w/record"));
        assert_eq!(
            trusted.notes(),
            [
                "the change touches a/headcount.toml, which does not serve: that of main does",
                "the change touches record/x.toml, which does not serve: that of main does",
            ]
        );
    }
}
