//! What is known of a value.

use std::rc::Rc;

use super::bucket::Bucket;
use super::cell::{Among, Cell};
use super::comparison::Compared;
use super::count::CountFact;
use super::coverage::{Coverage, Mix};
use super::influence::Influence;
use super::lattice::{Flow, Form, Pop};
use super::numbering::ConditionId;
use super::ordered::{OrderedMap, OrderedSet};
use super::partition::{PartitionCount, PartitionId};
use super::relation::RelationFacts;
use super::source::SourceId;
use crate::budget::spend;
use crate::plan::{Literal, one_of};
use crate::registry::Resolution;
use crate::source::Span;

/// A value tells who someone, or which record, is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The identifier.
    pub source: SourceId,
    /// The registered field inside the source that is the identifier, where the
    /// source is a whole record.
    pub field: Option<String>,
    /// In what form it is there.
    pub form: Form,
    /// Whether people count by it toward a minimum bucket.
    pub person: bool,
    /// Where it got this form, or where it was read.
    pub span: Span,
}

/// A value is NULL or one deterministic function of the person of its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitValue {
    /// Whose people.
    pub pop: Pop,
    /// The column's name, for messages.
    pub name: String,
    /// What names the person.
    pub(super) identifier: Rc<Identifier>,
    /// Which function of it: equal texts are equal functions.
    pub(super) function: String,
    /// Distinct constants that it may be besides.
    pub constants: u64,
}

/// A column that names people. Two identifiers of one unit name them in two ways:
/// one person's card and another's may be one number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identifier {
    /// The unit's name in the registry.
    pub(super) unit: String,
    /// Whose entry in the registry it has, else what it is called there.
    pub(super) entry: String,
    /// The reading of a table, and the column of it, that it was read from: two
    /// columns of one row are two values, whatever one entry says of both.
    pub(super) read_from: (Pop, SourceId),
}

impl Identifier {
    /// Whether both name the same person by the same value.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.unit == other.unit
            && self.entry == other.entry
            && (self.read_from.0 != other.read_from.0 || self.read_from.1 == other.read_from.1)
    }
}

impl UnitValue {
    /// Whether both are the same function of the person.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.function == other.function && self.identifier.is_same(&other.identifier)
    }
}

/// What a count counts, and so why it proves nothing of people where it does
/// not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountKind {
    /// Distinct people, or rows of which each person has one.
    People,
    /// Rows of which one person may have several.
    Rows,
    /// Something that is not people: documents, person-days, sums.
    OtherUnit,
    /// A number that is never exact.
    Approximate,
}

/// A count, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What it counts, in words: `rows`, `distinct values of x`.
    pub what: String,
    /// What it counts.
    pub kind: CountKind,
    /// Where.
    pub span: Span,
    /// What it proves of the people behind its row.
    pub people: Vec<CountFact>,
    /// What it proves of the people of a window's partition.
    pub partitions: Vec<PartitionCount>,
}

impl Counted {
    /// How many of what it counts may be nobody; `None` where it counts no
    /// people.
    pub fn slack(&self) -> Option<u64> {
        self.people.iter().map(|fact| fact.slack).min()
    }

    /// The populations that it speaks of.
    fn pops(&self) -> impl Iterator<Item = Pop> {
        let people = self.people.iter().map(|fact| fact.pop);
        people.chain(self.partitions.iter().map(|fact| fact.pop))
    }
}

/// A function whose body is not visible.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpaqueCall {
    /// Its name as written, upper case.
    pub name: String,
    /// The call.
    pub span: Span,
}

/// A base column that a value is exactly, so that a field of the value is a
/// field of the column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) source: SourceId,
    pub(super) pop: Option<Pop>,
}

