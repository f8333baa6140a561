//! The datasets that a change of some files may change: for `check --readers` and
//! `diff`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::run;
use crate::assessment::{Assessment, FileAssessment};
use crate::config::{self, Config, Layout};
use crate::registry;
use crate::report::Run;
use crate::source::files::{self, is_sql, listed};

/// What bigquery-etl says of a table, beside its query.
const METADATA: &str = "metadata.yaml";

/// What was given: files that changed.
pub(super) struct Changed {
    /// SQL files, as absolute paths.
    sql: HashSet<PathBuf>,
    /// Folders whose metadata changed.
    folders: HashSet<PathBuf>,
    /// Whether something changed that may speak of any dataset: a registry, a
    /// configuration, a schema.
    all: bool,
}

impl Changed {
    /// Whether a change of a file may change what is said of a dataset.
    pub(super) fn speaks(path: &Path, config: &Config) -> bool {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return false;
        };
        is_sql(path)
            || [
                METADATA,
                "schema.yaml",
                registry::FILE_NAME,
                config::FILE_NAME,
            ]
            .contains(&name)
            || (config.project.layout == Some(Layout::Dbt)
                && (name.ends_with(".yml") || name.ends_with(".yaml")))
            || config
                .project
                .schemas
                .iter()
                .any(|declared| absolute(path).starts_with(absolute(declared)))
            || config
                .registry
                .as_deref()
                .is_some_and(|registry| absolute(registry) == absolute(path))
    }

    pub(super) fn of(paths: &[PathBuf]) -> Self {
        let mut changed = Self {
            sql: HashSet::new(),
            folders: HashSet::new(),
            all: false,
        };
        for path in paths {
            let path = absolute(path);
            let name = path.file_name().and_then(|name| name.to_str());
            if path.is_dir() {
                changed.folders.insert(path);
            } else if is_sql(&path) {
                changed.sql.insert(path);
            } else if name == Some(METADATA) {
                changed.folders.extend(path.parent().map(Path::to_owned));
            } else {
                changed.all = true;
            }
        }
        changed
    }

    /// Where to look: in the whole repository, where files are known to make the
    /// tables of others, or what changed may speak of any file; else in the SQL
    /// files alone.
    pub(super) fn looked_at(&self, given: &[PathBuf], config: &Config) -> Vec<PathBuf> {
        if self.may_reach_others(config) {
            return vec![listed(run::near(config.folder())).to_owned()];
        }
        let sql = |path: &&PathBuf| path.is_dir() || self.sql.contains(&absolute(path));
        given.iter().filter(sql).cloned().collect()
    }

    /// Whether it may change datasets of files that did not change.
    pub(super) fn may_reach_others(&self, config: &Config) -> bool {
        self.all || config.project.layout.is_some()
    }

    /// Leaves the datasets that the change may change.
    pub(super) fn retain(&self, run: &mut Run) {
        if self.all {
            return;
        }
        for file in &mut run.files {
            if !self.names(Path::new(file.source.path())) {
                file.datasets.retain(|dataset| self.is_read_by(dataset));
                file.findings.clear();
            }
        }
        run.files
            .retain(|file| !file.datasets.is_empty() || self.names(Path::new(file.source.path())));
    }

    /// Whether the change may change a dataset of a file.
    pub(super) fn touches(&self, file: &FileAssessment) -> bool {
        self.all
            || self.names(Path::new(file.source.path()))
            || file.datasets.iter().any(|dataset| self.is_read_by(dataset))
    }

    fn is_read_by(&self, dataset: &Assessment) -> bool {
        let mut upstream = dataset.upstream.iter();
        upstream.any(|path| self.names(Path::new(path)))
    }

    fn names(&self, path: &Path) -> bool {
        let path = absolute(path);
        self.sql.contains(&path) || path.ancestors().any(|above| self.folders.contains(above))
    }
}

fn absolute(path: &Path) -> PathBuf {
    let whole = files::absolute(path);
    // `./a` and `a` are one file.
    whole.components().collect()
}
