//! The files that the publishing record names. They stay checked when a label, a
//! pattern or a comment in the query no longer publishes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Failure, record};
use crate::config::Config;
use crate::source::files;

/// The files that entries of each record name, by the folder of the record.
#[derive(Debug)]
pub(super) struct RecordedFiles<'a> {
    given: Option<&'a Path>,
    known: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl<'a> RecordedFiles<'a> {
    /// Uses the given record, or the nearest record of each file.
    pub(super) fn new(given: Option<&'a Path>) -> Self {
        Self {
            given,
            known: BTreeMap::new(),
        }
    }

    /// Returns whether an entry of the record names a file.
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
