//! Folders of a repository that have a configuration of their own: it serves their
//! files, whoever reads what these make.

use std::path::{Path, PathBuf};

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

/// What serves a file besides the configuration of all.
pub(super) fn serving<'a>(served: &'a [Served], file: &Path) -> Option<&'a Served> {
    if served.is_empty() {
        return None;
    }
    let file = files::absolute(file);
    let around = served.iter().map(|own| (files::absolute(&own.root), own));
    around
        .filter(|(root, _)| file.starts_with(root))
        .max_by_key(|(root, _)| root.components().count())
        .map(|(_, own)| own)
}
