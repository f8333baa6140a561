//! The tables that every file of a repository may write: one index for all layouts.
//!
//! A statement with an unknown target is a doubt about each table that it may refer
//! to. These are limited as far as the text permits: by a known dataset or prefix of
//! the name, or to the dataset of a procedure that nothing in the repository calls.

mod aside;
mod texts;

use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use texts::{ReadingMode, TextWrites};
use walkdir::WalkDir;

use super::raw_template;
use super::renderings::Renderings;
use super::served::{NestedConfig, NestedConfigs};
use super::writers::ReadContext;
use crate::budget;
use crate::catalog::layout::place;
use crate::catalog::{NameMatch, TableName, TablePattern};
use crate::config::Layout;
use crate::plan::bind::{Write, WriteKind, Writes, is_of_system};
use crate::plan::{Doubt, ForeignText};
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::files::{self, ReadError, is_sql, listed};
use crate::source::template::{
    AffectedTables, DbtProject, SqlMeshKind, TemplateSettings, sqlmesh_kind,
};
use crate::source::{SourceText, Span};

/// The folders of version control systems.
const VERSIONS: [&str; 3] = [".git", ".hg", ".svn"];

/// Whether a folder belongs to a version control system.
pub(super) fn is_version_control_folder(entry: &walkdir::DirEntry) -> bool {
    VERSIONS.contains(&&*entry.file_name().to_string_lossy())
}

/// A statement that may write a table.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The table.
    pub(super) target: TablePattern,
    /// The span of the statement, in the text as written.
    pub(super) span: Span,
    /// What is known about the written rows.
    pub(super) kind: WriteKind,
    /// The index of the file.
    pub(super) file: usize,
    /// Whether the statement is a query whose table is named outside of it.
    pub(super) unnamed: bool,
    /// Whether the statement runs beside the text of the file, which creates a
    /// table.
    pub(super) beside: bool,
    /// Whether no dataset of the file represents the statement.
    ///
    /// It is in a procedure that the file does not call, or renames a table.
    pub(super) defined: bool,
    /// Whether a comment marks it as internal.
    pub(super) internal: bool,
}

/// A file that may write tables.
#[derive(Debug)]
pub(super) struct WritingFile {
    /// The path of the file.
    pub(super) path: PathBuf,
    /// The text of the file.
    pub(super) text: Arc<ForeignText>,
    /// Whether the file is checked itself; computed on demand.
    checked: OnceLock<bool>,
}

impl WritingFile {
    /// Whether the file is checked itself; `find` is called at most once.
    pub(super) fn is_checked(&self, find: impl Fn(&Path) -> bool) -> bool {
        *self.checked.get_or_init(|| find(&self.path))
    }
}

/// The statements that may write tables, by table.
#[derive(Debug, Default)]
pub(super) struct WriterIndex {
    files: Vec<WritingFile>,
    entries: Vec<Entry>,
    /// The tables that SQLMesh models create, by file.
    models: FxHashMap<PathBuf, TableName>,
    /// Indices into `entries` by the last part of the target, in lower case.
    by_last: FxHashMap<String, Vec<usize>>,
    /// Indices of entries whose last part is unknown.
    open: Vec<usize>,
    /// The functions that files define, by the last part of their names in lower
    /// case.
    ///
    /// Those with an unknown last part are under an empty name.
    functions: FxHashMap<String, Vec<(TablePattern, usize)>>,
}

