//! The files of a commit, beside the work tree.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::args::Common;
use super::sides::within;
use super::{Failure, record, run};
use crate::config::Config;
use crate::registry::Registry;
use crate::workspace::Registries;

/// The files of a commit in a folder of their own, which goes when this does.
pub(super) struct BaseTree(TempDir);

impl BaseTree {
    /// Writes the files of a commit of the repository whose work tree is at `top`.
    /// Neither that nor its index is touched.
    pub(super) fn of(top: &Path, commit: &str) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::Usage(format!("the files of {commit}: {why}"));
        let folder = TempDir::with_prefix("headcount-")
            .map_err(|error| Failure::Write(std::env::temp_dir(), error))?;
        let index = TempDir::with_prefix("headcount-index-")
            .map_err(|error| Failure::Write(std::env::temp_dir(), error))?;
        let index = index.path().join("index");
        let env = [("GIT_INDEX_FILE", index.as_path())];
        record::git_with(top, &env, &["read-tree", commit]).map_err(wrong)?;
        let prefix = format!("--prefix={}/", folder.path().display());
        record::git_with(top, &env, &["checkout-index", "--all", &prefix]).map_err(wrong)?;
        Ok(Self(folder))
    }

    /// Where they are.
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The configuration of now for the files of then.
    pub(super) fn config(&self, config: &Config, top: &Path) -> Config {
        let mut moved = config.clone();
        moved.each_path(|path| *path = self.moved(path, top));
        moved
    }

    /// Where a file of the work tree was. What lies outside it, or was not there
    /// yet, is where it is.
    fn moved(&self, path: &Path, top: &Path) -> PathBuf {
        let within = within(path, top);
        // What lies outside is told by its whole path, which takes the place of this.
        let then = self.path().join(&within);
        if then.exists() {
            then
        } else {
            top.join(within)
        }
    }

    /// The registries of then, and the repository around its files. Where there
    /// was none then, that of now serves both sides.
    pub(super) fn registries(
        &self,
        config: &Config,
        common: &Common,
        top: &Path,
    ) -> Result<Registries, Failure> {
        let mut config = config.clone();
        let then = Registry::find_upward(self.path());
        if config.registry.is_none() && !then.is_some_and(|path| path.starts_with(self.path())) {
            config.registry = Registry::find_upward(top);
        }
        run::registries(&config, common)
    }
}
