//! Labels that publish tables without SQL.

use std::path::{Path, PathBuf};

use super::configurations::Configurations;
use super::readers::Served;
use super::{Failure, run};
use crate::catalog::layout;
use crate::config::{Config, Layout, Published};
use crate::source::files::{self, Ignored};

/// Returns the labels below folders that publish tables without SQL. A folder that
/// cannot be listed is reported when SQL is searched.
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

/// Returns the labels in the folders of changed files.
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

/// Returns whether a file is a label that publishes a table without SQL.
pub(super) fn is_label(path: &Path) -> bool {
    is_metadata(path) && files::absolute(path).is_file() && layout::is_public_without_sql(path)
}

fn is_metadata(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "metadata.yaml")
}

/// Returns whether labels decide what is published.
fn serves(config: &Config, path: &Path, all: bool) -> bool {
    let labelled = matches!(config.project.published, Published::Labelled);
    config.project.layout == Some(Layout::BigqueryEtl) && (labelled || all) && config.covers(path)
}
