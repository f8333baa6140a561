//! What is known of the rows of a relation.

use std::rc::Rc;

use super::cell::{Bounded, Proven};
use super::column::{Identity, SharedFacts};
use super::comparison::Compared;
use super::dependency::Dependencies;
use super::fold::Fold;
use super::history::{FilterUse, History};
use super::influence::Decided;
use super::lattice::{Pop, Rows};
use super::loss::{Loss, LossKind};
use super::members::Members;
use super::ordered::{OrderedMap, OrderedSet};
use super::partition::{Partition, PartitionId};
use super::rejoin::{WholeGroups, WholeTable};
use super::source::SourceId;
use crate::budget;
use crate::plan::ColId;
use crate::source::Span;

/// The people of one private input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// Distinct people that each row is proven to stand for.
    pub k: u64,
    /// The table that they came from, for messages.
    pub table: Rc<str>,
    /// The column that names them, where it is known.
    pub unit: Option<Rc<str>>,
    /// Whether conditions alone read them: the rows depend on them, and they do
    /// not stand in these.
    pub implied: bool,
    /// Whether the table is in no registry and made by no query that is known: that
    /// its rows belong to people is an assumption.
    pub unregistered: bool,
    /// The two populations, where it stands for the pairs that a join made of
    /// their people: who is counted on one side may have a single partner on the
    /// other. It is gone once they are the same people in all rows, and bounds
    /// nothing until pairs are grouped.
    pub(super) between: Option<Between>,
}

/// Pairs of people whom a join put into one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Between {
    /// Whose.
    pub(super) pops: [Pop; 2],
    /// The join.
    pub(super) span: Span,
}

/// A group key, or a column that tells individual rows apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The column that comes out of the grouping.
    pub column: ColId,
    /// What it is called.
    pub name: Rc<str>,
    /// What is known of it.
    pub facts: SharedFacts,
    /// Where it was written.
    pub span: Span,
}

/// Why rows are individual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Individually {
    /// In words.
    pub why: Rc<str>,
    /// Where.
    pub span: Span,
    /// Whether they are only taken to be: a part of the text could not be read.
    pub unread: bool,
    /// The table that is in no registry, if that alone is why they are taken to be.
    pub unregistered: Option<Rc<str>>,
}

/// What is known of the rows of a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationFacts {
    /// What a row stands for.
    pub rows: Rows,
    /// Why they are individual, where they are.
    pub individually: Option<Individually>,
    /// The level that the registry gives a table that was read, if any.
    pub registered_level: Option<u8>,
    /// The populations behind each row.
    pub populations: OrderedMap<Pop, Population>,
    /// The keys of the last grouping; `None` before any.
    pub keys: Option<Vec<Key>>,
    /// How the values in a row depend on one another.
    pub dependencies: Rc<Dependencies>,
    /// Where the rows are members of an array of the row around.
    pub members: Option<Members>,
    /// Partitions of windows of which all rows are still here.
    pub partitions: OrderedMap<PartitionId, Partition>,
    /// Labels into which small groups were folded.
    pub folds: Vec<Fold>,
    /// People of a row for whom conditions hold, proven.
    pub proven: Vec<Proven>,
    /// Measured values that stand for one of the groups that a row is made of, and
    /// the people of that group, proven.
    pub(super) bounded: Vec<Bounded>,
    /// What decides whether rows are there that are nobody's: the coverage of it,
    /// and the people behind it.
    pub(super) decided: Decided,
    /// The table of which these are all rows, each once.
    pub(super) whole_table: Option<WholeTable>,
    /// The table of which these are groups of all rows, some or all of them.
    pub(super) whole_groups: Option<WholeGroups>,
    /// Where a proven bucket was lost again.
    pub losses: Vec<Loss>,
    /// What happened to the rows on their way here.
    pub history: Rc<History>,
    /// The tables whose records these rows are: a count of rows counts them.
    pub records: OrderedSet<SourceId>,
    /// Measured values that conditions have compared: the rows are there by them.
    pub(super) compared: Compared,
    /// Base columns that a model is made of.
    pub trained_on: OrderedSet<SourceId>,
    /// Identifiers that are published inside something that has no columns: a
    /// model's weights may print them.
    pub inside: Vec<Identity>,
    /// Whether one person may have several rows by what they hold: those of a table
    /// beside a part of itself, or a row for each member of a list of theirs.
    pub(super) repeated: bool,
}

