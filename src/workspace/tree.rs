//! The repository around a file: who makes the tables that it reads, and what is
//! declared of them. Each table is followed once, whoever reads it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use super::files_of::{Index, Makers};
use super::functions::Functions;
use super::writers::writers;
use crate::assess::{Surroundings, Told};
use crate::catalog::layout::place;
use crate::catalog::{Catalog, SchemaFiles, Schemas, TableName, TableSchema, TableShape};
use crate::config::Layout;
use crate::plan::{Definitions, MadeBy, Routines};
use crate::registry::Registry;
use crate::source::files;
use crate::source::template::TemplateSettings;

/// A table, and the project of names that say none.
type Asked = (TableName, Option<String>);

/// A repository.
pub struct Tree {
    root: PathBuf,
    layout: Option<Layout>,
    declared: Schemas,
    templates: TemplateSettings,
    index: OnceLock<Index>,
    functions: Functions,
    /// By the registry that served and the table.
    made: Mutex<FxHashMap<(usize, String), MadeBy>>,
    makers: Mutex<FxHashMap<Asked, Option<Arc<Makers>>>>,
    schemas: Mutex<FxHashMap<PathBuf, Option<Arc<TableSchema>>>>,
}

impl Tree {
    /// A repository below a folder, and what is declared of tables besides. Without
    /// a layout nobody is known to make a table.
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
            index: OnceLock::new(),
            functions: Functions::below(root, templates),
            made: Mutex::default(),
            makers: Mutex::default(),
            schemas: Mutex::default(),
        }
    }

    /// The files that make a table, and its folder where the layout gives it one.
    fn makers(&self, table: &TableName, project: Option<&str>) -> Option<Arc<Makers>> {
        match self.layout? {
            Layout::BigqueryEtl => {
                // The binder asks for each name that it meets: a folder is looked
                // at once.
                let memo = (table.clone(), project.map(str::to_owned));
                let known = lock(&self.makers).get(&memo).cloned();
                known.unwrap_or_else(|| {
                    let found = Makers::in_folder(&self.root, table, project).map(Arc::new);
                    lock(&self.makers).insert(memo, found.clone());
                    found
                })
            }
            Layout::Plain => self
                .index
                .get_or_init(|| Index::of_targets(&self.root, &self.templates))
                .makers(table),
            Layout::Dbt => self
                .index
                .get_or_init(|| Index::of_models(&self.root))
                .makers(table),
        }
    }

    fn schema(&self, folder: &Path) -> Option<Arc<TableSchema>> {
        let known = lock(&self.schemas).get(folder).cloned();
        if let Some(known) = known {
            return known;
        }
        let path = folder.join("schema.yaml");
        // One that can't be read declares nothing, which is the cautious side.
        let schema = path
            .is_file()
            .then(|| SchemaFiles::default().load(&path).ok())
            .flatten()
            .map(Arc::new);
        lock(&self.schemas).insert(folder.to_owned(), schema.clone());
        schema
    }
}

/// A panic elsewhere leaves a memo that is whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The repository as one file sees it.
pub(super) struct Neighbours<'a> {
    tree: &'a Tree,
    registry: &'a Registry,
    /// The project of names that say none.
    project: Option<String>,
    /// The table that the file makes, as the layout names it.
    table: Option<String>,
    /// The tables whose definitions are being followed, the reader's own first.
    within: Vec<String>,
    /// Whether a cycle was met on the way: what was found then depends on where
    /// it was entered.
    cut: AtomicBool,
}

