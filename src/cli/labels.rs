//! The labels below folders that publish tables which no SQL makes, and those that are
//! broken or misspelt.

use std::path::{Path, PathBuf};

use super::configurations::Configurations;
use super::readers::ServedFile;
use super::{Failure, run};
use crate::catalog::layout::{self, Notable};
use crate::config::{Config, Layout, Published};
use crate::source::files::{self, GitIgnoreMode};

/// The files that say so, each with the configuration that serves it. What can't be
/// listed is told where SQL is looked for.
pub(super) fn under(
    folders: &[PathBuf],
    configs: &mut Configurations,
    ignored: GitIgnoreMode,
    all: bool,
) -> Result<Vec<ServedFile>, Failure> {
    let mut found = Vec::new();
    for folder in folders.iter().filter(|folder| *folder != Path::new("-")) {
        let paths = if folder.is_dir() {
            run::listed(folder, ignored, &is_metadata).unwrap_or_default()
        } else {
            // The label of a query that was named.
            beside_query(folder).into_iter().collect()
        };
        for path in paths {
            let Some(notable) = layout::notable(&path) else {
                continue;
            };
            let config = configs.serving(&path)?;
            let known = found.iter().any(|(known, _)| *known == path);
            if serves(&config, &path, notable, all) && !known {
                found.push((path, config));
            }
        }
    }
    Ok(found)
}

/// Those of the folders in which something changed.
pub(super) fn beside<'a>(
    changed: impl Iterator<Item = &'a PathBuf>,
    mut serving: impl FnMut(&Path) -> Result<std::sync::Arc<Config>, Failure>,
) -> Result<Vec<ServedFile>, Failure> {
    let mut found: Vec<ServedFile> = Vec::new();
    for path in changed {
        let label = path.with_file_name("metadata.yaml");
        if found.iter().any(|(known, _)| *known == label) {
            continue;
        }
        let Some(notable) = noted(&label) else {
            continue;
        };
        let config = serving(&label)?;
        if serves(&config, &label, notable, false) {
            found.push((label, config));
        }
    }
    Ok(found)
}

/// Whether something is said of a file of then or now as a label.
pub(super) fn is_label(path: &Path) -> bool {
    noted(path).is_some()
}

fn noted(path: &Path) -> Option<Notable> {
    let is_there = is_metadata(path) && files::is_there(&files::absolute(path));
    is_there.then(|| layout::notable(path)).flatten()
}

/// The metadata beside a query.
fn beside_query(path: &Path) -> Option<PathBuf> {
    layout::metadata_path(path)?;
    let beside = path.with_file_name("metadata.yaml");
    files::is_there(&beside).then_some(beside)
}

fn is_metadata(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "metadata.yaml")
}

/// Whether labels say what is published; what is wrong with one is said in any case.
fn serves(config: &Config, path: &Path, notable: Notable, all: bool) -> bool {
    let labelled = matches!(config.project.published, Published::Labelled);
    config.project.layout == Some(Layout::BigqueryEtl)
        && (labelled || all || notable == Notable::Wrong)
        && config.covers(path)
}
