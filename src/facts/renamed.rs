//! Renaming of each type of facts. Each is destructured without `..`, so that a new
//! field with a name cannot be forgotten here.

use std::rc::Rc;

use super::cell::{BoundedMeasure, Cell, ConditionalBound, PeopleSubset};
use super::column::{BasePath, ColumnFacts, Counted, UnitValue};
use super::count::CountFact;
use super::coverage::{Coverage, Measure};
use super::dependency::{Dependencies, Dependency, Equation, UniqueKey, UnitColumn};
use super::fold::Fold;
use super::influence::{Influence, PresenceDecision};
use super::loss::BucketLoss;
use super::partition::{Partition, PartitionCount};
use super::relation::{GroupKey, Population, PopulationPair, RelationFacts};
use super::renaming::Renaming;

impl ColumnFacts {
    /// Renames everything that it refers to.
    pub(super) fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            sources: _,
            conditions: _,
            identities: _,
            resolution: _,
            aggregated: _,
            sketch: _,
            collection: _,
            single: _,
            coverage,
            cells,
            influences,
            feeds: _,
            each: _,
            total: _,
            when,
            certain,
            there,
            windows,
            moved: _,
            presence_comparisons,
            buckets: _,
            literal: _,
            at_most_one: _,
            surrogate: _,
            rest: _,
            opaque: _,
            unknown: _,
            secret: _,
            constant: _,
            personal: _,
            unit,
            count,
            fields,
            paths,
            as_stored: _,
            length,
            reshaped: _,
            elements: _,
            collated: _,
            intervals: _,
        } = self;
        coverage.rename(to);
        if let Some(rows) = presence_comparisons {
            Rc::make_mut(rows).rename(to);
        }
        for cell in cells {
            cell.rename(to);
        }
        for influence in influences {
            influence.rename(to);
        }
        for conditions in [when, certain, there] {
            to.conditions(conditions);
        }
        if !windows.is_empty() {
            *windows = windows
                .iter()
                .map(|over| over.map(|id| to.partition(id)))
                .collect();
        }
        if let Some(unit) = unit {
            Rc::make_mut(unit).rename(to);
        }
        for count in count.iter_mut().chain(length) {
            Rc::make_mut(count).rename(to);
        }
        for (_, field) in fields {
            *field = to.shared(field);
        }
        for path in paths {
            path.rename(to);
        }
    }
}

impl BasePath {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self { source: _, pop } = self;
        *pop = pop.map(|pop| to.pop(pop));
    }
}

impl UnitValue {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            pop,
            name: _,
            // It distinguishes two columns of one table, and two readings have the
            // same.
            identifier: _,
            function: _,
            constants: _,
        } = self;
        *pop = to.pop(*pop);
    }
}

impl Counted {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            what: _,
            kind: _,
            span: _,
            undeclared: _,
            people,
            partitions,
        } = self;
        for fact in people {
            fact.rename(to);
        }
        for fact in partitions {
            fact.rename(to);
        }
    }
}

impl CountFact {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            pop,
            identifier: _,
            slack: _,
            conditions,
            counted,
            alone: _,
            groups,
        } = self;
        *pop = to.pop(*pop);
        to.conditions(conditions);
        *counted = counted.map(|number| to.number(number));
        if let Some(groups) = groups {
            groups.rename(&mut |number| to.number(number));
        }
    }
}

impl PartitionCount {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            partition,
            pop,
            slack: _,
        } = self;
        *partition = to.partition(*partition);
        *pop = to.pop(*pop);
    }
}

impl Coverage {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        match self {
            Self::Measured(measures) | Self::Listed(measures) | Self::Collected(measures) => {
                for measure in measures {
                    measure.rename(to);
                }
            }
            Self::Uncovered(_) | Self::NoData | Self::Label => {}
        }
    }
}

impl Measure {
    pub(super) fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            id,
            group,
            whole: _,
            // Together with its group, it identifies the same part.
            part: _,
            shared: _,
            adds: _,
            down: _,
            last: _,
            plain: _,
        } = self;
        *id = to.measure(*id);
        *group = group.map(|group| to.measure(group));
    }
}

impl Cell {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            among,
            floor: _,
            span: _,
            measure,
        } = self;
        match among {
            PeopleSubset::Where(conditions) => to.conditions(conditions),
            PeopleSubset::OneRow => {}
        }
        *measure = measure.map(|measure| to.measure(measure));
    }
}

