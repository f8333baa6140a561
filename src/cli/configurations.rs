//! The configuration of each file: the nearest one upward, read once. In one run,
//! files may have different configurations.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::args::{Common, Configured};
use super::trust::TrustedBase;
use super::upward::UpwardSearch;
use super::{Failure, output, run, settings};
use crate::catalog::layout;
use crate::config::{Config, FILE_NAME, Layout, TrustedRevision, read_at};
use crate::source::files::{self, listed};

/// Largest depth of nested configurations. Each configuration has a repository of
/// its own that indexes all files below it, including files of nested
/// configurations.
const NESTED: usize = 16;

/// The name of standard input if the user gives none.
pub(super) const STDIN: &str = "<stdin>";

/// The configurations of a run.
pub(super) struct Configurations {
    /// The single configuration of every file: the given one, or an empty one
    /// (`--no-config`).
    only: Option<Arc<Config>>,
    /// The configuration of files without one.
    silent: Arc<Config>,
    files: UpwardSearch<PathBuf>,
    trees: UpwardSearch<(PathBuf, Layout)>,
    read: FxHashMap<PathBuf, Arc<Config>>,
    trust: Option<TrustedBase>,
}

impl Configurations {
    /// Creates the configurations as the command line sets them.
    ///
    /// # Errors
    /// If the given configuration is invalid.
    pub(super) fn new(given: &Configured) -> Result<Self, Failure> {
        Self::trusting(given, None)
    }

    /// Creates the configurations of a command that may trust a revision
    /// (`--trust-base`). The revision is one of the repository around `start`.
    ///
    /// # Errors
    /// As [`Self::new`]; also if the revision does not exist.
    pub(super) fn of(common: &Common, start: &Path) -> Result<Self, Failure> {
        Self::trusting(&common.configured, TrustedBase::of(common, start)?)
    }

    fn trusting(given: &Configured, trust: Option<TrustedBase>) -> Result<Self, Failure> {
        let trusted = trust.as_ref().map(|trust| Arc::clone(trust.files()));
        let silent = || {
            let mut config = Config::default();
            config.trusted.clone_from(&trusted);
            Arc::new(config)
        };
        let only = match &given.config {
            Some(path) => {
                let mut config = load(path, trusted.as_ref())?;
                config.alone = true;
                Some(with_dbt(config))
            }
            None => given.no_config.then(silent),
        };
        Ok(Self {
            only,
            silent: silent(),
            trust,
            files: UpwardSearch::default(),
            trees: UpwardSearch::default(),
            read: FxHashMap::default(),
        })
    }

    /// Returns the configuration of a file, or of the files in a folder.
    ///
    /// # Errors
    /// If the configuration is invalid.
    pub(super) fn serving(&mut self, path: &Path) -> Result<Arc<Config>, Failure> {
        if let Some(only) = &self.only {
            return Ok(Arc::clone(only));
        }
        let trusted = self.trusted();
        let path = match &trusted {
            Some(trusted) => trusted.spelled(path),
            None => files::absolute(path),
        };
        let folder = if path.is_dir() {
            path.as_path()
        } else {
            path.parent().unwrap_or(&path)
        };
        let own = |folder: &Path| {
            let path = folder.join(FILE_NAME);
            let is_there = files::is_there(&read_at(trusted.as_deref(), &path));
            is_there.then_some(path)
        };
        if let Some(file) = self.files.find(folder, &own) {
            if let Some(known) = self.read.get(&file) {
                return Ok(Arc::clone(known));
            }
            if self.nested(&file, &own) > NESTED {
                return Err(Failure::Usage(format!(
                    "{}: more than {NESTED} configurations stand inside each other; put what they say into those above",
                    run::near(&file).display()
                )));
            }
            let config = load(&file, trusted.as_ref())?;
            stays_inside(&file, &config)?;
            let config = with_dbt(config);
            self.read.insert(file, Arc::clone(&config));
            return Ok(config);
        }
        let tree = |folder: &Path| recognised(folder, trusted.as_deref());
        let Some((root, layout)) = self.trees.find(folder, &tree) else {
            return Ok(Arc::clone(&self.silent));
        };
        if let Some(known) = self.read.get(&root) {
            return Ok(Arc::clone(known));
        }
        let shown = run::near(&root);
        output::warn(&format!(
            "{} has the layout {}, so tables are followed into the files that create them{}; declare it in headcount.toml ([project] layout = \"{}\"), or use --no-config",
            listed(shown).display(),
            layout.word(),
            match layout {
                Layout::BigqueryEtl =>
                    ", and only datasets with a publishing label are checked (--all checks all)",
                Layout::Plain | Layout::Dbt => "",
            },
            layout.word()
        ));
        let mut config = Config::recognised(shown, layout);
        config.trusted = trusted;
        let config = with_dbt(config);
        self.read.insert(root, Arc::clone(&config));
        Ok(config)
    }

