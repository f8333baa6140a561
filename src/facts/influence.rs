//! People of other rows on whom a condition, and so a value or a row, depends
//! (`design/proof.md`, law 4).
//!
//! `EXISTS (SELECT … FROM t …)` selects nothing of `t`, and publishes whether
//! somebody is there.

use std::rc::Rc;

use super::analysis::Analyzer;
use super::cell::{Among, Cell};
use super::column::{ColumnFacts, UnitValue};
use super::coverage::{Coverage, Mix};
use super::dependency::Dependencies;
use super::lattice::{Pop, Rows};
use super::members::Members;
use super::mistake::Mistake;
use super::numbering::Number;
use super::relation::{Population, RelationFacts};
use crate::plan::{Expr, ExprKind, Operator, RelId, Subquery, SubqueryKind};
use crate::registry::Resolution;
use crate::source::Span;

/// People of other rows on whom a value depends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Influence {
    /// Whose people.
    pub pop: Pop,
    /// Distinct people behind each answer, proven.
    pub k: u64,
    /// The table that they came from.
    pub table: Rc<str>,
    /// The condition.
    pub span: Span,
}

/// A condition that made rows depend on people who may be too few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implied {
    /// Distinct people behind each answer of the condition, proven.
    pub k: u64,
    /// The table that they came from; `None` for the rows' own people.
    pub table: Option<Rc<str>>,
    /// The condition.
    pub span: Span,
    /// The clause.
    pub word: &'static str,
}

/// What decides whether rows are there of which nobody is one: constants, and
/// members of an array of the row around.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The coverage of all that is compared.
    pub(super) coverage: Coverage,
    /// People behind it, where it tells of fewer than the row around.
    pub(super) floor: u64,
}

impl Default for Decided {
    /// Nothing decides.
    fn default() -> Self {
        Self {
            coverage: Coverage::NoData,
            floor: u64::MAX,
        }
    }
}

impl Decided {
    /// Another value decides, too.
    pub(super) fn also(&mut self, coverage: &Coverage, floor: u64, span: Span) {
        self.coverage = Coverage::mixed([&self.coverage, coverage], Mix::Any, 0, span);
        self.floor = self.floor.min(floor);
    }

    /// The part of an answer that is made of it; none where it tells of as many
    /// people as the row around.
    pub(super) fn cell(&self, span: Span) -> Option<Cell> {
        (self.floor < u64::MAX).then_some(Cell {
            among: Among::OneRow,
            floor: self.floor,
            span,
            measure: None,
        })
    }

    /// Another relation's rows are joined.
    pub(super) fn add(&mut self, other: &Self) {
        self.also(&other.coverage, other.floor, Span::default());
    }
}

/// A name of the person of the row around.
struct Person {
    number: Number,
    unit: Rc<UnitValue>,
    /// Whether it is NULL for nobody.
    total: bool,
}