impl Influence {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            pop,
            k: _,
            table: _,
            span: _,
        } = self;
        *pop = to.pop(*pop);
    }
}

impl RelationFacts {
    /// Renames everything that it refers to.
    pub(super) fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            rows: _,
            individual_reason: _,
            registered_level: _,
            populations,
            keys,
            dependencies,
            members: _,
            partitions,
            folds,
            proven,
            bounded,
            decided,
            whole_table,
            whole_groups,
            losses,
            // The history is only reported.
            history: _,
            records: _,
            compared,
            trained_on: _,
            inside: _,
            repeated: _,
        } = self;
        compared.rename(to);
        *populations = std::mem::take(populations)
            .into_iter()
            .map(|(pop, mut people)| {
                people.rename(to);
                (to.pop(pop), people)
            })
            .collect();
        for key in keys.iter_mut().flatten() {
            key.rename(to);
        }
        Rc::make_mut(dependencies).rename(to);
        *partitions = std::mem::take(partitions)
            .into_iter()
            .map(|(id, mut partition)| {
                partition.rename(to);
                (to.partition(id), partition)
            })
            .collect();
        for fold in folds {
            fold.rename(to);
        }
        for proven in proven {
            proven.rename(to);
        }
        for bounded in bounded {
            bounded.rename(to);
        }
        decided.rename(to);
        if let Some(whole) = whole_table {
            whole.rename(&mut |number| to.number(number));
        }
        if let Some(whole) = whole_groups {
            whole.rename(&mut |number| to.number(number));
        }
        for loss in losses {
            loss.rename(to);
        }
    }
}

impl Population {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            k: _,
            table: _,
            unit: _,
            implied: _,
            unregistered: _,
            between,
        } = self;
        if let Some(PopulationPair { pops, span: _ }) = between {
            *pops = pops.map(|pop| to.pop(pop));
        }
    }
}

impl GroupKey {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            column,
            name: _,
            facts,
            span: _,
        } = self;
        // A projection in between may have given its value another column.
        if let Some(new) = to.columns.get(&to.numbering.column(*column)) {
            *column = *new;
        }
        *facts = to.shared(facts);
    }
}

impl Dependencies {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            keys,
            determined,
            fixed,
            equal,
            not_null,
            units,
        } = self;
        for UniqueKey { columns, nulls: _ } in keys {
            to.set(columns);
        }
        for Dependency { by, maker } in determined {
            to.set(by);
            *maker = to.maker(*maker);
        }
        to.set(fixed);
        for Equation {
            left,
            right,
            null_safe: _,
        } in equal
        {
            *left = to.number(*left);
            *right = to.number(*right);
        }
        to.set(not_null);
        for UnitColumn {
            number,
            value,
            total: _,
        } in units
        {
            *number = to.number(*number);
            Rc::make_mut(value).rename(to);
        }
    }
}

impl Partition {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            grain,
            k,
            counted,
            span: _,
        } = self;
        to.set(grain);
        *k = std::mem::take(k)
            .into_iter()
            .map(|(pop, k)| (to.pop(pop), k))
            .collect();
        *counted = std::mem::take(counted)
            .into_iter()
            .map(|counted| counted.map(|number| to.number(number)))
            .collect();
    }
}

impl Fold {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            label,
            residual: _,
            pop,
            k: _,
            partition,
            hides,
            shows,
            decided,
            pooled: _,
            span: _,
        } = self;
        *label = to.number(*label);
        if let Some(decided) = decided {
            decided.condition = to.number(decided.condition);
        }
        *pop = to.pop(*pop);
        *partition = partition.map(|partition| to.partition(partition));
        to.set(hides);
        to.set(shows);
    }
}

impl ConditionalBound {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            conditions,
            pop,
            k: _,
        } = self;
        to.conditions(conditions);
        *pop = to.pop(*pop);
    }
}

impl BoundedMeasure {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self { measure, k: _ } = self;
        *measure = to.measure(*measure);
    }
}

impl PresenceDecision {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self { coverage, floor: _ } = self;
        coverage.rename(to);
    }
}

impl BucketLoss {
    fn rename(&mut self, to: &mut Renaming<'_>) {
        let Self {
            kind: _,
            k: _,
            word: _,
            span: _,
            at: _,
            grain,
        } = self;
        to.set(grain);
    }
}
