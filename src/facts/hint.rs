//! What a query as a whole discloses about base columns that the registry does not
//! know.
//!
//! A name that stands in one place of the query holds in all of them: a column that
//! is renamed to an identifier (`id AS client_id`) is one wherever it is read, and a
//! record of which the query names an identifier (`raw.user_id`) contains it wherever
//! the record is published. The places are known only after the plan was analysed, so
//! a plan with hints is analysed a second time.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::source::{BaseColumnId, BaseColumns, Source, SourceForm};
use crate::catalog::TableName;
use crate::registry::ColumnEntry;

/// The hints of one base column.
#[derive(Debug, Clone, Default)]
pub(super) struct ColumnHint<'r> {
    /// Registry entries of fields that the query or a schema names inside it.
    pub(super) inside: Vec<&'r ColumnEntry>,
    /// Whether it identifies a person according to a name in the query.
    pub(super) names_person: bool,
}

/// The hints of a query, by table and path.
#[derive(Debug, Default)]
pub(super) struct ColumnHints<'r>(FxHashMap<(TableName, Vec<Arc<str>>), ColumnHint<'r>>);

impl<'r> ColumnHints<'r> {
    /// Collects the hints of an analysed plan; `renamed` are the base columns that it
    /// renames to identifiers.
    pub(super) fn from_sources(
        sources: &BaseColumns<'r>,
        renamed: &FxHashSet<BaseColumnId>,
    ) -> Self {
        let mut hints = Self::default();
        let read: FxHashMap<(&TableName, &[Arc<str>]), &Source<'r>> = sources
            .iter()
            .map(|(_, source)| ((&source.table, &*source.path), source))
            .collect();
        let mut told: FxHashSet<(*const Source<'r>, *const ColumnEntry)> = FxHashSet::default();
        for (id, source) in sources.iter() {
            // A key that the query looks up in a map says nothing of its other keys.
            if !source.personal || source.form != SourceForm::Named {
                continue;
            }
            if renamed.contains(&id) && !source.sounds_like_person() {
                hints.at(&source.table, &source.path).names_person = true;
            }
            let entry = source.entry;
            let person = source.sounds_like_person();
            if entry.is_none() && !person {
                continue;
            }
            for depth in 1..source.path.len() {
                let around = &source.path[..depth];
                let Some(record) = read.get(&(&source.table, around)) else {
                    continue;
                };
                let is_known = |entry: &&ColumnEntry| {
                    record.entries().any(|known| std::ptr::eq(known, *entry))
                };
                let new = entry.filter(|entry| {
                    let pair = (std::ptr::from_ref(*record), std::ptr::from_ref(*entry));
                    told.insert(pair) && !is_known(entry)
                });
                let names = person && !record.sounds_like_person();
                if new.is_some() || names {
                    let hint = hints.at(&source.table, around);
                    hint.names_person |= names;
                    hint.inside.extend(new);
                }
            }
        }
        hints
    }

    fn at(&mut self, table: &TableName, path: &[Arc<str>]) -> &mut ColumnHint<'r> {
        self.0.entry((table.clone(), path.to_vec())).or_default()
    }

    /// Returns the hint of a column, if there is one.
    pub(super) fn get(&self, table: &TableName, path: &[Arc<str>]) -> Option<&ColumnHint<'r>> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&(table.clone(), path.to_vec()))
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
