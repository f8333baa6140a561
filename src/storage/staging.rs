//! The folder in which something is made before it is put in its place.
//!
//! It stands beside the place, so that putting it there is a renaming, and all in it
//! lies below a folder called `.git`, which git takes from nobody, so that at no
//! moment `git add` finds anything. A run that is killed leaves it; the system takes
//! back the lock in it, by which the next run that writes there knows it, and removes
//! it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::source::bounded;

/// How the names of such folders begin and end.
const PREFIX: &str = ".headcount-";
const SUFFIX: &str = ".tmp";
/// The folder in it that holds everything.
const INSIDE: &str = ".git";
const LOCK: &str = "lock";
/// Where an old folder waits for the new one to take its place, under its own name.
pub(super) const OLD: &str = "old";
/// How often another is made where one was taken for a leftover while it was made.
const TRIES: usize = 16;

/// A folder of this run alone, which goes when this does.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    inside: PathBuf,
    /// Holds the lock as long as it is open.
    _lock: File,
}

impl Staging {
    /// Makes one in a folder, and removes those that killed runs left there.
    ///
    /// # Errors
    /// If the system says no.
    pub fn within(folder: &Path) -> io::Result<Self> {
        if bounded::is_led_away(folder) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "its folder is a link, or below a link, that leads out of the repository",
            ));
        }
        for _ in 0..TRIES {
            if let Some(made) = Self::make(folder)? {
                made.tidy(folder);
                return Ok(made);
            }
        }
        Err(io::Error::other(
            "another run removes the files that this run creates",
        ))
    }

    /// Where things are made.
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
            // Whoever tidies in this moment may have taken it for a leftover.
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

    /// Removes what killed runs left. What can't be removed is no obstacle.
    fn tidy(&self, folder: &Path) {
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
            // A link is none, and others' are theirs.
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
        // One that stays is a leftover, and is removed by the next run.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn remove_leftover(path: &Path, folder: &Path) {
    let inside = path.join(INSIDE);
    // A file of that name would name another folder.
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
            give_back(&inside.join(OLD), folder);
            let _ = fs::remove_dir_all(path);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Killed before it held anything.
            let _ = fs::remove_dir(&inside);
            let _ = fs::remove_dir(path);
        }
        Ok(_) | Err(_) => {}
    }
}

/// Puts back what was taken away for something new that never came.
fn give_back(old: &Path, folder: &Path) {
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
