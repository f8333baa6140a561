//! A trusted revision.
//!
//! Its configuration, registry and record replace those of the work tree, so that a
//! change cannot decide about itself.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::source::files::absolute;

/// The target of a path.
enum PathTarget {
    /// A path of the work tree, relative to its top.
    Inside(PathBuf),
    /// A path outside of the work tree.
    Outside(PathBuf),
}

/// The files of a trusted revision, and the files that a change touches.
#[derive(Debug)]
pub struct TrustedRevision {
    /// The name of the revision, as given.
    revision: String,
    /// The top of the work tree, as spelled.
    top: PathBuf,
    /// The top of the work tree, with links resolved.
    real: PathBuf,
    /// The folder that contains the files of the revision.
    stored: PathBuf,
    /// The files of the work tree that the change touches.
    changed: BTreeSet<PathBuf>,
    /// The touched files that were requested, and are not used.
    passed: Mutex<BTreeSet<PathBuf>>,
    /// Whether the change removes the metadata of a published table; computed once.
    leaves: OnceLock<bool>,
}

impl TrustedRevision {
    /// Creates a trusted revision whose files are stored in a folder of their own.
    pub fn new(
        revision: String,
        top: PathBuf,
        stored: PathBuf,
        changed: BTreeSet<PathBuf>,
    ) -> Self {
        let real = top.canonicalize().unwrap_or_else(|_| top.clone());
        Self {
            revision,
            top,
            real,
            stored,
            changed,
            passed: Mutex::default(),
            leaves: OnceLock::new(),
        }
    }

    /// What the revision was called.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Returns the path relative to the top of the work tree, whatever its spelling.
    ///
    /// `None` for a path outside of the work tree, which no change touches. Links
    /// outside of the work tree are resolved, because they may lead into it. Links
    /// inside of it may come from the change, so `..` follows the links of the
    /// revision instead.
    fn within(&self, path: &Path) -> Option<PathBuf> {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (mut place, rest) = match whole.strip_prefix(&self.top) {
            Ok(rest) => (PathTarget::Inside(PathBuf::new()), rest),
            Err(_) => (PathTarget::Outside(PathBuf::new()), whole.as_path()),
        };
        for part in rest.components() {
            place = self.step(place, part);
        }
        match place {
            PathTarget::Inside(within) => Some(within),
            PathTarget::Outside(_) => None,
        }
    }

    fn step(&self, place: PathTarget, part: Component<'_>) -> PathTarget {
        match (place, part) {
            (place, Component::CurDir) => place,
            (PathTarget::Inside(within), Component::ParentDir) => self.above(within),
            (PathTarget::Inside(within), part) => PathTarget::Inside(within.join(part)),
            (PathTarget::Outside(path), Component::ParentDir) => {
                // The parent of a link is the parent of its target.
                let mut path = path.canonicalize().unwrap_or(path);
                path.pop();
                self.entered(path)
            }
            (PathTarget::Outside(path), part) => self.entered(path.join(part)),
        }
    }

    /// Returns the parent of a folder of the work tree, according to the revision.
    fn above(&self, within: PathBuf) -> PathTarget {
        let then = self.stored.join(&within).canonicalize();
        let stored = self.stored.canonicalize();
        let followed = match (then, stored) {
            (Ok(then), Ok(stored)) => then.strip_prefix(stored).map(Path::to_owned).ok(),
            (Err(_), _) | (_, Err(_)) => None,
        };
        let mut within = followed.unwrap_or(within);
        if within.pop() {
            return PathTarget::Inside(within);
        }
        let above = self.real.parent().unwrap_or(&self.real);
        PathTarget::Outside(above.to_owned())
    }

    /// Classifies a path, which may lead into the work tree.
    fn entered(&self, path: PathBuf) -> PathTarget {
        if path == self.top {
            return PathTarget::Inside(PathBuf::new());
        }
        let found = path.canonicalize().ok();
        match found.as_deref().unwrap_or(&path).strip_prefix(&self.real) {
            Ok(within) => PathTarget::Inside(within.to_owned()),
            Err(_) => PathTarget::Outside(path),
        }
    }

    /// Returns an absolute path; inside the work tree, links are those of the
    /// revision.
    pub fn spelled(&self, path: &Path) -> PathBuf {
        match self.within(path) {
            Some(within) if within.as_os_str().is_empty() => self.top.clone(),
            Some(within) => self.top.join(within),
            None => absolute(path),
        }
    }