impl Analyzer<'_, '_> {
    /// The people on whom the answer of EXISTS or IN depends: those of the
    /// subquery, but for a subquery that looks the row's own person up.
    pub(super) fn influences(&mut self, subquery: &Subquery, span: Span) -> Vec<Influence> {
        // NULL is in no list but an empty one: where a condition has made the value
        // that is looked for NULL, the answer tells whether anybody is listed.
        let looked_for = match &subquery.kind {
            SubqueryKind::In(value) => {
                let value = self.value(value);
                value.unit.clone().filter(|_| value.total)
            }
            SubqueryKind::Exists | SubqueryKind::Scalar | SubqueryKind::Array => None,
        };
        let persons: Vec<Person> = subquery
            .outer
            .iter()
            .filter_map(|column| {
                let value = self.column(*column);
                Some(Person {
                    number: self.numbering.column(*column),
                    unit: value.unit.clone()?,
                    total: value.total,
                })
            })
            .collect();
        // Which groups have the measured value may hang on one person.
        let listed = self.plan.relation(subquery.relation).columns.first();
        let measured = matches!(subquery.kind, SubqueryKind::In(_))
            && listed.is_some_and(|listed| !self.column(*listed).coverage.measures().is_empty())
            || self.is_found_by_measure(subquery.relation);
        let inner = self.relation(subquery.relation);
        // Where one of the list may be NULL by a condition, so is the answer for all.
        let columns = self.plan.relation(subquery.relation).columns.iter();
        let found = columns.take(1).find_map(|column| {
            let listed = self.column(*column);
            let number = self.numbering.column(*column);
            let there = inner.dependencies.not_null.contains(&number);
            listed.unit.clone().filter(|_| listed.total || there)
        });
        let mut influences = Vec::new();
        if self.mistake == Some(Mistake::ConditionsAreNoData) {
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

    /// Whether the rows of a subquery are those of the person of the row around.
    fn looked_up(&self, rows: &Dependencies, pop: Pop, persons: &[Person]) -> bool {
        let pop = self.populations.find(pop);
        persons.iter().any(|person| {
            rows.units.iter().any(|unit| {
                self.populations.find(unit.pop()) == pop
                    && same_function(&person.unit, &unit.value)
                    && rows.same_person(person.number, (person.total, false), unit)
            })
        })
    }

    /// Rows depend on the people of a subquery in their condition.
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

    /// Rows depend on people of other rows: these are among theirs.
    pub(super) fn depend_on(
        &mut self,
        influences: &[Influence],
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        if self.mistake == Some(Mistake::ConditionsAreNoData) {
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
            facts.history_mut().implies(Implied {
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

    /// Rows are there or not by a value that may be of fewer people than the
    /// row: then the row is, too.
    pub(super) fn decided_among(
        &mut self,
        value: &ColumnFacts,
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        self.depend_on(&value.influences.clone(), word, facts);
        // A row's own value chooses among people, whoever they are.
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

    /// Rows are there or not by whether another relation has any.
    pub(super) fn decided_by_rows(
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
        self.decided_among(&answer, span, word, facts);
    }

    /// Rows are there where two values are the same: these are compared.
    pub(super) fn same_values(
        &mut self,
        values: [&ColumnFacts; 2],
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let coverages = values.iter().map(|value| &value.coverage);
        let mut both = ColumnFacts::computed(&values);
        both.coverage = Coverage::mixed(coverages, Mix::Any, 0, span);
        self.decided_among(&both, span, word, facts);
    }

    /// No more than `floor` people are proven behind whether a row is there, or
    /// a label of it. They are a population of their own, which no later count of
    /// the row's people raises.
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
        if self.mistake == Some(Mistake::ConditionsAreNoData) {
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
        facts.history_mut().implies(Implied {
            k: floor,
            table: None,
            span,
            word,
        });
    }

    /// Whether a subquery gives the newest or oldest day of a table: the
    /// pipeline's clock, and nobody's.
    pub(super) fn is_clock(&self, subquery: &Subquery) -> bool {
        // A day for each row is no clock.
        subquery.kind == SubqueryKind::Scalar
            && subquery.outer.is_empty()
            && self.is_clock_relation(subquery.relation)
    }

    /// The same of a relation: the newest or oldest day of the rows of one table,
    /// of which days alone chose some.
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

    /// Whether rows are those of one table of which days alone chose some.
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

    /// Whether a predicate reads days alone.
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

    /// Whether a value is a day of category 1 or 2 that was picked from rows,
    /// and no condition decided from which.
    fn is_clock_value(&self, value: &ColumnFacts) -> bool {
        value.single.is_some()
            // What is computed of days may be the greatest of one person's alone.
            && value.as_stored
            && value.resolution == Some(Resolution::Day)
            && !value.sources.is_empty()
            && value.sources.keys().all(|id| self.is_day(*id))
            && value.conditions.iter().all(|id| self.is_day(*id))
            && value.when.is_empty()
    }

    fn is_day(&self, id: super::SourceId) -> bool {
        let source = self.sources.get(id);
        source.entry.is_some_and(|entry| {
            matches!(entry.category, Some(1 | 2)) && entry.resolution == Some(Resolution::Day)
        })
    }

    /// Whether an expression is the clock.
    pub(super) fn is_clock_expression(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Subquery(subquery) => self.is_clock(subquery),
            _ => false,
        }
    }
}

/// Whether two values name people by the same function of the same identifier.
pub(super) fn same_function(mine: &UnitValue, theirs: &UnitValue) -> bool {
    mine.is_same(theirs) && mine.constants == 0 && theirs.constants == 0
}
