//! Finding and reading of files.

use super::LoadError;
use crate::source::SourceText;
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::encoding::Utf16;
use crate::source::files;
use std::path::{Path, PathBuf};

/// Reads a file as UTF-8 text.
pub(crate) fn read_text(what: &'static str, path: &Path) -> Result<SourceText, LoadError> {
    read_text_from(what, path, path)
}

/// Reads the text of `stored` under the name `path`.
pub(crate) fn read_text_from(
    what: &'static str,
    stored: &Path,
    path: &Path,
) -> Result<SourceText, LoadError> {
    let bytes = bounded::read(stored, LARGEST_TEXT).map_err(|error| LoadError::Unreadable {
        what,
        path: path.to_owned(),
        error,
    })?;
    if let Some(found) = Utf16::detect(&bytes) {
        return Err(LoadError::Utf16 {
            what,
            path: path.to_owned(),
            found,
        });
    }
    let text = String::from_utf8(bytes).map_err(|error| LoadError::NotUtf8 {
        what,
        path: path.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })?;
    Ok(SourceText::new(path.display().to_string(), text))
}

/// Returns the nearest file called `name` in `start` or in a folder above it.
pub(crate) fn find_upward(start: &Path, name: &str) -> Option<PathBuf> {
    // `ancestors` of a relative path would end at the working directory.
    let start = std::path::absolute(start).ok()?;
    start
        .ancestors()
        .map(|directory| directory.join(name))
        .find(|candidate| files::is_there(candidate))
}
