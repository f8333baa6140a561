//! The folder in which files are written before they are moved to their place.
//!
//! It lies beside that place, on the same file system, so that moving is a renaming.
//! Everything in it lies below a folder called `.git`, which git never adds, so that
//! a concurrent `git add` finds nothing. A run that is killed leaves the folder
//! behind. The system releases the lock in it, by which the next run that writes
//! there recognizes the leftover and removes it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::source::bounded;

/// Prefix and suffix of the names of staging folders.
const PREFIX: &str = ".headcount-";
const SUFFIX: &str = ".tmp";
/// The folder in it that contains everything else.
const INSIDE: &str = ".git";
const LOCK: &str = "lock";
/// Folder for a replaced folder, under its own name, until the new one is in place.
pub(super) const OLD: &str = "old";
/// Number of attempts, since another run may remove a folder while it is created.
const TRIES: usize = 16;

/// A staging folder that belongs to this run; removed on drop.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    inside: PathBuf,
    /// Holds the lock as long as it is open.
    _lock: File,
}

impl Staging {
    /// Creates a staging folder in `folder`, and removes leftovers of killed runs
    /// there.
    ///
    /// # Errors
    /// If `folder` is below a link that leads out of the repository, or if an
    /// operation of the system fails.
    pub fn within(folder: &Path) -> io::Result<Self> {
        if bounded::is_diverted_by_link(folder) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "its folder is a link, or below a link, that leads out of the repository",
            ));
        }
        for _ in 0..TRIES {
            if let Some(made) = Self::make(folder)? {
                made.remove_leftovers(folder);
                return Ok(made);
            }
        }
        Err(io::Error::other(
            "another run removes the files that this run creates",
        ))
    }

    /// Returns the path in which files are created.
    pub fn inside(&self) -> &Path {
        &self.inside
    }

    fn make(folder: &Path) -> io::Result<Option<Self>> {
        let path = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .tempdir_in(folder)?
            .keep();
        let inside = path.join(INSIDE);
        let begin = || -> io::Result<File> {
            fs::create_dir(&inside)?;
            let lock = File::create_new(inside.join(LOCK))?;
            lock.lock()?;
            Ok(lock)
        };
        match begin() {
            // Another run that tidies at this moment may have taken it for a
            // leftover.
            Ok(lock) if inside.join(LOCK).exists() => Ok(Some(Self {
                path,
                inside,
                _lock: lock,
            })),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let _ = fs::remove_dir_all(&path);
                Err(error)
            }
        }
    }

    /// Removes leftovers of killed runs. One that cannot be removed is ignored.
    fn remove_leftovers(&self, folder: &Path) {
        let Ok(own) = self.path.symlink_metadata() else {
            return;
        };
        let entries = fs::read_dir(folder).into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            let path = entry.path();
            if !name.starts_with(PREFIX.as_bytes())
                || !name.ends_with(SUFFIX.as_bytes())
                || path.file_name() == self.path.file_name()
            {
                continue;
            }
            // Links, and folders of other users, are never removed.
            if path
                .symlink_metadata()
                .is_ok_and(|found| found.is_dir() && same_owner(&own, &found))
            {
                remove_leftover(&path, folder);
            }
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // If removal fails, the folder is a leftover that the next run removes.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn remove_leftover(path: &Path, folder: &Path) {
    let inside = path.join(INSIDE);
    // A link of that name would lead to another folder.
    if inside.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
        return;
    }
    let lock = inside.join(LOCK);
    match lock.symlink_metadata() {
        Ok(found) if found.is_file() => {
            let Ok(lock) = File::open(&lock) else {
                return;
            };
            if lock.try_lock().is_err() {
                return;
            }
            restore_replaced(&inside.join(OLD), folder);
            let _ = fs::remove_dir_all(path);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // The run was killed before it held the lock.
            let _ = fs::remove_dir(&inside);
            let _ = fs::remove_dir(path);
        }
        Ok(_) | Err(_) => {}
    }
}

/// Moves an old folder back to its place if no new one took that place.
fn restore_replaced(old: &Path, folder: &Path) {
    let entries = fs::read_dir(old).into_iter().flatten();
    for entry in entries.filter_map(Result::ok) {
        let place = folder.join(entry.file_name());
        if place.symlink_metadata().is_err() {
            let _ = fs::rename(entry.path(), place);
        }
    }
}

#[cfg(unix)]
fn same_owner(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.uid() == other.uid()
}

#[cfg(not(unix))]
fn same_owner(_: &Metadata, _: &Metadata) -> bool {
    true
}