impl WriterIndex {
    /// Creates the index of a repository.
    ///
    /// Each file is read according to the configuration that applies to it.
    pub(super) fn of(layout: Layout, reading: &ReadContext<'_>) -> Self {
        let ReadContext { root, served, .. } = *reading;
        let mut builder = Builder {
            index: Self::default(),
            calls: Vec::new(),
            routines: Vec::new(),
            inside: Vec::new(),
            projects: FxHashSet::default(),
        };
        let all = Part {
            root,
            layout,
            templates: reading.templates,
            served,
            renderings: reading.renderings,
        };
        let own = |path: &Path| served.serving(path).is_none();
        builder.part(&all, &own, false);
        match layout {
            Layout::BigqueryEtl => builder.scheduled(root),
            Layout::Plain => builder.configured(root),
            Layout::Dbt => {}
        }
        let apart = |inside: &&NestedConfig| {
            let below = files::absolute(&inside.root);
            let below = below.strip_prefix(files::absolute(root)).ok();
            let first = below.and_then(|below| below.iter().next()?.to_str());
            !first.is_some_and(|first| is_apart(layout, first))
        };
        for inside in served.iter().filter(apart) {
            let part = Part {
                root: &inside.root,
                layout: inside.layout,
                templates: &inside.templates,
                served,
                renderings: reading.renderings,
            };
            let own = |path: &Path| {
                let by = served.serving(path);
                by.is_some_and(|by| ptr::eq(by, inside))
            };
            builder.part(&part, &own, true);
            match inside.layout {
                Layout::BigqueryEtl => builder.scheduled(&inside.root),
                Layout::Plain if layout == Layout::Plain => {}
                Layout::Plain => builder.configured(&inside.root),
                Layout::Dbt => builder.operated(&inside.templates),
            }
        }
        builder.finish()
    }

    /// Returns the table of a file that is a SQLMesh model.
    pub(super) fn model(&self, file: &Path) -> Option<&TableName> {
        self.models.get(file)
    }

    /// Returns the file of an entry.
    pub(super) fn file(&self, entry: &Entry) -> &WritingFile {
        &self.files[entry.file]
    }

    /// Whether another file defines, or may define, a function.
    pub(super) fn defines_elsewhere(&self, name: &str, project: Option<&str>, path: &Path) -> bool {
        self.routines(name, project).any(|file| file.path != path)
    }

    /// Returns the files that define, or may define, a function.
    pub(super) fn routines(
        &self,
        name: &str,
        project: Option<&str>,
    ) -> impl Iterator<Item = &WritingFile> {
        let name = TablePattern::of(&TableName::new([name])).in_project(project);
        let known = name.last().and_then(|last| self.functions.get(&last));
        let all = known.into_iter().chain(self.functions.get("")).flatten();
        // Function names are case-insensitive.
        let same = move |function: &TablePattern| function.compare(&name) != NameMatch::No;
        all.filter(move |(function, _)| same(function))
            .map(|(_, file)| &self.files[*file])
    }

    /// Returns the definitions of a function in other files than this one, as
    /// doubts.
    pub(super) fn routine_doubts(
        &self,
        name: &str,
        project: Option<&str>,
        path: &Path,
    ) -> Vec<Doubt> {
        let mut found: Vec<Doubt> = Vec::new();
        for file in self.routines(name, project) {
            let shown = file.text.written.path();
            let known = |doubt: &Doubt| doubt.text.written.path() == shown;
            if file.path == path || found.iter().any(known) {
                continue;
            }
            let first = file.text.written.text().lines().next();
            found.push(Doubt {
                text: Arc::clone(&file.text),
                span: Span::new(0, first.map_or(0, str::len)),
                dynamic: false,
                message: format!(
                    "the function `{name}`, which a view calls, is also defined by {shown}"
                ),
                help: "define the function in one place, or review both files together".to_owned(),
            });
        }
        found
    }

    /// Adds a second target to entries whose first name part is the name of a
    /// project.
    fn spread(&mut self, projects: &FxHashSet<String>) {
        let entries = self.entries.iter();
        let more: Vec<Entry> = entries
            .filter_map(|entry| {
                let target = entry.target.in_one_of(projects)?;
                let same = target.compare(&entry.target) == NameMatch::Certain;
                (!same).then(|| Entry {
                    target,
                    ..entry.clone()
                })
            })
            .collect();
        self.entries.extend(more);
    }

    /// Returns the entries that may write a table, and whether their target is that
    /// table.
    pub(super) fn writers(&self, table: &TablePattern) -> Vec<(&Entry, NameMatch)> {
        let mut found: Vec<usize> = match table.last() {
            Some(last) => {
                let named = self.by_last.get(&last).into_iter();
                named.chain([&self.open]).flatten().copied().collect()
            }
            None => (0..self.entries.len()).collect(),
        };
        found.sort_unstable();
        found
            .into_iter()
            .map(|at| &self.entries[at])
            .map(|entry| (entry, entry.target.compare(table)))
            .filter(|(_, sameness)| *sameness != NameMatch::No)
            .collect()
    }
}

