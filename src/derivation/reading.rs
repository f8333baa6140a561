//! Numbers for several readings of one table in one row.
//!
//! They distinguish the columns of one reading from those of another. The numbers
//! must not depend on aliases or on the order of a join. Therefore several orders
//! are tried, and the one with the lexicographically first text is used. Beyond the
//! limits below, the order of the plan is used: that may cause a false alarm, but no
//! leak.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::plan::{ExprKind, Operator, Plan, RelId};

/// The number of each reading, if its table is read several times in a row.
pub(super) type ReadingNumbers = FxHashMap<RelId, usize>;

/// Largest number of readings in one row for which all orders are tried.
const TRIED: usize = 4;
/// Largest number of rows with several readings for which orders are tried.
const SCOPES: usize = 12;
/// Largest plan, in relations, for which orders are tried.
const LARGEST: usize = 1_500;

/// Returns the readings of the same tables in one row, for each row with several.
pub(super) fn readings(plan: &Plan, root: RelId) -> Vec<Vec<RelId>> {
    let mut scopes = RowScopes {
        plan,
        uses: FxHashMap::default(),
        tables: FxHashMap::default(),
    };
    let all = plan.below(root);
    let mut inside = BTreeSet::new();
    for id in &all {
        let operator = &plan.relation(*id).operator;
        for read in operator.inputs().into_iter().chain(operator.subqueries()) {
            *scopes.uses.entry(read).or_default() += 1;
        }
    }
    for id in &all {
        inside.extend(scopes.around(*id));
    }
    let mut found: Vec<Vec<RelId>> = Vec::new();
    for id in all.iter().filter(|id| !inside.contains(id)) {
        let mut leaves = Vec::new();
        scopes.leaves(*id, &mut leaves);
        found.extend(scopes.alike(leaves));
    }
    found.sort();
    found.dedup();
    found
}

/// Numbers the readings so that `text` is lexicographically first.
///
/// The rows with several readings are optimized one after another, not together.
pub(super) fn numbered(
    plan: &Plan,
    readings: &[Vec<RelId>],
    mut text: impl FnMut(&ReadingNumbers) -> String,
) -> ReadingNumbers {
    let mut marks = ReadingNumbers::default();
    for several in readings {
        for (at, id) in several.iter().enumerate() {
            marks.insert(*id, at + 1);
        }
    }
    if readings.is_empty() || plan.relation_count() > LARGEST {
        return marks;
    }
    let mut best = text(&marks);
    for several in readings.iter().take(SCOPES) {
        if several.len() > TRIED {
            continue;
        }
        for order in orders(several.len()) {
            let mut tried = marks.clone();
            for (id, at) in several.iter().zip(&order) {
                tried.insert(*id, at + 1);
            }
            let shown = text(&tried);
            if shown < best {
                (best, marks) = (shown, tried);
            }
        }
    }
    marks
}

/// Returns all permutations of `0..count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new()];
    for next in 0..count {
        found = found
            .iter()
            .flat_map(|order: &Vec<usize>| {
                (0..=order.len()).map(move |at| {
                    let mut order = order.clone();
                    order.insert(at, next);
                    order
                })
            })
            .collect();
    }
    found
}

struct RowScopes<'a> {
    plan: &'a Plan,
    /// Number of readers of each relation.
    uses: FxHashMap<RelId, usize>,
    /// The tables below each relation.
    tables: FxHashMap<RelId, BTreeSet<String>>,
}

impl RowScopes<'_> {
    /// Returns the relations whose rows are parts of the rows of a relation.
    fn around(&self, id: RelId) -> Vec<RelId> {
        let operator = &self.plan.relation(id).operator;
        let mut found = match operator {
            Operator::Filter { input, .. }
            | Operator::Project { input, .. }
            | Operator::Window { input, .. }
            | Operator::Sort { input, .. }
            | Operator::Limit { input, .. } => vec![*input],
            Operator::Unnest { input, .. } => input.iter().copied().collect(),
            Operator::Join { left, right, .. } => vec![*left, *right],
            Operator::Reader { of, .. } if self.uses.get(of) == Some(&1) => vec![*of],
            Operator::Scan(_)
            | Operator::Rows(_)
            | Operator::Aggregate(_)
            | Operator::SetOperation { .. }
            | Operator::Reader { .. }
            | Operator::Recursion { .. }
            | Operator::Loop { .. }
            | Operator::Model { .. }
            | Operator::Opaque { .. } => return Vec::new(),
        };
        // A correlated subquery compares its rows with the outer row.
        for value in operator.expressions() {
            value.walk(&mut |part| {
                if let ExprKind::Subquery(subquery) = &part.kind
                    && !subquery.outer.is_empty()
                {
                    found.push(subquery.relation);
                }
            });
        }
        found
    }

    /// Collects the scans, groupings and other sources whose rows are parts of one
    /// row.
    fn leaves(&self, id: RelId, into: &mut Vec<RelId>) {
        let parts = self.around(id);
        if parts.is_empty() {
            if !into.contains(&id) {
                into.push(id);
            }
            return;
        }
        for part in parts {
            self.leaves(part, into);
        }
    }

    /// Returns the classes of leaves that read the same tables.
    fn alike(&mut self, leaves: Vec<RelId>) -> Vec<Vec<RelId>> {
        if leaves.len() < 2 {
            return Vec::new();
        }
        let mut by_table: BTreeMap<String, Vec<RelId>> = BTreeMap::new();
        for id in leaves {
            for table in self.tables(id) {
                by_table.entry(table).or_default().push(id);
            }
        }
        // Sharing a table is transitive: classes with a common member are merged.
        let mut classes: Vec<BTreeSet<RelId>> = Vec::new();
        for several in by_table.into_values().filter(|all| all.len() > 1) {
            let mut class: BTreeSet<RelId> = several.into_iter().collect();
            classes.retain(|known| {
                let apart = known.is_disjoint(&class);
                if !apart {
                    class.extend(known.iter().copied());
                }
                apart
            });
            classes.push(class);
        }
        let lists = classes.into_iter().map(|class| class.into_iter().collect());
        lists.collect()
    }

    fn tables(&mut self, id: RelId) -> BTreeSet<String> {
        if let Some(known) = self.tables.get(&id) {
            return known.clone();
        }
        let operator = &self.plan.relation(id).operator;
        let mut found = BTreeSet::new();
        match operator {
            Operator::Scan(table) => {
                found.insert(table.name.to_string().to_lowercase());
            }
            Operator::Rows(rows) if !rows.iter().all(Vec::is_empty) => {
                found.insert(format!("rows {}", id.0));
            }
            // Items that are written in the query.
            Operator::Unnest {
                input: None, array, ..
            } => {
                let mut read = false;
                array.walk(&mut |part| read |= part.as_column().is_some());
                if !read {
                    found.insert("items".to_owned());
                }
            }
            _ => {
                for input in operator.inputs() {
                    found.extend(self.tables(input));
                }
                if let (Operator::Opaque { why, .. }, true) = (operator, found.is_empty()) {
                    found.insert(format!("unknown {why}"));
                }
            }
        }
        self.tables.insert(id, found.clone());
        found
    }
}
