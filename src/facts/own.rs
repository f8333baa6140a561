//! A statement that reads the table that it fills: its rows are those of earlier runs,
//! and so are their base columns.
//!
//! The columns of such a table are no base columns: what they hold is what the statement
//! gives them, of its own earlier rows or of others. That is solved to a fixed point. Of
//! the rows nothing is taken from there: each may belong to a single person, as in every
//! table that is not declared.

use rustc_hash::{FxHashMap, FxHashSet};

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use super::ordered::OrderedSet;
use super::recursion::{Told, each_tells_all};
use super::relation::RelationFacts;
use super::source::BaseColumnId;
use crate::budget::{self, spend};
use crate::catalog::{NameMatch, TableName, TablePattern};
use crate::plan::{Operator, Plan, ReadTable, RelId};
use crate::registry::Registry;

/// How often the statement is evaluated again before every column is taken to hold what
/// any of them does.
const ROUNDS: usize = 8;

/// How many base columns are looked at in a step.
const LOOKED_AT: usize = 64;

/// A relation that reads the table which another one, made of it, fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnRead {
    /// Reads the table.
    pub scan: RelId,
    /// Gives the rows that are written into it.
    pub rows: RelId,
}

/// The readings of tables by what fills them: `filled` names the tables and the relations
/// that give their rows. What the registry declares of a table is kept.
pub fn own_reads<'t>(
    plan: &Plan,
    filled: impl IntoIterator<Item = (&'t TableName, RelId)>,
    project: Option<&str>,
    registry: &Registry,
) -> Vec<OwnRead> {
    let scans: Vec<(RelId, &ReadTable)> = plan
        .relations()
        .filter_map(|(id, relation)| match &relation.operator {
            Operator::Scan(table) if registry.table(&table.name).is_none() => Some((id, table)),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (table, rows) in filled {
        let table = TablePattern::of(&table.undecorated()).in_project(project);
        let is_own = |scan: &&(RelId, &ReadTable)| {
            let read = TablePattern::of(&scan.1.name.undecorated()).in_project(project);
            scan.0 < rows && table.compare(&read) == NameMatch::Certain
        };
        let own: Vec<RelId> = scans.iter().filter(is_own).map(|(id, _)| *id).collect();
        if own.is_empty() {
            continue;
        }
        let below = plan.below(rows);
        let own = own.into_iter().filter(|scan| below.contains(scan));
        found.extend(own.map(|scan| OwnRead { scan, rows }));
    }
    found
}

/// What is known of a table's own columns from the rows that fill it.
#[derive(Debug, Clone, Default)]
pub(super) struct Earlier {
    /// By the names of columns, in lower case.
    columns: FxHashMap<String, ColumnFacts>,
    /// The tables whose records the rows are.
    records: OrderedSet<BaseColumnId>,
}

impl Earlier {
    fn is_as(&self, other: &Self) -> bool {
        let same = |(name, value): (&String, &ColumnFacts)| {
            let known = other.columns.get(name);
            known.is_some_and(|known| discloses_the_same(known, value))
        };
        self.records == other.records
            && self.columns.len() == other.columns.len()
            && self.columns.iter().all(same)
    }
}

/// Whether two values disclose the same; most differ in what is compared first.
fn discloses_the_same(one: &ColumnFacts, other: &ColumnFacts) -> bool {
    one.sources == other.sources
        && one.conditions == other.conditions
        && Told::new(one) == Told::new(other)
}

impl Analyzer<'_, '_> {
    /// Once rows are known that fill a table which they are made of: what that tells of
    /// the table's columns, and with it of the rows again.
    pub(super) fn fill_again(&mut self, rows: RelId) {
        let own = self.own.iter().filter(|own| own.rows == rows);
        let scans: Vec<RelId> = own.map(|own| own.scan).collect();
        let Some(first) = scans.iter().min().copied() else {
            return;
        };
        // Stopping between two rounds would lose base columns: all of them are made, or
        // none, and then the own columns stay base columns.
        let left = budget::left();
        let evaluation = self.began.saturating_sub(left);
        if left < evaluation.saturating_mul(ROUNDS as u64 + 2) {
            return;
        }
        for round in 0..=ROUNDS {
            let mut earlier = self.earlier_of(rows, &scans);
            let known = self.earlier.get(&first);
            if known.is_some_and(|known| known.is_as(&earlier)) {
                return;
            }
            if round == ROUNDS {
                let mut values: Vec<ColumnFacts> = earlier.columns.values().cloned().collect();
                each_tells_all(&mut values);
                earlier.columns = earlier.columns.into_keys().zip(values).collect();
            }
            for scan in &scans {
                self.earlier.insert(*scan, earlier.clone());
            }
            self.evaluate_again(first, RelId(rows.0 + 1));
        }
    }

    /// What the rows that fill a table tell of its columns.
    fn earlier_of(&self, rows: RelId, scans: &[RelId]) -> Earlier {
        let tables: FxHashSet<&TableName> = scans
            .iter()
            .filter_map(|scan| match &self.plan.relation(*scan).operator {
                Operator::Scan(table) => Some(&table.name),
                _ => None,
            })
            .collect();
        // The table's own base columns, by their names.
        let own: FxHashMap<BaseColumnId, String> = self
            .sources
            .iter()
            .filter(|(_, source)| tables.contains(&source.table))
            .map(|(id, source)| {
                let name = source.path.first();
                (
                    id,
                    name.map_or_else(String::new, |name| name.to_lowercase()),
                )
            })
            .collect();
        let mut columns: FxHashMap<String, ColumnFacts> = FxHashMap::default();
        for column in &self.plan.relation(rows).columns {
            let known = self.plan.column(*column);
            if known.rest.is_none() && !known.name.is_empty() {
                columns.insert(known.name.to_lowercase(), self.column(*column).clone());
            }
        }
        // A column that nothing but itself, or others like it, goes into was filled by
        // somebody else: it stays what it is.
        let mut filled: FxHashSet<String> = FxHashSet::default();
        loop {
            let before = filled.len();
            for (name, value) in &columns {
                let mut sources = value.sources.keys();
                let known = value.sources.is_empty()
                    || sources.any(|id| own.get(id).is_none_or(|name| filled.contains(name)));
                if known && !value.unknown && !filled.contains(name) {
                    filled.insert(name.clone());
                }
            }
            if filled.len() == before {
                break;
            }
        }
        columns.retain(|name, _| filled.contains(name));
        let gone: FxHashSet<BaseColumnId> = own
            .iter()
            .filter(|(_, name)| filled.contains(*name))
            .map(|(id, _)| *id)
            .collect();
        for value in columns.values_mut() {
            spend(1 + value.sources.len() / LOOKED_AT);
            value.sources.retain(|id, _| !gone.contains(id));
            value.conditions.retain(|id| !gone.contains(id));
            value
                .identities
                .retain(|identity| !gone.contains(&identity.source));
        }
        let records = self.relation(rows).records.iter();
        Earlier {
            columns,
            records: records
                .filter(|id| !own.contains_key(*id))
                .copied()
                .collect(),
        }
    }

    /// What is known of a table's columns where what fills it reads it.
    pub(super) fn of_earlier_runs(
        &mut self,
        scan: RelId,
        table: &ReadTable,
        facts: &mut RelationFacts,
    ) {
        if !self.own.iter().any(|own| own.scan == scan) {
            return;
        }
        let short = table.name.short();
        let assumptions = &mut facts.history_mut().assumptions;
        let unknown = format!("the table `{short}` is unknown");
        assumptions.retain(|assumed| !assumed.starts_with(&unknown));
        assumptions.insert(
            format!(
                "the statement that fills the table `{short}` reads it: its earlier rows are assumed to be rows of this statement, and to belong to single people"
            )
            .into(),
        );
        let Some(earlier) = self.earlier.get(&scan).cloned() else {
            return;
        };
        for (column, name) in &table.columns {
            let Some(told) = earlier.columns.get(&name.to_lowercase()) else {
                continue;
            };
            let mut value = self.column(*column).clone();
            // A field of it is not one of a base column.
            value.paths.clear();
            value.sources.clone_from(&told.sources);
            value.conditions.clone_from(&told.conditions);
            value.identities.clone_from(&told.identities);
            value.buckets.clone_from(&told.buckets);
            value.resolution = value.resolution.max(told.resolution);
            value.sketch = told.sketch;
            value.collection = told.collection;
            value.surrogate = told.surrogate;
            value.opaque.clone_from(&told.opaque);
            value.aggregated = told.aggregated;
            self.set(*column, value);
        }
        // A row of groups is no record that somebody sent.
        if !earlier.columns.is_empty() {
            facts.records = earlier.records;
        }
    }
}
