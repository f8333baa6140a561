//! Base columns and what the registry knows of them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::column::ColumnFacts;
use crate::catalog::TableName;
use crate::registry::{ColumnEntry, RegisteredRole, Registry, TableEntry};

/// Names a base column of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

/// A column of a table that the query reads, or a field in one.
#[derive(Debug, Clone)]
pub struct Source<'r> {
    /// `dataset.table.column.field`.
    pub name: Arc<str>,
    /// The table.
    pub table: TableName,
    /// Names from the top-level column down; `*` for unknown columns.
    pub path: Vec<String>,
    /// What the registry says of its table.
    pub of: Option<&'r TableEntry>,
    /// What the registry says of it.
    pub entry: Option<&'r ColumnEntry>,
    /// Entries of fields inside it, where it is read as a whole.
    pub inside: Vec<&'r ColumnEntry>,
    /// Whether the table holds people.
    pub personal: bool,
    /// Whether it stands inside an array, so that a row has several.
    pub repeated: bool,
}

impl Source<'_> {
    /// Whether it stands for columns that no schema tells.
    pub fn is_rest(&self) -> bool {
        self.path.last().is_some_and(|name| name == "*")
    }

    /// Whether the registry knows it. Columns of tables without people need no
    /// entry.
    pub fn is_registered(&self) -> bool {
        self.entry.is_some() || !self.personal
    }

    /// The entries that say something of its values: its own, and those of
    /// fields inside it.
    pub fn entries(&self) -> impl Iterator<Item = &ColumnEntry> {
        self.entry.into_iter().chain(self.inside.iter().copied())
    }
}

/// All base columns that a plan reads.
#[derive(Debug)]
pub struct Sources<'r> {
    registry: &'r Registry,
    all: Vec<Source<'r>>,
    index: FxHashMap<(TableName, Vec<String>, bool), SourceId>,
    tables: FxHashMap<TableName, Option<&'r TableEntry>>,
}

impl<'r> Sources<'r> {
    pub(super) fn new(registry: &'r Registry) -> Self {
        Self {
            registry,
            all: Vec::new(),
            index: FxHashMap::default(),
            tables: FxHashMap::default(),
        }
    }

    /// The registry that they were looked up in.
    pub fn registry(&self) -> &'r Registry {
        self.registry
    }

    /// A base column by its id.
    pub fn get(&self, id: SourceId) -> &Source<'r> {
        &self.all[id.0 as usize]
    }

    /// Whether two values are each a base column, and the registry has the same
    /// entry for both.
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

    /// All of them, in the order in which they were met.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source<'r>)> {
        let ids = (0..).map(SourceId);
        ids.zip(&self.all)
    }

    pub(super) fn intern(
        &mut self,
        table: &TableName,
        path: Vec<String>,
        personal: bool,
        repeated: bool,
    ) -> SourceId {
        let key = (table.clone(), path, repeated);
        if let Some(id) = self.index.get(&key) {
            return *id;
        }
        let names: Vec<&str> = key.1.iter().map(String::as_str).collect();
        let rest = names.last() == Some(&"*");
        let (entry, inside) = if rest {
            (None, Vec::new())
        } else {
            self.registry.column_and_inside(table, &names)
        };
        let registry = self.registry;
        let of = *self
            .tables
            .entry(table.clone())
            .or_insert_with(|| registry.table(table));
        let id = SourceId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(Source {
            name: (table.short() + "." + &names.join(".")).into(),
            table: table.clone(),
            path: key.1.clone(),
            of,
            entry,
            inside,
            personal,
            repeated,
        });
        self.index.insert(key, id);
        id
    }
}

/// Whether an entry names people or records.
pub(super) fn is_identifier(entry: &ColumnEntry) -> bool {
    entry.role == RegisteredRole::Identifier
}
