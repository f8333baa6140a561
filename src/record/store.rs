//! The folder of the record.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Entry, WHAT, file_name};
use crate::toml_text::{self, LoadError};

/// The folder's name where nobody gives another.
pub const FOLDER: &str = "publishing-record";

/// The record of a repository.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    folder: PathBuf,
    entries: BTreeMap<String, Entry>,
    kept: bool,
}

impl Record {
    /// Reads all entries of a folder. One that is not there is an empty record.
    ///
    /// # Errors
    /// Where an entry can't be read or is invalid.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        let unreadable = |path: &Path, error: io::Error| LoadError::Unreadable {
            what: WHAT,
            path: path.to_owned(),
            error,
        };
        let mut files: Vec<PathBuf> = match std::fs::read_dir(folder) {
            Ok(found) => found
                .map(|file| file.map(|file| file.path()))
                .collect::<Result<_, _>>()
                .map_err(|error| unreadable(folder, error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    folder: folder.to_owned(),
                    ..Self::default()
                });
            }
            Err(error) => return Err(unreadable(folder, error)),
        };
        // What a crash left half written has another ending.
        files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
        files.sort();
        let mut entries = BTreeMap::new();
        for file in files {
            let source = toml_text::read_text(WHAT, &file)?;
            let entry = Entry::parse(&source).map_err(|errors| LoadError::Invalid {
                what: WHAT,
                source_text: Box::new(source),
                errors,
            })?;
            entries.insert(entry.dataset.clone(), entry);
        }
        Ok(Self {
            folder: folder.to_owned(),
            entries,
            kept: true,
        })
    }

    /// A record that is not in a folder.
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

    /// Whether the folder is there.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that holds it: paths in it are relative to that.
    pub fn root(&self) -> &Path {
        match self.folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        }
    }

    /// The entry of a dataset.
    pub fn entry(&self, dataset: &str) -> Option<&Entry> {
        self.entries.get(dataset)
    }

    /// All entries by dataset.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Writes an entry; its file. A reader sees the old one or the new one, and
    /// so does one who comes after a crash.
    ///
    /// # Errors
    /// Where the system says no. Then the old one is untouched.
    pub fn write(&self, entry: &Entry) -> Result<PathBuf, (PathBuf, io::Error)> {
        let path = self.folder.join(file_name(&entry.dataset));
        std::fs::create_dir_all(&self.folder)
            .and_then(|()| replace(&path, &entry.to_toml(), &mut |_| ()))
            .map_err(|error| (path.clone(), error))?;
        Ok(path)
    }
}

/// The nearest folder of that name upward.
pub fn find_upward(start: &Path) -> Option<PathBuf> {
    let start = std::path::absolute(start).ok()?;
    start
        .ancestors()
        .map(|directory| directory.join(FOLDER))
        .find(|candidate| candidate.is_dir())
}

/// Puts a text in the place of a file, which need not be there. `step` is called
/// before each step, with its number.
///
/// # Errors
/// Where the system says no. Then what was there is untouched.
pub fn replace(path: &Path, text: &str, step: &mut dyn FnMut(usize)) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    step(0);
    let mut file = tempfile::Builder::new()
        .prefix(".approve-")
        .suffix(".tmp")
        .tempfile_in(folder)?;
    step(1);
    let (first, second) = text.as_bytes().split_at(text.len() / 2);
    file.write_all(first)?;
    step(2);
    file.write_all(second)?;
    step(3);
    readable_by_all(&file)?;
    step(4);
    file.as_file().sync_all()?;
    step(5);
    file.persist(path)?;
    step(6);
    // So that the name is on disk as well as the bytes, where folders can be.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    step(7);
    Ok(())
}

/// Temporary files are their owner's alone; an entry is everybody's.
#[cfg(unix)]
fn readable_by_all(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}