impl RelationFacts {
    /// Rows from no data.
    pub(super) fn impersonal() -> Self {
        Self {
            rows: Rows::Impersonal,
            individually: None,
            registered_level: None,
            populations: OrderedMap::new(),
            keys: None,
            dependencies: Rc::default(),
            members: None,
            partitions: OrderedMap::new(),
            folds: Vec::new(),
            proven: Vec::new(),
            bounded: Vec::new(),
            decided: Decided::default(),
            whole_table: None,
            whole_groups: None,
            losses: Vec::new(),
            history: Rc::default(),
            records: OrderedSet::new(),
            compared: Compared::default(),
            trained_on: OrderedSet::new(),
            inside: Vec::new(),
            repeated: false,
        }
    }

    /// Rows of a statement that was not understood: they may be single people's,
    /// and nothing is known of them.
    pub fn unknown() -> Self {
        Self {
            rows: Rows::Individual,
            populations: OrderedMap::from_iter([(
                Pop(0),
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

    /// Distinct people that each row is proven to stand for: the least over its
    /// populations; `None` where no people are behind it.
    pub fn k(&self) -> Option<u64> {
        self.populations
            .values()
            .map(|population| population.k)
            .min()
    }

    /// The same for the rows that are not a residual "Other": what the rows are
    /// proven to stand for, or, where small groups were folded and grouped
    /// again, what all rows but the residual's are.
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

    /// How many facts it holds that no other relation shares.
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

    /// Rows go that need not be whole partitions: LIMIT, a sample, a join.
    pub(super) fn cut_partitions(&mut self, word: &'static str, span: Span) {
        for (_, partition) in std::mem::take(&mut self.partitions) {
            if partition.proven() >= 2 && !self.tells_loss_of(&partition) {
                self.losses.push(
                    Loss::new(LossKind::Thinned, partition.proven(), word, span)
                        .proven_at(partition.span),
                );
            }
        }
    }

    /// Whether it is said already that what proves a partition proves nothing of these
    /// rows: of a list of large groups it is.
    pub(super) fn tells_loss_of(&self, partition: &Partition) -> bool {
        let mut losses = self.losses.iter();
        losses.any(|loss| loss.kind == LossKind::OtherGrain && loss.span == partition.span)
    }

    /// The fold whose residual rows alone are not proven to be as large as all
    /// others are.
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

    /// What happened to the rows, to add to it.
    pub(super) fn history_mut(&mut self) -> &mut History {
        Rc::make_mut(&mut self.history)
    }

    /// Base columns decide which rows are there. Most are known already: then the
    /// history stays shared.
    pub(super) fn decided_by(&mut self, sources: &OrderedSet<SourceId>) {
        if !self.history.indirect.is_superset(sources) {
            self.history_mut().indirect.extend(sources);
        }
    }

    /// A predicate over base columns decides which rows are there.
    pub(super) fn filtered_by(&mut self, filter: FilterUse) {
        if filter.unknown || !filter.sources.is_empty() {
            self.history_mut().filtered(filter);
        }
    }

    /// Takes over what another relation brings that is joined to this one: what
    /// decided about its rows, and what was assumed.
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

    /// The rows may be of either: what both stand for at most.
    pub(super) fn or_rows(&mut self, other: &Self) {
        if other.rows > self.rows || (other.rows == self.rows && self.individually.is_none()) {
            self.individually.clone_from(&other.individually);
        }
        self.rows = self.rows.max(other.rows);
    }
}
