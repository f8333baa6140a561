//! Transfer functions of UNION, INTERSECT and EXCEPT.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::alternatives::AlternativeConditions;
use super::analysis::Analyzer;
use super::column::{ColumnFacts, Contribution, Counted, SharedFacts};
use super::count::CountFact;
use super::coverage::{Coverage, Measure};
use super::influence::{Influence, same_function};
use super::lattice::{PrivateInput, Rows};
use super::members::Members;
use super::mistake::Mutation;
use super::ordered::{OrderedMap, OrderedSet};
use super::relation::{Population, RelationFacts};
use super::union::{UnionArm, fed};
use crate::plan::{ColId, Literal, Operator, RelId, SetOperator};
use crate::source::Span;

impl Analyzer<'_, '_> {
    pub(super) fn set_operation(
        &mut self,
        operator: SetOperator,
        inputs: &[(RelId, Vec<Option<ColId>>)],
        columns: &[ColId],
    ) -> RelationFacts {
        match operator {
            SetOperator::Union => self.union(inputs, columns),
            SetOperator::Intersect | SetOperator::Except => {
                self.left_rows(operator, inputs, columns)
            }
        }
    }

    /// Computes the facts of rows of any of several relations: one population of
    /// alternatives.
    pub(super) fn alternatives(&mut self, inputs: &[RelId]) -> RelationFacts {
        let mut all = RelationFacts::impersonal();
        let mut people: Option<Population> = None;
        let mut read: FxHashSet<Rc<str>> = FxHashSet::default();
        for input in inputs {
            let facts = self.relation(*input).clone();
            all.join_row_kinds(&facts);
            all.beside(&facts);
            all.members = Members::some_of([all.members, facts.members]);
            all.inside.extend(facts.inside);
            all.records.extend(&facts.records);
            all.compared.or(&facts.compared);
            all.repeated |= facts.repeated;
            if facts.rows == Rows::Individual {
                let mut tables = facts.populations.values().map(|people| &people.table);
                all.repeated |= tables.any(|table| read.contains(table));
                read.extend(
                    facts
                        .populations
                        .values()
                        .map(|people| Rc::clone(&people.table)),
                );
            }
            for population in facts.populations.into_values() {
                people = Some(match people {
                    Some(known) => Population {
                        k: if self.mistake == Some(Mutation::UnionTakesLarger) {
                            known.k.max(population.k)
                        } else {
                            known.k.min(population.k)
                        },
                        unit: known
                            .unit
                            .filter(|unit| Some(unit) == population.unit.as_ref()),
                        table: known.table,
                        implied: known.implied && population.implied,
                        unregistered: known.unregistered && population.unregistered,
                        between: None,
                    },
                    None => population,
                });
            }
        }
        if let Some(people) = people {
            all.populations.insert(self.populations.add(), people);
        }
        all
    }