/// What is known of a value, as the columns and expressions share it that have the
/// same.
pub(super) type SharedFacts = Rc<ColumnFacts>;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ColumnFacts {
    /// Base columns whose values reach it, and how.
    pub sources: OrderedMap<SourceId, Flow>,
    /// Base columns that a condition inside it compares: which rows are counted,
    /// which branch is taken.
    pub conditions: OrderedSet<SourceId>,
    /// Who can be told by it.
    pub identities: Vec<Identity>,
    /// How finely it tells time.
    pub resolution: Option<Resolution>,
    /// Whether it is a measured value of a group.
    pub aggregated: bool,
    /// Where a probabilistic structure was made.
    pub sketch: Option<Span>,
    /// Where individual rows' values were collected.
    pub collection: Option<Span>,
    /// Where one value of a group was picked (MIN, MAX, ANY_VALUE, quantiles).
    pub single: Option<Span>,
    /// What shows how many people stand behind it.
    pub coverage: Coverage,
    /// The parts of a covered value that stand for fewer people than the row may.
    pub cells: Vec<Cell>,
    /// People of other rows on whom it depends.
    pub influences: Vec<Influence>,
    /// Whether each row that has it adds to a sum of it, whatever else the row
    /// holds.
    pub(super) feeds: Feeds,
    /// Whether each row has its own, whole: a base column, or what tells it from
    /// the others as well as that does. Of a choice, those have it for whom
    /// [`Self::when`] holds, and nobody else.
    pub(super) each: bool,
    /// Whether it is NULL only where the value is that its table has: an identifier
    /// that is so is nobody's. One that IF, CASE, NULLIF, an outer join or an arm of
    /// a union made NULL is somebody's, of whom it no longer says who.
    pub(super) total: bool,
    /// Conditions without which it may be NULL or 0, so that it tells nothing of
    /// those for whom they do not hold.
    pub when: OrderedSet<ConditionId>,
    /// Conditions that are known to hold where it is neither NULL nor 0.
    pub(super) certain: OrderedSet<ConditionId>,
    /// Conditions that are known to hold where it is not NULL.
    pub(super) there: OrderedSet<ConditionId>,
    /// The partitions of single people's rows that it was measured over; `None` is
    /// one that is not followed.
    pub(super) windows: OrderedSet<Option<PartitionId>>,
    /// Whether a single person's own value and a measured one went into it
    /// together: one person moves what others are compared with.
    pub(super) moved: bool,
    /// What conditions on measured values have said of rows without which it is NULL, or
    /// another answer: those of an outer join's side, of a subquery.
    pub(super) there_by: Option<Rc<Compared>>,
    /// Functions of identifiers, each with few values, that it tells.
    pub(super) buckets: Vec<Bucket>,
    /// The constant that it is, where it is one.
    pub(super) literal: Option<Literal>,
    /// Whether it is a number of at most 1 in each row.
    pub(super) at_most_one: bool,
    /// Where a number or id was made that tells rows apart.
    pub surrogate: Option<Span>,
    /// Where columns that no schema tells came in.
    pub rest: Option<Span>,
    /// Functions without a visible body that it went through.
    pub opaque: OrderedSet<OpaqueCall>,
    /// Whether a part of it is not understood.
    pub unknown: bool,
    /// Whether a query parameter is mixed in, which may be a secret.
    pub secret: bool,
    /// Whether it is the same in all rows, from no data.
    pub constant: bool,
    /// Whether personal rows go in.
    pub personal: bool,
    /// The person of its row, where it names that.
    pub unit: Option<Rc<UnitValue>>,
    /// The count that it is.
    pub count: Option<Rc<Counted>>,
    /// The fields, where it is a struct, or an array of structs, made here.
    pub(super) fields: Vec<(String, SharedFacts)>,
    /// Where it is a base column, or one of several, as it is: which.
    pub(super) paths: Vec<Path>,
    /// Whether it is a base column's value as it is stored, or one that was picked of
    /// such.
    pub as_stored: bool,
    /// What the number of its members counts, where it is an array of different
    /// values.
    pub(super) length: Option<Rc<Counted>>,
    /// Whether a cast may have given its fields other names: what is read by a name
    /// may be any of them.
    pub(super) reshaped: bool,
    /// People behind each member, where it is an array of grouped rows' values.
    pub(super) elements: Option<u64>,
    /// Whether a collation may have been given to it: two texts of it that are equal
    /// need not be the same.
    pub(super) collated: bool,
    /// Whether it holds an INTERVAL, so that two of it that are equal need not be the
    /// same: a month and thirty days.
    pub(super) intervals: bool,
}

/// What the rows that have a value do to a sum of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Feeds {
    /// Some may not be in it.
    #[default]
    No,
    /// Each is in it: a difference, a negative multiple, times between two. Beside
    /// other values in one column it may take away what they add.
    Signed,
    /// Each adds to it: a base column, sums and multiples of these by constants
    /// that are not negative.
    Plain,
}

