//! Finds the most specific entry for a column or a table.
//!
//! Specificity is decided in this order: an entry with `tables` over one without; an
//! exact table over a glob; a dotted path over a last name over a glob; more literal
//! characters of the column's name; more literal characters of the table's name; a
//! dotted glob over one without a dot. A dotted path matches the whole path of a
//! column or the end of it.

use std::cell::OnceCell;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::glob::NamePattern;
use super::{ColumnEntry, TableEntry};
use crate::catalog::TableName;

/// How an entry names a column, in ascending order of specificity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameForm {
    /// A name with `*`.
    Glob,
    /// The last name of a path.
    LastName,
    /// A dotted path.
    Path,
}

/// How an entry is bound to tables, in ascending order of specificity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableForm {
    /// The entry applies to every table.
    Anywhere,
    /// The entry applies to the tables that a glob matches.
    Glob,
    /// The entry names the table.
    Exact,
}

/// How specific an entry is for a column; the greatest wins, field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryRank {
    /// How the entry is bound to the table.
    pub table: TableForm,
    /// How the entry names the column.
    pub name: NameForm,
    /// Number of literal characters of the column's name.
    pub name_characters: usize,
    /// Number of literal characters of the table's name.
    pub table_characters: usize,
    /// Whether the name is dotted.
    ///
    /// Of two globs that are otherwise equal, the one that states where the column
    /// is wins.
    pub dotted: bool,
}

/// An entry that matches a column, with the reason.
#[derive(Debug, Clone, Copy)]
pub struct ColumnMatch<'a> {
    /// The entry.
    pub entry: &'a ColumnEntry,
    /// The name or alias that matched.
    pub name: &'a str,
    /// The entry's table that matched; `None` if the entry applies to all tables.
    pub table: Option<&'a str>,
    /// How specific the match is.
    pub rank: EntryRank,
}

/// One name of an entry, as indexed.
#[derive(Debug)]
pub(super) struct IndexedName {
    /// Index of the entry.
    pub(super) entry: usize,
    /// Index of the name in its entry: 0 is `name`, the aliases follow.
    pub(super) nth: usize,
    /// The name as a pattern.
    pub(super) pattern: NamePattern,
    /// How the name names a column.
    pub(super) form: NameForm,
}

/// The name of a column, in lower case.
pub(super) struct LookupName {
    /// The complete path, with dots.
    dotted: String,
    /// Byte offset of the last name in `dotted`.
    ///
    /// The last name may itself contain dots: a member of a JSON value.
    last_at: usize,
}

impl LookupName {
    /// Creates a name from a path with dots between its names, and the last of
    /// these.
    pub(super) fn new(dotted: &str, last: &str) -> Self {
        let before = dotted.strip_suffix(last).unwrap_or_default();
        // Nearly all names are ASCII, and many are looked up: these need one
        // allocation.
        let mut lower = String::with_capacity(dotted.len() + 1);
        lower.push_str(before);
        if dotted.is_ascii() {
            lower.push_str(last);
            lower.make_ascii_lowercase();
            return Self {
                dotted: lower,
                last_at: before.len(),
            };
        }
        let mut lower = lower.to_lowercase();
        let last_at = lower.len();
        lower.push_str(&last.to_lowercase());
        Self {
            dotted: lower,
            last_at,
        }
    }

    fn of(path: &[&str]) -> Self {
        Self::new(&path.join("."), path.last().unwrap_or(&""))
    }

    fn last(&self) -> &str {
        &self.dotted[self.last_at..]
    }
}

/// A row that matches, its rank, and the index of the entry's matching table.
type RankedMatch<'a> = (&'a IndexedName, EntryRank, Option<usize>);

/// Returns the entry that wins; if two are equally specific, the later one.
fn winner<'a>(matching: impl Iterator<Item = RankedMatch<'a>>) -> Option<usize> {
    matching
        .max_by_key(|(row, rank, _)| (*rank, row.entry, row.nth))
        .map(|(row, _, _)| row.entry)
}

/// An index of column entries by their names.
///
/// Plain names are found by their last name, and globs by their first name if it is
/// plain. All other globs are tried one by one.
#[derive(Debug)]
pub(super) struct ColumnIndex {
    pub(super) rows: Vec<IndexedName>,
    by_last_name: FxHashMap<String, Vec<usize>>,
    globs_by_first_name: FxHashMap<String, Vec<usize>>,
    globs: Vec<usize>,
    /// The rows of dotted names, sorted by name.
    ///
    /// Names with the same beginning are adjacent.
    dotted: Vec<usize>,
    /// For each row of a dotted name, the rows that match that name, for any table.
    ///
    /// No other row can win for the name. Computed at first use.
    rivals: Vec<OnceLock<Vec<usize>>>,
    /// The `tables` of each entry.
    pub(super) tables: Vec<Vec<NamePattern>>,
}

