//! The folder of the publishing record.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{Entry, WHAT};
use crate::source::{bounded, files};
use crate::toml_text::{self, LoadError};

/// The default name of the folder.
pub const FOLDER: &str = "publishing-record";

/// The publishing record of a repository.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    folder: PathBuf,
    entries: BTreeMap<String, Entry>,
    kept: bool,
}

impl Record {
    /// Reads all entries of a folder; a missing folder is an empty record.
    ///
    /// # Errors
    /// If an entry cannot be read or is invalid.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        Self::load_from(folder, folder)
    }

    /// Reads the entries in `stored`, and reports them as if they were in `folder`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_from(stored: &Path, folder: &Path) -> Result<Self, LoadError> {
        let unreadable = |path: &Path, error: io::Error| LoadError::Unreadable {
            what: WHAT,
            path: path.to_owned(),
            error,
        };
        if bounded::is_diverted_by_link(stored) {
            let error = io::Error::new(
                io::ErrorKind::PermissionDenied,
                "a link, or a path below a link, that leads out of the repository",
            );
            return Err(unreadable(folder, error));
        }
        let mut files: Vec<PathBuf> = match std::fs::read_dir(stored) {
            Ok(found) => found
                .map(|file| file.map(|file| file.path()))
                .collect::<Result<_, _>>()
                .map_err(|error| unreadable(folder, error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !files::is_there(stored) => {
                return Ok(Self {
                    folder: folder.to_owned(),
                    ..Self::default()
                });
            }
            Err(error) => {
                return Err(LoadError::Unreadable {
                    what: "publishing record",
                    path: folder.to_owned(),
                    error: bounded::explained(stored, error),
                });
            }
        };
        // Files that a crash left incomplete have another extension.
        files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
        files.sort();
        let mut entries = BTreeMap::new();
        for file in files {
            let shown = folder.join(file.file_name().unwrap_or_default());
            let source = toml_text::read_text_from(WHAT, &file, &shown)?;
            let entry = Entry::parse(&source).map_err(|errors| LoadError::Invalid {
                what: WHAT,
                source_text: Box::new(source),
                errors: toml_text::told(errors),
            })?;
            entries.insert(entry.dataset.clone(), entry);
        }
        Ok(Self {
            folder: folder.to_owned(),
            entries,
            kept: true,
        })
    }

    /// Creates a record that is not stored in a folder.
    pub fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self {
            folder: PathBuf::from(FOLDER),
            entries: entries
                .into_iter()
                .map(|entry| (entry.dataset.clone(), entry))
                .collect(),
            kept: true,
        }
    }

    /// Whether the folder exists.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder that contains the record; paths in entries are relative to
    /// it.
    pub fn root(&self) -> &Path {
        match self.folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        }
    }

    /// Returns the entry of a dataset.
    pub fn entry(&self, dataset: &str) -> Option<&Entry> {
        self.entries.get(dataset)
    }

    /// Iterates over all entries by dataset.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}