/// Reads a text that is not UTF-8 without its invalid parts: what it writes counts.
fn lossy(path: &Path) -> SourceText {
    let bytes = bounded::read(path, LARGEST_TEXT).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
    SourceText::new(path.display().to_string(), text)
}

/// Whether the rows of a SQLMesh model come from outside of a query.
fn is_of_files(kind: &str) -> bool {
    ["seed", "external"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}

/// Returns the projects of backquoted names with three parts, in lower case.
fn quoted_projects(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).filter_map(|name| {
        let part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let whole = name.len() <= 200 && name.split('.').count() == 3;
        let project = name.split('.').next()?;
        (whole && name.chars().all(part)).then(|| project.to_lowercase())
    })
}

/// Returns all SQL files below a folder, including hidden folders.
///
/// A file that is excluded from the check may still be run. Of packages that are
/// installed in a dbt project, only models are run. A folder with a configuration of
/// its own is skipped.
fn sql_files(
    root: &Path,
    layout: Layout,
    dbt: Option<&DbtProject>,
    served: &NestedConfigs,
) -> Vec<PathBuf> {
    let root = listed(root);
    let walk = WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let foreign =
                is_version_control_folder(entry) || entry.depth() == 1 && is_apart(layout, &name);
            entry.depth() == 0
                || !(entry.file_type().is_dir() && (foreign || served.is_root(entry.path())))
        });
    walk.filter_map(Result::ok)
        .filter(|entry| is_sql(entry.path()) && entry.path().is_file())
        .map(|entry| files::shown(entry.path()))
        .filter(|path| {
            dbt.is_none_or(|project| {
                !project.is_installed(path) || project.maker(&path.display().to_string()).is_some()
            })
        })
        .collect()
}

/// Whether a folder of the root contains files that are not run.
///
/// These are bigquery-etl's tests, and the output of dbt.
fn is_apart(layout: Layout, name: &str) -> bool {
    match layout {
        Layout::BigqueryEtl => name == "tests",
        Layout::Dbt => name == "target",
        Layout::Plain => false,
    }
}

struct Builder {
    index: WriterIndex,
    /// Calls of procedures outside of the file that defines them.
    calls: Vec<Call>,
    /// The procedures of all files.
    routines: Vec<TablePattern>,
    /// Entries without any known target, in procedures that their file does not
    /// call.
    inside: Vec<(usize, Routine)>,
    /// The projects in names with three parts, in lower case.
    projects: FxHashSet<String>,
}

struct Call {
    name: String,
    span: Span,
    routine: Option<Routine>,
    file: usize,
    project: Option<String>,
    /// Whether the call is in a generator of texts that are run.
    ///
    /// It counts only if it calls a procedure that the repository defines.
    generator: bool,
}

impl Call {
    fn target(&self) -> TablePattern {
        Routine::of(&self.name, self.project.as_deref()).name
    }
}

/// A procedure that its file does not call.
struct Routine {
    name: TablePattern,
    /// The pattern of all tables in its dataset.
    around: TablePattern,
}

impl Routine {
    fn of(name: &str, project: Option<&str>) -> Self {
        let name = TableName::new([name]);
        Self {
            name: TablePattern::of(&name).in_project(project),
            around: TablePattern::in_dataset_of(&name).in_project(project),
        }
    }

    /// Whether one of these calls may refer to the procedure.
    fn is_among(&self, called: &[TablePattern]) -> bool {
        let is_it = |call: &TablePattern| call.compare(&self.name) != NameMatch::No;
        called.iter().any(is_it)
    }
}

/// A repository, or the files in it that a nested configuration applies to.
struct Part<'a> {
    root: &'a Path,
    layout: Layout,
    templates: &'a TemplateSettings,
    /// The folders that have a configuration of their own.
    served: &'a NestedConfigs,
    renderings: &'a Renderings,
}

