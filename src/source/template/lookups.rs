//! The files that templates ask for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::source::files;

/// The files that templates asked for, found or not: one that appears, changes or
/// goes changes what they give.
#[derive(Debug, Default)]
pub struct Lookups(Mutex<BTreeSet<PathBuf>>);

impl Lookups {
    /// Notes that a file was asked for.
    pub fn note(&self, path: &Path) {
        let path = files::absolute(path);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path);
    }

    /// Takes what was noted, as absolute paths.
    pub fn take(&self) -> BTreeSet<PathBuf> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
