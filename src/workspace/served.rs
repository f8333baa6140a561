//! Nested configurations of a repository: they apply to their files whichever file
//! reads the tables of these.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use walkdir::WalkDir;

use super::index::is_version_control_folder;
use crate::config::{FILE_NAME, Layout};
use crate::source::files;
use crate::source::template::TemplateSettings;

/// A nested configuration, as far as it concerns the files that it applies to.
#[derive(Debug)]
pub struct NestedConfig {
    /// The folder of the configuration.
    pub root: PathBuf,
    /// The configured layout.
    pub layout: Layout,
    /// The configured template settings.
    pub templates: TemplateSettings,
}

/// A function that finds the nested configurations of a repository.
pub type FindNestedConfigs = dyn Fn() -> Vec<NestedConfig> + Send + Sync;

impl NestedConfig {
    /// Returns the configurations below a folder, except its own.
    pub fn files_below(root: &Path) -> Vec<PathBuf> {
        let root = files::listed(root);
        let walk = WalkDir::new(root)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_version_control_folder(entry));
        walk.filter_map(Result::ok)
            .filter(|entry| entry.depth() > 1 && entry.file_name() == FILE_NAME)
            .map(|entry| files::shown(entry.path()))
            .filter(|path| path.is_file())
            .collect()
    }
}

/// All nested configurations, by their folders.
#[derive(Debug, Default)]
pub(super) struct NestedConfigs {
    all: Vec<NestedConfig>,
    /// Indices into `all` by absolute folder.
    by_root: FxHashMap<PathBuf, usize>,
}

impl NestedConfigs {
    pub(super) fn of(all: Vec<NestedConfig>) -> Self {
        let roots = all.iter().map(|own| files::absolute(&own.root));
        Self {
            by_root: roots.zip(0..).collect(),
            all,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &NestedConfig> {
        self.all.iter()
    }

    /// Returns the nested configuration of a file: the nearest upward.
    pub(super) fn serving(&self, file: &Path) -> Option<&NestedConfig> {
        if self.all.is_empty() {
            return None;
        }
        let file = files::absolute(file);
        let nearest = file.ancestors().find_map(|above| self.by_root.get(above));
        nearest.and_then(|at| self.all.get(*at))
    }

    /// Whether a folder has a configuration of its own.
    pub(super) fn is_root(&self, folder: &Path) -> bool {
        !self.all.is_empty() && self.by_root.contains_key(&files::absolute(folder))
    }
}
