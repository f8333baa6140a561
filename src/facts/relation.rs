//! Facts about the rows of a relation.

use std::rc::Rc;

use super::cell::{BoundedMeasure, ConditionalBound};
use super::column::{Identity, SharedFacts};
use super::comparison::MeasureComparisons;
use super::dependency::Dependencies;
use super::fold::Fold;
use super::history::{FilterUse, History};
use super::influence::PresenceDecision;
use super::lattice::{PrivateInput, Rows};
use super::loss::{BucketLoss, LossKind};
use super::members::Members;
use super::ordered::{OrderedMap, OrderedSet};
use super::partition::{Partition, PartitionId};
use super::rejoin::{WholeGroups, WholeTable};
use super::source::BaseColumnId;
use crate::budget;
use crate::plan::ColId;
use crate::source::Span;

/// The people of one private input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// Lower bound on the distinct people that each row stands for.
    pub k: u64,
    /// The table that they come from, for messages.
    pub table: Rc<str>,
    /// The column that identifies them, if it is known.
    pub unit: Option<Rc<str>>,
    /// Whether only conditions read these people: the rows depend on them, but do
    /// not contain their data.
    pub implied: bool,
    /// Whether the table is in no registry and made by no query that is known: that
    /// its rows belong to people is an assumption.
    pub unregistered: bool,
    /// The two populations, if this one stands for the pairs of people that a join
    /// combined: a counted person of one side may have a single partner on the
    /// other. It is removed once both are the same people in all rows, and bounds
    /// nothing until pairs are grouped.
    pub(super) between: Option<PopulationPair>,
}

/// Pairs of people whom a join combined in one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PopulationPair {
    /// The populations of the two sides.
    pub(super) pops: [PrivateInput; 2],
    /// The join.
    pub(super) span: Span,
}

/// A group key, or a column that distinguishes individual rows.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupKey {
    /// The column of the output.
    pub column: ColId,
    /// Its name, for messages.
    pub name: Rc<str>,
    /// The facts of its values.
    pub facts: SharedFacts,
    /// The expression in the text.
    pub span: Span,
}

/// Why rows are individual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndividualReason {
    /// The reason in words, for messages.
    pub why: Rc<str>,
    /// The place that makes them individual.
    pub span: Span,
    /// Whether this is only assumed, because a part of the text could not be read.
    pub unread: bool,
    /// The table that is in no registry, if that alone is why they are taken to be.
    pub unregistered: Option<Rc<str>>,
}

/// Facts about the rows of a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationFacts {
    /// What a row stands for.
    pub rows: Rows,
    /// The reason, if the rows are individual.
    pub individual_reason: Option<IndividualReason>,
    /// The level that the registry declares for a table that was read, if any.
    pub registered_level: Option<u8>,
    /// The populations behind each row.
    pub populations: OrderedMap<PrivateInput, Population>,
    /// The keys of the last grouping; `None` if nothing was grouped.
    pub keys: Option<Vec<GroupKey>>,
    /// Unique keys and functional dependencies of the values in a row.
    pub dependencies: Rc<Dependencies>,
    /// Set if the rows are members of an array of the surrounding row.
    pub members: Option<Members>,
    /// Partitions of windows whose rows are all still present.
    pub partitions: OrderedMap<PartitionId, Partition>,
    /// Labels into which small groups were folded.
    pub folds: Vec<Fold>,
    /// Lower bounds on the people of a row for whom conditions hold.
    pub proven: Vec<ConditionalBound>,
    /// Measured values with a bound, each of one of the groups that a row is made
    /// of.
    ///
    /// They carry lower bounds on the people of that group.
    pub(super) bounded: Vec<BoundedMeasure>,
    /// What decides whether rows without people are present: its coverage, and the
    /// people behind it.
    pub(super) decided: PresenceDecision,
    /// The table, if the rows are all of its rows, each once.
    pub(super) whole_table: Option<WholeTable>,
    /// The table, if the rows are some or all of the groups of all its rows.
    pub(super) whole_groups: Option<WholeGroups>,
    /// Steps that lost a proven bucket.
    pub losses: Vec<BucketLoss>,
    /// What the rows went through: filters, conditions, sources.
    pub history: Rc<History>,
    /// The tables whose records the rows are: a count of rows counts these records.
    pub records: OrderedSet<BaseColumnId>,
    /// Measured values that conditions compared: they decide which rows are
    /// present.
    pub(super) compared: MeasureComparisons,
    /// Base columns that a model was trained on.
    pub trained_on: OrderedSet<BaseColumnId>,
    /// Identifiers that are published inside something without columns: the weights
    /// of a model may print them.
    pub inside: Vec<Identity>,
    /// Whether one person may have several rows because of their content: rows of a
    /// table beside a part of itself, or one row for each member of a person's
    /// list.
    pub(super) repeated: bool,
}

impl RelationFacts {
    /// Returns the facts of rows that come from no data.
    pub(super) fn impersonal() -> Self {
        Self {
            rows: Rows::Impersonal,
            individual_reason: None,
            registered_level: None,
            populations: OrderedMap::new(),
            keys: None,
            dependencies: Rc::default(),
            members: None,
            partitions: OrderedMap::new(),
            folds: Vec::new(),
            proven: Vec::new(),
            bounded: Vec::new(),
            decided: PresenceDecision::default(),
            whole_table: None,
            whole_groups: None,
            losses: Vec::new(),
            history: Rc::default(),
            records: OrderedSet::new(),
            compared: MeasureComparisons::default(),
            trained_on: OrderedSet::new(),
            inside: Vec::new(),
            repeated: false,
        }
    }