impl<'a> Neighbours<'a> {
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
                .map(|stem| format!("dbt.{}", stem.to_lowercase())),
            _ => None,
        };
        Self {
            tree,
            registry,
            table: place
                .as_ref()
                .filter(|place| place.makes)
                .map(|place| place.table.to_string()),
            project: place.and_then(|place| place.table.parts().first().cloned()),
            within: own.into_iter().collect(),
            cut: AtomicBool::new(false),
        }
    }

    /// What is declared of a table: beside the files that make it, else wherever
    /// the configuration says that declarations are.
    fn schema<T>(&self, table: &TableName, read: impl FnOnce(&TableSchema) -> T) -> Option<T> {
        let makers = self.tree.makers(table, self.project.as_deref());
        let folder = makers.as_ref().and_then(|makers| makers.folder.as_deref());
        if let Some(beside) = folder.and_then(|folder| self.tree.schema(folder)) {
            return Some(read(&beside));
        }
        let declared = match (self.tree.layout, table.parts()) {
            // The project and dataset of a model are not known from its name.
            (Some(Layout::Dbt), [dbt, name]) if dbt == "dbt" => {
                self.tree.declared.table(&TableName::new([name.as_str()]))
            }
            _ => self.tree.declared.table(table),
        };
        declared.map(read)
    }

    /// The columns that the files give a table which is not followed, since the
    /// registry declares what its rows are.
    fn made_shape(&self, table: &TableName) -> Option<TableShape> {
        let MadeBy::Statements(definition) = self.made(table)? else {
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

    /// What a text knows around it.
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            registry: self.registry,
            schemas: self,
            definitions: self,
            table: self.table.as_deref(),
            told: Told::Made,
        }
    }
}

/// What is around a file: its repository, where it has one.
pub(super) enum Around<'a> {
    Alone(&'a Registry),
    Among(Neighbours<'a>),
}

impl<'a> Around<'a> {
    pub(super) fn of(tree: Option<&'a Tree>, registry: &'a Registry, file: &str) -> Self {
        match tree {
            None => Self::Alone(registry),
            Some(tree) => Self::Among(Neighbours::of(tree, registry, Path::new(file))),
        }
    }

    /// What a text knows around it.
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        match self {
            Self::Alone(registry) => Surroundings::alone(registry),
            Self::Among(neighbours) => neighbours.surroundings(),
        }
    }
}

fn key(table: &TableName) -> String {
    table.to_string().to_lowercase()
}

impl Definitions for Neighbours<'_> {
    fn made(&self, table: &TableName) -> Option<MadeBy> {
        let makers = self.tree.makers(table, self.project.as_deref())?;
        if makers.files.is_empty() {
            return None;
        }
        let name = key(&makers.table);
        if let Some(at) = self.within.iter().position(|known| *known == name) {
            // A table that adds to itself is read as what it is declared to be.
            if at + 1 == self.within.len() {
                return None;
            }
            self.cut.store(true, Ordering::Relaxed);
            let through = self.within[at..].iter();
            return Some(MadeBy::OfItself(
                through.map(|table| format!("`{table}`")).collect(),
            ));
        }
        let memo = (std::ptr::from_ref(self.registry) as usize, name.clone());
        let known = lock(&self.tree.made).get(&memo).cloned();
        if let Some(known) = known {
            return Some(known);
        }
        let mut within = self.within.clone();
        within.push(name);
        let inner = Neighbours {
            tree: self.tree,
            registry: self.registry,
            project: makers.table.project().map(str::to_owned),
            table: None,
            within,
            cut: AtomicBool::new(false),
        };
        let made = writers(&makers, &inner.surroundings(), &self.tree.templates);
        if inner.cut.load(Ordering::Relaxed) {
            self.cut.store(true, Ordering::Relaxed);
            return Some(made);
        }
        // Two may have followed it at the same time: all read the same one, so that
        // what a plan reads twice is in it once.
        let mut known = lock(&self.tree.made);
        Some(known.entry(memo).or_insert(made).clone())
    }

    fn function(&self, name: &str) -> Option<&Routines> {
        let followed = self.tree.layout == Some(Layout::BigqueryEtl);
        let functions = followed.then_some(&self.tree.functions)?;
        functions.get(name, self.project.as_deref())
    }
}

impl Catalog for Neighbours<'_> {
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
}
