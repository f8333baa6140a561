//! What is known of the folders in which files are read: in which repository they lie,
//! and whether they lie below it once links are followed.
//!
//! A run that reads a repository once remembers it ([`remember`]), so that thousands of
//! files of one folder do not each look for `.git` in all folders above it. A process
//! that goes on while others change folders looks anew each time.

use std::path::{Path, PathBuf};
use std::sync::{OnceLock, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::bounded;

/// What was looked up.
#[derive(Debug, Default)]
struct Known {
    /// The top of the repository around a folder, by the folder as spelled.
    tops: FxHashMap<PathBuf, Option<PathBuf>>,
    /// Folders that lie below the one after them. What does not is looked at again:
    /// it may not be there yet.
    below: FxHashSet<(PathBuf, PathBuf)>,
}

/// What this process remembers, if it does.
static KNOWN: OnceLock<RwLock<Known>> = OnceLock::new();

/// Remembers from now on what folders are: for a process that ends before they are
/// expected to change.
pub fn remember() {
    KNOWN.get_or_init(RwLock::default);
}

/// The top of the repository around an absolute folder, as [`bounded::top`] has it.
pub(super) fn top(folder: &Path) -> Option<PathBuf> {
    let Some(known) = KNOWN.get() else {
        return bounded::top(folder).map(Path::to_owned);
    };
    if let Some(top) = read(known, |known| known.tops.get(folder).cloned()) {
        return top;
    }
    let mut asked = Vec::new();
    let mut found = None;
    for above in folder.ancestors() {
        if let Some(top) = read(known, |known| known.tops.get(above).cloned()) {
            found = top;
            break;
        }
        asked.push(above);
    }
    // From the outermost on: what is a top depends on the one around it.
    let mut tops = Vec::with_capacity(asked.len());
    for above in asked.into_iter().rev() {
        found = bounded::within(above, found.as_deref()).map(Path::to_owned);
        tops.push((above.to_owned(), found.clone()));
    }
    write(known, |known| known.tops.extend(tops));
    found
}

/// Whether a folder is below another once all links are followed, and in no folder of
/// git's there.
pub(super) fn is_below(folder: &Path, top: &Path) -> bool {
    let Some(known) = KNOWN.get() else {
        return bounded::is_below(folder, top);
    };
    let key = (folder.to_owned(), top.to_owned());
    if read(known, |known| known.below.contains(&key)) {
        return true;
    }
    let is_below = bounded::is_below(folder, top);
    if is_below {
        write(known, |known| known.below.insert(key));
    }
    is_below
}

fn read<T>(known: &RwLock<Known>, look: impl FnOnce(&Known) -> T) -> T {
    look(&known.read().unwrap_or_else(PoisonError::into_inner))
}

/// Each change is whole: what a panic leaves is no half of one.
fn write<T>(known: &RwLock<Known>, note: impl FnOnce(&mut Known) -> T) -> T {
    note(&mut known.write().unwrap_or_else(PoisonError::into_inner))
}