    /// Returns where the revision's file for a path of the work tree is stored.
    ///
    /// `None` for a path outside of the work tree, which no change touches.
    pub fn stored(&self, path: &Path) -> Option<PathBuf> {
        let within = self.within(path)?;
        // Joining an empty path would append a slash.
        Some(if within.as_os_str().is_empty() {
            self.stored.clone()
        } else {
            self.stored.join(within)
        })
    }

    /// Returns the path from which a setting is read.
    ///
    /// Records that the change of this path is not used.
    pub fn read_at(&self, path: &Path) -> PathBuf {
        self.mark_unused(path);
        self.stored(path).unwrap_or_else(|| path.to_owned())
    }

    /// Whether the change touches a file.
    pub fn touches(&self, path: &Path) -> bool {
        self.changed.contains(&self.spelled(path))
    }

    /// Whether the change removes metadata whose label `published` a table.
    ///
    /// The answer of the first call is kept.
    pub fn removes_published_table(&self, published: impl Fn(&Path) -> bool) -> bool {
        *self.leaves.get_or_init(|| {
            let metadata = self.changed.iter().filter(|path| {
                path.file_name().is_some_and(|name| name == "metadata.yaml") && !path.is_file()
            });
            metadata.into_iter().any(|path| published(path))
        })
    }

    /// Records that a path of the work tree, with everything below it, is not used.
    pub fn mark_unused(&self, path: &Path) {
        let path = self.spelled(path);
        let below = self.changed.range(path.clone()..);
        let touched = below.take_while(|changed| changed.starts_with(&path));
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.extend(touched.cloned());
    }

    /// Returns a message for each touched file that is not used.
    pub fn notes(&self) -> Vec<String> {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed
            .iter()
            .map(|path| {
                let shown = path.strip_prefix(&self.top).unwrap_or(path);
                format!(
                    "the change modifies {}, which is not used: the version of {} is used",
                    shown.display(),
                    self.revision
                )
            })
            .collect()
    }
}

/// Returns the path from which a file is read, with or without a trusted revision.
pub fn read_at(trusted: Option<&TrustedRevision>, path: &Path) -> PathBuf {
    trusted.map_or_else(|| path.to_owned(), |trusted| trusted.read_at(path))
}

#[cfg(test)]
mod tests {
    use super::TrustedRevision;
    use std::path::{Path, PathBuf};

    #[test]
    fn path_of_work_tree_is_read_from_revision_and_change_of_it_is_noted() {
        let changed = ["/w/a/headcount.toml", "/w/record/x.toml", "/w/q.sql"];
        let trusted = TrustedRevision::new(
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
                "the change modifies a/headcount.toml, which is not used: the version of main is used",
                "the change modifies record/x.toml, which is not used: the version of main is used",
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn path_of_work_tree_is_one_however_it_is_spelled() {
        use std::fs::create_dir_all;
        use std::os::unix::fs::symlink;

        let folder = tempfile::TempDir::new().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        for path in ["w/sql", "w/lax/sub", "out/sub", "stored/conf", "stored/sql"] {
            create_dir_all(at(path)).expect("a folder");
        }
        symlink(at("w"), at("link")).expect("a link");
        symlink(at("w/sql"), at("deep")).expect("a link");
        symlink("lax/sub", at("w/conf")).expect("a link");
        symlink(at("out/sub"), at("w/gone")).expect("a link");
        symlink("sql", at("stored/own")).expect("a link");
        for top in ["w", "link"] {
            let trusted = TrustedRevision::new("main".to_owned(), at(top), at("stored"), [].into());
            for (path, found) in [
                ("w/sql/../r.toml", Some("r.toml")),
                ("link/sql/../r.toml", Some("r.toml")),
                ("link/r.toml", Some("r.toml")),
                ("deep/r.toml", Some("sql/r.toml")),
                ("deep/../r.toml", Some("r.toml")),
                ("link/../w/r.toml", Some("r.toml")),
                ("w/../link/./r.toml", Some("r.toml")),
                ("w/conf/r.toml", Some("conf/r.toml")),
                ("w/conf/../r.toml", Some("r.toml")),
                ("link/gone/../r.toml", Some("r.toml")),
                ("w/own/../r.toml", Some("r.toml")),
                ("w/../r.toml", None),
                ("link/sql/../../r.toml", None),
                ("out/r.toml", None),
            ] {
                let stored = found.map(|found| at("stored").join(found));
                assert_eq!(trusted.stored(&at(path)), stored, "{top}: {path}");
            }
        }
    }
}
