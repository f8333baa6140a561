//! Writing to the record: one process at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Entry, Record, file_name};
use crate::source::SourceText;
use crate::storage;
use crate::toml_text::LoadError;

/// The file whose lock is held by who writes, where a folder has none of its own.
#[cfg(not(unix))]
const LOCK: &str = ".lock";
/// How long another writer is waited for. It holds the lock only to read and write
/// entries, not while it assesses.
const LONGEST: Duration = Duration::from_secs(60);
/// How long until the lock is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// The folder of the record, with the right to write to it.
#[derive(Debug)]
pub struct LockedRecord {
    folder: PathBuf,
    /// Holds the lock as long as it is open.
    _lock: File,
}

/// Why entries were not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system said no.
    #[error("{path}: {error}", path = .path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process has held the lock all the time.
    #[error(
        "{path}: another `headcount approve` has been writing to the record for {seconds} seconds; wait for it, or stop it",
        path = .path.display()
    )]
    Busy {
        /// The file that is locked.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// What would be written could not be read again.
    #[error("the entry of `{dataset}` cannot be read back, so nothing was written: {why}")]
    Unreadable {
        /// The dataset.
        dataset: String,
        /// The first mistake.
        why: String,
    },
}

impl LockedRecord {
    /// Waits until nobody else writes. The system takes the lock back when its holder
    /// ends, however that ends, so a run that was killed is no obstacle.
    ///
    /// # Errors
    /// If the folder can't be written to, or somebody writes for too long.
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

    /// The entries as they are now.
    ///
    /// # Errors
    /// As [`Record::load`].
    pub fn load(&self) -> Result<Record, LoadError> {
        Record::load(&self.folder)
    }

    /// The texts of entries and their files. Each is read again, so that what is
    /// written never keeps the record from being read.
    ///
    /// # Errors
    /// If one is not read as what it is.
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

    /// Puts a text in its place. A reader sees the old one or the new one, and so
    /// does one who comes after a crash.
    ///
    /// # Errors
    /// If the system says no. Then the old one is untouched.
    pub fn put(&self, path: &Path, text: &str) -> Result<(), WriteError> {
        storage::replace(path, text).map_err(|error| WriteError::System {
            path: path.to_owned(),
            error,
        })
    }
}

/// What is locked: the folder itself, in which then nothing is left.
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
