//! People of other rows on whom a condition depends (`design/proof.md`, law 4).
//!
//! A value or row that the condition decides depends on them, too:
//! `EXISTS (SELECT … FROM t …)` selects no column of `t`, but publishes whether a
//! row exists there.

use std::rc::Rc;

use super::analysis::Analyzer;
use super::cell::{Cell, PeopleSubset};
use super::column::{ColumnFacts, UnitValue};
use super::coverage::{Combination, Coverage};
use super::dependency::Dependencies;
use super::lattice::{PrivateInput, Rows};
use super::members::Members;
use super::mistake::Mutation;
use super::numbering::Number;
use super::relation::{Population, RelationFacts};
use crate::plan::{Expr, ExprKind, Operator, RelId, Subquery, SubqueryKind};
use crate::registry::Resolution;
use crate::source::Span;

/// People of other rows on whom a value depends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Influence {
    /// The population of these people.
    pub pop: PrivateInput,
    /// Lower bound on the distinct people behind each answer.
    pub k: u64,
    /// The table that they come from.
    pub table: Rc<str>,
    /// The condition.
    pub span: Span,
}

/// A condition that made rows depend on people who may be too few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowInfluence {
    /// Lower bound on the distinct people behind each answer of the condition.
    pub k: u64,
    /// The table that they come from; `None` for the rows' own people.
    pub table: Option<Rc<str>>,
    /// The condition.
    pub span: Span,
    /// The clause, for messages.
    pub word: &'static str,
}

/// What decides whether rows without people of their own are present: constants,
/// and members of an array of the surrounding row.
#[derive(Debug, Clone, PartialEq)]
pub struct PresenceDecision {
    /// The combined coverage of all compared values.
    pub(super) coverage: Coverage,
    /// People behind it; `u64::MAX` if these are not fewer than the surrounding
    /// row's.
    pub(super) floor: u64,
}

impl Default for PresenceDecision {
    /// Returns the value of rows about which nothing decides.
    fn default() -> Self {
        Self {
            coverage: Coverage::NoData,
            floor: u64::MAX,
        }
    }
}

impl PresenceDecision {
    /// Adds another value that decides.
    pub(super) fn also(&mut self, coverage: &Coverage, floor: u64, span: Span) {
        self.coverage = Coverage::mixed([&self.coverage, coverage], Combination::Any, 0, span);
        self.floor = self.floor.min(floor);
    }

    /// The cell of an answer that depends on it; `None` if it stands for as many
    /// people as the surrounding row.
    pub(super) fn cell(&self, span: Span) -> Option<Cell> {
        (self.floor < u64::MAX).then_some(Cell {
            among: PeopleSubset::OneRow,
            floor: self.floor,
            span,
            measure: None,
        })
    }

    /// Adds what decides about the rows of a joined relation.
    pub(super) fn add(&mut self, other: &Self) {
        self.also(&other.coverage, other.floor, Span::default());
    }
}

/// A value that identifies the person of the surrounding row.
struct SurroundingPerson {
    number: Number,
    unit: Rc<UnitValue>,
    /// Whether it is NULL for no person.
    total: bool,
}

impl Analyzer<'_, '_> {
    /// Computes the people on whom the answer of EXISTS or IN depends: those of the
    /// subquery, unless the subquery looks up the row's own person.
    pub(super) fn influences(&mut self, subquery: &Subquery, span: Span) -> Vec<Influence> {
        // NULL is in no list except an empty one: if a condition made the value
        // that is looked for NULL, the answer discloses whether anybody is listed.
        let looked_for = match &subquery.kind {
            SubqueryKind::In(value) => {
                let value = self.value(value);
                value.unit.clone().filter(|_| value.total)
            }
            SubqueryKind::Exists | SubqueryKind::Scalar | SubqueryKind::Array => None,
        };
        let persons: Vec<SurroundingPerson> = subquery
            .outer
            .iter()
            .filter_map(|column| {
                let value = self.column(*column);
                Some(SurroundingPerson {
                    number: self.numbering.column(*column),
                    unit: value.unit.clone()?,
                    total: value.total,
                })
            })
            .collect();
        // One person may decide which groups have the measured value.
        let listed = self.plan.relation(subquery.relation).columns.first();
        let measured = matches!(subquery.kind, SubqueryKind::In(_))
            && listed.is_some_and(|listed| !self.column(*listed).coverage.measures().is_empty())
            || self.is_found_by_measure(subquery.relation);
        let inner = self.relation(subquery.relation);
        // If a condition made a value of the list NULL, the answer may be NULL for
        // all.
        let columns = self.plan.relation(subquery.relation).columns.iter();
        let found = columns.take(1).find_map(|column| {
            let listed = self.column(*column);
            let number = self.numbering.column(*column);
            let there = inner.dependencies.not_null.contains(&number);
            listed.unit.clone().filter(|_| listed.total || there)
        });
        let mut influences = Vec::new();
        if self.mistake == Some(Mutation::ConditionsAreNoData) {
            return influences;
        }
        for (pop, people) in &inner.populations {
            let listed =
                looked_for
                    .as_deref()
                    .zip(found.as_deref())
                    .is_some_and(|(mine, theirs)| {
                        same_function(mine, theirs)
                            && self.populations.find(theirs.pop) == self.populations.find(*pop)
                    });
            if listed || self.looked_up(&inner.dependencies, *pop, &persons) {
                continue;
            }
            influences.push(Influence {
                pop: *pop,
                k: if measured { 0 } else { people.k },
                table: Rc::clone(&people.table),
                span,
            });
        }
        influences
    }

