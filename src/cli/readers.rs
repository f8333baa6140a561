//! The datasets that a change may reach, for `check` of a change and for `diff`.
//!
//! A changed query reaches the datasets that read its tables, now or before. A
//! changed file beside a query reaches that query. A changed registry, schema or
//! configuration may reach any dataset. A file of any extension that a template
//! includes counts as a part of the including file.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::routines;
use crate::assessment::Assessment;
use crate::catalog::layout::place;
use crate::catalog::sqlmesh;
use crate::config::{self, Config, Layout};
use crate::record::Entry;
use crate::registry;
use crate::source::SourceText;
use crate::source::files::{self, absolute, is_sql};
use crate::workspace::{AssessError, files_including};

/// Metadata of a table, and of a dataset of tables.
const METADATA: [&str; 2] = ["metadata.yaml", "dataset_metadata.yaml"];
/// Files that make a folder the top of a recognised layout.
const TOPS: [&str; 2] = ["bqetl_project.yaml", "dbt_project.yml"];
/// The file by which git converts the stored bytes of the files below it. After a
/// change, their content in the work tree differs, though git lists none of them as
/// changed.
const ATTRIBUTES: &str = ".gitattributes";
/// Extensions of notes and pictures, which are read only if a template includes
/// them.
const NOTES: [&str; 9] = [
    "md",
    "txt",
    "rst",
    "png",
    "svg",
    "jpg",
    "gif",
    "pdf",
    "gitignore",
];

/// A file that may contain datasets, with its configuration.
pub(super) type ServedFile = (PathBuf, Arc<Config>);

/// What a change may reach.
#[derive(Default)]
pub(super) struct ChangeReach {
    /// Files that changed or that include a changed file, as absolute paths. Bytes
    /// that are not UTF-8 are replaced there, as in the paths of texts.
    files: HashSet<String>,
    /// Queries that changed themselves.
    queries: HashSet<String>,
    /// Folders below which every file counts as changed.
    folders: HashSet<PathBuf>,
    /// Configurations for which any dataset may have changed.
    any: Vec<Arc<Config>>,
    /// Configurations for which any file may read something that changed.
    readers: Vec<Arc<Config>>,
}

/// The effect of a change of one file.
enum ChangeEffect {
    /// The file is a query, which may create tables.
    Query,
    /// All files below the folder count as changed.
    Below(PathBuf),
    /// These other files count as changed.
    Files(Vec<PathBuf>),
    /// Any dataset of these configurations may have changed.
    Any(Vec<Arc<Config>>),
    /// The file alone affects no dataset.
    Nothing,
}

/// Returns whether a change of a file may change the assessment of a dataset.
pub(super) fn may_affect_datasets(
    path: &Path,
    config: &Arc<Config>,
    registry: Option<&Path>,
) -> bool {
    let found = cause(path, std::slice::from_ref(config), registry, &|_| None);
    !matches!(found, ChangeEffect::Nothing)
}

/// Returns the absolute path as reports show it.
fn called(path: &Path) -> String {
    absolute(path).to_string_lossy().into_owned()
}

impl ChangeReach {
    /// Computes what changed files may reach among the given files. `text` returns
    /// the text of a file, or its text before the change if it was deleted.
    pub(super) fn of(
        changed: &BTreeSet<PathBuf>,
        looked_at: &[ServedFile],
        registry: Option<&Path>,
        jobs: usize,
        text: &dyn Fn(&Path) -> Option<String>,
    ) -> Result<Self, AssessError> {
        let mut reach = Self::default();
        if changed.is_empty() {
            return Ok(reach);
        }
        let configs = distinct(looked_at);
        for path in changed {
            match cause(path, &configs, registry, text) {
                ChangeEffect::Query => {
                    reach.queries.insert(called(path));
                }
                ChangeEffect::Below(folder) => {
                    reach.folders.insert(folder);
                }
                ChangeEffect::Files(files) => {
                    reach.files.extend(files.iter().map(|file| called(file)));
                }
                ChangeEffect::Any(of) => reach.any.extend(of),
                ChangeEffect::Nothing => {}
            }
        }
        let settings: Vec<(&Path, _)> = looked_at
            .iter()
            .map(|(path, config)| (path.as_path(), &config.template))
            .collect();
        let asking = files_including(&settings, changed, jobs)?;
        reach.files.extend(asking.into_iter().map(called));
        reach.add_routine_users(changed, looked_at, text);
        // Queries of a repository with a layout may be read by other files.
        let makes =
            !(reach.files.is_empty() && reach.queries.is_empty() && reach.folders.is_empty());
        if makes {
            let followed = |config: &&Arc<Config>| config.project.layout.is_some();
            reach
                .readers
                .extend(configs.iter().filter(followed).cloned());
        }
        Ok(reach)
    }

