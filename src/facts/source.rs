//! Base columns and their entries in the registry.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::column::ColumnFacts;
use super::hint::ColumnHints;
use crate::catalog::TableName;
use crate::registry::{ColumnEntry, RegisteredRole, Registry, TableEntry, names_person};

/// The id of a base column in [`BaseColumns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BaseColumnId(u32);

/// The id of a table in [`BaseColumns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct TableId(u32);

/// A column of a table that the query reads, or a field of one.
#[derive(Debug, Clone)]
pub struct Source<'r> {
    /// `dataset.table.column.field`.
    pub name: Arc<str>,
    /// The length of `dataset.table` in it.
    table_length: usize,
    /// The table.
    pub table: TableName,
    table_id: TableId,
    /// Names from the top-level column down; `*` for unknown columns, and none for
    /// the table's records. A name may contain dots: a member of a JSON value.
    pub path: Rc<[Arc<str>]>,
    /// The registry entry of its table.
    pub of: Option<&'r TableEntry>,
    /// Its own registry entry.
    pub entry: Option<&'r ColumnEntry>,
    /// Registry entries of fields inside it, if it is read as a whole.
    pub inside: Vec<&'r ColumnEntry>,
    /// Registry entries of fields that the query or a schema names inside it: they
    /// describe some of its values.
    pub hinted: Vec<&'r ColumnEntry>,
    /// Whether the table contains people.
    pub personal: bool,
    /// Whether it is inside an array, so that a row has several.
    pub repeated: bool,
    /// Whether another name of it in the query identifies a person.
    named_person: bool,
    /// What the path means.
    pub form: SourceForm,
}

/// What the path of a base column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceForm {
    /// A column, or a field in one.
    Named,
    /// A map, and a key in it: the value of the element that has this key.
    Keyed,
    /// An array: how many members it has, and nothing that is in them.
    Length,
    /// A column of a table that nothing is known of, or a variable of the script of
    /// the same name.
    OrVariable,
}

impl Source<'_> {
    /// Whether it stands for columns that no schema declares.
    pub fn is_rest(&self) -> bool {
        self.path.last().is_some_and(|name| &**name == "*")
    }

    /// Whether it stands for the records of its table: the fact that they were
    /// sent.
    pub fn is_records(&self) -> bool {
        self.path.is_empty()
    }

    /// The path, with dots between the names.
    pub fn dotted(&self) -> &str {
        after_dot(&self.name, self.table_length)
    }

    /// Whether the registry has an entry for it; columns of tables without people
    /// need none.
    pub fn is_registered(&self) -> bool {
        if self.is_records() {
            return self.of.is_some();
        }
        self.entry.is_some() || !self.personal
    }

    /// Whether the registry says this of a column of this very table: it knows the
    /// table, or the entry names it.
    pub(super) fn is_registered_for_its_table(&self) -> bool {
        self.entry
            .is_some_and(|entry| self.of.is_some() || !entry.tables.is_empty())
    }

    /// Whether the warehouse makes it to tell the tables of a wildcard, or the files of
    /// an external table: a filter on it chooses what FROM would name.
    pub fn tells_what_is_read(&self) -> bool {
        const NAMES: &[&str] = &["_TABLE_SUFFIX", "_FILE_NAME"];
        let [name] = &*self.path else {
            return false;
        };
        self.entry.is_none() && NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether its collection was reviewed, as far as the registry links a review.
    pub fn is_reviewed(&self) -> bool {
        if !self.personal {
            return true;
        }
        if self.is_records() {
            return self.of.is_some_and(|table| !table.data_reviews.is_empty());
        }
        self.entry.is_some_and(ColumnEntry::is_reviewed)
    }

    /// Whether only its name suggests that it identifies a person: the registry has
    /// an entry neither for it nor for its table (`design/levels.md`, "Names that
    /// sound like a person's identifier").
    pub fn sounds_like_person(&self) -> bool {
        let unknown = self.entry.is_none() && self.of.is_none() && self.personal;
        unknown && (self.named_person || names_person(self.path.iter().map(|name| &**name)))
    }

    /// Whether it identifies a person, according to the registry or to its name.
    pub fn names_person(&self, registry: &Registry) -> bool {
        let unit = self.entry.and_then(|entry| entry.unit.as_deref());
        let registered = unit.and_then(|unit| registry.unit(unit));
        registered.is_some_and(|unit| unit.person) || self.sounds_like_person()
    }

    /// The names of the columns and fields that contain it.
    pub fn around(&self) -> impl Iterator<Item = String> {
        let depth = self.path.len().saturating_sub(1);
        let table = self.name.get(..self.table_length).unwrap_or_default();
        (1..=depth).map(move |length| {
            let path = self.path.iter().take(length);
            path.fold(table.to_owned(), |name, part| format!("{name}.{part}"))
        })
    }

    /// The entries of which it is known that they say something of its values: those of
    /// fields inside it only if the registry knows the table, or they name it. A document
    /// of another's table may have the same name, and none of these fields.
    pub fn entries_of_its_table(&self) -> impl Iterator<Item = &ColumnEntry> {
        let known = |entry: &&ColumnEntry| self.of.is_some() || !entry.tables.is_empty();
        let inside = self.inside.iter().copied().filter(known);
        self.entry.into_iter().chain(inside)
    }

    /// The entries of fields that it may hold, which the registry declares for every
    /// table, in a table that it does not know: one that says more than category 2, or
    /// that its field is sensitive, leaves that unknown of it.
    pub fn entries_of_any_table(&self) -> impl Iterator<Item = &ColumnEntry> {
        let unknown = |entry: &&ColumnEntry| self.of.is_none() && entry.tables.is_empty();
        self.inside.iter().copied().filter(unknown)
    }

    /// The entries that describe its values: its own, and those of fields inside
    /// it.
    pub fn entries(&self) -> impl Iterator<Item = &ColumnEntry> {
        let own = self.entry.into_iter().chain(self.inside.iter().copied());
        own.chain(self.hinted.iter().copied())
    }
}

