//! The repository around a file: the files that create the tables that it reads, and
//! the declarations of these. Each table is followed once for all readers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use imbl::Vector;
use rustc_hash::{FxHashMap, FxHashSet};

use super::cycles::{Cycles, FollowResult};
use super::files_of::{DefiningFiles, Models};
use super::functions::Functions;
use super::index::WriterIndex;
use super::renderings::Renderings;
use super::runs::RunEffect;
use super::served::{FindNestedConfigs, NestedConfigs};
use super::writers::{ReadContext, not_followed, writers};
use crate::assess::{AnalysisDetail, Surroundings};
use crate::budget;
use crate::catalog::layout::{place, publication_of};
use crate::catalog::{
    Catalog, NameMatch, SchemaFiles, Schemas, TableName, TablePattern, TableSchema, TableShape,
};
use crate::config::Layout;
use crate::plan::{Definitions, Doubt, RoutineText, TableMaker};
use crate::registry::Registry;
use crate::source::template::{self, DBT_MODELS, DbtConfig, Rendered, TemplateSettings};
use crate::source::{SourceText, files};

/// A table, and the project for names without one.
type TableRequest = (TableName, Option<String>);

/// A function that finds the files of a repository that are checked.
pub type FindCheckedFiles = dyn Fn() -> Vec<PathBuf> + Send + Sync;

/// A repository.
pub struct Tree {
    pub(super) root: PathBuf,
    layout: Option<Layout>,
    declared: Schemas,
    pub(super) templates: TemplateSettings,
    /// Finds the files that are checked on their own.
    checked: Box<FindCheckedFiles>,
    found: OnceLock<FxHashSet<PathBuf>>,
    inside: Box<FindNestedConfigs>,
    served: OnceLock<NestedConfigs>,
    index: OnceLock<Arc<WriterIndex>>,
    /// The files of seeds, by the names of their tables.
    pub(super) seeds: OnceLock<FxHashMap<String, Vec<PathBuf>>>,
    models: OnceLock<Models>,
    functions: Functions,
    renderings: Renderings,
    /// How tables are created, by the applied registry and the table.
    made: Mutex<FxHashMap<(usize, String), TableMaker>>,
    makers: Mutex<FxHashMap<TableRequest, Option<Arc<DefiningFiles>>>>,
    schemas: Mutex<FxHashMap<PathBuf, Option<Arc<TableSchema>>>>,
}

impl Tree {
    /// Creates a repository below a folder, with additional declarations of tables.
    ///
    /// Without a layout, no file is known to create a table.
    pub fn new(
        root: &Path,
        layout: Option<Layout>,
        declared: Schemas,
        templates: &TemplateSettings,
    ) -> Self {
        Self {
            root: root.to_owned(),
            layout,
            declared,
            templates: templates.clone(),
            checked: Box::new(Vec::new),
            found: OnceLock::new(),
            inside: Box::new(Vec::new),
            served: OnceLock::new(),
            index: OnceLock::new(),
            seeds: OnceLock::new(),
            models: OnceLock::new(),
            functions: Functions::below(root),
            renderings: Renderings::default(),
            made: Mutex::default(),
            makers: Mutex::default(),
            schemas: Mutex::default(),
        }
    }

    /// Sets the function that finds the files that are checked; by default there are
    /// none.
    #[must_use]
    pub fn checking(self, checked: Box<FindCheckedFiles>) -> Self {
        Self { checked, ..self }
    }

    /// Sets the function that finds nested configurations; by default there are
    /// none.
    #[must_use]
    pub fn serving(self, inside: Box<FindNestedConfigs>) -> Self {
        Self { inside, ..self }
    }

    fn served(&self) -> &NestedConfigs {
        self.served
            .get_or_init(|| NestedConfigs::of((self.inside)()))
    }

    /// Returns the template settings of a file.
    fn templates(&self, file: &Path) -> &TemplateSettings {
        let own = self.served().serving(file);
        own.map_or(&self.templates, |own| &own.templates)
    }

    /// Renders a text; a file of the repository with the same settings is rendered
    /// once.
    pub(super) fn rendered(&self, text: &SourceText, templates: &TemplateSettings) -> Rendered {
        let own = self.templates(Path::new(text.path()));
        match own.is_same(templates) {
            true => self.renderings.of(text, own),
            false => template::render(text, templates),
        }
    }

    /// Whether a file is checked itself, so that what it writes has its own verdict.
    fn is_checked(&self, path: &Path) -> bool {
        let found = self.found.get_or_init(|| {
            let found = (self.checked)().into_iter();
            found.map(|path| files::absolute(&path)).collect()
        });
        found.contains(&files::absolute(path))
    }

