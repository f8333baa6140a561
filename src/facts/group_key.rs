//! Keys of groups: what a label tells of the rows that it labels.

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use super::count::Grouping;
use super::lattice::Rows;
use super::numbering::Number;
use super::relation::{Individually, Key, RelationFacts};
use crate::plan::{ColId, Expr, ExprKind};
use crate::source::Span;

impl Analyzer<'_, '_> {
    /// A key labels its groups: where it depends on people of other rows, or was
    /// read from them, the groups do too.
    pub(super) fn key_decides(
        &mut self,
        value: &ColumnFacts,
        span: Span,
        numbers: &[Number],
        folded: u64,
        input: &RelationFacts,
        facts: &mut RelationFacts,
    ) {
        self.depend_on(&value.influences.clone(), "GROUP BY", facts);
        if input.populations.is_empty() {
            return;
        }
        let floor = match input.rows {
            Rows::Individual if value.is_own() => return,
            Rows::Individual if self.is_of_whole_partition(value, numbers, input) => return,
            Rows::Individual => 0,
            Rows::Impersonal | Rows::Model | Rows::Aggregated => input.behind_answer(value),
        };
        // A fold speaks of its own count: what else it compares has its own people.
        let counts_alone =
            value.cells.is_empty() && value.single.is_none() && !value.coverage.is_uncovered();
        let floor = if counts_alone {
            floor.max(folded)
        } else {
            floor
        };
        self.lower(floor, span, "GROUP BY", facts);
    }

    /// Whether a value counts a window's partition, and groups by some values are
    /// whole partitions.
    fn is_of_whole_partition(
        &self,
        value: &ColumnFacts,
        numbers: &[Number],
        input: &RelationFacts,
    ) -> bool {
        let counts = value.count.iter().flat_map(|count| &count.partitions);
        let mut partitions = counts.filter_map(|count| input.partitions.get(&count.partition));
        let whole = value.cells.is_empty() && value.single.is_none();
        whole
            && !value.coverage.is_uncovered()
            && partitions.any(|partition| {
                let closure = input
                    .dependencies
                    .closure(&self.numbering, partition.grain.iter().copied());
                numbers.iter().all(|number| closure.has(*number))
            })
    }

    /// Whether the rows of a group are one person's.
    pub(super) fn is_of_one_person(&self, input: &RelationFacts, grouping: &Grouping<'_>) -> bool {
        let mut sets = grouping.sets.iter();
        sets.all(|set| self.is_one_person(input, set.iter().copied()))
    }

    /// Whether rows that agree in some values are those of one person, of each
    /// population that stands in them.
    pub(super) fn is_one_person(
        &self,
        rows: &RelationFacts,
        agree: impl IntoIterator<Item = Number>,
    ) -> bool {
        let closure = rows.dependencies.closure(&self.numbering, agree);
        let mut people = rows
            .populations
            .iter()
            .filter(|(_, people)| !people.implied);
        people.all(|(pop, _)| {
            let pop = self.populations.find(*pop);
            let mut units = rows.dependencies.units.iter();
            units.any(|unit| {
                // NULL is nobody, unless a join put it there.
                let named = rows.dependencies.not_null.contains(&unit.number)
                    || !self.numbering.is_extended(unit.number);
                unit.constants == 0
                    && named
                    && self.populations.find(unit.pop) == pop
                    && closure.has(unit.number)
            })
        })
    }

    /// The name of a key: its column's, else its source's.
    pub(super) fn key_name(&self, column: ColId, expr: &Expr) -> String {
        let name = &self.plan.column(column).name;
        if !name.is_empty() {
            return name.clone();
        }
        let mut found = String::new();
        expr.walk(&mut |part| {
            if let ExprKind::Column(column) = part.kind
                && found.is_empty()
            {
                found.clone_from(&self.plan.column(column).name);
            }
        });
        found
    }
}

/// Why groups by a key are single people or records.
pub(super) fn individual_key(key: &Key) -> Option<Individually> {
    let name = &key.name;
    let why = if let Some(identity) = key.facts.identities.first() {
        let what = if identity.person {
            "a person"
        } else {
            "a single record"
        };
        format!("it is grouped by `{name}`, which names {what}")
    } else if key.facts.surrogate.is_some() {
        format!("it is grouped by `{name}`, which tells rows apart")
    } else if key.facts.collection.is_some() {
        format!("it is grouped by `{name}`, a collection of individual rows' values")
    } else if key.facts.rest.is_some() {
        format!("it is grouped by `{name}`, all the columns of a table that no schema tells")
    } else if key.facts.unknown {
        format!("it is grouped by `{name}`, of which a part is not understood")
    } else {
        return None;
    };
    Some(Individually {
        why: why.into(),
        span: key.span,
    })
}
