//! The files that create a table, and the statements that may also write it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::index::{Entry, WriterIndex};
use crate::catalog::{NameMatch, TableName, TablePattern, layout};
use crate::plan::bind::{ComparedColumn, WriteKind};
use crate::plan::{Doubt, ForeignText};
use crate::source::files::listed;
use crate::source::template::{DBT_MODELS, DbtProject, DbtTableNames};
use crate::source::{SourceText, Span, files};

/// A file that creates a table.
#[derive(Debug, Clone)]
pub(super) struct DefiningFile {
    /// The path of the file.
    pub(super) path: PathBuf,
    /// Whether a query in the file writes the table without naming it.
    pub(super) unnamed: bool,
}

/// The files that create a table.
#[derive(Debug, Clone)]
pub(super) struct DefiningFiles {
    /// The full name of the table.
    pub(super) table: TableName,
    /// The files, in order.
    pub(super) files: Vec<DefiningFile>,
    /// The table's folder, if the layout defines one.
    pub(super) folder: Option<PathBuf>,
    /// The comparisons by which other files delete rows according to their content.
    pub(super) deleted: Vec<ComparedColumn>,
    /// Statements that may also write the table.
    pub(super) doubts: Vec<Doubt>,
    /// Statements in files other than the table's own that certainly write it.
    pub(super) elsewhere: Vec<Doubt>,
}

/// Whether a part of a name can be the name of a folder.
pub(super) fn is_folder(part: &str) -> bool {
    !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', '*', '$', '@'])
}

impl DefiningFiles {
    /// Collects the makers in bigquery-etl's layout.
    ///
    /// They are the files in the table's folder, and all statements elsewhere that
    /// name it.
    pub(super) fn in_folder(
        root: &Path,
        table: &TableName,
        project: Option<&str>,
        index: impl FnOnce() -> Arc<WriterIndex>,
    ) -> Option<Self> {
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
        let own = layout::makers(&folder).into_iter();
        let mut makers = Self {
            table: TableName::new([project, dataset, name]),
            files: own
                .map(|path| DefiningFile {
                    path,
                    unnamed: true,
                })
                .collect(),
            folder: Some(folder.clone()),
            deleted: Vec::new(),
            doubts: Vec::new(),
            elsewhere: Vec::new(),
        };
        if !makers.files.is_empty() {
            let pattern = TablePattern::of(&makers.table);
            makers.add_writers(&index(), &[pattern]);
            for program in layout::programs(&folder) {
                let text = files::read(&program)
                    .unwrap_or_else(|_| SourceText::new(program.display().to_string(), ""));
                let end = text.text().lines().next().map_or(0, str::len);
                makers.doubts.push(Doubt {
                    text: Arc::new(ForeignText::as_written(text)),
                    span: Span::new(0, end),
                    dynamic: false,
                    message: format!(
                        "the table `{}` may be written by the program {}, which headcount does not read",
                        makers.table,
                        program.display()
                    ),
                    help: HELP.to_owned(),
                });
            }
        }
        Some(makers)
    }

    /// Collects the makers that name the table, wherever they are.
    pub(super) fn by_name(index: &WriterIndex, table: &TableName) -> Option<Self> {
        let mut makers = Self {
            table: table.clone(),
            files: Vec::new(),
            folder: None,
            deleted: Vec::new(),
            doubts: Vec::new(),
            elsewhere: Vec::new(),
        };
        let pattern = TablePattern::of(table);
        makers.add_writers(index, std::slice::from_ref(&pattern));
        if makers.files.is_empty() {
            // A table without known makers is read as it is declared, unless a maker
            // exists that is not followed.
            makers.doubts.clear();
            for (entry, sameness) in index.writers(&pattern) {
                let rows = entry.kind == WriteKind::Rows && entry.target.is_known();
                if matches!(entry.kind, WriteKind::Deleted(_)) {
                    continue;
                }
                if rows || sameness == NameMatch::Certain {
                    makers.doubt(index, entry, sameness);
                }
            }
        }
        (!makers.files.is_empty() || !makers.doubts.is_empty()).then_some(makers)
    }