impl Feeds {
    /// Whether each row is in a sum of it.
    pub(super) fn all(self) -> bool {
        self != Self::No
    }
}

impl AsRef<Self> for ColumnFacts {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl ColumnFacts {
    /// How many facts it holds in lists, more or less.
    pub(super) fn size(&self) -> usize {
        let lists = [
            self.sources.len(),
            self.conditions.len(),
            self.identities.len(),
            self.cells.len(),
            self.influences.len(),
            self.when.len(),
            self.certain.len(),
            self.there.len(),
            self.windows.len(),
            self.buckets.len(),
            self.fields.len(),
            self.paths.len(),
        ];
        lists.iter().sum()
    }

    /// Counts its fields and those of its fields, as often as each is reached: what
    /// looks through them takes as long, though they are shared.
    pub(super) fn spend_fields(&self) {
        for (_, field) in &self.fields {
            spend(2);
            field.spend_fields();
        }
    }

    /// Whether it tells a function of an identifier with few values: a sample.
    pub fn is_bucket(&self) -> bool {
        !self.buckets.is_empty()
    }

    /// A value from no data.
    pub(super) fn constant() -> Self {
        Self {
            constant: true,
            coverage: Coverage::NoData,
            feeds: Feeds::Signed,
            each: true,
            ..Self::default()
        }
    }

    /// A value of which nothing is known.
    pub(super) fn unknown() -> Self {
        Self {
            unknown: true,
            ..Self::default()
        }
    }

    /// What is known of something computed of several values: all that any of
    /// them tells. What only holds of a value as it is (unit, path, fields) is
    /// gone.
    pub(super) fn computed<'a, T: AsRef<Self> + 'a>(
        parts: impl IntoIterator<Item = &'a T>,
    ) -> Self {
        let mut all = Self::constant();
        for part in parts {
            all.absorb(part.as_ref());
        }
        for flow in all.sources.values_mut() {
            *flow = (*flow).max(Flow::Derived);
        }
        all.feeds = Feeds::No;
        all.each = false;
        all
    }

    /// A field of a struct, as an aggregate of such structs has it.
    pub(super) fn in_aggregate(&self, aggregate: &Self) -> Self {
        let mut field = Self::computed([self]);
        for flow in field.sources.values_mut() {
            *flow = Flow::Aggregated;
        }
        field.constant = false;
        field.when.clear();
        field.personal |= aggregate.personal;
        field.aggregated |= aggregate.aggregated;
        field.single = aggregate.single.or(field.single);
        field.collection = aggregate.collection.or(field.collection);
        field.elements = aggregate.elements;
        field.coverage.clone_from(&aggregate.coverage);
        field.cells.clone_from(&aggregate.cells);
        field.there.clear();
        field.fields = self
            .fields
            .iter()
            .map(|(name, field)| (name.clone(), Rc::new(field.in_aggregate(aggregate))))
            .collect();
        field
    }

    /// A field or member that is one of several, of which also holds what became
    /// of the whole: what it hangs on, and of how many rows it is. `None` where
    /// there are none.
    pub(super) fn one_part(&self, parts: impl Iterator<Item = Self>) -> Option<Self> {
        let mut part = parts.reduce(|all, next| all.or(&next))?;
        if !matches!(self.coverage, Coverage::Label | Coverage::NoData) {
            part.coverage.clone_from(&self.coverage);
            part.feeds = self.feeds;
            part.each = self.each;
        }
        part.became(self);
        // A part of what a condition made NULL is NULL by that condition.
        part.total &= self.total;
        part.certain.extend(&self.certain);
        Some(part)
    }

    /// A part of it that was found by its name, or the whole where none was; of a
    /// value whose fields have other names it may be any part.
    pub(super) fn as_reshaped(&self, part: Option<Self>) -> Self {
        match part {
            Some(mut part) if self.reshaped => {
                let paths = std::mem::take(&mut part.paths);
                part.absorb(&Self::computed([self]));
                part.paths = paths;
                part
            }
            Some(part) => part,
            None => Self::computed([self]),
        }
    }