impl ColumnIndex {
    /// Indexes all names of all entries.
    pub(super) fn new(entries: &[ColumnEntry]) -> Self {
        let mut index = Self {
            rows: Vec::new(),
            by_last_name: FxHashMap::default(),
            globs_by_first_name: FxHashMap::default(),
            globs: Vec::new(),
            dotted: Vec::new(),
            rivals: Vec::new(),
            tables: entries
                .iter()
                .map(|entry| entry.tables.iter().map(|t| NamePattern::table(t)).collect())
                .collect(),
        };
        for (entry, column) in entries.iter().enumerate() {
            for (nth, name) in column.names().enumerate() {
                index.add(entry, nth, name);
            }
        }
        let rows = &index.rows;
        index.dotted = (0..rows.len())
            .filter(|row| rows[*row].pattern.is_dotted())
            .collect();
        index
            .dotted
            .sort_by(|a, b| rows[*a].pattern.text().cmp(rows[*b].pattern.text()));
        index.rivals.resize_with(rows.len(), OnceLock::new);
        index
    }

    fn add(&mut self, entry: usize, nth: usize, name: &str) {
        let pattern = NamePattern::column(name);
        let row = self.rows.len();
        let form = if pattern.is_glob() {
            match pattern.first_name() {
                Some(first) => self
                    .globs_by_first_name
                    .entry(first.to_owned())
                    .or_default()
                    .push(row),
                None => self.globs.push(row),
            }
            NameForm::Glob
        } else {
            let last = pattern.text().rsplit('.').next().unwrap_or_default();
            self.by_last_name
                .entry(last.to_owned())
                .or_default()
                .push(row);
            if pattern.is_dotted() {
                NameForm::Path
            } else {
                NameForm::LastName
            }
        };
        self.rows.push(IndexedName {
            entry,
            nth,
            pattern,
            form,
        });
    }

    /// Returns the entry that wins for a column.
    pub(super) fn best(
        &self,
        entries: &[ColumnEntry],
        table: Option<&TableName>,
        path: &[&str],
    ) -> Option<usize> {
        let name = LookupName::of(path);
        let lowercase_table = OnceCell::new();
        winner(self.matching(entries, table, &name, &lowercase_table))
    }

    /// Returns the entry that wins for a column, and those for its nested fields.
    pub(super) fn best_with_nested(
        &self,
        entries: &[ColumnEntry],
        table: &TableName,
        name: LookupName,
    ) -> (Option<usize>, Vec<usize>) {
        let lowercase_table = OnceCell::new();
        let best = winner(self.matching(entries, Some(table), &name, &lowercase_table));
        let mut prefix = name.dotted;
        prefix.push('.');
        let inside = self.inside(entries, Some(table), &prefix, &lowercase_table);
        (best, inside)
    }