    /// Adds the files and doubts of the index for a table with these possible names.
    ///
    /// A statement that certainly writes the table adds its file; any other adds a
    /// doubt.
    pub(super) fn add_writers(&mut self, index: &WriterIndex, patterns: &[TablePattern]) {
        let mut found: Vec<(&Entry, NameMatch)> = Vec::new();
        for (entry, sameness) in patterns.iter().flat_map(|name| index.writers(name)) {
            match found
                .iter_mut()
                .find(|(known, _)| std::ptr::eq(*known, entry))
            {
                Some((_, known)) => *known = sameness.max(*known),
                None => found.push((entry, sameness)),
            }
        }
        let mut deleting: Vec<(&PathBuf, &Vec<ComparedColumn>)> = Vec::new();
        for (entry, sameness) in found {
            let file = &index.file(entry).path;
            // The effects of a model's own hooks are reported where the model is
            // read.
            if entry.beside && self.are_made_by(file) {
                continue;
            }
            if let WriteKind::Deleted(compared) = &entry.kind {
                deleting.push((file, compared));
                continue;
            }
            if entry.kind != WriteKind::Rows || sameness != NameMatch::Certain {
                self.doubt(index, entry, sameness);
                continue;
            }
            let path = &index.file(entry).path;
            if !self.files.iter().any(|maker| maker.path == *path) {
                let file = path.display();
                self.elsewhere.push(Doubt {
                    text: Arc::clone(&index.file(entry).text),
                    span: entry.span,
                    dynamic: false,
                    message: format!(
                        "the table `{}` is also written by {file}, which is not one of its own files",
                        self.table
                    ),
                    help: "write the table in one place, or review both files together".to_owned(),
                });
                self.files.push(DefiningFile {
                    path: path.clone(),
                    unnamed: entry.unnamed,
                });
            }
        }
        // Deletions by a file that also fills the table are followed in that file.
        for (file, compared) in deleting {
            if !self.are_made_by(file) {
                self.deleted.extend(compared.iter().cloned());
            }
        }
    }

    /// Returns other statements that may write a table that a statement of `file`
    /// writes.
    ///
    /// A dataset that is checked itself is no doubt, because it has its own verdict.
    pub(super) fn unchecked(
        index: &WriterIndex,
        table: &TableName,
        pattern: &TablePattern,
        file: &Path,
        is_checked: impl Fn(&Path) -> bool,
    ) -> Vec<Doubt> {
        let mut makers = Self {
            table: table.clone(),
            files: Vec::new(),
            folder: None,
            deleted: Vec::new(),
            doubts: Vec::new(),
            elsewhere: Vec::new(),
        };
        for (entry, sameness) in index.writers(pattern) {
            // Deletions of rows by content are reported where the table is read.
            if matches!(entry.kind, WriteKind::Deleted(_)) {
                continue;
            }
            let writing = index.file(entry);
            let dataset = entry.kind == WriteKind::Rows && entry.target.is_known();
            let aside = entry.defined || entry.internal || entry.beside;
            // Statements of the file itself are reported there, except those in
            // definitions only.
            let said = match writing.path.as_os_str() == file.as_os_str() {
                true => !entry.defined,
                false => dataset && !aside && writing.is_checked(&is_checked),
            };
            if !said {
                makers.doubt(index, entry, sameness);
            }
        }
        makers.doubts
    }

    /// Whether a file is one of those that create the table.
    fn are_made_by(&self, file: &Path) -> bool {
        let file = files::absolute(file);
        let mut own = self.files.iter();
        own.any(|maker| files::absolute(&maker.path) == file)
    }

    /// Returns doubts about other files than `file`, without the table's own files.
    pub(super) fn doubts_beside(&self, file: &str) -> Vec<Doubt> {
        let doubts = self.doubts.iter().chain(&self.elsewhere);
        doubts
            .filter(|doubt| doubt.text.written.path() != file)
            .cloned()
            .collect()
    }

    /// Returns doubts about all other files than `file` that may write the table.
    pub(super) fn others(&self, file: &str) -> Vec<Doubt> {
        let mut doubts = self.doubts_beside(file);
        for maker in &self.files {
            let shown = maker.path.display().to_string();
            let known = |doubt: &Doubt| doubt.text.written.path() == shown;
            if shown == file || doubts.iter().any(known) {
                continue;
            }
            let text =
                files::read(&maker.path).unwrap_or_else(|_| SourceText::new(shown.as_str(), ""));
            let end = text.text().lines().next().map_or(0, str::len);
            doubts.push(Doubt {
                text: Arc::new(ForeignText::as_written(text)),
                span: Span::new(0, end),
                dynamic: false,
                message: format!("the table `{}` is also created by {shown}", self.table),
                help: "create the table in one place, or review both files together".to_owned(),
            });
        }
        doubts
    }

