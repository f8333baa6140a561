//! Which files a change may reach: for `check --readers` and `diff`.
//!
//! A change of a query reaches the datasets that read what it makes or made; one of
//! what stands beside it, its own; one of a registry, a schema or a configuration
//! may reach any. Whatever a template asks for, of whatever ending, is a change of
//! the file that asks.

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
use crate::workspace::{AssessError, asking_for};

/// What the owners say of a table or of a dataset of tables.
const METADATA: [&str; 2] = ["metadata.yaml", "dataset_metadata.yaml"];
/// What makes a folder the top of a tree that is recognised.
const TOPS: [&str; 2] = ["bqetl_project.yaml", "dbt_project.yml"];
/// What git makes of the stored bytes of the files below it, in the work tree: they are
/// others then, though git calls no file changed.
const ATTRIBUTES: &str = ".gitattributes";
/// Endings of notes and pictures, which nothing reads unless a template asks.
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

/// A file that may hold datasets, and the configuration that serves it.
pub(super) type Served = (PathBuf, Arc<Config>);

/// What a change may reach.
#[derive(Default)]
pub(super) struct Reach {
    /// Files that changed, or that ask for one that did, called as texts are: what
    /// is no UTF-8 in a name is lost there.
    files: HashSet<String>,
    /// Queries that changed themselves.
    queries: HashSet<String>,
    /// All below these is as if it had changed.
    folders: HashSet<PathBuf>,
    /// Configurations of which any file may be reached.
    any: Vec<Arc<Config>>,
    /// Configurations of which any file may read what changed.
    readers: Vec<Arc<Config>>,
}

/// What a change of one file means.
enum Cause {
    /// It makes tables.
    Query,
    /// The files below a folder are as if they had changed.
    Below(PathBuf),
    /// Other files, by what is in it.
    Files(Vec<PathBuf>),
    /// Any dataset of these configurations may become another.
    Any(Vec<Arc<Config>>),
    /// None by itself.
    Nothing,
}

/// Whether a change of a file may change what is said of a dataset.
pub(super) fn speaks(path: &Path, config: &Arc<Config>, registry: Option<&Path>) -> bool {
    let found = cause(path, std::slice::from_ref(config), registry, &|_| None);
    !matches!(found, Cause::Nothing)
}

/// How a path is called in a report.
fn called(path: &Path) -> String {
    absolute(path).to_string_lossy().into_owned()
}

impl Reach {
    /// What changed files may reach of the files that are looked at. `text` reads
    /// one of them as it is or, if it is gone, was.
    pub(super) fn of(
        changed: &BTreeSet<PathBuf>,
        looked_at: &[Served],
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
                Cause::Query => {
                    reach.queries.insert(called(path));
                }
                Cause::Below(folder) => {
                    reach.folders.insert(folder);
                }
                Cause::Files(files) => {
                    reach.files.extend(files.iter().map(|file| called(file)));
                }
                Cause::Any(of) => reach.any.extend(of),
                Cause::Nothing => {}
            }
        }
        let settings: Vec<(&Path, _)> = looked_at
            .iter()
            .map(|(path, config)| (path.as_path(), &config.template))
            .collect();
        let asking = asking_for(&settings, changed, jobs)?;
        reach.files.extend(asking.into_iter().map(called));
        reach.name_routines(changed, looked_at, text);
        // A query of a repository whose tables are followed may be read by others.
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

    /// Adds the files that name a function or procedure of a changed one, and what
    /// defines the procedures that a changed one calls: then it runs otherwise.
    fn name_routines(
        &mut self,
        changed: &BTreeSet<PathBuf>,
        looked_at: &[Served],
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
        let followed = |served: &&Served| served.1.project.layout.is_some();
        let mut others: Vec<(&Path, String)> = looked_at
            .iter()
            .filter(followed)
            .filter(|(path, _)| is_sql(path))
            .filter_map(|(path, _)| Some((path.as_path(), text(path)?)))
            .collect();
        // What names one may define others.
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

    /// Whether a file changed, or something of which it is made.
    pub(super) fn names(&self, path: &Path) -> bool {
        let called = called(path);
        self.files.contains(&called)
            || self.queries.contains(&called)
            || absolute(path)
                .ancestors()
                .any(|above| self.folders.contains(above))
    }

    /// Whether a query itself changed.
    pub(super) fn is_query(&self, path: &Path) -> bool {
        self.queries.contains(&called(path))
    }

    /// Whether any dataset of a configuration may have become another.
    pub(super) fn any(&self, config: &Arc<Config>) -> bool {
        self.any.iter().any(|known| Arc::ptr_eq(known, config))
    }

    /// Whether a file that did not change may be reached.
    pub(super) fn may_reach(&self, config: &Arc<Config>) -> bool {
        self.any(config) || self.readers.iter().any(|known| Arc::ptr_eq(known, config))
    }

    /// Whether a dataset was assessed with a file that changed. `file` takes what
    /// the file is called to where it is in the work tree.
    pub(super) fn is_read_by(&self, dataset: &Assessment, file: &dyn Fn(&str) -> PathBuf) -> bool {
        let mut upstream = dataset.upstream.iter();
        upstream.any(|path| self.names(&file(path)))
    }
}