    /// A day that is nobody's, though it was picked from people's rows.
    pub(super) fn of_the_clock(mut self) -> Self {
        self.single = None;
        self.cells.clear();
        self.coverage = Coverage::Label;
        self
    }

    /// Says something of a value and of each of its fields.
    pub(super) fn everywhere(&mut self, say: &mut dyn FnMut(&mut Self)) {
        say(self);
        for (_, field) in &mut self.fields {
            Rc::make_mut(field).everywhere(say);
        }
    }

    /// Adds all that another value tells.
    pub(super) fn absorb(&mut self, other: &Self) {
        for (source, flow) in &other.sources {
            let known = self.sources.entry(*source).or_insert(*flow);
            *known = (*known).max(*flow);
        }
        for identity in &other.identities {
            match self
                .identities
                .iter_mut()
                .find(|known| known.source == identity.source && known.field == identity.field)
            {
                Some(known) if known.form < identity.form => *known = identity.clone(),
                Some(_) => {}
                None => self.identities.push(identity.clone()),
            }
        }
        self.resolution = self.resolution.max(other.resolution);
        self.constant &= other.constant;
        let own = |value: &Self| value.personal && value.coverage == Coverage::Label;
        let measured = |value: &Self| !value.coverage.measures().is_empty();
        self.moved |= own(self) && measured(other) || measured(self) && own(other);
        self.coverage = Coverage::mixed(
            [&self.coverage, &other.coverage],
            Mix::Any,
            0,
            Span::default(),
        );
        self.total = false;
        self.became(other);
    }

    /// Adds the people on whom another value depends, those of parts of it and of
    /// other rows, and the functions of identifiers that it tells.
    pub(super) fn depends_as(&mut self, other: &Self) {
        let pairs = |mine: usize, theirs: usize| mine.saturating_mul(theirs);
        spend(
            (pairs(self.cells.len(), other.cells.len())
                + pairs(self.influences.len(), other.influences.len())
                + pairs(self.buckets.len(), other.buckets.len()))
                / 16,
        );
        for cell in &other.cells {
            cell.clone().put_into(&mut self.cells);
        }
        for influence in &other.influences {
            if !self.influences.contains(influence) {
                self.influences.push(influence.clone());
            }
        }
        self.windows.extend(&other.windows);
        self.moved |= other.moved;
        if let Some(rows) = &other.there_by {
            self.is_there_by(rows);
        }
        for bucket in &other.buckets {
            bucket.clone().put_into(&mut self.buckets);
        }
    }

    /// Of one of several measured values nobody knows which of them a part of it is
    /// of.
    pub(super) fn forget_whose_cells(&mut self) {
        let mut cells: Vec<Cell> = Vec::with_capacity(self.cells.len());
        for mut cell in std::mem::take(&mut self.cells) {
            cell.measure = None;
            cell.put_into(&mut cells);
        }
        self.cells = cells;
    }

    /// Adds what became of another value on its way: all but what it is made of,
    /// and whom and what time it tells.
    fn became(&mut self, other: &Self) {
        self.conditions.extend(&other.conditions);
        self.aggregated |= other.aggregated;
        self.sketch = self.sketch.or(other.sketch);
        self.collection = self.collection.or(other.collection);
        self.single = self.single.or(other.single);
        self.depends_as(other);
        self.when.extend(&other.when);
        self.reshaped |= other.reshaped;
        self.collated |= other.collated;
        self.intervals |= other.intervals;
        self.surrogate = self.surrogate.or(other.surrogate);
        self.rest = self.rest.or(other.rest);
        self.opaque.extend(other.opaque.iter().cloned());
        self.unknown |= other.unknown;
        self.secret |= other.secret;
        self.personal |= other.personal;
    }

