//! Assessment of many files, each with its nearest registry.

mod asking;
mod cycles;
mod files_of;
#[cfg(test)]
mod frame_tests;
mod functions;
mod index;
mod mending;
mod paste;
mod raw_template;
mod renderings;
mod runs;
mod served;
mod tree;
mod unread;
mod writers;

pub use asking::files_including;
pub use mending::RequestedEdits;
pub use paste::reads_as_paste;
pub use served::NestedConfig;
pub use tree::Tree;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::assess::{
    AnalysisDetail, DatasetLineage, Reads, Surroundings, assess, lineages, reads, stopped,
};
use crate::assessment::FileAssessment;
use crate::budget::{self, Stop};
use crate::config::{TrustedRevision, read_at};
use crate::counterexample::Counterexample;
use crate::registry::{self, Registry};
use crate::source::template::{self, Rendered, TemplateSettings};
use crate::source::{SourceText, files};
use crate::toml_text::LoadError;
use mending::EditTrial;
use paste::{assess_pasted_in, rendered_paste};
use tree::FileSurroundings;

/// The stack size of worker threads: queries nest deeply, and the walk over a tree
/// is recursive. It suffices for the limits of the parser; only used pages are
/// committed.
const STACK: usize = 512 << 20;

/// The registry that applies to a file.
#[derive(Clone)]
enum ApplicableRegistry {
    Builtin,
    File(Arc<Registry>),
}

impl ApplicableRegistry {
    fn registry(&self) -> &Registry {
        match self {
            Self::Builtin => Registry::builtin(),
            Self::File(registry) => registry,
        }
    }
}

/// Registries, each read once, and the context in which files are assessed.
#[derive(Default)]
pub struct Registries {
    given: Option<Arc<Registry>>,
    trusted: Option<Arc<TrustedRevision>>,
    tree: Option<Arc<Tree>>,
    read: FxHashMap<PathBuf, Arc<Registry>>,
    by_directory: FxHashMap<PathBuf, Option<PathBuf>>,
    told: AnalysisDetail,
}

impl Registries {
    /// Uses one registry for all files, read from the trusted revision if there is
    /// one.
    ///
    /// # Errors
    /// If the registry cannot be read or is invalid.
    pub fn given(path: &Path, trusted: Option<Arc<TrustedRevision>>) -> Result<Self, LoadError> {
        let stored = read_at(trusted.as_deref(), path);
        Ok(Self {
            given: Some(Arc::new(Registry::load_from(&stored, path)?)),
            ..Self::trusting(trusted)
        })
    }

    /// Uses the nearest registry of each file, read from the trusted revision if
    /// there is one.
    pub fn trusting(trusted: Option<Arc<TrustedRevision>>) -> Self {
        Self {
            trusted,
            ..Self::default()
        }
    }

    /// Uses one registry for all files, which is already read.
    pub fn of(registry: Registry) -> Self {
        Self {
            given: Some(Arc::new(registry)),
            ..Self::default()
        }
    }

    /// Assesses files with the repository around them.
    ///
    /// Its files create the tables that they read.
    #[must_use]
    pub fn within(self, tree: Option<Arc<Tree>>) -> Self {
        Self { tree, ..self }
    }

    /// Limits the detail of assessments; the default is all of it.
    #[must_use]
    pub fn with_detail(self, told: AnalysisDetail) -> Self {
        Self { told, ..self }
    }

