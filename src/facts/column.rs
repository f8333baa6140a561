//! Facts about a value.

use std::rc::Rc;
use std::sync::Arc;

use super::bucket::Bucket;
use super::cell::{Cell, PeopleSubset};
use super::comparison::MeasureComparisons;
use super::count::CountFact;
use super::coverage::{Combination, Coverage};
use super::influence::Influence;
use super::lattice::{Flow, IdentityForm, PrivateInput};
use super::numbering::ConditionId;
use super::ordered::{OrderedMap, OrderedSet};
use super::partition::{PartitionCount, PartitionId};
use super::relation::RelationFacts;
use super::source::BaseColumnId;
use crate::budget::spend;
use crate::plan::{Literal, one_of};
use crate::registry::Resolution;
use crate::source::Span;

/// An identifier of a person or record that a value contains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The identifier's base column.
    pub source: BaseColumnId,
    /// The registered field inside the source that is the identifier.
    ///
    /// Set only if the source is a complete record.
    pub field: Option<String>,
    /// The form in which the value contains it.
    pub form: IdentityForm,
    /// Whether people are counted by it toward a minimum bucket.
    pub person: bool,
    /// Where it got this form, or where it was read.
    pub span: Span,
}

/// A value that is NULL or one deterministic function of the person of its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitValue {
    /// The population of the person.
    pub pop: PrivateInput,
    /// The column's name, for messages.
    pub name: String,
    /// The column that identifies the person.
    pub(super) identifier: Rc<Identifier>,
    /// The function of the identifier as text: equal texts are equal functions.
    pub(super) function: String,
    /// How many distinct constants it may be instead.
    pub constants: u64,
}

/// A column that identifies people. Two identifiers of one unit are two values: one
/// person's card number and another person's account number may be equal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identifier {
    /// The unit's name in the registry.
    pub(super) unit: String,
    /// The registry entry that it has, otherwise the column's name.
    pub(super) entry: String,
    /// The reading of a table, and the column of it, that it was read from: two
    /// columns of one row are two values, even if one registry entry describes
    /// both.
    pub(super) read_from: (PrivateInput, BaseColumnId),
}

impl Identifier {
    /// Whether both identify the same person by the same value.
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

/// What a count counts: the reason why it proves nothing about people if it does
/// not count them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountKind {
    /// Distinct people, or rows if each person has at most one.
    People,
    /// Rows, if one person may have several.
    Rows,
    /// Something that is not people: documents, person-days, sums.
    OtherUnit,
    /// A number that is never exact.
    Approximate,
}

/// A count as the query computes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What it counts, in words: `rows`, `distinct values of x`.
    pub what: String,
    /// The kind of what it counts.
    pub kind: CountKind,
    /// The call.
    pub span: Span,
    /// What it proves about the people behind its row.
    pub people: Vec<CountFact>,
    /// What it proves about the people of a window's partition.
    pub partitions: Vec<PartitionCount>,
    /// The counted column, if its name sounds like an identifier of people and the
    /// registry does not declare it: it proves nothing.
    pub undeclared: Option<Arc<str>>,
}

impl Counted {
    /// How many of what it counts may not be people; `None` if it counts no people.
    pub fn slack(&self) -> Option<u64> {
        self.people.iter().map(|fact| fact.slack).min()
    }

    /// The populations that its facts refer to.
    fn pops(&self) -> impl Iterator<Item = PrivateInput> {
        let people = self.people.iter().map(|fact| fact.pop);
        people.chain(self.partitions.iter().map(|fact| fact.pop))
    }
}

/// A function whose body is not visible.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpaqueCall {
    /// Its name as written, in upper case.
    pub name: String,
    /// The call.
    pub span: Span,
}

/// A base column that a value equals, so that a field of the value is a field of
/// the column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BasePath {
    pub(super) source: BaseColumnId,
    pub(super) pop: Option<PrivateInput>,
}

/// Facts about a value, shared by the columns and expressions that have the same.
pub(super) type SharedFacts = Rc<ColumnFacts>;

