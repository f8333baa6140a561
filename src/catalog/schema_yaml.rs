//! `schema.yaml` as bigquery-etl writes it: `fields`, each with `name`, `type`,
//! `mode` and, for a record, `fields`.
//!
//! Its tags include fields of other files: `!include-field`, `!include-fields`,
//! `!include` and `!flatten-lists`. `!include-field-description` is ignored, because
//! it changes no column.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use yaml_serde::value::TaggedValue;
use yaml_serde::{Mapping, Value};

use super::bigquery_json::{mode, plain_type};
use super::schema::{DeclaredKey, KeyOrigin, field_in};
use super::{CatalogError, Field, TableName, TableSchema, text};

/// The maximum depth of nested includes; deeper ones are assumed to be circular.
const DEPTH: usize = 32;

/// The maximum number of fields, nested ones included, that a schema may include.
///
/// A field that is included twice counts twice.
const MOST_INCLUDED: usize = 20_000;

const FIELDS: &str = "write `fields:` and below it `- name: …`, `type: …`, `mode: …` for each";

/// Reads `schema.yaml` files and the files that they include, each at most once.
#[derive(Debug, Default)]
pub struct SchemaFiles {
    read: FxHashMap<PathBuf, Arc<Vec<Field>>>,
    open: Vec<PathBuf>,
    /// The number of fields included so far for the current schema.
    included: usize,
}

impl SchemaFiles {
    /// Reads a table's `schema.yaml`.
    ///
    /// The path `sql/PROJECT/DATASET/TABLE/` determines the table's name.
    ///
    /// # Errors
    /// If a file cannot be read, is not YAML or not a schema, or includes a missing
    /// file or field.
    pub fn load(&mut self, path: &Path) -> Result<TableSchema, CatalogError> {
        let source = text::read(path)?;
        self.parse(path, &source)
    }

    /// Parses a text as if it were the file at `path`, which need not exist.
    ///
    /// # Errors
    /// As [`SchemaFiles::load`].
    pub fn parse(&mut self, path: &Path, source: &str) -> Result<TableSchema, CatalogError> {
        let shown = path.display().to_string();
        let document = text::yaml(&shown, source)?;
        let keys = primary_key(&document);
        self.included = 0;
        let fields = self.document(path, source, document)?;
        let mut schema = TableSchema::whole(&shown, table_at(path), fields);
        schema.keys = keys.into_iter().collect();
        Ok(schema)
    }

    fn document(
        &mut self,
        path: &Path,
        source: &str,
        document: Value,
    ) -> Result<Vec<Field>, CatalogError> {
        let shown = path.display().to_string();
        self.open.push(path.to_owned());
        let mut reader = Reader {
            files: self,
            path,
            shown: &shown,
            source,
        };
        let read = reader.top(document);
        self.open.pop();
        read
    }

    /// Returns the fields of an included file.
    fn include(&mut self, path: PathBuf, from: &str) -> Result<Arc<Vec<Field>>, CatalogError> {
        if let Some(known) = self.read.get(&path) {
            return Ok(Arc::clone(known));
        }
        if self.open.contains(&path) || self.open.len() >= DEPTH {
            return Err(CatalogError::new(
                from,
                format!(
                    "circular include: the schema includes {}, which includes the schema",
                    path.display()
                ),
                "remove one of the includes",
            ));
        }
        let source = text::read(&path).map_err(|error| {
            CatalogError::new(
                from,
                format!("include of {}: {}", path.display(), error.message),
                "write the path relative to the root of the repository",
            )
        })?;
        let document = text::yaml(&path.display().to_string(), &source)?;
        let fields = Arc::new(self.document(&path, &source, document)?);
        self.read.insert(path, Arc::clone(&fields));
        Ok(fields)
    }
}