    /// Returns how the files of the repository are rendered and run.
    fn reading(&self) -> ReadContext<'_> {
        ReadContext {
            root: &self.root,
            layout: self.layout,
            templates: &self.templates,
            served: self.served(),
            renderings: &self.renderings,
        }
    }

    /// Returns the index of all tables that files of the repository may write.
    pub(super) fn index(&self, layout: Layout) -> &Arc<WriterIndex> {
        let of = || WriterIndex::of(layout, &self.reading());
        self.index.get_or_init(|| Arc::new(of()))
    }

    /// Returns the files that create a table, and its folder if the layout defines
    /// one.
    fn makers(&self, table: &TableName, project: Option<&str>) -> Option<Arc<DefiningFiles>> {
        let layout = self.layout?;
        // The binder queries each name that it meets, so the result is kept.
        let memo = (table.clone(), project.map(str::to_owned));
        if let Some(known) = lock(&self.makers).get(&memo) {
            return known.clone();
        }
        let index = || Arc::clone(self.index(layout));
        let found = match layout {
            // A model has no folder: its statement names it.
            Layout::BigqueryEtl if table.is_of_model() => {
                DefiningFiles::by_name(&index(), &table.in_project(project))
            }
            Layout::BigqueryEtl => DefiningFiles::in_folder(&self.root, table, project, index),
            Layout::Plain => DefiningFiles::by_name(&index(), table),
            Layout::Dbt => self
                .models
                .get_or_init(|| Models::of(&self.root, self.templates.dbt.as_deref()))
                .makers(table, &index()),
        };
        let found = found.map(Arc::new);
        lock(&self.makers).insert(memo, found.clone());
        found
    }

    fn schema(&self, folder: &Path) -> Option<Arc<TableSchema>> {
        let known = lock(&self.schemas).get(folder).cloned();
        if let Some(known) = known {
            return known;
        }
        let path = folder.join("schema.yaml");
        // An unreadable schema declares nothing, which is the cautious side.
        let schema = path
            .is_file()
            .then(|| SchemaFiles::default().load(&path).ok())
            .flatten()
            .map(Arc::new);
        lock(&self.schemas).insert(folder.to_owned(), schema.clone());
        schema
    }
}

/// Locks a memo; a panic of another thread leaves its values complete.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The repository from the point of view of one file.
pub(super) struct RepositoryView<'a> {
    tree: &'a Tree,
    registry: &'a Registry,
    /// The project for names without one.
    project: Option<String>,
    /// The table that the file creates, as the layout names it.
    table: Option<String>,
    /// The dbt model that the file creates.
    model: Option<String>,
    /// Whether a label of the owners publishes that table.
    public: bool,
    /// The file.
    file: PathBuf,
    /// The tables whose definitions are being followed, the reader's own first.
    ///
    /// Nested definitions share the list of outer tables.
    within: Vector<Arc<str>>,
    /// The number of tables in `within` that are the reader's own: at most one.
    own: usize,
    /// The cycles that contain the tables being followed.
    cycles: Arc<Mutex<Cycles>>,
}

impl<'a> RepositoryView<'a> {
    pub(super) fn of(tree: &'a Tree, registry: &'a Registry, file: &Path) -> Self {
        let place = match tree.layout {
            Some(Layout::BigqueryEtl) => place(&files::absolute(file)),
            Some(Layout::Plain | Layout::Dbt) | None => None,
        };
        let own = match (&place, tree.layout) {
            (Some(place), _) if place.makes => Some(key(&place.table)),
            (None, Some(Layout::Dbt)) => file
                .file_stem()
                .and_then(|stem| stem.to_str())
                .map(|stem| format!("{DBT_MODELS}.{}", stem.to_lowercase())),
            _ => None,
        };
        let dbt = tree.templates.dbt.as_deref();
        let dbt = dbt.filter(|_| tree.layout == Some(Layout::Dbt));
        let model = dbt.and_then(|project| {
            let (package, stem) = project.maker(&file.display().to_string())?;
            Some(format!("{}.{stem}", project.dataset(package)))
        });
        let public = place.is_some()
            && publication_of(file)
                .is_some_and(|metadata| metadata.map_or(true, |metadata| metadata.is_public()));
        let within: Vector<Arc<str>> = own.into_iter().map(Arc::from).collect();
        Self {
            tree,
            registry,
            public,
            own: within.len(),
            cycles: Arc::new(Mutex::new(Cycles::of_reader(within.len()))),
            model,
            table: place
                .as_ref()
                .filter(|place| place.makes)
                .map(|place| place.table.to_string()),
            project: place.and_then(|place| place.table.parts().first().cloned()),
            file: file.to_owned(),
            within,
        }
    }