    /// Whether the rows of a subquery belong to the person of the surrounding row.
    fn looked_up(
        &self,
        rows: &Dependencies,
        pop: PrivateInput,
        persons: &[SurroundingPerson],
    ) -> bool {
        let pop = self.populations.find(pop);
        persons.iter().any(|person| {
            rows.units.iter().any(|unit| {
                self.populations.find(unit.pop()) == pop
                    && same_function(&person.unit, &unit.value)
                    && rows.same_person(person.number, (person.total, false), unit)
            })
        })
    }

    /// Makes rows depend on the people of each subquery in their condition.
    pub(super) fn chosen_by(
        &mut self,
        condition: &Expr,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        for (subquery, span) in super::value::subqueries_in(condition) {
            let inner = self.relation(subquery.relation).clone();
            facts.beside(&inner);
            if self.is_clock(subquery) {
                continue;
            }
            let influences = self.influences(subquery, span);
            self.depend_on(&influences, word, facts);
        }
    }

    /// Makes rows depend on people of other rows, whose populations become theirs.
    pub(super) fn depend_on(
        &mut self,
        influences: &[Influence],
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        if self.mistake == Some(Mutation::ConditionsAreNoData) {
            return;
        }
        for influence in influences {
            let own = self.present(influence.pop, facts);
            if own.is_none() {
                facts.populations.insert(
                    influence.pop,
                    Population {
                        k: influence.k,
                        table: Rc::clone(&influence.table),
                        unit: None,
                        implied: true,
                        unregistered: false,
                        between: None,
                    },
                );
            }
            facts.history_mut().implies(RowInfluence {
                k: influence.k,
                table: Some(Rc::clone(&influence.table)),
                span: influence.span,
                word,
            });
            if facts.rows == Rows::Impersonal {
                facts.rows = Rows::Aggregated;
                facts.keys = Some(Vec::new());
            }
        }
    }

    /// Lowers the people of rows that a value decides about to those behind the
    /// value.
    pub(super) fn lower_to_value(
        &mut self,
        value: &ColumnFacts,
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        self.depend_on(&value.influences.clone(), word, facts);
        // A row's own value selects among people, whoever they are.
        let own = facts.rows == Rows::Individual && value.is_own();
        if own {
            return;
        }
        if facts.populations.is_empty() {
            let floor = facts.behind(value);
            facts.decided.also(&value.coverage, floor, span);
            return;
        }
        let floor = if facts.rows == Rows::Individual && value.moved {
            0
        } else if facts.rows == Rows::Individual {
            facts.behind(value).min(facts.behind_windows(value))
        } else {
            facts.behind_answer(value)
        };
        self.lower(floor, span, word, facts);
    }