    fn union(
        &mut self,
        inputs: &[(RelId, Vec<Option<ColId>>)],
        columns: &[ColId],
    ) -> RelationFacts {
        let arms: Vec<RelId> = inputs.iter().map(|(input, _)| *input).collect();
        let mut facts = self.alternatives(&arms);
        let of_all = facts.populations.keys().next().copied();
        let arm_pops: Vec<OrderedSet<PrivateInput>> = arms
            .iter()
            .map(|arm| {
                self.relation(*arm)
                    .populations
                    .keys()
                    .map(|pop| self.populations.find(*pop))
                    .collect()
            })
            .collect();
        // A relation that is read twice adds the same kinds of values once more.
        let mut read = FxHashSet::default();
        let is_first = |arm: &&UnionArm| self.read_by(arm).is_none_or(|known| read.insert(known));
        let once: Vec<&UnionArm> = inputs.iter().filter(is_first).collect();
        let mut others = (once.len() < inputs.len()).then(FxHashMap::default);
        let mut told = AlternativeConditions::default();
        for (at, column) in columns.iter().enumerate() {
            let mut any = self.any_of(&once, at);
            if let Some(others) = &mut others {
                self.mark_as_other_reading(&mut any, others);
            }
            let of_arms: Vec<Option<SharedFacts>> = inputs
                .iter()
                .map(|(_, from)| fed(from, at).map(|value| self.shared_column(value)))
                .collect();
            told.tell(&mut any, &of_arms, &mut self.numbering);
            let arms: Vec<(Option<&ColumnFacts>, &OrderedSet<PrivateInput>)> = inputs
                .iter()
                .zip(&arm_pops)
                .map(|((_, from), pops)| (fed(from, at).map(|value| self.column(value)), pops))
                .collect();
            let value = self.united(any, &arms, of_all);
            self.set(*column, value);
        }
        facts.dependencies = Rc::new(self.union_dependencies(inputs, columns));
        facts.folds = self.union_folds(inputs, columns, of_all);
        self.unequal_arms(&arms, &mut facts);
        // The grouping keys of the arms, in the output's columns, show what a row
        // stands for; they are no unique key of the union.
        if facts.rows == Rows::Aggregated {
            let same: Vec<_> = arms
                .iter()
                .filter_map(|arm| self.relation(*arm).keys.clone())
                .collect();
            if same.len() == arms.len() {
                facts.keys = same
                    .into_iter()
                    .enumerate()
                    .map(|(arm, mut keys)| {
                        // A key that is not output keeps its own column.
                        for key in &mut keys {
                            let number = self.numbering.column(key.column);
                            let put_out = inputs[arm].1.iter().position(|from| {
                                from.is_some_and(|from| self.numbering.column(from) == number)
                            });
                            if let Some(column) = put_out.and_then(|at| columns.get(at)) {
                                key.column = *column;
                            }
                        }
                        keys
                    })
                    .reduce(|mut all, keys| {
                        for key in keys {
                            if !all.iter().any(|known| known.column == key.column) {
                                all.push(key);
                            }
                        }
                        all
                    });
            }
        }
        facts
    }

    /// The relation that an arm reads again, if any, and the columns of it that it
    /// outputs.
    fn read_by(&self, (arm, put_out): &UnionArm) -> Option<(RelId, Vec<ColId>)> {
        let Operator::Reader { of, columns } = &self.plan.relation(*arm).operator else {
            return None;
        };
        let originals: FxHashMap<ColId, ColId> = columns.iter().copied().collect();
        let read = |column: &Option<ColId>| originals.get(column.as_ref()?).copied();
        Some((*of, put_out.iter().map(read).collect::<Option<_>>()?))
    }

    /// Marks a value as one that may come from another reading of the same
    /// relation.
    ///
    /// A value that was measured there is another measured value, of another
    /// grouping, and its people are others. `others` maps the ids of the first
    /// reading's measured values to these. Each gets only one other, even if the
    /// relation contains such unions itself.
    fn mark_as_other_reading(&mut self, value: &mut ColumnFacts, others: &mut FxHashMap<u32, u32>) {
        value.everywhere(&mut |part| {
            if let [measure] = part.coverage.measures() {
                let id = *others
                    .entry(measure.id)
                    .or_insert_with(|| self.next_measure());
                let other = Coverage::Measured(vec![Measure {
                    id,
                    group: None,
                    ..*measure
                }]);
                part.coverage = std::mem::take(&mut part.coverage).or(&other);
            }
            part.forget_cell_measures();
            // One alternative may subtract what the other adds.
            if part.feeds == Contribution::Signed {
                part.feeds = Contribution::No;
            }
            part.unit = None;
            part.count = None;
            part.length = None;
            for path in &mut part.paths {
                path.pop = None;
            }
        });
    }

    /// Joins the facts of a union's column over its arms.
    fn any_of(&self, arms: &[&UnionArm], at: usize) -> ColumnFacts {
        let mut all: Option<ColumnFacts> = None;
        for (_, from) in arms {
            let Some(value) = fed(from, at).map(|value| self.column(value)) else {
                continue;
            };
            all = Some(match all {
                Some(known) => {
                    let feeds = known.feeds.min(value.feeds);
                    let mut either = known.or(value);
                    if self.mistake == Some(Mutation::SignsAdd) {
                        either.feeds = feeds;
                    }
                    either
                }
                None => value.clone(),
            });
        }
        let mut all = all.unwrap_or_else(ColumnFacts::constant);
        if all.coverage.measures().len() > 1 {
            all.everywhere(&mut |part| part.forget_cell_measures());
        }
        all
    }

