//! Which files ask for others by their templates.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{AssessError, pool};
use crate::budget;
use crate::source::files;
use crate::source::template::{self, Lookups, TemplateSettings};

/// Those of `files` whose templates ask for one of `wanted`, found or not, through
/// whichever other template. A file that can't be read asks for nothing: that it
/// can't be read is told where it is assessed.
///
/// # Errors
/// If no threads can be had.
pub fn asking_for<'f>(
    files: &[(&'f Path, &TemplateSettings)],
    wanted: &BTreeSet<PathBuf>,
    jobs: usize,
) -> Result<Vec<&'f Path>, AssessError> {
    Ok(pool(jobs)?.install(|| {
        files
            .par_iter()
            .filter(|(path, settings)| asks(path, settings, wanted))
            .map(|(path, _)| *path)
            .collect()
    }))
}

fn asks(path: &Path, settings: &TemplateSettings, wanted: &BTreeSet<PathBuf>) -> bool {
    let Ok(text) = files::read(path) else {
        return false;
    };
    let lookups = Arc::new(Lookups::default());
    let settings = TemplateSettings {
        lookups: Some(Arc::clone(&lookups)),
        ..settings.clone()
    };
    // What asks in a way that can't be followed may ask for any.
    if budget::frame(|| template::render(&text, &settings)).is_err() {
        return true;
    }
    let asked = lookups.take();
    // What is asked for may lie below a link or a folder that is another one now.
    let mut above = asked.iter().flat_map(|path| path.ancestors());
    above.any(|path| wanted.contains(path))
}