/// Facts about a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ColumnFacts {
    /// Base columns whose values reach it, and how.
    pub sources: OrderedMap<BaseColumnId, Flow>,
    /// Base columns that a condition inside it compares: they decide which rows are
    /// counted or which branch is taken.
    pub conditions: OrderedSet<BaseColumnId>,
    /// The identifiers of people or records that it contains.
    pub identities: Vec<Identity>,
    /// The finest time resolution that it shows.
    pub resolution: Option<Resolution>,
    /// Whether it is a measured value of a group.
    pub aggregated: bool,
    /// Where a sketch (HLL, KLL, …) was made, if it contains one.
    pub sketch: Option<Span>,
    /// Where values of individual rows were collected into an array or text.
    pub collection: Option<Span>,
    /// Where one value of a group was selected (MIN, MAX, ANY_VALUE, quantiles).
    pub single: Option<Span>,
    /// What shows how many people it stands for.
    pub coverage: Coverage,
    /// The parts of a covered value that may stand for fewer people than the row.
    pub cells: Vec<Cell>,
    /// People of other rows on whom it depends.
    pub influences: Vec<Influence>,
    /// Whether each row that has it adds to a sum of it, whatever else the row
    /// contains.
    pub(super) feeds: Contribution,
    /// Whether each row has a value of its own: a base column, or what
    /// distinguishes rows as well as that does. After a choice, exactly the rows
    /// have one for which [`Self::when`] holds.
    pub(super) each: bool,
    /// Whether it is NULL only if the value in its table is NULL: an identifier
    /// like that stands for nobody. A NULL that IF, CASE, NULLIF, an outer join or
    /// an arm of a union made stands for a person who is no longer identified.
    pub(super) total: bool,
    /// Conditions without which it may be NULL or 0: it then discloses nothing
    /// about the people for whom they do not hold.
    pub when: OrderedSet<ConditionId>,
    /// Conditions that are known to hold if it is neither NULL nor 0.
    pub(super) certain: OrderedSet<ConditionId>,
    /// Conditions that are known to hold if it is not NULL.
    pub(super) there: OrderedSet<ConditionId>,
    /// The partitions of single people's rows over which it was measured; `None` is
    /// a partition that is not tracked.
    pub(super) windows: OrderedSet<Option<PartitionId>>,
    /// Whether a single person's own value and a measured value were combined in
    /// it: one person moves the bound with which others are compared.
    pub(super) moved: bool,
    /// Comparisons of measured values that decide whether it is NULL or another
    /// answer: those that selected the rows of an outer join's side, or of a
    /// subquery.
    pub(super) presence_comparisons: Option<Rc<MeasureComparisons>>,
    /// Functions of identifiers, each with few values, that it contains.
    pub(super) buckets: Vec<Bucket>,
    /// The constant that it is, if it is one.
    pub(super) literal: Option<Literal>,
    /// Whether it is a number of at most 1 in each row.
    pub(super) at_most_one: bool,
    /// Where a number or id was made that distinguishes rows.
    pub surrogate: Option<Span>,
    /// Where columns entered that no schema declares.
    pub rest: Option<Span>,
    /// Functions without a visible body that it went through.
    pub opaque: OrderedSet<OpaqueCall>,
    /// Whether a part of it is not understood.
    pub unknown: bool,
    /// Whether it contains a query parameter, which may be a secret.
    pub secret: bool,
    /// Whether it is the same in all rows and comes from no data.
    pub constant: bool,
    /// Whether it is computed from rows of people.
    pub personal: bool,
    /// The person of its row, if it identifies that person.
    pub unit: Option<Rc<UnitValue>>,
    /// The count that it is, if it is one.
    pub count: Option<Rc<Counted>>,
    /// The fields of a struct, or of an array of structs, that the query itself
    /// makes.
    pub(super) fields: Vec<(String, SharedFacts)>,
    /// The base columns of which it is one, unchanged; empty if it is computed.
    pub(super) paths: Vec<BasePath>,
    /// Whether it is a base column's value as it is stored, or was selected from
    /// such values.
    pub as_stored: bool,
    /// What its number of members counts, if it is an array of distinct values.
    pub(super) length: Option<Rc<Counted>>,
    /// Whether a cast may have renamed its fields: what is read by a name may be
    /// any of them.
    pub(super) reshaped: bool,
    /// Lower bound on the people behind each member of an array of grouped rows'
    /// values.
    pub(super) elements: Option<u64>,
    /// Whether it may have a collation: two of its texts may be equal but not
    /// identical.
    pub(super) collated: bool,
    /// Whether it contains an INTERVAL, so that two of its values may be equal but
    /// not identical: a month and thirty days.
    pub(super) intervals: bool,
}

/// How the rows that have a value contribute to a sum of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Contribution {
    /// Some rows may not contribute.
    #[default]
    No,
    /// Each row contributes: a difference, a negative multiple, times between two
    /// values. Combined in one column with other values, it may subtract what they
    /// add.
    Signed,
    /// Each row adds to it: a base column, sums of such, and multiples of them by
    /// constants that are not negative.
    Plain,
}

