//! Folders of a repository that have a configuration of their own: it serves their
//! files, whoever reads what these make.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use walkdir::WalkDir;

use super::index::is_of_versions;
use crate::config::{FILE_NAME, Layout};
use crate::source::files;
use crate::source::template::TemplateSettings;

/// What a configuration inside a repository says of the files that it serves.
#[derive(Debug)]
pub struct Served {
    /// Its folder.
    pub root: PathBuf,
    /// Its layout.
    pub layout: Layout,
    /// What it says of templates.
    pub templates: TemplateSettings,
}

/// Finds what serves folders inside a repository.
pub type Inside = dyn Fn() -> Vec<Served> + Send + Sync;

impl Served {
    /// The configurations below a folder, its own left out.
    pub fn files_below(root: &Path) -> Vec<PathBuf> {
        let root = files::listed(root);
        let walk = WalkDir::new(root)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_of_versions(entry));
        walk.filter_map(Result::ok)
            .filter(|entry| entry.depth() > 1 && entry.file_name() == FILE_NAME)
            .map(|entry| files::shown(entry.path()))
            .filter(|path| path.is_file())
            .collect()
    }
}

/// All that is served besides the configuration of all, by the folders.
#[derive(Debug, Default)]
pub(super) struct Folders {
    all: Vec<Served>,
    /// Where each stands in `all`, by its absolute folder.
    by_root: FxHashMap<PathBuf, usize>,
}

impl Folders {
    pub(super) fn of(all: Vec<Served>) -> Self {
        let roots = all.iter().map(|own| files::absolute(&own.root));
        Self {
            by_root: roots.zip(0..).collect(),
            all,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Served> {
        self.all.iter()
    }

    /// What serves a file besides the configuration of all: the nearest upward.
    pub(super) fn serving(&self, file: &Path) -> Option<&Served> {
        if self.all.is_empty() {
            return None;
        }
        let file = files::absolute(file);
        let nearest = file.ancestors().find_map(|above| self.by_root.get(above));
        nearest.and_then(|at| self.all.get(*at))
    }

    /// Whether a folder is one that has a configuration of its own.
    pub(super) fn is_root(&self, folder: &Path) -> bool {
        !self.all.is_empty() && self.by_root.contains_key(&files::absolute(folder))
    }
}
