//! Rows that are joined back to large groups of the same table.
//!
//! An example is `FROM t JOIN (SELECT country FROM t GROUP BY country HAVING
//! COUNT(DISTINCT id) >= 5000) USING (country)`. The groups counted all rows of the
//! table, so each partition of its rows by the groups' keys is as large as its
//! group.

use std::collections::BTreeSet;

use super::analysis::Analyzer;
use super::dependency::Equation;
use super::numbering::Number;
use super::ordered::{OrderedMap, OrderedSet};
use super::partition::{Partition, PartitionId};
use super::relation::RelationFacts;
use super::source::BaseColumnId;
use crate::catalog::TableName;
use crate::plan::{Aggregate, ColId, Expr, ExprKind, ReadTable, RelId};
use crate::source::Span;

/// All rows of a table, each once, and the value numbers of its columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WholeTable {
    table: TableName,
    columns: Vec<(Number, BaseColumnId)>,
}

/// The groups of all rows of a table by some of its columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WholeGroups {
    table: TableName,
    keys: Vec<(Number, BaseColumnId)>,
}

impl WholeTable {
    /// Renames the columns to a reader's value numbers.
    pub(super) fn rename(&mut self, rename: &mut dyn FnMut(Number) -> Number) {
        let Self { table: _, columns } = self;
        for (number, _) in columns {
            *number = rename(*number);
        }
    }
}

impl WholeGroups {
    /// Renames the keys to a reader's value numbers.
    pub(super) fn rename(&mut self, rename: &mut dyn FnMut(Number) -> Number) {
        let Self { table: _, keys } = self;
        for (number, _) in keys {
            *number = rename(*number);
        }
    }
}

impl Analyzer<'_, '_> {
    /// Returns the table of a scan if each scan of it reads the same rows: a
    /// wildcard or another time may select others.
    pub(super) fn whole_table(&self, table: &ReadTable) -> Option<WholeTable> {
        if table.as_of.is_some() || table.is_pattern() {
            return None;
        }
        let columns = table
            .columns
            .iter()
            .filter_map(|(column, _)| Some((self.numbering.column(*column), self.base(*column)?)))
            .collect();
        Some(WholeTable {
            table: table.name.clone(),
            columns,
        })
    }

    /// The base column that a column equals.
    fn base(&self, column: ColId) -> Option<BaseColumnId> {
        match self.column(column).paths.as_slice() {
            [path] => Some(path.source),
            _ => None,
        }
    }

    /// The groups that a plain GROUP BY makes from all rows of a table.
    pub(super) fn whole_groups(
        &self,
        aggregate: &Aggregate,
        numbers: &[Number],
        input: &RelationFacts,
    ) -> Option<WholeGroups> {
        let whole = input.whole_table.as_ref()?;
        if !aggregate.sets.is_empty() || numbers.is_empty() {
            return None;
        }
        let keys: Option<Vec<(Number, BaseColumnId)>> = numbers
            .iter()
            .map(|key| {
                whole
                    .columns
                    .iter()
                    .find(|(number, _)| number == key)
                    .copied()
            })
            .collect();
        Some(WholeGroups {
            table: whole.table.clone(),
            keys: keys?,
        })
    }

    /// Adds the partitions of a table's rows that a join to its large groups keeps
    /// complete.
    ///
    /// The join is an inner join back to them, or a semi-join to a list of them.
    pub(super) fn rejoined(
        &mut self,
        listed: bool,
        ([left, right], columns): ([RelId; 2], [&BTreeSet<ColId>; 2]),
        (condition, merged): (Option<&Expr>, usize),
        equations: &[Equation],
        span: Span,
        facts: &mut RelationFacts,
    ) {
        for (rows, groups, of_groups) in [(left, right, true), (right, left, false)] {
            // A list of groups keeps rows of the table, but not vice versa.
            if listed && !of_groups {
                continue;
            }
            let own = if of_groups { columns[0] } else { columns[1] };
            let (Some(whole), Some(made)) = (
                self.relation(rows).whole_table.clone(),
                self.relation(groups).whole_groups.clone(),
            ) else {
                continue;
            };
            if whole.table != made.table {
                continue;
            }
            let grain: Option<OrderedSet<Number>> = made
                .keys
                .iter()
                .map(|(key, source)| {
                    let own = whole.columns.iter().find(|(_, known)| known == source)?;
                    let equated = equations.iter().any(|equation| {
                        if of_groups {
                            equation.joins(own.0, *key)
                        } else {
                            equation.joins(*key, own.0)
                        }
                    });
                    equated.then_some(own.0)
                })
                .collect();
            // Any other comparison of the table's rows removes some of them: of two
            // of its values with one key, or of another value.
            let compares = |conjunct: &&Expr| {
                let mut reads = false;
                conjunct.walk(&mut |part| {
                    reads |= part.as_column().is_some_and(|column| own.contains(&column))
                        || matches!(part.kind, ExprKind::Subquery(_) | ExprKind::Unknown(_));
                });
                reads
            };
            let conjuncts = condition.into_iter().flat_map(super::conjuncts);
            let compared = conjuncts.filter(compares).count() + merged;
            if compared != made.keys.len() || equations.len() < compared {
                continue;
            }
            if let Some(grain) = grain {
                self.add_complete_partition([rows, groups], grain, span, facts);
            }
        }
    }

    /// Adds the partitions of a table's rows, each as large as its group.
    fn add_complete_partition(
        &mut self,
        [rows, groups]: [RelId; 2],
        grain: OrderedSet<Number>,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        // Only the people of the table itself were counted in its groups.
        let people = &self.relation(groups).populations;
        let k = people.values().map(|people| people.k).min().unwrap_or(0);
        let pops: Vec<_> = self.relation(rows).populations.keys().copied().collect();
        let ([pop], true) = (pops.as_slice(), k >= 2) else {
            return;
        };
        let id = PartitionId(self.next_partition);
        self.next_partition = self.next_partition.saturating_add(1);
        facts.partitions.insert(
            id,
            Partition {
                grain,
                k: OrderedMap::from_iter([(*pop, k)]),
                counted: OrderedSet::new(),
                span,
            },
        );
    }
}
