//! The files of a commit, stored outside of the work tree.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::args::Common;
use super::changes::BaseCommit;
use super::configurations::Configurations;
use super::git::Repository;
use super::sides::within;
use super::upward::UpwardSearch;
use super::{Failure, run};
use crate::config::{Config, FILE_NAME, read_at};
use crate::registry::Registry;
use crate::source::files;
use crate::storage::Staging;
use crate::workspace::Registries;

/// The files of a commit in a temporary folder, which is removed on drop.
pub(super) struct StoredFiles {
    _staging: Staging,
    path: PathBuf,
}

impl StoredFiles {
    /// Writes the files of a commit as git stores them. Neither the work tree nor
    /// its index is changed.
    pub(super) fn of(before: &BaseCommit) -> Result<Self, Failure> {
        let temporary = std::env::temp_dir();
        let wrong = |error| Failure::Write(temporary.clone(), error);
        let staging = Staging::within(&temporary).map_err(wrong)?;
        let path = staging.inside().join("tree");
        // The folder looks like the top of a repository: a search upward ends here,
        // so that no configuration above it applies, and no path leads out of it.
        std::fs::create_dir_all(path.join(".git")).map_err(wrong)?;
        let commit = &before.commit;
        Repository::around(&before.top)
            .and_then(|repository| repository.write_files(commit, &path))
            .map_err(|why| Failure::Usage(format!("the files of {commit}: {why}")))?;
        Ok(Self {
            _staging: staging,
            path,
        })
    }

    /// The folder of the files.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// The files of a commit with the configurations of that commit.
pub(super) struct BaseTree {
    folder: StoredFiles,
    top: PathBuf,
    /// Whether the command line selects one configuration for all files.
    given: bool,
    files: UpwardSearch<PathBuf>,
    read: FxHashMap<PathBuf, Arc<Config>>,
    moved: FxHashMap<*const Config, (Arc<Config>, Arc<Config>)>,
}

impl BaseTree {
    /// Writes the files of a commit.
    pub(super) fn of(before: &BaseCommit, common: &Common) -> Result<Self, Failure> {
        let folder = StoredFiles::of(before)?;
        let top = &before.top;
        Ok(Self {
            folder,
            top: top.clone(),
            given: common.configured.no_config || common.configured.config.is_some(),
            files: UpwardSearch::default(),
            read: FxHashMap::default(),
            moved: FxHashMap::default(),
        })
    }

    /// The folder of the files.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path in the work tree of a file of the commit.
    pub(super) fn now(&self, path: &Path) -> PathBuf {
        self.top.join(within(path, self.path()))
    }

    /// Returns the path in the commit of a file of the work tree.
    pub(super) fn then(&self, path: &Path) -> PathBuf {
        self.path().join(within(path, &self.top))
    }

    /// Returns the configuration that applied to a file of the commit. If the commit
    /// has no valid one, the present configuration applies to both sides: the change
    /// that adds it is reported separately.
    pub(super) fn serving(
        &mut self,
        path: &Path,
        now: &mut Configurations,
    ) -> Result<Arc<Config>, Failure> {
        let root = self.path().to_owned();
        if !self.given {
            let own = |folder: &Path| {
                let path = folder.join(FILE_NAME);
                (folder.starts_with(&root) && path.is_file()).then_some(path)
            };
            let found = self.files.find(path.parent().unwrap_or(path), &own);
            if let Some(file) = found {
                if let Some(known) = self.read.get(&file) {
                    return Ok(Arc::clone(known));
                }
                // A configuration that was invalid applied to nothing.
                if let Ok(mut config) = Config::load(&file) {
                    config.map_paths(|path| {
                        if !path.exists() {
                            let outside = path.strip_prefix(&root).map(|path| self.top.join(path));
                            *path = outside.unwrap_or_else(|_| path.clone());
                        }
                    });
                    config.trusted = now.trusted();
                    // Errors are not reported: they were reported at that commit.
                    config.read_dbt();
                    let config = Arc::new(config);
                    self.read.insert(file, Arc::clone(&config));
                    return Ok(config);
                }
            }
        }
        let config = now.serving(&self.now(path))?;
        if let Some((_, moved)) = self.moved.get(&Arc::as_ptr(&config)) {
            return Ok(Arc::clone(moved));
        }
        let mut moved = Config::clone(&config);
        moved.map_paths(|path| *path = self.moved(path));
        moved.read_dbt();
        let moved = Arc::new(moved);
        // The entry keeps the configuration alive, so that its address stays a valid
        // key.
        self.moved
            .insert(Arc::as_ptr(&config), (config, Arc::clone(&moved)));
        Ok(moved)
    }

    /// Returns the path in the commit of a file of the work tree. A file outside of
    /// the work tree, or absent from the commit, keeps its path.
    fn moved(&self, path: &Path) -> PathBuf {
        let within = within(path, &self.top);
        // A path outside of the work tree is absolute, so that `join` replaces the
        // folder.
        let then = self.path().join(&within);
        if then.exists() {
            then
        } else {
            self.top.join(within)
        }
    }

    /// Returns the registries of the commit with the repository around its files. If
    /// the commit has no registry, the present one is used for both sides.
    pub(super) fn registries(
        &self,
        config: &Config,
        common: &Common,
    ) -> Result<Registries, Failure> {
        let mut config = config.clone();
        let then = Registry::find_upward(self.path());
        if config.registry.is_none() && !then.is_some_and(|path| path.starts_with(self.path())) {
            let trusted = config.trusted.clone();
            let found = Registry::find_upward(&self.top);
            config.registry =
                found.filter(|path| files::is_there(&read_at(trusted.as_deref(), path)));
        }
        run::registries(&config, common)
    }
}