    /// Creates the view of a file that creates a table.
    fn of_writer(&self, makers: &DefiningFiles, file: &Path, within: Vector<Arc<str>>) -> Self {
        let etl = self.tree.layout == Some(Layout::BigqueryEtl);
        let place = etl.then(|| place(&files::absolute(file))).flatten();
        let named = place.as_ref().map_or(&makers.table, |place| &place.table);
        Self {
            tree: self.tree,
            registry: self.registry,
            project: named.project().map(str::to_owned),
            table: None,
            model: None,
            public: false,
            file: file.to_owned(),
            within,
            own: self.own,
            cycles: Arc::clone(&self.cycles),
        }
    }

    /// Applies a function to the schema of a table.
    ///
    /// A schema beside the files that create the table precedes the configured ones.
    fn schema<T>(&self, table: &TableName, read: impl FnOnce(&TableSchema) -> T) -> Option<T> {
        let makers = self.tree.makers(table, self.project.as_deref());
        let folder = makers.as_ref().and_then(|makers| makers.folder.as_deref());
        if let Some(beside) = folder.and_then(|folder| self.tree.schema(folder)) {
            return Some(read(&beside));
        }
        let declared = match (self.tree.layout, table.parts()) {
            // The project and dataset of a model cannot be derived from its name.
            (Some(Layout::Dbt), [dataset, name]) if dataset == DBT_MODELS => {
                self.tree.declared.table(&TableName::new([name.as_str()]))
            }
            _ => self.tree.declared.table(table),
        };
        declared.map(read)
    }

    /// Returns the columns of a table from the files that create it.
    ///
    /// They are the shape of a table that is not followed, because the registry
    /// declares its rows.
    fn made_shape(&self, table: &TableName) -> Option<TableShape> {
        let TableMaker::Statements(definition) = self.made(table)? else {
            return None;
        };
        let mut shape = TableShape {
            columns: Vec::new(),
            complete: true,
        };
        for writer in &definition.writers {
            let plan = &writer.plan;
            for column in &plan.relation(plan.root()?).columns {
                let column = plan.column(*column);
                let known = |name: &String| name.eq_ignore_ascii_case(&column.name);
                if column.rest.is_some() || column.name.is_empty() {
                    shape.complete = false;
                } else if !shape.columns.iter().any(known) {
                    shape.columns.push(column.name.clone());
                }
            }
        }
        Some(shape)
    }

    /// Returns the context in which the file is assessed.
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            registry: self.registry,
            schemas: self,
            definitions: self,
            table: self.table.as_deref(),
            pasted: false,
            public: self.public,
            told: AnalysisDetail::Made,
        }
    }
}

/// The context of a file: its repository, if there is one.
pub(super) enum FileSurroundings<'a> {
    Alone(&'a Registry),
    Among(RepositoryView<'a>),
}

impl<'a> FileSurroundings<'a> {
    pub(super) fn of(tree: Option<&'a Tree>, registry: &'a Registry, file: &str) -> Self {
        match tree {
            None => Self::Alone(registry),
            Some(tree) => Self::Among(RepositoryView::of(tree, registry, Path::new(file))),
        }
    }

    /// Returns the context in which the file is assessed.
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        match self {
            Self::Alone(registry) => Surroundings::alone(registry),
            Self::Among(neighbours) => neighbours.surroundings(),
        }
    }
}

fn key(table: &TableName) -> String {
    table.to_string()
}

