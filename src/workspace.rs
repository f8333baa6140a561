//! Many files at once: each with the registry that is nearest to it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::assess::{Reads, assess, reads};
use crate::assessment::FileAssessment;
use crate::registry::Registry;
use crate::source::SourceText;
use crate::source::template::{self, TemplateSettings};
use crate::toml_text::LoadError;

/// Queries nest deep, and the walk over a tree is recursive: room for the limits
/// that the parser sets. Only what is used is taken of it.
const STACK: usize = 512 << 20;

/// Which registry serves a file.
#[derive(Clone)]
enum Serving {
    Builtin,
    File(Arc<Registry>),
}

impl Serving {
    fn registry(&self) -> &Registry {
        match self {
            Self::Builtin => Registry::builtin(),
            Self::File(registry) => registry,
        }
    }
}

/// Registries, each read once.
#[derive(Default)]
pub struct Registries {
    given: Option<Arc<Registry>>,
    read: HashMap<PathBuf, Arc<Registry>>,
    by_directory: HashMap<PathBuf, Option<PathBuf>>,
}

impl Registries {
    /// One registry for all files.
    ///
    /// # Errors
    /// Where it can't be read or is invalid.
    pub fn given(path: &Path) -> Result<Self, LoadError> {
        Ok(Self {
            given: Some(Arc::new(Registry::load(path)?)),
            ..Self::default()
        })
    }

    /// One registry, that is read already, for all files.
    pub fn of(registry: Registry) -> Self {
        Self {
            given: Some(Arc::new(registry)),
            ..Self::default()
        }
    }

    /// The registry for a file: the given one, else the nearest upward, else the
    /// built-in one.
    fn serving(&mut self, file: &Path) -> Result<Serving, LoadError> {
        if let Some(given) = &self.given {
            return Ok(Serving::File(Arc::clone(given)));
        }
        let directory = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        let found = self
            .by_directory
            .entry(directory)
            .or_insert_with_key(|directory| Registry::find_upward(directory))
            .clone();
        let Some(path) = found else {
            return Ok(Serving::Builtin);
        };
        if let Some(known) = self.read.get(&path) {
            return Ok(Serving::File(Arc::clone(known)));
        }
        let registry = Arc::new(Registry::load(&path)?);
        self.read.insert(path, Arc::clone(&registry));
        Ok(Serving::File(registry))
    }

    /// Assesses texts, several at a time; the order stays. The number is the
    /// least minimum bucket of all registries that served.
    ///
    /// # Errors
    /// Where a registry can't be read or is invalid, or no threads can be had.
    pub fn assess(
        &mut self,
        texts: Vec<SourceText>,
        templates: &TemplateSettings,
        jobs: usize,
    ) -> Result<(Vec<FileAssessment>, u64), AssessError> {
        let served = self.serve(texts)?;
        let min_bucket = served
            .iter()
            .map(|(_, serving)| serving.registry().policy().min_bucket)
            .min()
            .unwrap_or(Registry::builtin().policy().min_bucket);
        let files = each(served, jobs, |text, registry| {
            assess_text(text, registry, templates)
        })?;
        Ok((files, min_bucket))
    }

    /// What the datasets of texts read; the order stays.
    ///
    /// # Errors
    /// Where a registry can't be read or is invalid, or no threads can be had.
    pub fn reads(
        &mut self,
        texts: Vec<SourceText>,
        templates: &TemplateSettings,
        jobs: usize,
    ) -> Result<Vec<Reads>, AssessError> {
        let served = self.serve(texts)?;
        let files = each(served, jobs, |text, registry| {
            reads(&text, &template::render(&text, templates), registry)
        })?;
        Ok(files.into_iter().flatten().collect())
    }

    fn serve(&mut self, texts: Vec<SourceText>) -> Result<Vec<(SourceText, Serving)>, LoadError> {
        texts
            .into_iter()
            .map(|text| {
                let serving = self.serving(Path::new(text.path()))?;
                Ok((text, serving))
            })
            .collect()
    }
}

/// Does something with each text, several at a time; the order stays.
fn each<T: Send>(
    served: Vec<(SourceText, Serving)>,
    jobs: usize,
    work: impl Fn(SourceText, &Registry) -> T + Sync,
) -> Result<Vec<T>, AssessError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .stack_size(STACK)
        .build()?;
    Ok(pool.install(|| {
        served
            .into_par_iter()
            .map(|(text, serving)| work(text, serving.registry()))
            .collect()
    }))
}

/// Assesses one text. Its template may read other files, so this is not done in
/// the core. The caller gives it a large stack.
pub fn assess_text(
    text: SourceText,
    registry: &Registry,
    templates: &TemplateSettings,
) -> FileAssessment {
    let rendered = template::render(&text, templates);
    assess(text, rendered, registry)
}

/// Why files could not be assessed.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// A registry or the configuration.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Threads.
    #[error("no threads can be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}
