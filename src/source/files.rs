//! Files: which are read, and how.

use std::io::Read;
use std::path::{Path, PathBuf};

use thiserror::Error;
use walkdir::WalkDir;

use super::SourceText;

/// Why a text could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// There is no such path.
    #[error("{}: there is no such file or directory", path.display())]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The system says no.
    #[error("{}: it can't be read: {error}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no text.
    #[error(
        "{path}:{line}:{column}: byte {offset} is not UTF-8, so this is no text of SQL; save the file as UTF-8, or leave it out"
    )]
    NotUtf8 {
        /// The file.
        path: String,
        /// The first byte that is no part of a character.
        offset: usize,
        /// Its line, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
    },
    /// It has a NUL byte.
    #[error("{path}:{line}:{column}: byte {offset} is NUL, so this is a binary file; leave it out")]
    Binary {
        /// The file.
        path: String,
        /// The byte.
        offset: usize,
        /// Its line, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
    },
}

/// A folder as it can be listed: a path is empty that is relative to this one and
/// is this one.
pub fn listed(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

/// A path from the root on; as it is where there is no working directory.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a file holds SQL, by its name.
pub fn is_sql(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
}

/// The `.sql` files under a path, in order of their names; a file is itself,
/// whatever its name. Hidden directories are passed over.
///
/// # Errors
/// Where a path is missing or a directory can't be listed.
pub fn under(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.exists() {
        return Err(ReadError::Missing {
            path: path.to_owned(),
        });
    }
    let mut files = Vec::new();
    let walk = WalkDir::new(path)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            entry.depth() == 0 || !hidden
        });
    for entry in walk {
        let entry = entry.map_err(|error| ReadError::Unreadable {
            path: error.path().unwrap_or(path).to_owned(),
            error: error.into(),
        })?;
        let kind = entry.file_type();
        let is_file = kind.is_file() || (kind.is_symlink() && entry.path().is_file());
        if is_file && is_sql(entry.path()) {
            files.push(clean(entry.path()));
        }
    }
    Ok(files)
}

/// `./a/b.sql` is shown as `a/b.sql`.
fn clean(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}

/// Reads a file as text.
///
/// # Errors
/// Where it can't be read or is no text.
pub fn read(path: &Path) -> Result<SourceText, ReadError> {
    let bytes = std::fs::read(path).map_err(|error| ReadError::Unreadable {
        path: path.to_owned(),
        error,
    })?;
    text(&path.display().to_string(), bytes)
}

/// Reads standard input as text, under a name.
///
/// # Errors
/// Where it can't be read or is no text.
pub fn read_stdin(name: &str) -> Result<SourceText, ReadError> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| ReadError::Unreadable {
            path: PathBuf::from(name),
            error,
        })?;
    text(name, bytes)
}

fn text(path: &str, bytes: Vec<u8>) -> Result<SourceText, ReadError> {
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        let (line, column) = place(&bytes[..offset]);
        return Err(ReadError::Binary {
            path: path.to_owned(),
            offset,
            line,
            column,
        });
    }
    String::from_utf8(bytes)
        .map(|text| SourceText::new(path, text))
        .map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            let (line, column) = place(&error.as_bytes()[..offset]);
            ReadError::NotUtf8 {
                path: path.to_owned(),
                offset,
                line,
                column,
            }
        })
}

/// The line and column after valid text.
fn place(before: &[u8]) -> (usize, usize) {
    let text = String::from_utf8_lossy(before);
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}