    fn doubt(&mut self, index: &WriterIndex, entry: &Entry, sameness: NameMatch) {
        let text = Arc::clone(&index.file(entry).text);
        let file = text.written.path().to_owned();
        let table = &self.table;
        let (dynamic, what) = match &entry.kind {
            WriteKind::Rows if sameness == NameMatch::Certain => (
                false,
                "that statement is not a dataset that is checked itself".to_owned(),
            ),
            WriteKind::Rows | WriteKind::Deleted(_) => (
                false,
                "its name there may refer to this table or another one".to_owned(),
            ),
            WriteKind::Hidden(what) => (false, what.clone()),
            WriteKind::ExecuteImmediate => (
                true,
                "a statement is built from a string when the script runs".to_owned(),
            ),
        };
        let may = if sameness == NameMatch::Certain {
            "is written"
        } else {
            "may be written"
        };
        let help = match (&entry.kind, sameness) {
            (WriteKind::Rows | WriteKind::Deleted(_), NameMatch::Certain) => {
                "write the table in one place, or check that file as well".to_owned()
            }
            (WriteKind::Rows | WriteKind::Deleted(_), NameMatch::Perhaps | NameMatch::No) => {
                "write the table's project and dataset in both places".to_owned()
            }
            (WriteKind::Hidden(_) | WriteKind::ExecuteImmediate, _) => HELP.to_owned(),
        };
        self.doubts.push(Doubt {
            text,
            span: entry.span,
            dynamic,
            message: format!("the table `{table}` {may} by {file}: {what}"),
            help,
        });
    }
}

const HELP: &str = "write the statement so that its table and its rows can be read, or declare the table's rows in a [[table]] entry of the registry";

/// The models and snapshots of a dbt project.
#[derive(Debug, Default)]
pub(super) struct Models {
    /// The files by dataset and name, in lower case.
    by_name: FxHashMap<(String, String), Vec<PathBuf>>,
    /// The names that tables may have in addition to those of the models, by file.
    names: FxHashMap<PathBuf, DbtTableNames>,
}

impl Models {
    /// Collects the models of a project and its packages, and the snapshots in its
    /// files.
    pub(super) fn of(root: &Path, project: Option<&DbtProject>) -> Self {
        let mut models = Self::default();
        let Some(project) = project else {
            return models;
        };
        for package in &project.packages {
            let dataset = project.dataset(package);
            for (model, files) in &package.models {
                for file in files {
                    models.names.insert(file.clone(), project.names_of(file));
                    models.add(&dataset, model, file);
                }
            }
        }
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
            if made {
                for name in super::runs::snapshots(&path) {
                    models.names.insert(path.clone(), project.names_of(&path));
                    models.add(DBT_MODELS, &name, &path);
                }
            }
        }
        models
    }

    /// Returns the names that the table of a model may have.
    fn patterns(&self, name: &str, files: &[PathBuf]) -> Vec<TablePattern> {
        let mut names = DbtTableNames::default();
        names.add(Some(name));
        for file in files.iter().filter_map(|file| self.names.get(file)) {
            names.join(file);
        }
        if names.open {
            return vec![TablePattern::any()];
        }
        // The dataset cannot be derived from the name of the model.
        let names = names.known.iter();
        names
            .map(|name| TablePattern::in_any_dataset(name))
            .collect()
    }

    fn add(&mut self, dataset: &str, name: &str, path: &Path) {
        let name = (dataset.to_lowercase(), name.to_lowercase());
        let known = self.by_name.entry(name).or_default();
        if !known.iter().any(|file| file == path) {
            known.push(path.to_owned());
        }
    }

    /// Returns the files that create a model, and other statements that name it.
    pub(super) fn makers(&self, table: &TableName, index: &WriterIndex) -> Option<DefiningFiles> {
        let [dataset, name] = table.parts() else {
            return None;
        };
        let lower = name.to_lowercase();
        let files = self.by_name.get(&(dataset.to_lowercase(), lower.clone()))?;
        let mut makers = DefiningFiles {
            table: TableName::new([dataset.as_str(), lower.as_str()]),
            files: files
                .iter()
                .map(|path| DefiningFile {
                    path: path.clone(),
                    unnamed: true,
                })
                .collect(),
            folder: None,
            deleted: Vec::new(),
            doubts: Vec::new(),
            elsewhere: Vec::new(),
        };
        makers.add_writers(index, &self.patterns(name, files));
        Some(makers)
    }
}