impl Builder {
    /// Adds the files of a part.
    ///
    /// `inside` is true for a part of another repository, which does not locate
    /// tables by the layout of the part.
    fn part(&mut self, part: &Part<'_>, is_own: &dyn Fn(&Path) -> bool, inside: bool) {
        let Part {
            root,
            layout,
            templates,
            served,
            renderings: _,
        } = *part;
        let hidden = raw_template::values_may_write(templates);
        let dbt = templates.dbt.as_deref().filter(|_| layout == Layout::Dbt);
        let running = dbt.map(DbtProject::running).unwrap_or_default();
        let runs = |word: &str| running.contains(word);
        for path in sql_files(root, layout, dbt, served) {
            if !is_own(&path) {
                continue;
            }
            if inside && layout == Layout::BigqueryEtl {
                self.placed(&path);
            }
            let text = match files::read(&path) {
                Ok(text) => text,
                Err(ReadError::NotUtf8 { .. } | ReadError::Binary { .. }) => lossy(&path),
                Err(error) => {
                    self.unread(path, &error, layout);
                    continue;
                }
            };
            self.projects.extend(quoted_projects(text.text()));
            let may = raw_template::may_write(text.text(), hidden, &runs)
                || dbt.is_some_and(|project| project.has_hooks(text.path()));
            if may {
                self.file(path, text, part);
            }
        }
    }

    fn file(&mut self, path: PathBuf, text: SourceText, part: &Part<'_>) {
        let Part {
            root,
            layout,
            templates,
            served: _,
            renderings,
        } = *part;
        let etl = layout == Layout::BigqueryEtl;
        let place = etl.then(|| place(&files::absolute(&path))).flatten();
        let project = place
            .as_ref()
            .and_then(|place| place.table.parts().first().cloned());
        // The generator of texts in `sql/` is not itself a text that is run.
        let generator = etl && !path.strip_prefix(root).unwrap_or(&path).starts_with("sql");
        let dbt = templates.dbt.as_deref().filter(|_| layout == Layout::Dbt);
        // A file that dbt compiles to one query is not a script.
        let compiled = dbt.is_some_and(|project| project.compiles(text.path()));
        let way = ReadingMode {
            templates,
            dbt: dbt.is_some(),
            generator,
            compiled,
            check: path.file_name().is_some_and(|name| name == "checks.sql"),
            place,
        };
        // The index serves all files, so it must not depend on the budget of a
        // reader.
        let said = budget::part_with_own_budget(|| TextWrites::by(&text, &way, renderings));
        let TextWrites {
            found,
            internal,
            rendered,
            model,
        } = match said {
            Ok(said) => said,
            Err(stop) => return self.may_write_any(path, stop.message()),
        };
        if let Some(model) = &model {
            let table = TableName::new([model.as_str()]);
            self.index.models.insert(path.clone(), table);
        }
        let first = self.index.entries.len();
        self.add(path, text, found, project.as_deref(), (generator, compiled));
        for entry in &mut self.index.entries[first..] {
            entry.internal = internal.iter().any(|span| span.contains(entry.span));
        }
        let file = self.index.files.len() - 1;
        let besides = rendered.renderings.iter();
        for beside in besides.flat_map(|rendering| &rendering.beside) {
            if beside.reach == AffectedTables::Any {
                self.beside(beside, file);
            }
        }
        if let Some(model) = model {
            let target = TablePattern::of(&TableName::new([model.as_str()]));
            let text = &self.index.files[file].text.written;
            let kind = match sqlmesh_kind(text.text()) {
                Some(SqlMeshKind::Named(kind)) if is_of_files(&kind) => {
                    WriteKind::Hidden("its rows come from another source".to_owned())
                }
                _ => WriteKind::Rows,
            };
            let at = self.push(target, Span::default(), kind, file);
            self.index.entries[at].unnamed = true;
            self.index.entries[at].internal = !internal.is_empty();
        }
    }