/// Returns the table that a path `sql/PROJECT/DATASET/TABLE/schema.yaml` names.
fn table_at(path: &Path) -> Option<TableName> {
    let names: Vec<&str> = path
        .parent()?
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect::<Option<_>>()?;
    match names.as_slice() {
        [.., "sql", project, dataset, table] => Some(TableName::new([*project, *dataset, *table])),
        _ => None,
    }
}

/// Returns the directory that contains `sql`, to which includes are relative.
fn root_of(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .filter(|folder| folder.file_name().is_some_and(|name| name == "sql"))
        .last()
        .and_then(Path::parent)
        .map(Path::to_owned)
}

fn primary_key(document: &Value) -> Option<DeclaredKey> {
    let columns: Vec<String> = document
        .get("tableConstraints")?
        .get("primaryKey")?
        .get("columns")?
        .as_sequence()?
        .iter()
        .filter_map(|column| column.as_str().map(str::to_owned))
        .collect();
    (!columns.is_empty()).then_some(DeclaredKey {
        columns,
        origin: KeyOrigin::Declared,
    })
}

/// The reading of one file.
struct Reader<'s> {
    files: &'s mut SchemaFiles,
    path: &'s Path,
    shown: &'s str,
    source: &'s str,
}

impl Reader<'_> {
    fn error(&self, message: impl Into<String>, help: impl Into<String>) -> CatalogError {
        CatalogError::new(self.shown, message, help)
    }

    fn top(&mut self, document: Value) -> Result<Vec<Field>, CatalogError> {
        match document {
            Value::Mapping(mut mapping) => match mapping.remove("fields") {
                Some(Value::Null) => Ok(Vec::new()),
                Some(list) => self.list("the schema", list),
                None => Err(self.error("missing `fields`", FIELDS).at(Some((1, 1)))),
            },
            // `!include` of a whole file, or a bare list of fields.
            Value::Tagged(_) | Value::Sequence(_) => self.list("the schema", document),
            other => Err(self
                .error(
                    format!("found {}, expected a schema", kind_of(&other)),
                    FIELDS,
                )
                .at(Some((1, 1)))),
        }
    }

    /// Reads a list of fields, or a tag that expands to one.
    fn list(&mut self, of: &str, value: Value) -> Result<Vec<Field>, CatalogError> {
        match value {
            Value::Sequence(items) => {
                let mut found = Vec::new();
                for item in items {
                    found.extend(self.items(of, item, false)?);
                }
                Ok(found)
            }
            Value::Tagged(tagged) => self.tagged(of, *tagged),
            Value::Null => Ok(Vec::new()),
            other => Err(self.error(
                format!("the fields of {of} are {}, not a list", kind_of(&other)),
                FIELDS,
            )),
        }
    }

    /// Reads a list entry: a field, a tag, or, if lists are flattened, a list.
    fn items(&mut self, of: &str, item: Value, flat: bool) -> Result<Vec<Field>, CatalogError> {
        match item {
            Value::Mapping(mapping) => Ok(vec![self.field(of, mapping)?]),
            Value::Tagged(tagged) => {
                let several = tagged.tag == "!include-fields";
                if several && !flat {
                    return Err(self.error(
                        format!("`!include-fields` is inside the list of {of}"),
                        "write `fields: !flatten-lists` above the list",
                    ));
                }
                self.tagged(of, *tagged)
            }
            Value::Sequence(_) if flat => self.list(of, item),
            other => Err(self.error(
                format!("an entry of {of} is {}, not a field", kind_of(&other)),
                FIELDS,
            )),
        }
    }

    fn tagged(&mut self, of: &str, tagged: TaggedValue) -> Result<Vec<Field>, CatalogError> {
        let TaggedValue { tag, value } = tagged;
        let tag = tag.to_string();
        match (tag.as_str(), value) {
            ("!include-field", Value::Mapping(given)) => Ok(vec![self.include_field(given)?]),
            ("!include-fields", Value::Mapping(given)) => self.include_fields(given),
            ("!include", Value::Mapping(given)) => {
                if given.contains_key("jmespath") {
                    return Err(self.error(
                        "`!include` selects with `jmespath`, which is not evaluated",
                        "write `!include-field` or `!include-fields` with the names",
                    ));
                }
                Ok(self.included(&tag, &given)?.to_vec())
            }
            ("!flatten-lists", Value::Sequence(items)) => {
                let mut found = Vec::new();
                for item in items {
                    found.extend(self.items(of, item, true)?);
                }
                Ok(found)
            }
            (
                "!include-field" | "!include-fields" | "!include" | "!flatten-lists",
                other,
            ) => Err(self.error(
                format!("`{tag}` in {of} has {}", kind_of(&other)),
                "write its settings below it, `file: …` or `table: …` first; `!flatten-lists` takes a list",
            )),
            (_, _) => Err(self.error(
                format!("unknown tag `{tag}` in {of}"),
                "known tags: `!include-field`, `!include-fields`, `!include`, `!flatten-lists` and, for a description, `!include-field-description`",
            )),
        }
    }

    fn field(&mut self, of: &str, mut mapping: Mapping) -> Result<Field, CatalogError> {
        let Some(name) = word(&mapping, "name") else {
            return Err(self.error(format!("a field of {of} has no `name`"), FIELDS));
        };
        let at = text::place(self.source, &["fields"]);
        let what = format!("`{name}` in {of}");
        let kind = word(&mapping, "type")
            .map(|kind| plain_type(self.shown, &what, &kind))
            .transpose()
            .map_err(|error| error.at(self.at_name(&name).or(at)))?;
        let mode = mode(self.shown, &what, word(&mapping, "mode").as_deref())
            .map_err(|error| error.at(self.at_name(&name).or(at)))?;
        let mut field = Field::named(name);
        field.kind = kind;
        field.mode = mode;
        field.description = word(&mapping, "description");
        if let Some(Value::Sequence(aliases)) = mapping.get("aliases") {
            field.aliases = aliases.iter().filter_map(plain).collect();
        }
        if let Some(names) = mapping.get("policyTags").and_then(|tags| tags.get("names"))
            && let Some(names) = names.as_sequence()
        {
            field.policy_tags = names.iter().filter_map(plain).collect();
        }
        if let Some(inner) = mapping.remove("fields") {
            field.fields = self.list(&format!("`{}`", field.name), inner)?;
        }
        Ok(field)
    }

    /// Returns the position of the first field with that name.
    fn at_name(&self, name: &str) -> Option<(usize, usize)> {
        let number = self.source.lines().position(|line| {
            line.trim_start()
                .trim_start_matches("- ")
                .trim_start()
                .strip_prefix("name:")
                .is_some_and(|rest| rest.trim().trim_matches(['"', '\'']) == name)
        })?;
        let line = self.source.lines().nth(number)?;
        Some((
            number + 1,
            line.chars().count() - line.trim_start().chars().count() + 1,
        ))
    }

    /// Returns the fields of the file or table that a tag names.
    fn included(&mut self, tag: &str, given: &Mapping) -> Result<Arc<Vec<Field>>, CatalogError> {
        let Some(root) = root_of(self.path) else {
            return Err(self.error(
                format!("`{tag}` names a file relative to the root of the repository, but no folder above this file is called `sql`"),
                "keep schemas in `sql/PROJECT/DATASET/TABLE/schema.yaml`",
            ));
        };
        let path = match (word(given, "file"), word(given, "table")) {
            (Some(file), _) => root.join(file.trim_start_matches('/')),
            (None, Some(table)) => {
                let mut path = root.join("sql");
                path.extend(table.split('.'));
                path.join("schema.yaml")
            }
            (None, None) => {
                return Err(self.error(
                    format!("`{tag}` has neither `file` nor `table`"),
                    "write `file: …`, relative to the root of the repository, or `table: PROJECT.DATASET.TABLE`",
                ));
            }
        };
        let fields = self.files.include(path, self.shown)?;
        self.counted(&fields)?;
        Ok(fields)
    }

    /// Counts fields against the maximum before they are copied.
    fn counted(&mut self, fields: &[Field]) -> Result<(), CatalogError> {
        self.files.included = self.files.included.saturating_add(size(fields));
        if self.files.included > MOST_INCLUDED {
            return Err(self.error(
                format!("it takes more than {MOST_INCLUDED} fields from other files"),
                "include what is needed once",
            ));
        }
        Ok(())
    }

    fn include_field(&mut self, mut given: Mapping) -> Result<Field, CatalogError> {
        let from = self.included("!include-field", &given)?;
        let Some(wanted) = word(&given, "field") else {
            return Err(self.error("`!include-field` has no `field`", "write `field: NAME`"));
        };
        let mut field = self.find(&from, &wanted)?.clone();
        if let Some(name) = word(&given, "new_name") {
            field.name = name;
        }
        if let Some(kind) = word(&given, "new_type") {
            field.kind = Some(plain_type(self.shown, &format!("`{wanted}`"), &kind)?);
        }
        if let Some(new) = word(&given, "new_mode") {
            field.mode = mode(self.shown, &format!("`{wanted}`"), Some(&new))?;
        }
        if let Some(description) = word(&given, "new_description") {
            field.description = Some(description);
        }
        let of = format!("`{}`", field.name);
        if let Some(fields) = given.remove("new_fields") {
            field.fields = self.list(&of, fields)?;
        }
        if let Some(fields) = given.remove("append_fields") {
            field.fields.extend(self.list(&of, fields)?);
        }
        if let Some(fields) = given.remove("prepend_fields") {
            let mut first = self.list(&of, fields)?;
            first.append(&mut field.fields);
            field.fields = first;
        }
        Ok(field)
    }

    fn include_fields(&mut self, mut given: Mapping) -> Result<Vec<Field>, CatalogError> {
        let from = self.included("!include-fields", &given)?;
        let mut fields = match word(&given, "parent_field") {
            Some(parent) => self.find(&from, &parent)?.fields.clone(),
            None => from.to_vec(),
        };
        let names = |key: &str| {
            given.get(key).map(|value| match value {
                Value::Sequence(items) => items.iter().filter_map(plain).collect::<Vec<_>>(),
                // A single name may be written without a list.
                other => plain(other).into_iter().collect(),
            })
        };
        if let Some(wanted) = names("field_names") {
            let mut found = Vec::new();
            for name in &wanted {
                let field = self.find(&fields, name)?;
                self.counted(std::slice::from_ref(field))?;
                found.push(field.clone());
            }
            fields = found;
        }
        if let Some(unwanted) = names("exclude_field_names") {
            fields.retain(|field| !unwanted.contains(&field.name));
        }
        if let Some(replacements) = given.remove("field_replacements") {
            for new in self.list("`field_replacements`", replacements)? {
                for old in fields.iter_mut().filter(|old| old.name == new.name) {
                    self.counted(std::slice::from_ref(&new))?;
                    *old = new.clone();
                }
            }
        }
        Ok(fields)
    }

    fn find<'f>(&self, fields: &'f [Field], wanted: &str) -> Result<&'f Field, CatalogError> {
        let path: Vec<&str> = wanted.split('.').collect();
        field_in(fields, &path).ok_or_else(|| {
            self.error(
                format!("the included file has no field `{wanted}`"),
                "check the name in the included file",
            )
        })
    }
}

/// Returns the number of fields, nested ones included.
fn size(fields: &[Field]) -> usize {
    let inside = fields.iter().map(|field| size(&field.fields));
    inside.sum::<usize>().saturating_add(fields.len())
}

fn word(mapping: &Mapping, key: &str) -> Option<String> {
    mapping.get(key).and_then(plain)
}

/// Returns a string, or the text of a number or boolean.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a table of settings",
        Value::Tagged(_) => "a tag",
    }
}