    /// Makes rows depend on whether another relation has any rows.
    pub(super) fn depend_on_rows(
        &mut self,
        other: &RelationFacts,
        word: &'static str,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        let mut answer = ColumnFacts {
            coverage: other.decided.coverage.clone(),
            ..ColumnFacts::default()
        };
        answer.cells.extend(other.members.and_then(Members::cell));
        answer.cells.extend(other.decided.cell(span));
        self.lower_to_value(&answer, span, word, facts);
    }

    /// Makes rows depend on the comparison of two values that are the same in them.
    pub(super) fn same_values(
        &mut self,
        values: [&ColumnFacts; 2],
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let coverages = values.iter().map(|value| &value.coverage);
        let mut both = ColumnFacts::computed(&values);
        both.coverage = Coverage::mixed(coverages, Combination::Any, 0, span);
        self.lower_to_value(&both, span, word, facts);
    }

    /// Bounds the people behind a row's presence, or behind one of its labels, by
    /// `floor`.
    ///
    /// They become a population of their own, which no later count of the row's
    /// people raises.
    pub(super) fn lower(
        &mut self,
        floor: u64,
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        // A later count may prove more of the row's own people, but not of these.
        let required = self.sources.registry().policy().min_bucket;
        let lowers = |known: u64| known > floor || floor < required;
        let Some(known) = facts.k().filter(|known| lowers(*known)) else {
            return;
        };
        if self.mistake == Some(Mutation::ConditionsAreNoData) {
            return;
        }
        let table = facts.populations.values().next();
        let table = table.map_or_else(|| Rc::from(""), |people| Rc::clone(&people.table));
        if known > floor || facts.populations.values().any(|people| !people.implied) {
            let population = Population {
                k: floor,
                table,
                unit: None,
                implied: true,
                unregistered: false,
                between: None,
            };
            facts.populations.insert(self.populations.add(), population);
        }
        facts.history_mut().implies(RowInfluence {
            k: floor,
            table: None,
            span,
            word,
        });
    }

    /// Whether a subquery returns the newest or oldest day of a table: the
    /// pipeline's clock, which depends on no person.
    pub(super) fn is_clock(&self, subquery: &Subquery) -> bool {
        // A day that is computed for each row is no clock.
        subquery.kind == SubqueryKind::Scalar
            && subquery.outer.is_empty()
            && self.is_clock_relation(subquery.relation)
    }

    /// Whether a relation is the newest or oldest day of one table's rows.
    ///
    /// Only conditions on days may select the rows.
    pub(super) fn is_clock_relation(&self, id: RelId) -> bool {
        let [column] = self.plan.relation(id).columns.as_slice() else {
            return false;
        };
        let value = self.column(*column);
        let mut at = id;
        while let Operator::Project { input, .. } | Operator::Reader { of: input, .. } =
            &self.plan.relation(at).operator
        {
            at = *input;
        }
        let Operator::Aggregate(aggregate) = &self.plan.relation(at).operator else {
            return false;
        };
        let [(_, call)] = aggregate.aggregates.as_slice() else {
            return false;
        };
        aggregate.keys.is_empty()
            && aggregate.sets.is_empty()
            && matches!(call.name.as_str(), "MAX" | "MIN")
            && call.decided_by.is_empty()
            && call.filter.is_none()
            && call.limit.is_none()
            && self.is_clock_value(value)
            && value.sources.len() == 1
            && value.influences.is_empty()
            && self.is_one_table(aggregate.input)
    }

    /// Whether rows are those of one table, selected only by conditions on days.
    fn is_one_table(&self, id: RelId) -> bool {
        let facts = self.relation(id);
        let mut at = id;
        loop {
            match &self.plan.relation(at).operator {
                Operator::Project { input, .. } | Operator::Reader { of: input, .. } => {
                    at = *input;
                }
                Operator::Filter { input, predicate } if self.compares_days(predicate) => {
                    at = *input;
                }
                Operator::Scan(_) => break,
                _ => return false,
            }
        }
        facts.populations.len() <= 1
            && facts.history.implied.is_empty()
            && facts.history.indirect.iter().all(|id| self.is_day(*id))
    }

    /// Whether a predicate reads only days.
    fn compares_days(&self, predicate: &Expr) -> bool {
        let mut days = true;
        predicate.walk(&mut |part| match part.kind {
            ExprKind::Column(column) => {
                let value = self.column(column);
                days &=
                    !value.sources.is_empty() && value.sources.keys().all(|id| self.is_day(*id));
            }
            ExprKind::Subquery(_) | ExprKind::Unknown(_) => days = false,
            _ => {}
        });
        days
    }

    /// Whether a value is a day of category 1 or 2 that was selected from rows.
    ///
    /// Conditions on anything except days must not decide from which rows.
    fn is_clock_value(&self, value: &ColumnFacts) -> bool {
        value.single.is_some()
            // A value that is computed from days may be the greatest only for one
            // person.
            && value.as_stored
            && value.resolution == Some(Resolution::Day)
            && !value.sources.is_empty()
            && value.sources.keys().all(|id| self.is_day(*id))
            && value.conditions.iter().all(|id| self.is_day(*id))
            && value.when.is_empty()
    }

    fn is_day(&self, id: super::BaseColumnId) -> bool {
        let source = self.sources.get(id);
        source.entry.is_some_and(|entry| {
            matches!(entry.category, Some(1 | 2)) && entry.resolution == Some(Resolution::Day)
        })
    }

    /// Whether an expression is the newest or oldest day of a table.
    pub(super) fn is_clock_expression(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Subquery(subquery) => self.is_clock(subquery),
            _ => false,
        }
    }
}

/// Whether two values identify people by the same function of the same identifier.
pub(super) fn same_function(mine: &UnitValue, theirs: &UnitValue) -> bool {
    mine.is_same(theirs) && mine.constants == 0 && theirs.constants == 0
}