impl Contribution {
    /// Whether each row contributes to a sum of it.
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
    /// Counts the facts in its lists, approximately; the budget is charged for
    /// them.
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

    /// Charges the budget for its fields, nested ones too, as often as each is
    /// reached: a visit of all of them takes as long, though they are shared.
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

    /// Returns the facts of a value from no data.
    pub(super) fn constant() -> Self {
        Self {
            constant: true,
            coverage: Coverage::NoData,
            feeds: Contribution::Signed,
            each: true,
            ..Self::default()
        }
    }

    /// Returns the facts of a value about which nothing is known.
    pub(super) fn unknown() -> Self {
        Self {
            unknown: true,
            ..Self::default()
        }
    }

    /// Returns the facts of a value that is computed from several: everything that
    /// any of them discloses. What holds only for an unchanged value (unit, path,
    /// fields) is dropped.
    pub(super) fn computed<'a, T: AsRef<Self> + 'a>(
        parts: impl IntoIterator<Item = &'a T>,
    ) -> Self {
        let mut all = Self::constant();
        for part in parts {
            all.combine_with(part.as_ref());
        }
        for flow in all.sources.values_mut() {
            *flow = (*flow).max(Flow::Derived);
        }
        all.feeds = Contribution::No;
        all.each = false;
        all
    }

    /// Returns the facts of a struct's field after an aggregate of such structs.
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

    /// Joins the facts of fields or members of which one is selected; `None` if
    /// none.
    ///
    /// Adds what happened to the value as a whole: what it depends on, and its
    /// coverage.
    pub(super) fn join_parts(&self, parts: impl Iterator<Item = Self>) -> Option<Self> {
        let mut part = parts.reduce(|all, next| all.or(&next))?;
        if !matches!(self.coverage, Coverage::Label | Coverage::NoData) {
            part.coverage.clone_from(&self.coverage);
            part.feeds = self.feeds;
            part.each = self.each;
        }
        part.became(self);
        // A part of a value that a condition made NULL is NULL by that condition,
        // too.
        part.total &= self.total;
        part.certain.extend(&self.certain);
        Some(part)
    }

    /// Returns the facts of a part that was found by name, or of the whole value if
    /// none was found; a part of a value whose fields were renamed may be any of
    /// its parts.
    pub(super) fn resolve_reshaped(&self, part: Option<Self>) -> Self {
        match part {
            Some(mut part) if self.reshaped => {
                let paths = std::mem::take(&mut part.paths);
                part.combine_with(&Self::computed([self]));
                part.paths = paths;
                part
            }
            Some(part) => part,
            None => Self::computed([self]),
        }
    }

    /// Turns a selected value into a day of the pipeline's clock.
    ///
    /// Such a day depends on no person, although it was selected from people's
    /// rows.
    pub(super) fn into_clock_day(mut self) -> Self {
        self.single = None;
        self.cells.clear();
        self.coverage = Coverage::Label;
        self
    }

    /// Adds what another value that is equal to it discloses: identifiers, their
    /// sources, and a time.
    pub(super) fn is_also(&mut self, other: &Self) {
        for identity in &other.identities {
            if !self.identities.contains(identity) {
                self.identities.push(identity.clone());
            }
        }
        for (source, flow) in &other.sources {
            let known = self.sources.get(source).copied();
            let flow = known.map_or(*flow, |known| known.max(*flow));
            self.sources.insert(*source, flow);
        }
        self.resolution = self.resolution.max(other.resolution);
        self.personal |= other.personal;
        self.unknown |= other.unknown;
    }

    /// Whether the value is an identifier and depends on nothing else.
    pub(super) fn is_identifier_alone(&self) -> bool {
        let own = |id: &BaseColumnId| self.has_identifier(*id);
        !self.identities.is_empty() && self.conditions.is_empty() && self.sources.keys().all(own)
    }

    /// Whether a base column is an identifier in the value, and not only a record that
    /// contains one.
    pub(super) fn has_identifier(&self, id: BaseColumnId) -> bool {
        let mut identities = self.identities.iter();
        identities.any(|one| one.source == id && one.field.is_none())
    }

    /// Applies a change to a value and to each of its fields.
    pub(super) fn everywhere(&mut self, say: &mut dyn FnMut(&mut Self)) {
        say(self);
        for (_, field) in &mut self.fields {
            Rc::make_mut(field).everywhere(say);
        }
    }

