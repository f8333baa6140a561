//! Finds the other paths of the files that a change touches: paths through links of
//! the work tree, and files below folders that git names as a whole, such as
//! submodules. With these paths in the change, a later test of whether a file
//! changed can ignore links.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Failure;
use super::git::{self, Repository};
use crate::source::files;

/// Largest number of changed paths, including those through links and whole folders.
const MOST: usize = 100_000;

/// Adds the other paths of changed files to the absolute paths of a change.
///
/// Follows the links of the repository around `start`, or of the folder if it is in
/// no repository, until no new path is found.
///
/// # Errors
/// If git cannot list the links, or if the paths become too many.
pub(super) fn add(changed: &mut BTreeSet<PathBuf>, start: &Path) -> Result<(), Failure> {
    let links = links(start)?;
    let mut new: Vec<PathBuf> = changed.iter().cloned().collect();
    while let Some(path) = new.pop() {
        let mut more = below(&path);
        for name in names(&path) {
            more.extend(links.aliases(&name));
        }
        for alias in more {
            if changed.insert(alias.clone()) {
                new.push(alias);
            }
        }
        if changed.len() > MOST {
            return Err(Failure::Usage(format!(
                "links and folders make more than {MOST} paths of what changed; leave links out, or check the files that changed by themselves"
            )));
        }
    }
    Ok(())
}

/// Returns the files below a folder that git names as a whole, which is a submodule
/// or a link: git does not report which of its files changed. Empty for other paths.
fn below(path: &Path) -> Vec<PathBuf> {
    let whole = path.is_symlink() || path.join(".git").exists();
    if !path.is_dir() || !whole {
        return Vec::new();
    }
    let walk = WalkDir::new(path).follow_root_links(true).into_iter();
    walk.filter_entry(|entry| entry.file_name() != ".git")
        .filter_map(Result::ok)
        .filter(|entry| entry.depth() > 0 && !entry.file_type().is_dir())
        .take(MOST + 1)
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// Returns the path after the links of its folder are followed, and its own target.
fn names(path: &Path) -> BTreeSet<PathBuf> {
    let lies = path.parent().zip(path.file_name());
    let lies = lies.and_then(|(folder, name)| Some(folder.canonicalize().ok()?.join(name)));
    let leads = path.canonicalize().ok();
    lies.into_iter().chain(leads).collect()
}

/// The links of a work tree by their target.
#[derive(Default)]
struct Links {
    of: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl Links {
    /// Returns the other paths of a place through links. A link may lead to the
    /// place, to a folder above it, or to something below it.
    fn aliases(&self, place: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for above in place.ancestors() {
            let rest = place.strip_prefix(above).unwrap_or(Path::new(""));
            for link in self.of.get(above).into_iter().flatten() {
                found.push(if rest.as_os_str().is_empty() {
                    link.clone()
                } else {
                    link.join(rest)
                });
            }
        }
        let inside = self.of.range(place.to_owned()..);
        let inside = inside.take_while(|(target, _)| target.starts_with(place));
        found.extend(inside.flat_map(|(_, links)| links).cloned());
        found
    }
}

/// Returns the links of the repository, or below the folder if there is none.
fn links(start: &Path) -> Result<Links, Failure> {
    let start = files::absolute(start);
    let nearest_folder = git::nearest_folder(&start);
    let paths = match Repository::around(nearest_folder) {
        Ok(repository) => repository.links().map_err(Failure::Usage)?,
        Err(_) => {
            let walk = WalkDir::new(nearest_folder)
                .into_iter()
                .filter_map(Result::ok);
            walk.filter(walkdir::DirEntry::path_is_symlink)
                .map(walkdir::DirEntry::into_path)
                .collect()
        }
    };
    let mut links = Links::default();
    for path in paths {
        let Some(target) = target(&path) else {
            continue;
        };
        links.of.entry(target).or_default().push(path);
    }
    Ok(links)
}

/// Returns the target of a link, even if nothing exists there.
fn target(link: &Path) -> Option<PathBuf> {
    if let Ok(target) = link.canonicalize() {
        return Some(target);
    }
    let folder = link.parent()?.canonicalize().ok()?;
    Some(files::absolute(&folder.join(link.read_link().ok()?)))
}