/// The configurations of files, each once.
fn distinct(files: &[Served]) -> Vec<Arc<Config>> {
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
) -> Cause {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let parent = || path.parent().unwrap_or(path).to_owned();
    if path.is_dir() {
        let of = configs.iter().filter(|config| is_named(path, config));
        let of: Vec<Arc<Config>> = of.cloned().collect();
        return match of.is_empty() {
            true => Cause::Below(path.to_owned()),
            false => Cause::Any(of),
        };
    }
    // What a package says serves the whole project that it is installed in.
    let packaged = |config: &&Arc<Config>| {
        let root = files::absolute(config.folder());
        config.project.layout == Some(Layout::Dbt)
            && path.starts_with(&root)
            && path.parent() != Some(&*root)
    };
    let of: Vec<Arc<Config>> = configs.iter().filter(packaged).cloned().collect();
    if TOPS.contains(&&*name) && !of.is_empty() {
        return Cause::Any(of);
    }
    if name == config::FILE_NAME || TOPS.contains(&&*name) {
        return Cause::Below(parent());
    }
    // A project of SQLMesh, whose configuration says how its models are run.
    let plain = |config: &Arc<Config>| {
        config.project.layout == Some(Layout::Plain)
            && path.starts_with(files::absolute(config.folder()))
    };
    if sqlmesh::is_config(&name) && configs.iter().any(plain) {
        return Cause::Below(parent());
    }
    if METADATA.contains(&&*name) || name == ATTRIBUTES {
        return Cause::Below(parent());
    }
    let is = |other: &Path| absolute(other) == path;
    if name == registry::FILE_NAME || registry.is_some_and(is) {
        return Cause::Any(configs.to_vec());
    }
    let of: Vec<Arc<Config>> = configs
        .iter()
        .filter(|config| is_read_for(path, &name, config))
        .cloned()
        .collect();
    if !of.is_empty() {
        return Cause::Any(of);
    }
    if is_sql(path) {
        return Cause::Query;
    }
    if name.ends_with(".toml")
        && let Some(entry) = text(path).and_then(|text| entry(&name, text))
    {
        // Paths of an entry are relative to the folder that holds the record.
        let root = path.parent().and_then(Path::parent).unwrap_or(path);
        return Cause::Files(entry.paths.iter().map(|file| root.join(file)).collect());
    }
    Cause::Nothing
}

/// An entry of the publishing record.
fn entry(name: &str, text: String) -> Option<Entry> {
    Entry::parse(&SourceText::new(name, text)).ok()
}

/// Whether a configuration names a path, one above it, or, of a folder, one below it.
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

/// Whether a configuration has a file read for all of its datasets: one that it
/// names, or that stands where its layout looks.
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