    /// Adds everything that another value discloses.
    pub(super) fn combine_with(&mut self, other: &Self) {
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
            Combination::Any,
            0,
            Span::default(),
        );
        self.total = false;
        self.became(other);
    }

    /// Adds the people on whom another value depends, and its buckets of
    /// identifiers.
    ///
    /// The people are those of its parts and of other rows.
    pub(super) fn add_dependencies_of(&mut self, other: &Self) {
        let pairs = |mine: usize, theirs: usize| mine.saturating_mul(theirs);
        spend(
            (pairs(self.cells.len(), other.cells.len())
                + pairs(self.influences.len(), other.influences.len())
                + pairs(self.buckets.len(), other.buckets.len()))
                / 16,
        );
        for cell in &other.cells {
            cell.clone().insert_into(&mut self.cells);
        }
        for influence in &other.influences {
            if !self.influences.contains(influence) {
                self.influences.push(influence.clone());
            }
        }
        self.windows.extend(&other.windows);
        self.moved |= other.moved;
        if let Some(rows) = &other.presence_comparisons {
            self.add_presence_comparisons(rows);
        }
        for bucket in &other.buckets {
            bucket.clone().insert_into(&mut self.buckets);
        }
    }

    /// Forgets which measured value each cell belongs to: a value that is one of
    /// several does not show from which of them a part comes.
    pub(super) fn forget_cell_measures(&mut self) {
        let mut cells: Vec<Cell> = Vec::with_capacity(self.cells.len());
        for mut cell in std::mem::take(&mut self.cells) {
            cell.measure = None;
            cell.insert_into(&mut cells);
        }
        self.cells = cells;
    }

    /// Adds what happened to another value: everything except its sources,
    /// identities and time resolution.
    fn became(&mut self, other: &Self) {
        self.conditions.extend(&other.conditions);
        self.aggregated |= other.aggregated;
        self.sketch = self.sketch.or(other.sketch);
        self.collection = self.collection.or(other.collection);
        self.single = self.single.or(other.single);
        self.add_dependencies_of(other);
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

    /// Joins the facts with those of an alternative that may take its place.
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
        // One alternative may subtract what the other adds.
        let feeds = match (self.feeds, other.feeds) {
            (Contribution::Plain, Contribution::Plain) => Contribution::Plain,
            _ => Contribution::No,
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
        self.combine_with(other);
        self.coverage = coverage;
        self.feeds = feeds;
        self.each = each;
        self.total = total;
        self.as_stored = as_stored;
        self
    }

    /// Replaces its identifiers by the given form, if that discloses less.
    pub(super) fn replaced(mut self, form: IdentityForm, span: Span) -> Self {
        for identity in &mut self.identities {
            if identity.form > form {
                identity.form = form;
                identity.span = span;
            }
        }
        self.unit = None;
        self
    }

    /// Removes everything that identifies a person or a record.
    pub(super) fn without_identity(mut self) -> Self {
        self.identities.clear();
        self.unit = None;
        self.surrogate = None;
        self.fields.clear();
        self.paths.clear();
        self
    }

    /// Renames every population that it refers to.
    pub(super) fn rename_pops(&mut self, rename: &dyn Fn(PrivateInput) -> PrivateInput) {
        let other = |pop: PrivateInput| rename(pop) != pop;
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
            // Most fields are shared and need no copy.
            if field.speaks_of(&other) {
                Rc::make_mut(field).rename_pops(rename);
            }
        }
    }

    /// Whether it refers to a population for which `such` holds.
    fn speaks_of(&self, such: &dyn Fn(PrivateInput) -> bool) -> bool {
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

    /// Notes that a join made a measured value NULL in rows without a partner; in
    /// the other rows it stands for as many people as it did on its own side.
    pub(super) fn matched(&mut self, matched: ConditionId, side: &RelationFacts, span: Span) {
        if self.cells.is_empty() {
            self.cells.push(Cell {
                among: PeopleSubset::Where(OrderedSet::new()),
                floor: side.k().unwrap_or(0),
                span,
                measure: None,
            });
        }
        for cell in &mut self.cells {
            cell.floor = side.covered(cell);
            if let PeopleSubset::Where(conditions) = &mut cell.among {
                conditions.insert(matched);
            }
        }
    }

    /// The base columns that decide about it: its sources and the compared ones.
    pub(super) fn compared(&self) -> OrderedSet<BaseColumnId> {
        self.sources
            .keys()
            .chain(&self.conditions)
            .copied()
            .collect()
    }
}