/// What tells a base column from others: its table, its path, whether it stands
/// inside an array.
type BaseColumnKey = (TableId, Rc<[Arc<str>]>, bool, SourceForm);

/// A table that a plan reads.
#[derive(Debug)]
struct Table<'r> {
    name: TableName,
    /// `dataset.table`.
    short: String,
    entry: Option<&'r TableEntry>,
}

/// All base columns that a plan reads.
#[derive(Debug)]
pub struct BaseColumns<'r> {
    registry: &'r Registry,
    all: Vec<Source<'r>>,
    index: FxHashMap<BaseColumnKey, BaseColumnId>,
    tables: Vec<Table<'r>>,
    by_name: FxHashMap<TableName, TableId>,
    hints: ColumnHints<'r>,
}

impl<'r> BaseColumns<'r> {
    pub(super) fn new(registry: &'r Registry, hints: ColumnHints<'r>) -> Self {
        Self {
            registry,
            all: Vec::new(),
            index: FxHashMap::default(),
            tables: Vec::new(),
            by_name: FxHashMap::default(),
            hints,
        }
    }

    /// The registry in which they are looked up.
    pub fn registry(&self) -> &'r Registry {
        self.registry
    }

    /// A base column by its id.
    pub fn get(&self, id: BaseColumnId) -> &Source<'r> {
        &self.all[id.0 as usize]
    }

    /// Whether two values are each one base column, and both have the same registry
    /// entry.
    pub(super) fn same_entries(&self, a: &ColumnFacts, b: &ColumnFacts) -> bool {
        let entry = |facts: &ColumnFacts| {
            let [path] = facts.paths.as_slice() else {
                return None;
            };
            let source = self.get(path.source);
            source.entry.map(|entry| (entry, source.personal))
        };
        match (entry(a), entry(b)) {
            (Some((a, mine)), Some((b, theirs))) => std::ptr::eq(a, b) && mine == theirs,
            _ => false,
        }
    }

    /// All base columns, in the order in which they were first read.
    pub fn iter(&self) -> impl Iterator<Item = (BaseColumnId, &Source<'r>)> {
        let ids = (0..).map(BaseColumnId);
        ids.zip(&self.all)
    }

    /// Returns the id of a table's column; `*` stands for columns that no schema
    /// declares.
    pub(super) fn column(&mut self, table: &TableName, name: &str, personal: bool) -> BaseColumnId {
        let table = self.table(table);
        self.intern(
            (table, Rc::new([name.into()]), false, SourceForm::Named),
            personal,
        )
    }

    fn table(&mut self, table: &TableName) -> TableId {
        if let Some(known) = self.by_name.get(table) {
            return *known;
        }
        let id = TableId(number(self.tables.len()));
        self.tables.push(Table {
            name: table.clone(),
            short: table.short(),
            entry: self.registry.table(table),
        });
        self.by_name.insert(table.clone(), id);
        id
    }

    /// Returns the id of a field of a base column; it is as personal as the column.
    pub(super) fn field(&mut self, of: BaseColumnId, name: &str) -> BaseColumnId {
        let source = self.get(of);
        let name: Arc<str> = name.into();
        // A field of columns that no schema declares is one of these columns.
        let depth = source.path.len() - usize::from(source.is_rest());
        let mut path: Vec<Arc<str>> = source.path[..depth].to_vec();
        if source.form == SourceForm::Keyed {
            // The value of the key, in the column of its type.
            let value = name.eq_ignore_ascii_case("value");
            if value || name.to_ascii_lowercase().ends_with("_value") {
                return of;
            }
            path.pop();
            if !name.eq_ignore_ascii_case("key") {
                path.push("value".into());
            }
        }
        path.push(name);
        let key = (
            source.table_id,
            path.into(),
            source.repeated,
            SourceForm::Named,
        );
        let personal = source.personal;
        self.intern(key, personal)
    }

    /// Whether a base column is the map that has a key, or a value in it.
    pub(super) fn is_in_the_map(&self, id: BaseColumnId, key: BaseColumnId) -> bool {
        let (source, key) = (self.get(id), self.get(key));
        let Some((_, map)) = key.path.split_last() else {
            return false;
        };
        let below = source.path.get(map.len()..).unwrap_or_default();
        source.table_id == key.table_id
            && source.repeated
            && source.path.len() >= map.len()
            && map
                .iter()
                .zip(&*source.path)
                .all(|(a, b)| a.eq_ignore_ascii_case(b))
            && below
                .first()
                .is_none_or(|name| name.eq_ignore_ascii_case("value"))
    }

    /// The value that a map has for a key, of which `of` is the map or a value;
    /// `None` where the registry has no entry for it, and its name says nothing.
    pub(super) fn keyed(
        &mut self,
        of: BaseColumnId,
        key: BaseColumnId,
        name: &str,
    ) -> Option<BaseColumnId> {
        let depth = self.get(key).path.len() - 1;
        let of = self.get(of);
        let personal = of.personal;
        let field = of.path.get(depth + 1..).unwrap_or_default();
        let is_value = |name: &Arc<str>| name.to_ascii_lowercase().ends_with("_value");
        if of.form != SourceForm::Named || !field.iter().all(is_value) {
            return None;
        }
        let mut path: Vec<Arc<str>> = of.path[..depth].to_vec();
        path.push(name.into());
        let names: Vec<&str> = path.iter().map(|name| &**name).collect();
        let known = self.registry.column(Some(&of.table), &names).is_some()
            || of.of.is_none() && personal && names_person(names);
        let id = (of.table_id, path.into(), true, SourceForm::Keyed);
        known.then(|| self.intern(id, personal))
    }

    /// The same base column, where its path means something else.
    pub(super) fn in_form(&mut self, of: BaseColumnId, form: SourceForm) -> BaseColumnId {
        let source = self.get(of);
        let personal = source.personal;
        let path = Rc::clone(&source.path);
        self.intern((source.table_id, path, source.repeated, form), personal)
    }

    /// Returns the id of a member of a base column that is an array; it is as personal
    /// as the column.
    pub(super) fn element(&mut self, of: BaseColumnId) -> BaseColumnId {
        let of = self.get(of);
        let key = (of.table_id, Rc::clone(&of.path), true, of.form);
        let personal = of.personal;
        self.intern(key, personal)
    }

    /// Returns the id of the records of a table of people, which a count of its
    /// rows counts.
    pub(super) fn records(&mut self, table: &TableName) -> BaseColumnId {
        let table = self.table(table);
        self.intern((table, Rc::new([]), false, SourceForm::Named), true)
    }

    fn intern(&mut self, key: BaseColumnKey, personal: bool) -> BaseColumnId {
        if let Some(id) = self.index.get(&key) {
            return *id;
        }
        let (table_id, path, repeated, form) = &key;
        let table = &self.tables[table_id.0 as usize];
        let mut name = table.short.clone();
        for part in &**path {
            name.push('.');
            name.push_str(part);
        }
        let table_length = table.short.len();
        let (entry, inside) = match path.last() {
            Some(last) if &**last != "*" => {
                self.registry
                    .column_with_nested(&table.name, after_dot(&name, table_length), last)
            }
            Some(_) | None => (None, Vec::new()),
        };
        let hint = self.hints.get(&table.name, path);
        let hinted = hint.map(|hint| hint.inside.clone()).unwrap_or_default();
        let named_person = hint.is_some_and(|hint| hint.names_person);
        let inside = match form {
            SourceForm::Length => Vec::new(),
            SourceForm::Named | SourceForm::Keyed | SourceForm::OrVariable => inside,
        };
        let entry = entry.or_else(|| match &**path {
            [name] => Registry::of_the_warehouse(name),
            _ => None,
        });
        let id = BaseColumnId(number(self.all.len()));
        self.all.push(Source {
            name: name.into(),
            table_length,
            table: table.name.clone(),
            table_id: *table_id,
            path: Rc::clone(path),
            of: table.entry,
            entry,
            inside,
            hinted,
            personal,
            repeated: *repeated,
            named_person,
            form: *form,
        });
        self.index.insert(key, id);
        id
    }
}

/// Returns the rest of a name after its table and a dot; empty if there is none.
fn after_dot(name: &str, table_length: usize) -> &str {
    name.get(table_length + 1..).unwrap_or_default()
}

fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl Source<'_> {
    /// Whether it identifies people or records.
    pub(crate) fn is_identifier(&self) -> bool {
        self.entries().any(is_identifier)
    }
}

/// Whether an entry declares an identifier of people or records.
pub(super) fn is_identifier(entry: &ColumnEntry) -> bool {
    entry.role == RegisteredRole::Identifier
}
