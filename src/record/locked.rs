//! Writing to the publishing record, by one process at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Entry, Record, file_name};
use crate::source::SourceText;
use crate::storage;
use crate::toml_text::LoadError;

/// The file that a writer locks if a folder cannot be locked itself.
#[cfg(not(unix))]
const LOCK: &str = ".lock";
/// The maximum time to wait for another writer.
///
/// A writer holds the lock only to read and write entries, not while it assesses.
const LONGEST: Duration = Duration::from_secs(60);
/// The pause between two attempts to lock.
const PAUSE: Duration = Duration::from_millis(20);

/// The folder of the record, with the exclusive right to write to it.
#[derive(Debug)]
pub struct LockedRecord {
    folder: PathBuf,
    /// Holds the lock as long as it is open.
    _lock: File,
}

/// The error for entries that were not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The operating system reported an error.
    #[error("{path}: {error}", path = .path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// Another process held the lock during the whole wait.
    #[error(
        "{path}: another `headcount approve` has been writing to the record for {seconds} seconds; wait for it, or stop it",
        path = .path.display()
    )]
    Busy {
        /// The locked file.
        path: PathBuf,
        /// The duration of the wait.
        seconds: u64,
    },
    /// The text to be written could not be read back.
    #[error("the entry of `{dataset}` cannot be read back, so nothing was written: {why}")]
    Unreadable {
        /// The dataset.
        dataset: String,
        /// The first error.
        why: String,
    },
}

impl LockedRecord {
    /// Waits until no other process writes.
    ///
    /// The operating system releases the lock when its holder ends for any reason,
    /// so a killed run is no obstacle.
    ///
    /// # Errors
    /// If the folder cannot be written to, or another process writes for too long.
    pub fn lock(folder: &Path) -> Result<Self, WriteError> {
        let path = folder.to_owned();
        let system = |error| WriteError::System {
            path: path.clone(),
            error,
        };
        fs::create_dir_all(folder).map_err(system)?;
        let begun = Instant::now();
        loop {
            let file = open(folder).map_err(system)?;
            match file.try_lock() {
                Ok(()) => {
                    return Ok(Self {
                        folder: folder.to_owned(),
                        _lock: file,
                    });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(system(error)),
            }
            if begun.elapsed() > LONGEST {
                return Err(WriteError::Busy {
                    path,
                    seconds: LONGEST.as_secs(),
                });
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Reads the current entries.
    ///
    /// # Errors
    /// As [`Record::load`].
    pub fn load(&self) -> Result<Record, LoadError> {
        Record::load(&self.folder)
    }

    /// Returns the files and texts of entries.
    ///
    /// Each text is parsed again, so that a written entry never prevents reading the
    /// record.
    ///
    /// # Errors
    /// If a text is not read back as the same entry.
    pub fn texts<'e>(
        &self,
        entries: impl Iterator<Item = &'e Entry>,
    ) -> Result<Vec<(PathBuf, String)>, WriteError> {
        entries
            .map(|entry| {
                let path = self.folder.join(file_name(&entry.dataset));
                let text = entry.to_toml();
                let source = SourceText::new(path.to_string_lossy(), text.as_str());
                let why = match Entry::parse(&source) {
                    Ok(read) => (read.to_toml() != text)
                        .then(|| "the entry differs from the written text".to_owned()),
                    Err(mistakes) => mistakes.into_iter().map(|mistake| mistake.message).next(),
                };
                match why {
                    None => Ok((path, text)),
                    Some(why) => Err(WriteError::Unreadable {
                        dataset: entry.dataset.clone(),
                        why,
                    }),
                }
            })
            .collect()
    }

    /// Replaces a file with a text.
    ///
    /// A reader sees the old text or the new one, and so does a reader after a
    /// crash.
    ///
    /// # Errors
    /// If the operating system reports an error. The old text is then untouched.
    pub fn put(&self, path: &Path, text: &str) -> Result<(), WriteError> {
        storage::replace(path, text).map_err(|error| WriteError::System {
            path: path.to_owned(),
            error,
        })
    }
}

/// Opens the folder itself for locking, so that no lock file remains in it.
#[cfg(unix)]
fn open(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

#[cfg(not(unix))]
fn open(folder: &Path) -> io::Result<File> {
    fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK))
}
