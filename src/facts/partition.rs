//! Partition facts: what a count over a window proves about its partition
//! (`design/proof.md`, "Count facts").
//!
//! They raise no row's bucket. They serve a later grouping whose keys are functions
//! of the partition's keys, as long as every step in between keeps or drops whole
//! partitions.

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use super::lattice::PrivateInput;
use super::least::BoundTarget;
use super::loss::{BucketLoss, LossKind};
use super::mistake::Mutation;
use super::numbering::Number;
use super::ordered::{OrderedMap, OrderedSet};
use super::relation::RelationFacts;
use crate::plan::{Expr, ExprKind};
use crate::source::Span;

/// The id of a partition in an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionId(pub(super) u32);

/// The rows that agree in some values, all of them still present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The values in which they agree.
    pub grain: OrderedSet<Number>,
    /// Lower bounds on the people behind each partition.
    pub k: OrderedMap<PrivateInput, u64>,
    /// What each of its windows that counts people counts; `None` if that is not an
    /// unchanged value of a row.
    pub(super) counted: OrderedSet<Option<Number>>,
    /// The window.
    pub span: Span,
}

impl Partition {
    /// Lower bound on the people of the partition: the minimum over its
    /// populations; 0 if nothing is proven for one of them.
    pub fn proven(&self) -> u64 {
        self.k.values().copied().min().unwrap_or(0)
    }
}

impl RelationFacts {
    /// The people behind the partitions over which a value of single people's rows
    /// was measured; `u64::MAX` if it was measured over none.
    pub(super) fn behind_windows(&self, value: &ColumnFacts) -> u64 {
        let proven = |id: &PartitionId| Some(self.partitions.get(id)?.proven());
        let windows = value.windows.iter();
        windows
            .map(|id| id.as_ref().and_then(proven).unwrap_or(0))
            .min()
            .unwrap_or(u64::MAX)
    }
}

/// `value >= t` implies at least `t - slack` distinct people in the partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionCount {
    /// The partition.
    pub partition: PartitionId,
    /// The population whose people are counted.
    pub pop: PrivateInput,
    /// How many of the count may not be people.
    pub slack: u64,
}

impl Analyzer<'_, '_> {
    /// Returns the partition of a window; windows with the same keys share one.
    pub(super) fn partition(
        &mut self,
        grain: OrderedSet<Number>,
        span: Span,
        facts: &mut RelationFacts,
    ) -> PartitionId {
        if let Some((known, _)) = facts
            .partitions
            .iter()
            .find(|(_, partition)| partition.grain == grain)
        {
            return *known;
        }
        let id = PartitionId(self.next_partition);
        self.next_partition = self.next_partition.saturating_add(1);
        let partition = Partition {
            grain,
            k: OrderedMap::new(),
            counted: OrderedSet::new(),
            span,
        };
        facts.partitions.insert(id, partition);
        id
    }

    /// Keeps the partitions that a filter keeps or drops as a whole, and drops the
    /// others.
    ///
    /// A filter is that coarse if it is a function of the values in which their
    /// rows agree. A predicate that bounds a partition's count also raises its
    /// people.
    pub(super) fn filter_partitions(
        &mut self,
        predicate: &Expr,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        if facts.partitions.is_empty() {
            return;
        }
        // Each conjunct: the values it is a function of, and the value it requires
        // to be present.
        let conjuncts: Vec<(Option<Vec<Number>>, Option<Number>)> = super::conjuncts(predicate)
            .into_iter()
            .map(|conjunct| {
                let parts = self.numbering.leaves(conjunct);
                (parts, self.required_value(conjunct))
            })
            .collect();
        let pops: Vec<PrivateInput> = facts.populations.keys().copied().collect();
        for (id, mut partition) in std::mem::take(&mut facts.partitions) {
            let closure = facts
                .dependencies
                .closure(&self.numbering, partition.grain.iter().copied());
            let whole = conjuncts.iter().all(|(parts, there)| {
                // Only rows without a counted value are removed, and so no people.
                let nobody = there.is_some_and(|number| {
                    pops.len() == 1
                        && !partition.counted.is_empty()
                        && partition.counted.iter().all(|of| *of == Some(number))
                });
                let same = |parts: &Vec<Number>| parts.iter().all(|part| closure.has(*part));
                nobody || parts.as_ref().is_some_and(same)
            }) || self.mistake == Some(Mutation::FiltersKeepPartitions);
            for pop in &pops {
                let least = self.least(predicate, BoundTarget::Partition(id, *pop));
                let known = partition.k.entry(*pop).or_insert(0);
                *known = (*known).max(least);
            }
            if whole {
                facts.partitions.insert(id, partition);
            } else if partition.proven() >= 2 && !facts.has_loss_of(&partition) {
                facts.losses.push(
                    BucketLoss::new(LossKind::Thinned, partition.proven(), word, predicate.span)
                        .proven_at(partition.span),
                );
            }
        }
    }

    /// The people behind a value's partitions in rows for which a predicate holds.
    ///
    /// The bounds that the predicate itself sets on these partitions count, too.
    pub(super) fn behind_bounded_windows(
        &mut self,
        value: &ColumnFacts,
        predicate: &Expr,
        facts: &RelationFacts,
    ) -> u64 {
        let pops: Vec<PrivateInput> = facts.populations.keys().copied().collect();
        let mut least = u64::MAX;
        for over in &value.windows {
            let Some(id) = over else { return 0 };
            let known = facts.partitions.get(id).map_or(0, Partition::proven);
            let bounded = pops
                .iter()
                .map(|pop| self.least(predicate, BoundTarget::Partition(*id, *pop)))
                .min();
            least = least.min(known.max(bounded.unwrap_or(0)));
        }
        least
    }

    /// The value that a condition like `client_id IS NOT NULL` requires to be
    /// present.
    fn required_value(&mut self, conjunct: &Expr) -> Option<Number> {
        let ExprKind::Not(inner) = &conjunct.kind else {
            return None;
        };
        let ExprKind::IsNull(value) = &inner.kind else {
            return None;
        };
        self.numbering.expression(value)
    }

    /// Raises the people of groups that consist of whole partitions: each contains
    /// at least one partition.
    pub(super) fn group_partitions(
        &mut self,
        keys: &[Number],
        span: Span,
        input: &RelationFacts,
        facts: &mut RelationFacts,
    ) {
        for partition in input.partitions.values() {
            let closure = input
                .dependencies
                .closure(&self.numbering, partition.grain.iter().copied());
            if keys.iter().all(|key| closure.has(*key))
                || self.mistake == Some(Mutation::PartitionsBoundAnything)
            {
                for (pop, k) in &partition.k {
                    if let Some(people) = facts.populations.get_mut(pop) {
                        people.k = people.k.max(*k);
                    }
                }
            } else if partition.proven() >= 2 && !facts.has_loss_of(partition) {
                facts.losses.push(
                    BucketLoss::new(LossKind::OtherGrain, partition.proven(), "GROUP BY", span)
                        .proven_at(partition.span),
                );
            }
        }
    }
}
