//! Caches properties of folders. These are the repository that contains a folder,
//! and whether it is below that repository after links are followed.
//!
//! A run that reads a repository once caches them ([`remember`]), so that thousands
//! of files of one folder do not each search for `.git` in all folders above. A
//! long-lived process, during which folders change, looks them up each time.

use std::path::{Path, PathBuf};
use std::sync::{OnceLock, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::bounded;

/// The cached lookups.
#[derive(Debug, Default)]
struct FolderCache {
    /// The top of the repository around a folder, by the folder as spelled.
    tops: FxHashMap<PathBuf, Option<PathBuf>>,
    /// Pairs of a folder and the folder that contains it. Negative results are not
    /// cached, because the folder may not exist yet.
    below: FxHashSet<(PathBuf, PathBuf)>,
}

/// The cache of this process, if it is enabled.
static FOLDER_CACHE: OnceLock<RwLock<FolderCache>> = OnceLock::new();

/// Enables the cache, for a process that ends before folders are expected to change.
pub fn remember() {
    FOLDER_CACHE.get_or_init(RwLock::default);
}

/// Returns the top of the repository around an absolute folder, as [`bounded::top`].
pub(super) fn top(folder: &Path) -> Option<PathBuf> {
    let Some(known) = FOLDER_CACHE.get() else {
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
    // From the outermost one: whether a folder is a top depends on the one around
    // it.
    let mut tops = Vec::with_capacity(asked.len());
    for above in asked.into_iter().rev() {
        found = bounded::within(above, found.as_deref()).map(Path::to_owned);
        tops.push((above.to_owned(), found.clone()));
    }
    write(known, |known| known.tops.extend(tops));
    found
}

/// Whether a folder is below another one after links are followed. False for a
/// folder in a `.git` folder there.
pub(super) fn is_below(folder: &Path, top: &Path) -> bool {
    let Some(known) = FOLDER_CACHE.get() else {
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

fn read<T>(known: &RwLock<FolderCache>, look: impl FnOnce(&FolderCache) -> T) -> T {
    look(&known.read().unwrap_or_else(PoisonError::into_inner))
}

/// Each change is a single insertion, so a panic leaves the cache consistent.
fn write<T>(known: &RwLock<FolderCache>, note: impl FnOnce(&mut FolderCache) -> T) -> T {
    note(&mut known.write().unwrap_or_else(PoisonError::into_inner))
}
