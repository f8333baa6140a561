//! The files that the publishing record names: what is on record stays checked when a
//! label or a pattern does not publish it any more, as with a comment that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Failure, record};
use crate::config::Config;
use crate::source::files;

/// The files of each record that was asked for, by its folder.
#[derive(Debug)]
pub(super) struct Recorded<'a> {
    given: Option<&'a Path>,
    known: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl<'a> Recorded<'a> {
    /// Those of the record that is given, else of the nearest of each file.
    pub(super) fn new(given: Option<&'a Path>) -> Self {
        Self {
            given,
            known: BTreeMap::new(),
        }
    }

    /// Whether an entry names a file.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub(super) fn names(&mut self, file: &Path, config: &Config) -> Result<bool, Failure> {
        let folder = record::folder(self.given, config, file);
        if !self.known.contains_key(&folder) {
            let held = record::held(&folder, config)?;
            let root = files::absolute(held.root());
            let paths = held.entries().flat_map(|entry| &entry.paths);
            let paths = paths.map(|path| root.join(path)).collect();
            self.known.insert(folder.clone(), paths);
        }
        let known = self.known.get(&folder);
        Ok(known.is_some_and(|paths| paths.contains(&files::absolute(file))))
    }
}
