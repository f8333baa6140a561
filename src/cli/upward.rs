//! Searches upward from folders; each folder is looked into once.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

/// A cache of searches in a folder and those above it; the nearest result wins.
#[derive(Debug)]
pub(super) struct UpwardSearch<T> {
    known: FxHashMap<PathBuf, Option<T>>,
}

impl<T> Default for UpwardSearch<T> {
    fn default() -> Self {
        Self {
            known: FxHashMap::default(),
        }
    }
}

impl<T: Clone> UpwardSearch<T> {
    /// Searches upward from an absolute folder; `look` returns the result for one
    /// folder.
    pub(super) fn find(&mut self, folder: &Path, look: &dyn Fn(&Path) -> Option<T>) -> Option<T> {
        let mut asked = Vec::new();
        let mut found = None;
        for above in folder.ancestors() {
            if let Some(known) = self.known.get(above) {
                found.clone_from(known);
                break;
            }
            asked.push(above.to_owned());
            found = look(above);
            if found.is_some() {
                break;
            }
        }
        for above in asked {
            self.known.insert(above, found.clone());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::UpwardSearch;
    use std::cell::RefCell;
    use std::path::{Path, PathBuf};

    #[test]
    fn nearest_folder_wins_and_each_is_looked_into_once() {
        let looked: RefCell<Vec<PathBuf>> = RefCell::default();
        let look = |folder: &Path| {
            looked.borrow_mut().push(folder.to_owned());
            let has = folder == Path::new("/a") || folder == Path::new("/a/b/c");
            has.then(|| folder.to_owned())
        };
        let mut upward = UpwardSearch::default();
        for (folder, found) in [
            ("/a/b/c/d", Some("/a/b/c")),
            ("/a/b/e", Some("/a")),
            ("/a/b", Some("/a")),
            ("/a/b/c", Some("/a/b/c")),
            ("/f", None),
        ] {
            assert_eq!(
                upward.find(Path::new(folder), &look),
                found.map(PathBuf::from),
                "{folder}"
            );
        }
        let mut looked = looked.into_inner();
        let all = looked.len();
        looked.sort();
        looked.dedup();
        assert_eq!(looked.len(), all);
    }
}
