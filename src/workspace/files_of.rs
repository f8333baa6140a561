//! Which files make a table.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::assess::Surroundings;
use crate::catalog::{TableName, layout};
use crate::plan::bind::bind;
use crate::registry::Registry;
use crate::source::files::listed;
use crate::source::template::{self, TemplateSettings};
use crate::source::{SourceText, files};
use crate::syntax;

/// The files that make a table.
#[derive(Debug, Clone)]
pub(super) struct Makers {
    /// The table, by its whole name.
    pub(super) table: TableName,
    /// The files, in order.
    pub(super) files: Vec<PathBuf>,
    /// Its folder, where the layout gives it one.
    pub(super) folder: Option<PathBuf>,
    /// Whether a query in them writes the table without naming it.
    pub(super) unnamed: bool,
}

/// Whether a part of a name can be that of a folder.
pub(super) fn is_folder(part: &str) -> bool {
    !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', '*', '$', '@'])
}

impl Makers {
    /// Those of bigquery-etl's layout.
    pub(super) fn in_folder(root: &Path, table: &TableName, project: Option<&str>) -> Option<Self> {
        let parts = table.parts();
        let (project, dataset, name) = match parts {
            [dataset, name] => (project?, dataset.as_str(), name.as_str()),
            [project, dataset, name] => (project.as_str(), dataset.as_str(), name.as_str()),
            _ => return None,
        };
        if ![project, dataset, name].into_iter().all(is_folder) {
            return None;
        }
        let folder = root.join("sql").join(project).join(dataset).join(name);
        if !folder.is_dir() {
            return None;
        }
        Some(Self {
            table: TableName::new([project, dataset, name]),
            files: layout::makers(&folder),
            folder: Some(folder),
            unnamed: true,
        })
    }
}

/// Tables and the files that make them, where names alone do not tell.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By the last two parts of a name, in lower case.
    by_name: FxHashMap<String, Arc<Makers>>,
}

impl Index {
    /// The tables that the statements under a folder write.
    pub(super) fn of_targets(root: &Path, templates: &TemplateSettings) -> Self {
        let mut index = Self::default();
        let root = listed(root);
        let registry = Registry::builtin();
        for path in files::under(root).unwrap_or_default() {
            let Ok(text) = files::read(&path) else {
                continue;
            };
            for rendering in template::render(&text, templates).renderings {
                let rendered = SourceText::new(text.path(), rendering.text);
                let script = syntax::parse(&rendered);
                let around = Surroundings::alone(registry);
                for dataset in bind(&rendered, &script, &around) {
                    if let Some(target) = dataset.target {
                        index.add(target, &path, false);
                    }
                }
            }
        }
        index
    }

    /// The models of dbt under a folder.
    pub(super) fn of_models(root: &Path) -> Self {
        let mut index = Self::default();
        let root = listed(root);
        for path in files::under(root).unwrap_or_default() {
            let inside = path.strip_prefix(root).unwrap_or(&path);
            let folder = inside
                .components()
                .next()
                .and_then(|part| part.as_os_str().to_str());
            let made = !matches!(
                folder,
                Some("target" | "dbt_packages" | "macros" | "tests" | "analyses")
            );
            if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
                && made
            {
                index.add(TableName::new(["dbt", stem]), &path, true);
            }
        }
        index
    }

    fn add(&mut self, table: TableName, file: &Path, unnamed: bool) {
        let known = self
            .by_name
            .entry(table.short().to_lowercase())
            .or_insert_with(|| {
                Arc::new(Makers {
                    table,
                    files: Vec::new(),
                    folder: None,
                    unnamed,
                })
            });
        if !known.files.iter().any(|path| path == file) {
            Arc::make_mut(known).files.push(file.to_owned());
        }
    }

    pub(super) fn makers(&self, table: &TableName) -> Option<Arc<Makers>> {
        let known = self.by_name.get(&table.short().to_lowercase())?;
        (!known.table.is_of_another_project(table)).then(|| known.clone())
    }
}