    fn add(
        &mut self,
        path: PathBuf,
        text: SourceText,
        found: Writes,
        project: Option<&str>,
        (generator, compiled): (bool, bool),
    ) {
        let file = self.index.files.len();
        let template = text.text().contains("{{") || text.text().contains("{%");
        let is_open = |write: &Write| write.target.last().is_none();
        for write in found.writes {
            let target = write.target.clone().in_project(project);
            let rendered = template && write.kind != WriteKind::Rows;
            if generator && (rendered || !target.is_known()) || compiled && is_open(&write) {
                continue;
            }
            let at = self.push(target, write.span, write.kind, file);
            self.index.entries[at].defined = write.routine.is_some() || write.renames;
            if let Some(routine) = write.routine
                && write.target.is_any()
            {
                self.inside.push((at, Routine::of(&routine, project)));
            }
        }
        for call in found.calls {
            if !compiled {
                self.calls.push(Call {
                    name: call.name,
                    span: call.span,
                    routine: call.routine.map(|routine| Routine::of(&routine, project)),
                    file,
                    project: project.map(str::to_owned),
                    generator,
                });
            }
        }
        for function in &found.functions {
            let name = TablePattern::of(function).in_project(project);
            if !generator || name.is_known() && function.parts().len() > 1 {
                let last = name.last().unwrap_or_default();
                let known = self.index.functions.entry(last).or_default();
                known.push((name, file));
            }
        }
        let procedures = found.procedures.iter();
        self.routines
            .extend(procedures.map(|name| Routine::of(name, project).name));
        self.index.files.push(WritingFile {
            path,
            text: Arc::new(ForeignText::as_written(text)),
            checked: OnceLock::new(),
        });
    }

    /// Records that an unreadable file may write any table.
    fn unread(&mut self, path: PathBuf, error: &ReadError, layout: Layout) {
        if layout != Layout::Dbt {
            self.may_write_any(path, error.to_string());
        }
    }

    fn may_write_any(&mut self, path: PathBuf, why: String) {
        let kind = WriteKind::Hidden(why);
        let file = self.index.files.len();
        self.push(TablePattern::any(), Span::default(), kind, file);
        let text = SourceText::new(path.display().to_string(), "");
        self.index.files.push(WritingFile {
            path,
            text: Arc::new(ForeignText::as_written(text)),
            checked: OnceLock::new(),
        });
    }

    fn push(&mut self, target: TablePattern, span: Span, kind: WriteKind, file: usize) -> usize {
        let at = self.index.entries.len();
        self.projects.extend(target.project());
        self.index.entries.push(Entry {
            target,
            span,
            kind,
            file,
            unnamed: false,
            beside: false,
            defined: false,
            internal: false,
        });
        at
    }

    fn finish(mut self) -> WriterIndex {
        let called = self.called();
        for (at, routine) in std::mem::take(&mut self.inside) {
            if !routine.is_among(&called) {
                self.index.entries[at].target = routine.around;
            }
        }
        for call in std::mem::take(&mut self.calls) {
            let name = call.target();
            let is_it = |routine: &TablePattern| routine.compare(&name) == NameMatch::Certain;
            if call.generator || self.routines.iter().any(is_it) || is_of_system(&call.name) {
                continue;
            }
            let within = call.routine.filter(|routine| !routine.is_among(&called));
            let target = within.map_or_else(TablePattern::any, |routine| routine.around);
            let what = format!(
                "the procedure `{}` is called, but no file of the repository defines it",
                call.name
            );
            self.push(target, call.span, WriteKind::Hidden(what), call.file);
        }
        let index = &mut self.index;
        index.spread(&self.projects);
        for (at, entry) in index.entries.iter().enumerate() {
            match entry.target.last() {
                Some(last) => index.by_last.entry(last).or_default().push(at),
                None => index.open.push(at),
            }
        }
        self.index
    }

    /// Returns the procedures that the repository calls, directly or indirectly.
    fn called(&self) -> Vec<TablePattern> {
        let mut called: Vec<TablePattern> = Vec::new();
        loop {
            let before = called.len();
            for call in &self.calls {
                let runs = call
                    .routine
                    .as_ref()
                    .is_none_or(|routine| routine.is_among(&called));
                let name = call.target();
                if runs && !called.contains(&name) {
                    called.push(name);
                }
            }
            if called.len() == before {
                return called;
            }
        }
    }
}
