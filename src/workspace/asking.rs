//! Dependencies of templates: which files include which others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{AssessError, pool};
use crate::budget;
use crate::source::files;
use crate::source::template::{self, Lookups, TemplateSettings};

/// Returns the files whose templates include one of `wanted`, directly or
/// indirectly.
///
/// A wanted file counts even if it is not found. A file that cannot be read includes
/// nothing: the error is reported where it is assessed.
///
/// # Errors
/// If no threads can be started.
pub fn files_including<'f>(
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
    // A template that cannot be followed may include any file.
    if budget::frame(|| template::render(&text, &settings)).is_err() {
        return true;
    }
    let asked = lookups.take();
    // The requested path may be below a link or a folder that was replaced.
    let mut above = asked.iter().flat_map(|path| path.ancestors());
    above.any(|path| wanted.contains(path))
}
