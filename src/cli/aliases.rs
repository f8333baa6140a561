//! The other paths of what a change touches: through links of the work tree, and below
//! folders that git names as a whole, as it does submodules. Whoever asks whether a
//! file changed then has no need to know of links.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Failure;
use super::git::{self, Repository};
use crate::source::files;

/// The most paths that links and folders make of those that changed.
const MOST: usize = 100_000;

/// Adds to the paths of a change, which are absolute, those by which files below the
/// repository around `start` may be called besides.
///
/// # Errors
/// If git can't tell which links there are, or if they multiply what changed.
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

/// The files below a folder that git names as a whole, a submodule or a link: what
/// changed in it, git does not say.
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

/// Where a path lies once the links above it are followed, and where it leads itself.
fn names(path: &Path) -> BTreeSet<PathBuf> {
    let lies = path.parent().zip(path.file_name());
    let lies = lies.and_then(|(folder, name)| Some(folder.canonicalize().ok()?.join(name)));
    let leads = path.canonicalize().ok();
    lies.into_iter().chain(leads).collect()
}

/// Links, by where they lead.
#[derive(Default)]
struct Links {
    of: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl Links {
    /// The paths through links of what lies at a place: the links that lead to it, to a
    /// folder above it or to something below it.
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

/// The links of the repository, or below the folder where there is none.
fn links(start: &Path) -> Result<Links, Failure> {
    let start = files::absolute(start);
    let standing = git::standing(&start);
    let paths = match Repository::around(standing) {
        Ok(repository) => repository.links().map_err(Failure::Usage)?,
        Err(_) => {
            let walk = WalkDir::new(standing).into_iter().filter_map(Result::ok);
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

/// Where a link leads, also if nothing is there.
fn target(link: &Path) -> Option<PathBuf> {
    if let Ok(target) = link.canonicalize() {
        return Some(target);
    }
    let folder = link.parent()?.canonicalize().ok()?;
    Some(files::absolute(&folder.join(link.read_link().ok()?)))
}