    /// Returns the number of configurations in whose folders a configuration lies,
    /// itself included. Counting stops just above the limit.
    fn nested(&mut self, file: &Path, own: &dyn Fn(&Path) -> Option<PathBuf>) -> usize {
        let mut count = 1;
        let mut at = file.to_owned();
        while let Some(outside) = at.parent().and_then(Path::parent) {
            let Some(above) = self.files.find(outside, own).filter(|_| count <= NESTED) else {
                break;
            };
            count += 1;
            at = above;
        }
        count
    }

    /// The revision that is trusted, if any.
    pub(super) fn trusted(&self) -> Option<Arc<TrustedRevision>> {
        let trust = self.trust.as_ref();
        trust.map(|trust| Arc::clone(trust.files()))
    }

    /// Returns notes about the configurations for the reports; each is also a
    /// warning.
    pub(super) fn notes(&self) -> Vec<String> {
        let trust = self.trust.as_ref();
        trust.map_or_else(Vec::new, |trust| trust.files().notes())
    }

    /// Returns the configuration of standard input: that of the path that it is
    /// named after, if there is one.
    ///
    /// # Errors
    /// If the configuration is invalid.
    pub(super) fn serving_stdin(&mut self, name: &str) -> Result<Arc<Config>, Failure> {
        self.serving(&place_of_stdin(name))
    }
}

/// Returns the path that standard input is assumed to have.
pub(super) fn place_of_stdin(name: &str) -> PathBuf {
    PathBuf::from(if name == STDIN { "." } else { name })
}

/// Adds the dbt and SQLMesh projects that a configuration names. Errors while dbt
/// files are read are warnings.
fn with_dbt(mut config: Config) -> Arc<Config> {
    for error in config.read_dbt() {
        output::warn(&error.to_string());
    }
    config.read_sqlmesh();
    Arc::new(config)
}

/// Loads a configuration, from the trusted revision if there is one.
fn load(path: &Path, trusted: Option<&Arc<TrustedRevision>>) -> Result<Config, Failure> {
    let stored = read_at(trusted.map(Arc::as_ref), path);
    let mut config = Config::load_from(&stored, path)?;
    config.trusted = trusted.cloned();
    Ok(config)
}

/// Refuses a discovered configuration that refers to files outside of its
/// repository: anybody who may write to the repository could have written it. The
/// configuration of a trusted revision may refer to such files, but links that the
/// change adds are not followed.
fn stays_inside(file: &Path, config: &Config) -> Result<(), Failure> {
    let trusted = config.trusted.as_deref();
    let mut outside = config.outside();
    // The registry and the record decide verdicts: both are read from the revision
    // itself.
    let decides = |key: &str| matches!(key, "registry" | "record");
    outside.retain(|(key, path)| {
        trusted.is_none_or(|trusted| !decides(key) && trusted.stored(path).is_some())
    });
    match outside.first() {
        Some((key, path)) => {
            let qualified = match *key {
                "record" | "schemas" => format!("project.{key}"),
                "metric_hub" => format!("template.{key}"),
                key => key.to_owned(),
            };
            let place = match config.settings.get(&qualified) {
                Some(setting) => settings::place(setting),
                None => run::near(file).display().to_string(),
            };
            Err(Failure::Usage(format!(
                "{place}: `{key}` leads to {}, outside of the repository; move the target into the repository, or pass this configuration with --config",
                path.display()
            )))
        }
        None => Ok(()),
    }
}

/// Returns the layout of a folder that is the top of a bigquery-etl or dbt tree.
fn recognised(folder: &Path, trusted: Option<&TrustedRevision>) -> Option<(PathBuf, Layout)> {
    let stored = trusted.and_then(|trusted| trusted.stored(folder));
    let looked_at = stored.as_deref().unwrap_or(folder);
    let layout = if layout::is_tree(looked_at) {
        Layout::BigqueryEtl
    } else if looked_at.join("dbt_project.yml").is_file() {
        Layout::Dbt
    } else {
        return None;
    };
    Some((folder.to_owned(), layout))
}
