//! The renderings of the files of a repository: a file is rendered once for all
//! readers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::budget;
use crate::source::SourceText;
use crate::source::template::{self, Rendered, TemplateSettings};

/// The maximum number of bytes of stored texts and renderings; others are rendered
/// again.
const MOST: usize = 64 << 20;

/// Stored renderings, by file.
#[derive(Debug, Default)]
pub(super) struct Renderings {
    known: Mutex<StoredRenderings>,
}

#[derive(Debug, Default)]
struct StoredRenderings {
    files: FxHashMap<PathBuf, Arc<StoredRendering>>,
    bytes: usize,
}

#[derive(Debug)]
struct StoredRendering {
    text: String,
    alone: bool,
    rendered: Rendered,
    /// The steps of the rendering, which every reader is charged.
    steps: usize,
}

impl Renderings {
    /// Renders a file with its settings, which are always the same for a file.
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
        // The stored result must not depend on the budget of a reader.
        match budget::measure_with_own_budget(|| template::render(text, settings)) {
            Ok((rendered, steps)) => {
                self.keep(text, &rendered, steps);
                budget::spend(steps);
                rendered
            }
            Err(stop) => budget::give_up(stop),
        }
    }

    fn known(&self, path: &Path) -> Option<Arc<StoredRendering>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.files.get(path).cloned()
    }

    fn keep(&self, text: &SourceText, rendered: &Rendered, steps: usize) {
        // A rendering consists of a text and a map of its pieces.
        let of_renderings = rendered.renderings.iter();
        let size = 3 * text.text().len()
            + of_renderings
                .map(|rendering| 3 * rendering.text.len())
                .sum::<usize>();
        let file = StoredRendering {
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