    /// The other value may stand in the place of this one: the join of
    /// alternatives.
    pub(super) fn or(mut self, other: &Self) -> Self {
        self.unit = match (self.unit.take(), &other.unit) {
            (Some(mut mine), Some(theirs)) if mine.pop == theirs.pop && mine.is_same(theirs) => {
                if theirs.constants > 0 {
                    let known = &mut Rc::make_mut(&mut mine).constants;
                    *known = known.saturating_add(theirs.constants);
                }
                Some(mine)
            }
            _ => None,
        };
        if self.count != other.count {
            self.count = None;
        }
        if self.length != other.length {
            self.length = None;
        }
        if self.literal != other.literal {
            self.literal = None;
        }
        self.at_most_one &= other.at_most_one;
        self.certain
            .retain(|condition| other.certain.contains(condition));
        self.there
            .retain(|condition| other.there.contains(condition));
        // What one adds the other may take away.
        let feeds = match (self.feeds, other.feeds) {
            (Feeds::Plain, Feeds::Plain) => Feeds::Plain,
            _ => Feeds::No,
        };
        let each = self.each && other.each;
        let total = self.total && other.total;
        let as_stored = self.as_stored && other.as_stored;
        let coverage = std::mem::take(&mut self.coverage).or(&other.coverage);
        one_of(&mut self.paths, &other.paths);
        self.elements = self.elements.zip(other.elements).map(|(a, b)| a.min(b));
        if self.fields.len() == other.fields.len() {
            for ((_, mine), (_, theirs)) in self.fields.iter_mut().zip(&other.fields) {
                let mine = Rc::make_mut(mine);
                *mine = std::mem::take(mine).or(theirs);
            }
        } else {
            self.fields.clear();
        }
        self.absorb(other);
        self.coverage = coverage;
        self.feeds = feeds;
        self.each = each;
        self.total = total;
        self.as_stored = as_stored;
        self
    }

    /// What it says of people is hidden behind a replacement.
    pub(super) fn replaced(mut self, form: Form, span: Span) -> Self {
        for identity in &mut self.identities {
            if identity.form > form {
                identity.form = form;
                identity.span = span;
            }
        }
        self.unit = None;
        self
    }

    /// It no longer tells who someone is.
    pub(super) fn without_identity(mut self) -> Self {
        self.identities.clear();
        self.unit = None;
        self.surrogate = None;
        self.fields.clear();
        self.paths.clear();
        self
    }

    /// Follows every population that it speaks of into another name.
    pub(super) fn rename_pops(&mut self, rename: &dyn Fn(Pop) -> Pop) {
        let other = |pop: Pop| rename(pop) != pop;
        if let Some(unit) = self.unit.as_mut().filter(|unit| other(unit.pop)) {
            let unit = Rc::make_mut(unit);
            unit.pop = rename(unit.pop);
        }
        let counts = self.count.iter_mut().chain(&mut self.length);
        for count in counts.filter(|count| count.pops().any(other)) {
            let count = Rc::make_mut(count);
            for fact in &mut count.people {
                fact.pop = rename(fact.pop);
            }
            for fact in &mut count.partitions {
                fact.pop = rename(fact.pop);
            }
        }
        for pop in self.paths.iter_mut().filter_map(|path| path.pop.as_mut()) {
            *pop = rename(*pop);
        }
        for influence in &mut self.influences {
            influence.pop = rename(influence.pop);
        }
        for (_, field) in &mut self.fields {
            // Most are shared, and need no copy.
            if field.speaks_of(&other) {
                Rc::make_mut(field).rename_pops(rename);
            }
        }
    }

    /// Whether it speaks of such a population.
    fn speaks_of(&self, such: &dyn Fn(Pop) -> bool) -> bool {
        self.unit.as_ref().is_some_and(|unit| such(unit.pop))
            || self
                .count
                .iter()
                .chain(&self.length)
                .any(|count| count.pops().any(such))
            || self.paths.iter().filter_map(|path| path.pop).any(such)
            || self.influences.iter().any(|influence| such(influence.pop))
            || self.fields.iter().any(|(_, field)| field.speaks_of(such))
    }

    /// A measured value is only there where a join found a partner; there it
    /// stands for those that it did on its own side.
    pub(super) fn matched(&mut self, matched: ConditionId, side: &RelationFacts, span: Span) {
        if self.cells.is_empty() {
            self.cells.push(Cell {
                among: Among::Where(OrderedSet::new()),
                floor: side.k().unwrap_or(0),
                span,
                measure: None,
            });
        }
        for cell in &mut self.cells {
            cell.floor = side.covered(cell);
            if let Among::Where(conditions) = &mut cell.among {
                conditions.insert(matched);
            }
        }
    }

    /// Everything that may decide about it.
    pub(super) fn compared(&self) -> OrderedSet<SourceId> {
        self.sources
            .keys()
            .chain(&self.conditions)
            .copied()
            .collect()
    }
}
