//! Records the files that templates look up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::source::files;

/// The files that templates looked up, found or not. The renderings change if one of
/// them is created, changed or deleted.
#[derive(Debug, Default)]
pub struct Lookups(Mutex<BTreeSet<PathBuf>>);

impl Lookups {
    /// Records the lookup of a file.
    pub fn note(&self, path: &Path) {
        let path = files::absolute(path);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path);
    }

    /// Takes the recorded files, as absolute paths.
    pub fn take(&self) -> BTreeSet<PathBuf> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