impl RepositoryView<'_> {
    fn memo(&self, name: &str) -> (usize, String) {
        (std::ptr::from_ref(self.registry) as usize, name.to_owned())
    }

    /// Stores how a table is created, for all readers.
    ///
    /// Two threads may have followed it at the same time. All use the first result,
    /// so that a plan that reads the table twice contains it once.
    fn keep(&self, name: String, made: TableMaker) -> TableMaker {
        let mut known = lock(&self.tree.made);
        known.entry(self.memo(&name)).or_insert(made).clone()
    }

    /// Follows the files that create a table.
    ///
    /// They have a budget of their own, because the stored result must not depend on
    /// the reader.
    fn followed(&self, makers: &DefiningFiles, name: &str) -> TableMaker {
        if makers.files.len() > FILES_LIMIT {
            let why = format!("more than {FILES_LIMIT} files write it");
            return not_followed(makers, &why);
        }
        let mut within = self.within.clone();
        within.push_back(Arc::from(name));
        let inner: FxHashMap<&Path, RepositoryView<'_>> = makers
            .files
            .iter()
            .map(|maker| {
                let path = maker.path.as_path();
                (path, self.of_writer(makers, path, within.clone()))
            })
            .collect();
        let reading = self.tree.reading();
        let made = budget::part_with_own_budget(|| {
            writers(makers, &reading, |maker| {
                let inner = inner.get(maker.path.as_path()).unwrap_or(self);
                (inner.surroundings(), inner.project.clone())
            })
        });
        match made {
            Ok(TableMaker::Statements(definition)) if definition.height > HEIGHT_LIMIT => {
                not_followed(makers, "it is made of too many others, one of another")
            }
            Ok(made) => made,
            Err(stop) => not_followed(makers, &stop.message()),
        }
    }

    /// Whether this is the view of the file that is assessed.
    fn is_reader(&self) -> bool {
        self.within.len() == self.own
    }

    /// Completes the cycle of the reader's own table, once for all files on the
    /// cycle.
    fn close_cycle(&self) {
        let Some(own) = self.within.front() else {
            return;
        };
        let apart = RepositoryView {
            tree: self.tree,
            registry: self.registry,
            project: self.project.clone(),
            table: None,
            model: None,
            public: false,
            file: self.file.clone(),
            within: Vector::new(),
            own: 0,
            cycles: Arc::default(),
        };
        apart.made(&TableName::new(own.split('.')));
    }
}

/// The maximum length of a chain of tables that is followed.
const HEIGHT_LIMIT: usize = 50;

/// The maximum number of followed files that write one table.
const FILES_LIMIT: usize = 100;

/// Formats names for a message.
fn quoted<'t>(tables: impl ExactSizeIterator<Item = &'t str>) -> Vec<String> {
    const SHOWN: usize = 8;
    let more = tables.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = tables
        .take(SHOWN)
        .map(|table| format!("`{table}`"))
        .collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown
}

/// Returns the definition that readers of a table on a cycle get.
fn of_itself(cycle: &[String]) -> TableMaker {
    TableMaker::Cyclic(quoted(cycle.iter().map(String::as_str)))
}