    /// Adds the files that name a function or procedure that a changed file defines.
    ///
    /// Also adds the files that define a procedure that a changed file calls,
    /// because the procedure now runs in another way.
    fn add_routine_users(
        &mut self,
        changed: &BTreeSet<PathBuf>,
        looked_at: &[ServedFile],
        text: &dyn Fn(&Path) -> Option<String>,
    ) {
        let changed = changed.iter().filter(|path| is_sql(path));
        let texts: Vec<String> = changed.filter_map(|path| text(path)).collect();
        let mut defined: HashSet<String> = HashSet::new();
        let mut ran: HashSet<String> = HashSet::new();
        for text in &texts {
            defined.extend(routines::defined(text));
            ran.extend(routines::called(text));
        }
        if defined.is_empty() && ran.is_empty() {
            return;
        }
        let followed = |served: &&ServedFile| served.1.project.layout.is_some();
        let mut others: Vec<(&Path, String)> = looked_at
            .iter()
            .filter(followed)
            .filter(|(path, _)| is_sql(path))
            .filter_map(|(path, _)| Some((path.as_path(), text(path)?)))
            .collect();
        // A file that names a routine may define others, so the search repeats.
        loop {
            let before = others.len();
            let mut more = HashSet::new();
            others.retain(|(path, text)| {
                let own = routines::defined(text);
                let runs = !own.is_disjoint(&ran);
                let reached = runs || routines::names_one(text, &defined);
                if reached {
                    self.files.insert(called(path));
                    more.extend(own);
                }
                !reached
            });
            defined.extend(more);
            if others.len() == before {
                return;
            }
        }
    }

    /// Returns whether a file changed, or includes a file that changed.
    pub(super) fn names(&self, path: &Path) -> bool {
        let called = called(path);
        self.files.contains(&called)
            || self.queries.contains(&called)
            || absolute(path)
                .ancestors()
                .any(|above| self.folders.contains(above))
    }

    /// Returns whether a query itself changed.
    pub(super) fn is_query(&self, path: &Path) -> bool {
        self.queries.contains(&called(path))
    }

    /// Returns whether any dataset of a configuration may have changed.
    pub(super) fn any(&self, config: &Arc<Config>) -> bool {
        self.any.iter().any(|known| Arc::ptr_eq(known, config))
    }

    /// Returns whether an unchanged file of a configuration may be reached.
    pub(super) fn may_reach(&self, config: &Arc<Config>) -> bool {
        self.any(config) || self.readers.iter().any(|known| Arc::ptr_eq(known, config))
    }

    /// Returns whether a dataset was assessed with a file that changed. `file` maps
    /// the shown path of a file to its path in the work tree.
    pub(super) fn is_read_by(&self, dataset: &Assessment, file: &dyn Fn(&str) -> PathBuf) -> bool {
        let mut upstream = dataset.upstream.iter();
        upstream.any(|path| self.names(&file(path)))
    }
}

/// Returns the configurations of files without repetitions.
fn distinct(files: &[ServedFile]) -> Vec<Arc<Config>> {
    let mut distinct: Vec<Arc<Config>> = Vec::new();
    let mut known = HashSet::new();
    for (_, config) in files {
        if known.insert(Arc::as_ptr(config)) {
            distinct.push(Arc::clone(config));
        }
    }
    distinct
}