    /// Returns the entries that win for one of their own dotted names below a
    /// prefix.
    ///
    /// `prefix` is a path and a dot, in lower case. The entries are in the order of
    /// the file.
    fn inside(
        &self,
        entries: &[ColumnEntry],
        table: Option<&TableName>,
        prefix: &str,
        lowercase_table: &OnceCell<Option<String>>,
    ) -> Vec<usize> {
        let text = |row: &usize| self.rows[*row].pattern.text();
        let first = self.dotted.partition_point(|row| text(row) < prefix);
        let mut found: Vec<usize> = self.dotted[first..]
            .iter()
            .take_while(|row| text(row).starts_with(prefix))
            .filter(|row| {
                let rivals = self.rivals[**row].get_or_init(|| {
                    let own: Vec<&str> = text(row).split('.').collect();
                    self.named(&LookupName::of(&own)).collect()
                });
                let ranked = rivals
                    .iter()
                    .filter_map(|rival| self.ranked(entries, *rival, table, lowercase_table));
                winner(ranked) == Some(self.rows[**row].entry)
            })
            .map(|row| self.rows[*row].entry)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns every entry that matches, once, the winner first.
    pub(super) fn all<'a>(
        &'a self,
        entries: &'a [ColumnEntry],
        table: Option<&TableName>,
        path: &[&str],
    ) -> Vec<ColumnMatch<'a>> {
        let name = LookupName::of(path);
        let lowercase_table = OnceCell::new();
        let mut found: Vec<_> = self
            .matching(entries, table, &name, &lowercase_table)
            .collect();
        found.sort_by_key(|(row, rank, _)| (std::cmp::Reverse(*rank), row.entry));
        let mut seen = vec![false; entries.len()];
        found.retain(|(row, _, _)| !std::mem::replace(&mut seen[row.entry], true));
        found
            .into_iter()
            .map(|(row, rank, table)| {
                let entry = &entries[row.entry];
                ColumnMatch {
                    entry,
                    name: entry.names().nth(row.nth).unwrap_or(&entry.name),
                    table: table.map(|nth| entry.tables[nth].as_str()),
                    rank,
                }
            })
            .collect()
    }

    /// Iterates over the rows that match a name and apply to the table.
    fn matching<'a>(
        &'a self,
        entries: &[ColumnEntry],
        table: Option<&TableName>,
        name: &LookupName,
        lowercase_table: &OnceCell<Option<String>>,
    ) -> impl Iterator<Item = RankedMatch<'a>> {
        self.named(name)
            .filter_map(move |row| self.ranked(entries, row, table, lowercase_table))
    }

    /// Iterates over the rows that match a name, for any table.
    fn named(&self, name: &LookupName) -> impl Iterator<Item = usize> {
        let first = name.dotted.split('.').next().unwrap_or_default();
        let named = self.by_last_name.get(name.last());
        let below = self.globs_by_first_name.get(first);
        named
            .into_iter()
            .chain(below)
            .flatten()
            .chain(&self.globs)
            .copied()
            .filter(|row| self.rows[*row].pattern.matches(&name.dotted))
    }

    /// Returns the match of a row if its entry applies to the table.
    ///
    /// `lowercase_table` keeps the table's name in lower case. The name is written at most
    /// once, and only if needed: most columns match nothing that is bound to tables.
    fn ranked<'a>(
        &'a self,
        entries: &[ColumnEntry],
        row: usize,
        table: Option<&TableName>,
        lowercase_table: &OnceCell<Option<String>>,
    ) -> Option<RankedMatch<'a>> {
        let row = &self.rows[row];
        let bound = if entries[row.entry].tables.is_empty() {
            (TableForm::Anywhere, 0, None)
        } else {
            let name =
                lowercase_table.get_or_init(|| table.map(|name| name.to_string().to_lowercase()));
            self.bound(row.entry, name.as_deref()?)?
        };
        let rank = EntryRank {
            table: bound.0,
            name: row.form,
            name_characters: row.pattern.literal_characters(),
            table_characters: bound.1,
            dotted: row.pattern.is_dotted(),
        };
        Some((row, rank, bound.2))
    }

    /// Returns how an entry is bound to a table, by the most specific of its
    /// `tables`.
    ///
    /// The parts are the form, the number of literal characters, and the index in
    /// `tables`.
    fn bound(&self, entry: usize, table: &str) -> Option<(TableForm, usize, Option<usize>)> {
        self.tables[entry]
            .iter()
            .enumerate()
            .filter(|(_, pattern)| pattern.matches(table))
            .map(|(nth, pattern)| (table_form(pattern), pattern.literal_characters(), Some(nth)))
            .max()
    }
}

/// An index of table entries by their names.
#[derive(Debug)]
pub(super) struct TableIndex {
    pub(super) patterns: Vec<NamePattern>,
    by_last_name: FxHashMap<String, Vec<usize>>,
    globs: Vec<usize>,
}

impl TableIndex {
    /// Indexes all entries.
    pub(super) fn new(entries: &[TableEntry]) -> Self {
        let patterns: Vec<_> = entries
            .iter()
            .map(|e| NamePattern::table(&e.name))
            .collect();
        let mut by_last_name: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        let mut globs = Vec::new();
        for (entry, pattern) in patterns.iter().enumerate() {
            if pattern.is_glob() {
                globs.push(entry);
            } else {
                let last = pattern.text().rsplit('.').next().unwrap_or_default();
                by_last_name.entry(last.to_owned()).or_default().push(entry);
            }
        }
        Self {
            patterns,
            by_last_name,
            globs,
        }
    }

    /// Returns the entry that wins: exact over glob, then more literal characters.
    pub(super) fn best(&self, table: &TableName) -> Option<usize> {
        let dotted = table.to_string().to_lowercase();
        let last = dotted.rsplit('.').next().unwrap_or_default();
        let named = self.by_last_name.get(last);
        named
            .into_iter()
            .flatten()
            .chain(&self.globs)
            .copied()
            .filter(|entry| self.patterns[*entry].matches(&dotted))
            .max_by_key(|entry| table_rank(&self.patterns[*entry]))
    }
}

/// Returns whether a table is named exactly or by a glob.
pub(super) fn table_form(pattern: &NamePattern) -> TableForm {
    if pattern.is_glob() {
        TableForm::Glob
    } else {
        TableForm::Exact
    }
}

/// Returns how specific a table's name is: the form, then the literal characters.
pub(super) fn table_rank(pattern: &NamePattern) -> (TableForm, usize) {
    (table_form(pattern), pattern.literal_characters())
}