    /// Returns the facts of a statement that was not understood.
    ///
    /// Its rows may belong to single people, and nothing is proven about them.
    pub fn unknown() -> Self {
        Self {
            rows: Rows::Individual,
            populations: OrderedMap::from_iter([(
                PrivateInput(0),
                Population {
                    k: 0,
                    table: "".into(),
                    unit: None,
                    implied: false,
                    unregistered: false,
                    between: None,
                },
            )]),
            ..Self::impersonal()
        }
    }

    /// Lower bound on the distinct people that each row stands for: the minimum
    /// over its populations; `None` if no people are behind the rows.
    pub fn k(&self) -> Option<u64> {
        self.populations
            .values()
            .map(|population| population.k)
            .min()
    }

    /// Like [`Self::k`], but for all rows except a residual ("Other"): if small
    /// groups were folded and grouped again, the bound of the fold counts.
    pub fn bucket(&self) -> Option<u64> {
        self.populations
            .iter()
            .map(|(pop, population)| {
                self.folds
                    .iter()
                    .filter(|fold| fold.pooled && fold.pop == *pop)
                    .map(|fold| fold.k)
                    .fold(population.k, u64::max)
            })
            .min()
    }

    /// Counts the facts that no other relation shares; the budget is charged for
    /// them.
    pub(super) fn size(&self) -> usize {
        let own = [
            self.populations.len(),
            self.keys.as_ref().map_or(0, Vec::len),
            self.partitions.len(),
            self.folds.len(),
            self.proven.len(),
            self.bounded.len(),
            self.losses.len(),
            self.records.len(),
            self.trained_on.len(),
            self.inside.len(),
        ];
        let dependencies = match Rc::strong_count(&self.dependencies) {
            1 => self.dependencies.size(),
            _ => 0,
        };
        let history = match Rc::strong_count(&self.history) {
            1 => self.history.size(),
            _ => 0,
        };
        own.iter().sum::<usize>() + dependencies + history
    }

    /// Forgets all partitions, because a step (LIMIT, a sample, a join) may remove
    /// a part of one; a partition with a proven bucket leaves a loss.
    pub(super) fn cut_partitions(&mut self, word: &'static str, span: Span) {
        for (_, partition) in std::mem::take(&mut self.partitions) {
            if partition.proven() >= 2 && !self.has_loss_of(&partition) {
                self.losses.push(
                    BucketLoss::new(LossKind::Thinned, partition.proven(), word, span)
                        .proven_at(partition.span),
                );
            }
        }
    }

    /// Whether a loss already says that what a partition proves does not hold for
    /// these rows: so it is after a join to a list of large groups.
    pub(super) fn has_loss_of(&self, partition: &Partition) -> bool {
        let mut losses = self.losses.iter();
        losses.any(|loss| loss.kind == LossKind::OtherGrain && loss.span == partition.span)
    }

    /// The fold whose residual rows are the only ones without the proven bucket.
    pub fn residual(&self) -> Option<&Fold> {
        let bucket = self.bucket().filter(|k| *k >= 2)?;
        self.populations
            .iter()
            .filter(|(_, people)| people.k < bucket)
            .find_map(|(pop, _)| {
                self.folds
                    .iter()
                    .filter(|fold| fold.pooled && fold.pop == *pop)
                    .max_by_key(|fold| fold.k)
            })
    }

    /// The history, for changes; it is copied first if another relation shares it.
    pub(super) fn history_mut(&mut self) -> &mut History {
        Rc::make_mut(&mut self.history)
    }

    /// Notes that base columns decide which rows are present. Most are known
    /// already, and then the history stays shared.
    pub(super) fn decided_by(&mut self, sources: &OrderedSet<BaseColumnId>) {
        if !self.history.indirect.is_superset(sources) {
            self.history_mut().indirect.extend(sources);
        }
    }

    /// Notes that a predicate over base columns decides which rows are present.
    pub(super) fn filtered_by(&mut self, filter: FilterUse) {
        if filter.unknown || !filter.sources.is_empty() {
            self.history_mut().filtered(filter);
        }
    }

    /// Adds what a joined relation brings besides its columns: its history, losses,
    /// registered level, and what decides about its rows.
    pub(super) fn beside(&mut self, other: &Self) {
        History::add(&mut self.history, &other.history);
        budget::spend(self.losses.len().saturating_mul(other.losses.len()) / 64);
        for loss in &other.losses {
            if !self.losses.contains(loss) {
                self.losses.push(loss.clone());
            }
        }
        self.registered_level = self.registered_level.max(other.registered_level);
        self.decided.add(&other.decided);
    }

    /// Joins what a row stands for with another relation's rows: the maximum of
    /// both.
    pub(super) fn join_row_kinds(&mut self, other: &Self) {
        if other.rows > self.rows || (other.rows == self.rows && self.individual_reason.is_none()) {
            self.individual_reason.clone_from(&other.individual_reason);
        }
        self.rows = self.rows.max(other.rows);
    }
}
