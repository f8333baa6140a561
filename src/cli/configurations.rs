//! The configuration that serves each file: the nearest upward from it, each read
//! once. Files of several configurations in one run keep their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::args::{Common, Configured};
use super::trust::Trust;
use super::upward::Upward;
use super::{Failure, output, run, settings};
use crate::catalog::layout;
use crate::config::{Config, FILE_NAME, Layout, Trusted, read_at};
use crate::source::files::{self, listed};

/// The most configurations inside each other. Each is a repository of its own that
/// knows what the files in it write, those included that others inside serve.
const NESTED: usize = 16;

/// The name of standard input where nobody gives another.
pub(super) const STDIN: &str = "<stdin>";

/// The configurations of a run.
pub(super) struct Configurations {
    /// The one that serves every file: the given one, or none at all.
    only: Option<Arc<Config>>,
    /// The one of files that have none.
    silent: Arc<Config>,
    files: Upward<PathBuf>,
    trees: Upward<(PathBuf, Layout)>,
    read: FxHashMap<PathBuf, Arc<Config>>,
    trust: Option<Trust>,
}

impl Configurations {
    /// What the command line says of them.
    ///
    /// # Errors
    /// If the given one is invalid.
    pub(super) fn new(given: &Configured) -> Result<Self, Failure> {
        Self::trusting(given, None)
    }

    /// The same where a revision may be trusted, around a path.
    ///
    /// # Errors
    /// As [`Self::new`]; also if there is no such revision.
    pub(super) fn of(common: &Common, start: &Path) -> Result<Self, Failure> {
        Self::trusting(&common.configured, Trust::of(common, start)?)
    }

    fn trusting(given: &Configured, trust: Option<Trust>) -> Result<Self, Failure> {
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
            files: Upward::default(),
            trees: Upward::default(),
            read: FxHashMap::default(),
        })
    }

    /// The configuration of a file, or of what is in a folder.
    ///
    /// # Errors
    /// If it is invalid.
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

    /// In how many configurations a file of one stands, its own included, as far as
    /// the limit.
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

    /// The revision that is trusted, if one is.
    pub(super) fn trusted(&self) -> Option<Arc<Trusted>> {
        let trust = self.trust.as_ref();
        trust.map(|trust| Arc::clone(trust.files()))
    }

    /// What a reader of the reports has to know of what serves: each is also told.
    pub(super) fn notes(&self) -> Vec<String> {
        let trust = self.trust.as_ref();
        trust.map_or_else(Vec::new, |trust| trust.files().notes())
    }

    /// The configuration of standard input: that of the path which it is called, if
    /// it is called one.
    ///
    /// # Errors
    /// If it is invalid.
    pub(super) fn serving_stdin(&mut self, name: &str) -> Result<Arc<Config>, Failure> {
        self.serving(&place_of_stdin(name))
    }
}

/// Where standard input is taken to stand.
pub(super) fn place_of_stdin(name: &str) -> PathBuf {
    PathBuf::from(if name == STDIN { "." } else { name })
}

/// A configuration with the project of dbt that it speaks of. What can't be read of
/// that is told.
fn with_dbt(mut config: Config) -> Arc<Config> {
    for error in config.read_dbt() {
        output::warn(&error.to_string());
    }
    config.read_sqlmesh();
    Arc::new(config)
}

/// A configuration, as the revision has it that is trusted.
fn load(path: &Path, trusted: Option<&Arc<Trusted>>) -> Result<Config, Failure> {
    let stored = read_at(trusted.map(Arc::as_ref), path);
    let mut config = Config::load_from(&stored, path)?;
    config.trusted = trusted.cloned();
    Ok(config)
}

/// Makes sure that a configuration that was found has nothing read that lies outside
/// of its repository: whoever writes to that one could write it. One that is trusted
/// may name what does; a link of the change leads nobody there.
fn stays_inside(file: &Path, config: &Config) -> Result<(), Failure> {
    let trusted = config.trusted.as_deref();
    let mut outside = config.outside();
    // What decides is read of the revision itself.
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

/// The layout of a folder that is plainly the top of bigquery-etl's tree or dbt's.
fn recognised(folder: &Path, trusted: Option<&Trusted>) -> Option<(PathBuf, Layout)> {
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
