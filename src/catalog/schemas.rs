//! The schemas of many tables, as the catalog of the binder.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use walkdir::WalkDir;

use super::schema_yaml::SchemaFiles;
use super::{Catalog, CatalogError, TableName, TableSchema, TableShape, bigquery_json, dbt, text};

/// Declared tables, found by their full names or by suffixes of these.
#[derive(Debug, Default)]
pub struct Schemas {
    all: Vec<TableSchema>,
    /// Indices into `all` by the last part of the name, in lower case.
    by_last_name: FxHashMap<String, Vec<usize>>,
}

impl Schemas {
    /// Adds a table.
    ///
    /// A schema without a table name is ignored; a later schema of the same name
    /// replaces an earlier one.
    pub fn add(&mut self, schema: TableSchema) {
        let Some(name) = &schema.table else {
            return;
        };
        let at = self.all.len();
        let places = self.by_last_name.entry(last(name)).or_default();
        let known = places.iter().copied().find(|place| {
            self.all[*place]
                .table
                .as_ref()
                .is_some_and(|other| equal(other.parts(), name.parts()))
        });
        match known {
            Some(place) => self.all[place] = schema,
            None => {
                places.push(at);
                self.all.push(schema);
            }
        }
    }

    /// Reads every `schema.yaml` in `sql/PROJECT/DATASET/TABLE/` under a path.
    ///
    /// Files that cannot be read are reported as errors, and the others are used.
    pub fn load_bigquery_etl(root: &Path) -> (Self, Vec<CatalogError>) {
        let mut schemas = Self::default();
        let mut files = SchemaFiles::default();
        let mut errors = Vec::new();
        for path in named(root, "schema.yaml", &mut errors) {
            match files.load(&path) {
                Ok(schema) => schemas.add(schema),
                Err(error) => errors.push(error),
            }
        }
        (schemas, errors)
    }

    /// Reads files, and all JSON and YAML files in folders.
    ///
    /// # Errors
    /// If a file cannot be read, or is not a schema.
    pub fn load_paths(paths: &[PathBuf]) -> Result<Self, CatalogError> {
        let mut schemas = Self::default();
        for path in paths {
            if !path.is_dir() {
                schemas.add_file(path)?;
                continue;
            }
            let mut errors = Vec::new();
            for file in found(path, &is_declaration, &mut errors) {
                schemas.add_file(&file)?;
            }
            if let Some(error) = errors.into_iter().next() {
                return Err(error);
            }
        }
        Ok(schemas)
    }

    /// Reads the declarations of a dbt project.
    ///
    /// They are the properties files among its models, seeds and snapshots, and the
    /// manifest, if the project was compiled. Files that cannot be read are reported
    /// as errors, and the others are used.
    pub fn of_dbt(root: &Path) -> (Self, Vec<CatalogError>) {
        let mut schemas = Self::default();
        let mut errors = Vec::new();
        let is_yaml = |path: &Path| is_declaration(path) && !ends_in(path, "json");
        for folder in ["models", "seeds", "snapshots"] {
            let folder = root.join(folder);
            if !folder.is_dir() {
                continue;
            }
            for path in found(&folder, &is_yaml, &mut errors) {
                errors.extend(schemas.add_file(&path).err());
            }
        }
        let manifest = root.join("target/manifest.json");
        if manifest.is_file() {
            errors.extend(schemas.add_file(&manifest).err());
        }
        (schemas, errors)
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Reads a file in any of the known formats.
    ///
    /// These are BigQuery's JSON, a dbt manifest, a dbt properties file, and the
    /// `schema.yaml` of bigquery-etl.
    ///
    /// # Errors
    /// If the file cannot be read, or has none of these formats.
    pub fn add_file(&mut self, path: &Path) -> Result<(), CatalogError> {
        let shown = path.display().to_string();
        let source = text::read(path)?;
        if ends_in(path, "json") {
            let document = text::json(&shown, &source)?;
            if document.get("nodes").is_some() || document.get("sources").is_some() {
                for schema in dbt::parse_manifest(&shown, &source)? {
                    self.add(schema);
                }
            } else {
                let mut schema = bigquery_json::of_value(&shown, &document)?;
                if schema.table.is_none() {
                    schema.table = called(path);
                }
                self.add(schema);
            }
            return Ok(());
        }
        let document = text::yaml(&shown, &source)?;
        let of_dbt = ["models", "sources", "seeds", "snapshots"]
            .iter()
            .any(|key| document.get(key).is_some());
        if of_dbt {
            for schema in dbt::parse_properties(&shown, &source)? {
                self.add(schema);
            }
        } else {
            self.add(SchemaFiles::default().load(path)?);
        }
        Ok(())
    }

    /// Iterates over all schemas, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &TableSchema> {
        self.all.iter()
    }

