//! The functions that a repository defines: `sql/PROJECT/DATASET/NAME/udf.sql`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use elsa::sync::FrozenMap;

use super::files_of::is_folder;
use crate::plan::{ForeignText, RoutineText};
use crate::source::files::listed;
use crate::source::template::{self, TemplateSettings};
use crate::source::{SourceText, files};
use crate::syntax;

/// Functions by the files that define them, each read when it is first called.
pub(super) struct Functions {
    /// The folder `sql/`.
    root: PathBuf,
    projects: OnceLock<Vec<String>>,
    read: FrozenMap<PathBuf, Box<Option<RoutineText>>>,
}

impl Functions {
    /// Creates the functions of a repository below a folder.
    pub(super) fn below(root: &Path) -> Self {
        Self {
            root: root.join("sql"),
            projects: OnceLock::new(),
            read: FrozenMap::new(),
        }
    }

    /// Returns the functions of a file, rendered with the given settings.
    pub(super) fn get(&self, path: &Path, templates: &TemplateSettings) -> Option<&RoutineText> {
        let read = match self.read.get(path) {
            Some(known) => known,
            None => {
                let read = routines(path, templates);
                self.read.insert(path.to_owned(), Box::new(read))
            }
        };
        read.as_ref()
    }

    /// Returns the file that defines a function.
    ///
    /// A name without a project refers to the default project, otherwise to the only
    /// project that defines the function.
    pub(super) fn path(&self, name: &str, project: Option<&str>) -> Option<PathBuf> {
        let parts: Vec<&str> = name.split('.').collect();
        if !parts.iter().all(|part| is_folder(part)) {
            return None;
        }
        let of = |project: &str, dataset: &str, name: &str| {
            let path = self.root.join(project).join(dataset).join(name);
            Some(path.join("udf.sql")).filter(|path| path.is_file())
        };
        match parts.as_slice() {
            [project, dataset, name] => of(project, dataset, name),
            [dataset, name] => project
                .and_then(|project| of(project, dataset, name))
                .or_else(|| {
                    let projects = self.projects.get_or_init(|| folders(&self.root));
                    let mut found = projects
                        .iter()
                        .filter_map(|project| of(project, dataset, name));
                    found.next().filter(|_| found.next().is_none())
                }),
            _ => None,
        }
    }
}

/// Reads a file with its functions.
///
/// `None` if any part of it is uncertain: its functions then have no visible body.
fn routines(path: &Path, templates: &TemplateSettings) -> Option<RoutineText> {
    let text = files::read(path).ok()?;
    let rendered = template::render(&text, templates);
    let [rendering] = rendered.renderings.as_slice() else {
        return None;
    };
    if rendered.capped.is_some() || !rendering.problems.is_empty() {
        return None;
    }
    let source = SourceText::new(text.path(), rendering.text.as_str());
    let script = syntax::parse(&source);
    Some(RoutineText {
        text: Arc::new(ForeignText {
            written: text,
            map: rendering.map.clone(),
            given: rendering.given,
        }),
        rendered: source,
        script,
    })
}

/// Returns the names of the folders in a folder.
fn folders(root: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(listed(root)) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