impl Definitions for RepositoryView<'_> {
    fn made(&self, table: &TableName) -> Option<TableMaker> {
        let makers = self.tree.makers(table, self.project.as_deref())?;
        if makers.files.is_empty() && makers.doubts.is_empty() {
            return None;
        }
        let name = key(&makers.table);
        if let Some(at) = self.within.iter().position(|known| **known == *name) {
            // A table that adds to itself is read as it is declared.
            if at + 1 == self.within.len() {
                return None;
            }
            lock(&self.cycles).needs(at);
            return Some(TableMaker::Cyclic(quoted(
                self.within.iter().skip(at).map(Arc::as_ref),
            )));
        }
        let known = lock(&self.tree.made).get(&self.memo(&name)).cloned();
        if let Some(known) = known {
            return Some(known);
        }
        if lock(&self.cycles).needs_cycle_member(&name) {
            return Some(TableMaker::Cyclic(quoted([name.as_str()].into_iter())));
        }
        let began = lock(&self.cycles).begin();
        let made = self.followed(&makers, &name);
        let done = lock(&self.cycles).end(&name, began);
        match done {
            FollowResult::Plain => Some(self.keep(name, made)),
            FollowResult::Cycle(all) => {
                for member in &all {
                    self.keep(member.clone(), of_itself(&all));
                }
                Some(of_itself(&all))
            }
            FollowResult::Within => {
                if self.is_reader() {
                    self.close_cycle();
                }
                let known = lock(&self.tree.made).get(&self.memo(&name)).cloned();
                Some(
                    known
                        .unwrap_or_else(|| TableMaker::Cyclic(quoted([name.as_str()].into_iter()))),
                )
            }
        }
    }

    fn other_writers(&self, target: Option<&TableName>) -> Vec<Doubt> {
        let Some(layout) = self.tree.layout else {
            return Vec::new();
        };
        let own = self.table.as_ref().or(self.model.as_ref());
        let own = own.map(|own| TableName::new([own.as_str()]));
        let project = self.project.as_deref();
        let is_own = |own: &TableName| {
            target.is_none_or(|target| {
                let target = TablePattern::of(target).in_project(project);
                target.compare(&TablePattern::of(own)) == NameMatch::Certain
            })
        };
        // A SQLMesh model names its table in its header.
        let index = self.tree.index(layout);
        let target = target.or_else(|| index.model(&self.file));
        let mut doubts = Vec::new();
        if let Some(own) = own.filter(is_own) {
            // The statements of the file itself are reported there.
            if let Some(makers) = self.tree.makers(&own, None) {
                doubts = makers.doubts_beside(&self.file.display().to_string());
            }
        } else if let Some(target) = target {
            let pattern = TablePattern::of(target).in_project(project);
            let is_checked = |path: &Path| self.tree.is_checked(path);
            doubts = DefiningFiles::unchecked(index, target, &pattern, &self.file, is_checked);
        }
        doubts
    }

    fn written_elsewhere(&self, table: &TableName) -> Vec<Doubt> {
        let Some(layout) = self.tree.layout else {
            return Vec::new();
        };
        let project = self.project.as_deref();
        let whole = match (table.parts(), project) {
            ([dataset, name], Some(project)) => TableName::new([project, dataset, name]),
            _ => table.clone(),
        };
        let named = DefiningFiles::by_name(self.tree.index(layout), &whole);
        let placed = self.tree.makers(table, project);
        let file = self.file.display().to_string();
        let makers = named.iter().chain(placed.as_deref());
        makers.flat_map(|makers| makers.others(&file)).collect()
    }

    fn defined_elsewhere(&self, function: &str) -> Vec<Doubt> {
        let Some(layout) = self.tree.layout else {
            return Vec::new();
        };
        let index = self.tree.index(layout);
        index.routine_doubts(function, self.project.as_deref(), &self.file)
    }

    fn function(&self, name: &str) -> Option<&RoutineText> {
        let followed = self.tree.layout == Some(Layout::BigqueryEtl);
        let functions = followed.then_some(&self.tree.functions)?;
        let project = self.project.as_deref();
        let index = self.tree.index(Layout::BigqueryEtl);
        let path = functions.path(name, project)?;
        // If two files define the function, it is unknown which definition is used.
        if index.defines_elsewhere(name, project, &path) {
            return None;
        }
        functions.get(&path, self.tree.templates(&path))
    }

    fn adds_rows(&self, written: &SourceText, configured: &DbtConfig) -> bool {
        let own = self.table.as_ref().or(self.model.as_ref());
        let own = own.map(|own| TableName::new([own.as_str()]));
        let makers = own.and_then(|own| self.tree.makers(&own, None));
        let reading = self.tree.reading();
        RunEffect::always_adds(&reading, makers.as_deref(), written, configured)
    }

    fn texts(&self, name: &TableName) -> Vec<SourceText> {
        let project = self.project.as_deref();
        let mut paths: Vec<PathBuf> = Vec::new();
        if let Some(makers) = self.tree.makers(name, project) {
            paths.extend(makers.files.iter().map(|maker| maker.path.clone()));
        }
        if self.tree.layout == Some(Layout::BigqueryEtl) {
            let name = key(name);
            paths.extend(self.tree.functions.path(&name, project));
        }
        if let Some(layout) = self.tree.layout {
            let name = key(name);
            let defined = self.tree.index(layout).routines(&name, project);
            paths.extend(defined.map(|file| file.path.clone()));
            paths.extend(self.tree.unanalyzed_files(
                layout,
                &TableName::new(name.split('.')),
                project,
            ));
            paths.sort();
            paths.dedup();
        }
        let read = paths.iter().filter_map(|path| files::read(path).ok());
        read.flat_map(|text| {
            if !files::is_sql(Path::new(text.path())) {
                return vec![text];
            }
            let own = self.tree.templates(Path::new(text.path()));
            let rendered = self.tree.renderings.of(&text, own).renderings;
            rendered
                .into_iter()
                .map(move |rendering| SourceText::new(text.path(), rendering.text))
                .collect()
        })
        .collect()
    }

    fn parameters(&self, path: &str) -> Vec<(String, String)> {
        if self.tree.layout != Some(Layout::BigqueryEtl) {
            return Vec::new();
        }
        let folder = Path::new(path).parent();
        folder.map_or_else(Vec::new, |folder| {
            super::runs::parameters(&folder.join("metadata.yaml"))
        })
    }
}

impl Catalog for RepositoryView<'_> {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        let declared = self.schema(table, |schema| {
            (!schema.fields.is_empty()).then(|| schema.shape())
        });
        declared.flatten().or_else(|| self.made_shape(table))
    }

    fn knows(&self, table: &TableName, path: &[&str]) -> bool {
        self.schema(table, |schema| schema.field(path).is_some())
            .unwrap_or(false)
    }

    fn fields_inside(&self, table: &TableName) -> Vec<Vec<String>> {
        self.schema(table, crate::catalog::TableSchema::fields_inside)
            .unwrap_or_default()
    }
}
