//! The renderings of the files of a repository: a file is rendered once, whoever reads
//! it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::budget;
use crate::source::SourceText;
use crate::source::template::{self, Rendered, TemplateSettings};

/// Bytes of texts and renderings that are kept; more are made anew.
const MOST: usize = 64 << 20;

/// What was rendered.
#[derive(Debug, Default)]
pub(super) struct Renderings {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    files: FxHashMap<PathBuf, Arc<File>>,
    bytes: usize,
}

#[derive(Debug)]
struct File {
    text: String,
    alone: bool,
    rendered: Rendered,
    /// What it took, which each who reads it pays.
    steps: usize,
}

impl Renderings {
    /// What a file gives with the settings that serve it, which are always the same.
    pub(super) fn of(&self, text: &SourceText, settings: &TemplateSettings) -> Rendered {
        if settings.lookups.is_some() || template::is_plain(text, settings) {
            return template::render(text, settings);
        }
        let known = self.known(Path::new(text.path()));
        let known = known.filter(|file| file.text == text.text() && file.alone == text.is_alone());
        if let Some(file) = known {
            budget::spend(file.steps);
            return file.rendered.clone();
        }
        // What is kept depends on nobody's budget.
        match budget::own_measured(|| template::render(text, settings)) {
            Ok((rendered, steps)) => {
                self.keep(text, &rendered, steps);
                budget::spend(steps);
                rendered
            }
            Err(stop) => budget::give_up(stop),
        }
    }

    fn known(&self, path: &Path) -> Option<Arc<File>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.files.get(path).cloned()
    }

    fn keep(&self, text: &SourceText, rendered: &Rendered, steps: usize) {
        // A rendering is a text, and where its pieces come from.
        let of_renderings = rendered.renderings.iter();
        let size = 3 * text.text().len()
            + of_renderings
                .map(|rendering| 3 * rendering.text.len())
                .sum::<usize>();
        let file = File {
            text: text.text().to_owned(),
            alone: text.is_alone(),
            rendered: rendered.clone(),
            steps,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.bytes + size <= MOST {
            known.bytes += size;
            known
                .files
                .insert(PathBuf::from(text.path()), Arc::new(file));
        }
    }
}