    /// Returns the schema of a table.
    ///
    /// A name without its project or dataset refers to every table whose name ends
    /// in it. If several do, the single one with as many parts as the name is
    /// returned, or `None`.
    pub fn table(&self, name: &TableName) -> Option<&TableSchema> {
        let mut meant = self
            .by_last_name
            .get(&last(name))
            .into_iter()
            .flatten()
            .map(|place| &self.all[*place])
            .filter(|schema| {
                schema
                    .table
                    .as_ref()
                    .is_some_and(|other| ends(other.parts(), name.parts()))
            });
        let first = meant.next()?;
        let exact = |schema: &&TableSchema| {
            schema
                .table
                .as_ref()
                .is_some_and(|other| other.parts().len() == name.parts().len())
        };
        let rest: Vec<&TableSchema> = meant.collect();
        if rest.is_empty() {
            return Some(first);
        }
        let mut exact = std::iter::once(first).chain(rest).filter(exact);
        exact.next().filter(|_| exact.next().is_none())
    }
}

impl Catalog for Schemas {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        let schema = self.table(table)?;
        (!schema.fields.is_empty()).then(|| schema.shape())
    }

    fn knows(&self, table: &TableName, path: &[&str]) -> bool {
        self.table(table)
            .is_some_and(|schema| schema.field(path).is_some())
    }

    fn fields_inside(&self, table: &TableName) -> Vec<Vec<String>> {
        let schema = self.table(table);
        schema.map(TableSchema::fields_inside).unwrap_or_default()
    }
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

fn is_declaration(path: &Path) -> bool {
    ["json", "yml", "yaml"]
        .iter()
        .any(|ending| ends_in(path, ending))
}

/// Returns the table of a list of fields in `DATASET.TABLE.json` or
/// `DATASET/TABLE.json`.
fn called(path: &Path) -> Option<TableName> {
    let stem = path.file_stem()?.to_str()?;
    if stem.contains('.') {
        return Some(TableName::new([stem]));
    }
    let dataset = path.parent()?.file_name()?.to_str()?;
    Some(TableName::new([dataset, stem]))
}

fn last(name: &TableName) -> String {
    name.parts()
        .last()
        .map(|part| part.to_lowercase())
        .unwrap_or_default()
}

fn equal(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && ends(a, b)
}

/// Whether a name ends in the parts of another, ignoring case.
fn ends(whole: &[String], end: &[String]) -> bool {
    whole.len() >= end.len()
        && whole
            .iter()
            .rev()
            .zip(end.iter().rev())
            .all(|(a, b)| a.eq_ignore_ascii_case(b))
}

/// Returns the files of that name under a path, in order.
pub(super) fn named(root: &Path, name: &str, errors: &mut Vec<CatalogError>) -> Vec<PathBuf> {
    found(
        root,
        &|path| path.file_name().is_some_and(|own| own == name),
        errors,
    )
}

/// Returns the files under a path that satisfy `wanted`, in order.
fn found(
    root: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    errors: &mut Vec<CatalogError>,
) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name() {
        match entry {
            Ok(entry) if wanted(entry.path()) && entry.file_type().is_file() => {
                found.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => errors.push(CatalogError::new(
                &root.display().to_string(),
                format!("a folder in it cannot be listed: {error}"),
                "check its permissions",
            )),
        }
    }
    found
}
