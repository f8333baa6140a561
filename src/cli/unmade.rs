//! The labels below folders that publish tables which no SQL makes.

use std::path::{Path, PathBuf};

use super::configurations::Configurations;
use super::readers::Served;
use super::{Failure, run};
use crate::catalog::layout;
use crate::config::{Config, Layout, Published};
use crate::source::files::{self, Ignored};

/// The files that say so, each with the configuration that serves it. What can't be
/// listed is told where SQL is looked for.
pub(super) fn under(
    folders: &[PathBuf],
    configs: &mut Configurations,
    ignored: Ignored,
    all: bool,
) -> Result<Vec<Served>, Failure> {
    let mut found = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for path in run::listed(folder, ignored, &is_metadata).unwrap_or_default() {
            if !layout::is_public_without_sql(&path) {
                continue;
            }
            let config = configs.serving(&path)?;
            if serves(&config, &path, all) {
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
) -> Result<Vec<Served>, Failure> {
    let mut found: Vec<Served> = Vec::new();
    for path in changed {
        let label = path.with_file_name("metadata.yaml");
        if found.iter().any(|(known, _)| *known == label) || !is_label(&label) {
            continue;
        }
        let config = serving(&label)?;
        if serves(&config, &label, false) {
            found.push((label, config));
        }
    }
    Ok(found)
}

/// Whether a file of then or now publishes a table that no SQL makes.
pub(super) fn is_label(path: &Path) -> bool {
    is_metadata(path) && files::absolute(path).is_file() && layout::is_public_without_sql(path)
}

fn is_metadata(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "metadata.yaml")
}

/// Whether labels say what is published.
fn serves(config: &Config, path: &Path, all: bool) -> bool {
    let labelled = matches!(config.project.published, Published::Labelled);
    config.project.layout == Some(Layout::BigqueryEtl) && (labelled || all) && config.covers(path)
}