fn cause(
    path: &Path,
    configs: &[Arc<Config>],
    registry: Option<&Path>,
    text: &dyn Fn(&Path) -> Option<String>,
) -> ChangeEffect {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let parent = || path.parent().unwrap_or(path).to_owned();
    if path.is_dir() {
        let of = configs.iter().filter(|config| is_named(path, config));
        let of: Vec<Arc<Config>> = of.cloned().collect();
        return match of.is_empty() {
            true => ChangeEffect::Below(path.to_owned()),
            false => ChangeEffect::Any(of),
        };
    }
    // The project file of a package applies to the whole project that installs it.
    let packaged = |config: &&Arc<Config>| {
        let root = files::absolute(config.folder());
        config.project.layout == Some(Layout::Dbt)
            && path.starts_with(&root)
            && path.parent() != Some(&*root)
    };
    let of: Vec<Arc<Config>> = configs.iter().filter(packaged).cloned().collect();
    if TOPS.contains(&&*name) && !of.is_empty() {
        return ChangeEffect::Any(of);
    }
    if name == config::FILE_NAME || TOPS.contains(&&*name) {
        return ChangeEffect::Below(parent());
    }
    // The configuration of a SQLMesh project sets how its models run.
    let plain = |config: &Arc<Config>| {
        config.project.layout == Some(Layout::Plain)
            && path.starts_with(files::absolute(config.folder()))
    };
    if sqlmesh::is_config(&name) && configs.iter().any(plain) {
        return ChangeEffect::Below(parent());
    }
    if METADATA.contains(&&*name) || name == ATTRIBUTES {
        return ChangeEffect::Below(parent());
    }
    let is = |other: &Path| absolute(other) == path;
    if name == registry::FILE_NAME || registry.is_some_and(is) {
        return ChangeEffect::Any(configs.to_vec());
    }
    let of: Vec<Arc<Config>> = configs
        .iter()
        .filter(|config| is_read_for(path, &name, config))
        .cloned()
        .collect();
    if !of.is_empty() {
        return ChangeEffect::Any(of);
    }
    if is_sql(path) {
        return ChangeEffect::Query;
    }
    if name.ends_with(".toml")
        && let Some(entry) = text(path).and_then(|text| entry(&name, text))
    {
        // Paths of an entry are relative to the folder that holds the record.
        let root = path.parent().and_then(Path::parent).unwrap_or(path);
        return ChangeEffect::Files(entry.paths.iter().map(|file| root.join(file)).collect());
    }
    ChangeEffect::Nothing
}

/// Parses an entry of the publishing record.
fn entry(name: &str, text: String) -> Option<Entry> {
    Entry::parse(&SourceText::new(name, text)).ok()
}

/// Returns whether a configuration names a path or a folder above it. For a folder,
/// a named path below it counts too.
fn is_named(path: &Path, config: &Config) -> bool {
    let named = config
        .project
        .schemas
        .iter()
        .chain(&config.registry)
        .chain(&config.template.metric_hub);
    let mut named = named.map(|named| absolute(named));
    named.any(|named| path.starts_with(&named) || path.is_dir() && named.starts_with(path))
}

/// Returns whether a file is read for all datasets of a configuration: it is named
/// there, or is in a place that the layout of the configuration reads.
fn is_read_for(path: &Path, name: &str, config: &Config) -> bool {
    if is_named(path, config) {
        return true;
    }
    let Ok(inside) = path.strip_prefix(files::absolute(config.folder())) else {
        return false;
    };
    let ending = Path::new(name)
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    match config.project.layout {
        Some(Layout::BigqueryEtl) => {
            // Schemas, and programs that write the table of their folder.
            place(path).is_some() && ending != "sql" && !NOTES.contains(&&*ending)
        }
        Some(Layout::Dbt) => {
            let below = |folder: &str| inside.components().any(|part| part.as_os_str() == folder);
            let read = below("macros") || below("dbt_packages");
            matches!(&*ending, "yml" | "yaml" | "json" | "py") || (read && is_sql(path))
        }
        Some(Layout::Plain) | None => false,
    }
}