    /// Computes the facts of a union's column: what holds for any of its arms'
    /// values (`all`), and the unit and count on which all arms agree.
    fn united(
        &self,
        mut all: ColumnFacts,
        arms: &[(Option<&ColumnFacts>, &OrderedSet<PrivateInput>)],
        of_all: Option<PrivateInput>,
    ) -> ColumnFacts {
        all.constant &= arms.len() == 1;
        if arms.iter().any(|(value, _)| value.is_none()) {
            // An arm without such a column has NULL for its people.
            all.everywhere(&mut |part| part.total = false);
        }
        all.unit = None;
        all.count = None;
        let Some(pop) = of_all else {
            return all;
        };
        // An identifier of the person survives if each arm has one population and
        // returns the same function of it; a constant in an arm is one more value.
        let mut constants = 0_u64;
        let mut unit = None;
        let mut count = None;
        let mut slack = 0;
        let mut named: Option<CountFact> = None;
        let (mut units, mut counts) = (true, true);
        for (value, pops) in arms {
            let Some(value) = value else { continue };
            let one = pops.len() == 1;
            let own = |of: PrivateInput| one && pops.contains(&self.populations.find(of));
            match &value.unit {
                Some(known) if own(known.pop) => {
                    constants = constants.saturating_add(known.constants);
                    match &unit {
                        None => unit = Some(known.clone()),
                        Some(first) => {
                            units &= first.is_same(known);
                        }
                    }
                }
                // Nobody is counted by it.
                None if value.literal == Some(Literal::Null) => {}
                None if value.constant => constants = constants.saturating_add(1),
                Some(_) | None => units = false,
            }
            if let Some(counted) = &value.count {
                count.get_or_insert_with(|| counted.clone());
            }
            match value
                .count
                .iter()
                .flat_map(|counted| &counted.people)
                .find(|fact| own(fact.pop))
            {
                Some(fact) => {
                    slack = slack.max(fact.slack);
                    named.get_or_insert_with(|| fact.clone());
                }
                // An arm without people counts nobody.
                None => counts &= value.literal == Some(Literal::Null),
            }
        }
        if units {
            all.unit = unit.map(|mut unit| {
                let named = Rc::make_mut(&mut unit);
                named.pop = pop;
                named.constants = constants;
                unit
            });
        }
        all.count = count.map(|mut shared: Rc<Counted>| {
            let counted = Rc::make_mut(&mut shared);
            counted.partitions.clear();
            // Nothing is known of sums over a union.
            counted.people = named
                .filter(|_| counts)
                .map(|fact| CountFact {
                    pop,
                    slack,
                    conditions: OrderedSet::new(),
                    counted: None,
                    alone: false,
                    groups: None,
                    ..fact
                })
                .into_iter()
                .collect();
            shared
        });
        all
    }