    /// Returns the registry for a file: the given, the nearest upward, or the
    /// built-in one.
    fn serving(&mut self, file: &Path) -> Result<ApplicableRegistry, LoadError> {
        if let Some(given) = &self.given {
            return Ok(ApplicableRegistry::File(Arc::clone(given)));
        }
        let directory = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        };
        match self.nearest(directory) {
            Some(path) => self.read(path).map(ApplicableRegistry::File),
            None => Ok(ApplicableRegistry::Builtin),
        }
    }

    /// Reads a registry once; its policy must not be laxer than that of a registry
    /// above it.
    fn read(&mut self, path: PathBuf) -> Result<Arc<Registry>, LoadError> {
        if let Some(known) = self.read.get(&path) {
            return Ok(Arc::clone(known));
        }
        let stored = read_at(self.trusted.as_deref(), &path);
        let registry = Arc::new(Registry::load_from(&stored, &path)?);
        let folder = path.parent().and_then(Path::parent).map(Path::to_owned);
        if let Some(above) = folder.and_then(|folder| self.nearest(&folder)) {
            let other = self.read(above.clone())?;
            if let Some(why) = registry.policy().first_laxer_setting(other.policy()) {
                return Err(LoadError::Laxer { path, above, why });
            }
        }
        self.read.insert(path, Arc::clone(&registry));
        Ok(registry)
    }

    /// Returns the registry file in a directory or above it.
    ///
    /// The result is kept for every directory on the way.
    fn nearest(&mut self, directory: &Path) -> Option<PathBuf> {
        if let Some(known) = self.by_directory.get(directory) {
            return known.clone();
        }
        // A relative path ends at the working directory, but the search does not.
        let absolute = std::path::absolute(directory).ok()?;
        let own = absolute.join(registry::FILE_NAME);
        let found = if files::is_there(&read_at(self.trusted.as_deref(), &own)) {
            Some(own)
        } else {
            absolute.parent().and_then(|above| self.nearest(above))
        };
        self.by_directory
            .insert(directory.to_owned(), found.clone());
        found
    }

    /// Assesses texts in parallel, and keeps their order.
    ///
    /// `step` is called before and after each text. The returned number is the
    /// smallest minimum bucket of all registries that applied.
    ///
    /// # Errors
    /// If a registry cannot be read or is invalid, or no threads can be started.
    pub fn assess(
        &mut self,
        texts: Vec<SourceText>,
        templates: &TemplateSettings,
        jobs: usize,
        step: &(dyn Fn(Step<'_>) + Sync),
    ) -> Result<(Vec<FileAssessment>, u64), AssessError> {
        let served = self.serve(texts)?;
        let min_bucket = served
            .iter()
            .map(|(_, serving)| serving.registry().policy().min_bucket)
            .min()
            .unwrap_or(Registry::builtin().policy().min_bucket);
        let tree = self.tree.as_deref();
        let told = self.told;
        let files = each(served, jobs, |text, registry| {
            step(Step::Begun(text.path()));
            let file = assess_among(text, tree, registry, told, templates);
            step(Step::Done);
            file
        })?;
        Ok((files, min_bucket))
    }

    /// Returns what the datasets of texts read, in the order of the texts.
    ///
    /// # Errors
    /// If a registry cannot be read or is invalid, or no threads can be started.
    pub fn reads(
        &mut self,
        texts: Vec<SourceText>,
        templates: &TemplateSettings,
        jobs: usize,
    ) -> Result<Vec<Reads>, AssessError> {
        let served = self.serve(texts)?;
        let tree = self.tree.as_deref();
        let files = each(served, jobs, |text, registry| {
            let around = FileSurroundings::of(tree, registry, text.path());
            let read = budget::frame(|| {
                let rendered = rendered(tree, &text, templates);
                reads(&text, &rendered, &around.surroundings())
            });
            read.map_err(|stop| AssessError::stopped(text.path(), &stop))
        })?;
        let files: Result<Vec<Vec<Reads>>, AssessError> = files.into_iter().collect();
        Ok(files?.into_iter().flatten().collect())
    }

    /// Returns the lineage of the datasets of a text; with their plans, if
    /// requested.
    ///
    /// # Errors
    /// If a registry cannot be read or is invalid, or no thread can be started.
    pub fn lineages(
        &mut self,
        text: SourceText,
        templates: &TemplateSettings,
        plans: bool,
    ) -> Result<Vec<DatasetLineage>, AssessError> {
        let serving = self.serving(Path::new(text.path()))?;
        let registry = serving.registry();
        let around = FileSurroundings::of(self.tree.as_deref(), registry, text.path());
        let found = pool(1)?.install(|| {
            budget::frame(|| {
                let rendered = template::render(&text, templates);
                lineages(&text, &rendered, &around.surroundings(), plans)
            })
        });
        found.map_err(|stop| AssessError::stopped(text.path(), &stop))
    }

    fn serve(
        &mut self,
        texts: Vec<SourceText>,
    ) -> Result<Vec<(SourceText, ApplicableRegistry)>, LoadError> {
        texts
            .into_iter()
            .map(|text| {
                let serving = self.serving(Path::new(text.path()))?;
                Ok((text, serving))
            })
            .collect()
    }

    /// Searches for rows that show why a minimum bucket is not proven.
    ///
    /// They are stored in the assessments.
    ///
    /// # Errors
    /// As [`Self::assess`].
    pub fn examples(
        &mut self,
        files: &mut [FileAssessment],
        templates: &TemplateSettings,
        pasted: bool,
    ) -> Result<(), AssessError> {
        let pool = pool(1)?;
        let tree = self.tree.clone();
        for file in files {
            let serving = self.serving(Path::new(file.source.path()))?;
            pool.install(|| {
                let trial = EditTrial {
                    registry: serving.registry(),
                    tree: tree.as_deref(),
                    templates,
                    wanted: RequestedEdits::Fixes,
                    pasted,
                };
                trial.examples(file);
            });
        }
        Ok(())
    }

    /// Searches for edits that bring datasets to level 2, and stores them in the
    /// assessments.
    ///
    /// Each edit is tried: its file is assessed again. This may take as long as the
    /// assessment, for the files that need it.
    ///
    /// # Errors
    /// As [`Self::assess`].
    pub fn mend(
        &mut self,
        files: &mut [FileAssessment],
        templates: &TemplateSettings,
        jobs: usize,
        wanted: RequestedEdits,
        pasted: bool,
    ) -> Result<(), AssessError> {
        let mut served = Vec::with_capacity(files.len());
        for file in files {
            let serving = self.serving(Path::new(file.source.path()))?;
            served.push((file, serving));
        }
        let tree = self.tree.as_deref();
        pool(jobs)?.install(|| {
            served.into_par_iter().for_each(|(file, serving)| {
                let trial = EditTrial {
                    registry: serving.registry(),
                    tree,
                    templates,
                    wanted,
                    pasted,
                };
                trial.file(file);
            });
        });
        Ok(())
    }

    /// Assesses a pasted text, and returns the minimum bucket of its registry.
    ///
    /// # Errors
    /// If a registry cannot be read or is invalid, or no thread can be started.
    pub fn assess_pasted(
        &mut self,
        text: SourceText,
        templates: &TemplateSettings,
    ) -> Result<(FileAssessment, u64), AssessError> {
        let serving = self.serving(Path::new(text.path()))?;
        let registry = serving.registry();
        let around = FileSurroundings::of(self.tree.as_deref(), registry, text.path());
        let file = pool(1)?.install(|| assess_pasted_in(text, &around.surroundings(), templates));
        Ok((file, registry.policy().min_bucket))
    }

    /// Assesses texts as they arrive, in parallel, and passes each result to `done`.
    ///
    /// The result contains the minimum bucket of the registry, or the error of a
    /// registry that cannot be read or is invalid. The iterator is advanced by one
    /// thread at a time; `done` may be called by several threads at once, with the
    /// number of the text.
    ///
    /// # Errors
    /// If no threads can be started.
    pub fn assess_each(
        &mut self,
        texts: impl Iterator<Item = SourceText> + Send,
        templates: &TemplateSettings,
        jobs: usize,
        done: impl Fn(usize, Result<(FileAssessment, u64), AssessError>) + Sync,
    ) -> Result<(), AssessError> {
        let tree = self.tree.clone();
        let told = self.told;
        pool(jobs)?.install(|| {
            texts
                .enumerate()
                .map(|(number, text)| {
                    let serving = self.serving(Path::new(text.path()));
                    (number, text, serving)
                })
                .par_bridge()
                .for_each(|(number, text, serving)| {
                    let serving = match serving {
                        Ok(serving) => serving,
                        Err(error) => return done(number, Err(error.into())),
                    };
                    let registry = serving.registry();
                    let around = FileSurroundings::of(tree.as_deref(), registry, text.path());
                    let surroundings = Surroundings {
                        told,
                        ..around.surroundings()
                    };
                    // A file that the text includes may have changed since the
                    // previous text.
                    let file = assess_in(text, &surroundings, templates);
                    done(number, Ok((file, registry.policy().min_bucket)));
                });
        });
        Ok(())
    }
}

/// Assesses a text with the repository around it.
fn assess_among(
    text: SourceText,
    tree: Option<&Tree>,
    registry: &Registry,
    told: AnalysisDetail,
    templates: &TemplateSettings,
) -> FileAssessment {
    let around = FileSurroundings::of(tree, registry, text.path());
    let surroundings = Surroundings {
        told,
        ..around.surroundings()
    };
    assess_rendered(text, &surroundings, &|text| rendered(tree, text, templates))
}

/// Renders a text; a rendering that is known from the repository is reused.
fn rendered(tree: Option<&Tree>, text: &SourceText, templates: &TemplateSettings) -> Rendered {
    match tree {
        Some(tree) => tree.rendered(text, templates),
        None => template::render(text, templates),
    }
}

/// Applies a function to each text in parallel, and keeps their order.
fn each<T: Send>(
    served: Vec<(SourceText, ApplicableRegistry)>,
    jobs: usize,
    work: impl Fn(SourceText, &Registry) -> T + Sync,
) -> Result<Vec<T>, AssessError> {
    Ok(pool(jobs)?.install(|| {
        served
            .into_par_iter()
            .map(|(text, serving)| work(text, serving.registry()))
            .collect()
    }))
}

/// Creates threads with a stack for deep queries; 0 means one for each processor.
fn pool(jobs: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .stack_size(STACK)
        .build()
}

/// Returns the fewest rows for which the last dataset of a text publishes a small
/// group.
///
/// `None` if no counterexample is found.
///
/// # Errors
/// If no thread can be started.
pub fn example_of(
    sql: &str,
    registry: &Registry,
) -> Result<Option<Counterexample>, rayon::ThreadPoolBuildError> {
    Ok(pool(1)?.install(|| {
        let templates = TemplateSettings::default();
        let mut file = assess_text(SourceText::new("query.sql", sql), registry, &templates);
        let trial = EditTrial {
            registry,
            tree: None,
            templates: &templates,
            wanted: RequestedEdits::Fixes,
            pasted: false,
        };
        trial.examples(&mut file);
        file.datasets.pop()?.example
    }))
}

/// Assesses one text without a repository.
///
/// Its template may read other files, so this is not done in the core. The caller
/// provides a large stack.
pub fn assess_text(
    text: SourceText,
    registry: &Registry,
    templates: &TemplateSettings,
) -> FileAssessment {
    assess_in(text, &Surroundings::alone(registry), templates)
}

/// Assesses a text in a given context.
fn assess_in(
    text: SourceText,
    around: &Surroundings<'_>,
    templates: &TemplateSettings,
) -> FileAssessment {
    assess_rendered(text, around, &|text| template::render(text, templates))
}

/// Assesses a text with a given function for its renderings, which may be known.
fn assess_rendered(
    text: SourceText,
    around: &Surroundings<'_>,
    render: &dyn Fn(&SourceText) -> Rendered,
) -> FileAssessment {
    let source = text.clone();
    let assessed = budget::frame(|| {
        #[cfg(feature = "faults")]
        panic_if_requested(&text);
        let rendered = render(&text);
        assess(text, rendered, around)
    });
    assessed.unwrap_or_else(|stop| stopped(source, &stop, around))
}

/// Fails on texts that contain the value of an environment variable.
///
/// Tests use it to simulate an internal error; no released program contains it.
#[cfg(feature = "faults")]
fn panic_if_requested(text: &SourceText) {
    let mark = std::env::var("HEADCOUNT_PANIC").unwrap_or_default();
    assert!(
        mark.is_empty() || !text.text().contains(&mark),
        "asked for by a test"
    );
}

/// The progress of a run with one file.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// The assessment of the file with this path has begun.
    Begun(&'a str),
    /// The assessment of a file is complete.
    Done,
}

/// The error for files that could not be assessed.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// A registry or the configuration cannot be read or is invalid.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// No threads can be started.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A file was not assessed, and the request has no result for such a file.
    #[error("{path}: {why}")]
    Stopped {
        /// The file.
        path: String,
        /// Why its assessment was given up.
        why: String,
    },
}

impl AssessError {
    fn stopped(path: &str, stop: &Stop) -> Self {
        Self::Stopped {
            path: path.to_owned(),
            why: stop.message(),
        }
    }
}