    /// Computes the facts of INTERSECT and EXCEPT, which return rows of the first
    /// input.
    fn left_rows(
        &mut self,
        operator: SetOperator,
        inputs: &[(RelId, Vec<Option<ColId>>)],
        columns: &[ColId],
    ) -> RelationFacts {
        let Some(((first, from), others)) = inputs.split_first() else {
            return RelationFacts::impersonal();
        };
        let input = self.relation(*first);
        let mut facts = RelationFacts {
            rows: input.rows,
            individual_reason: input.individual_reason.clone(),
            registered_level: input.registered_level,
            populations: input.populations.clone(),
            keys: input.keys.clone(),
            dependencies: Rc::clone(&input.dependencies),
            members: Members::some_of([input.members]),
            partitions: input.partitions.clone(),
            folds: input.folds.clone(),
            proven: input.proven.clone(),
            bounded: input.bounded.clone(),
            decided: input.decided.clone(),
            whole_table: None,
            whole_groups: None,
            losses: input.losses.clone(),
            history: Rc::clone(&input.history),
            records: input.records.clone(),
            compared: input.compared.clone(),
            trained_on: input.trained_on.clone(),
            inside: input.inside.clone(),
            repeated: input.repeated,
        };
        let word = if operator == SetOperator::Intersect {
            "INTERSECT"
        } else {
            "EXCEPT"
        };
        for (id, columns_of) in others {
            let other = self.relation(*id).clone();
            facts.beside(&other);
            let span = self.plan.relation(*id).origin.span;
            let so_far = facts.compared.clone();
            self.lower_if_compared_apart(&[&so_far, &other.compared], span, word, &mut facts);
            // Whether a row is present depends on the people of the other input,
            // unless the rows identify the person.
            for (pop, people) in &other.populations {
                let names = from.iter().zip(columns_of).any(|(mine, theirs)| {
                    let (Some(mine), Some(theirs)) = (*mine, *theirs) else {
                        return false;
                    };
                    // Rows that are NULL in both inputs are also equal: they must
                    // belong to nobody.
                    let never = |rows: &RelationFacts, column| {
                        let number = self.numbering.column(column);
                        rows.dependencies.not_null.contains(&number)
                    };
                    let there = never(&facts, mine) || never(&other, theirs);
                    let (mine, theirs) = (self.column(mine), self.column(theirs));
                    let nobody = there || mine.total && theirs.total;
                    let units = mine.unit.as_ref().zip(theirs.unit.as_ref());
                    units.is_some_and(|(mine, theirs)| {
                        nobody
                            && same_function(mine, theirs)
                            && self.populations.find(theirs.pop) == self.populations.find(*pop)
                    })
                });
                if !names {
                    let influence = Influence {
                        pop: *pop,
                        k: people.k,
                        table: Rc::clone(&people.table),
                        span,
                    };
                    self.depend_on(&[influence], word, &mut facts);
                }
            }
        }
        let renamed: OrderedMap<ColId, ColId> = from
            .iter()
            .zip(columns)
            .filter_map(|(from, to)| Some(((*from)?, *to)))
            .collect();
        for (original, column) in &renamed {
            let value = self.column(*original).clone();
            let number = self.numbering.column(*original);
            self.numbering.copy(*column, number);
            self.set(*column, value);
        }
        for (id, columns_of) in others {
            let span = self.plan.relation(*id).origin.span;
            let rows = self.relation(*id).clone();
            for (mine, theirs) in from.iter().zip(columns_of) {
                let (Some(mine), Some(theirs)) = (mine, theirs) else {
                    continue;
                };
                let (mine, theirs) = (self.shared_column(*mine), self.shared_column(*theirs));
                // The other input's own facts say how many people are behind its
                // rows.
                let floor = rows.behind(&theirs);
                self.same_values([&mine, &theirs], span, word, &mut facts);
                self.equated([&mine, &theirs], span, word, &mut facts);
                if rows.rows != Rows::Individual {
                    self.lower(floor, span, word, &mut facts);
                }
            }
        }
        facts.cut_partitions(word, Span::default());
        // The values that the other inputs contain decide about the rows.
        for (id, columns_of) in others {
            let span = self.plan.relation(*id).origin.span;
            for (mine, theirs) in from.iter().zip(columns_of) {
                let nothing = Rc::new(ColumnFacts::constant());
                let value = |column: &Option<ColId>| match column {
                    Some(column) => self.shared_column(*column),
                    None => Rc::clone(&nothing),
                };
                let (mine, theirs) = (value(mine), value(theirs));
                facts.decided_by(&theirs.compared());
                self.compares_pair([&mine, &theirs], span, word, &mut facts);
            }
        }
        for key in facts.keys.iter_mut().flatten() {
            if let Some(column) = renamed.get(&key.column) {
                key.column = *column;
            }
        }
        facts
    }
}
