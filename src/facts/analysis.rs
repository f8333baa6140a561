//! The walk over a plan.

use std::collections::BTreeMap;

use super::column::ColumnFacts;
use super::lattice::{Pop, Populations, Rows};
use super::relation::{Individually, Population, RelationFacts};
use super::source::Sources;
use crate::plan::{ColId, Operator, Plan, RelId};
use crate::registry::Registry;
use crate::source::Span;

/// How often the step of a recursion is evaluated again.
const ROUNDS: usize = 3;

/// What is known of a plan's relations and columns.
#[derive(Debug)]
pub struct Facts<'r> {
    /// The base columns that it reads.
    pub sources: Sources<'r>,
    relations: Vec<RelationFacts>,
    columns: Vec<ColumnFacts>,
}

impl Facts<'_> {
    /// What is known of a relation's rows.
    pub fn relation(&self, id: RelId) -> &RelationFacts {
        &self.relations[id.0 as usize]
    }

    /// What is known of a column's values.
    pub fn column(&self, id: ColId) -> &ColumnFacts {
        &self.columns[id.0 as usize]
    }
}

/// Finds out what is known of a plan.
pub fn analyze<'r>(plan: &Plan, registry: &'r Registry) -> Facts<'r> {
    let mut analyzer = Analyzer {
        plan,
        sources: Sources::new(registry),
        relations: Vec::new(),
        columns: vec![ColumnFacts::unknown(); plan.column_count()],
        populations: Populations::default(),
        previous: BTreeMap::new(),
    };
    for (id, _) in plan.relations() {
        let facts = analyzer.evaluate(id);
        analyzer.relations.push(facts);
    }
    Facts {
        sources: analyzer.sources,
        relations: analyzer.relations,
        columns: analyzer.columns,
    }
}

/// What the walk carries along.
pub(super) struct Analyzer<'p, 'r> {
    pub(super) plan: &'p Plan,
    pub(super) sources: Sources<'r>,
    relations: Vec<RelationFacts>,
    columns: Vec<ColumnFacts>,
    pub(super) populations: Populations,
    /// What the round before of a recursion gave, by its anchor.
    previous: BTreeMap<RelId, (RelationFacts, Vec<ColumnFacts>)>,
}

impl Analyzer<'_, '_> {
    pub(super) fn relation(&self, id: RelId) -> &RelationFacts {
        &self.relations[id.0 as usize]
    }

    pub(super) fn column(&self, id: ColId) -> &ColumnFacts {
        &self.columns[id.0 as usize]
    }

    pub(super) fn set(&mut self, id: ColId, facts: ColumnFacts) {
        self.columns[id.0 as usize] = facts;
    }

    fn evaluate(&mut self, id: RelId) -> RelationFacts {
        let plan = self.plan;
        let relation = plan.relation(id);
        let span = relation.origin.span;
        match &relation.operator {
            Operator::Scan(table) => self.scan(table, span),
            Operator::Rows(rows) => self.rows(rows, &relation.columns),
            Operator::Filter { input, predicate } => {
                self.filter(*input, predicate, relation.origin.word)
            }
            Operator::Project { input, columns } => self.project(*input, columns),
            Operator::Aggregate(aggregate) => self.aggregate(aggregate),
            Operator::Window { input, windows } => self.window(*input, windows),
            Operator::Join { .. } => self.join(&relation.operator, relation.origin.word),
            Operator::Unnest {
                input,
                array,
                element,
                offset,
                outer: _,
            } => self.unnest(*input, array, *element, *offset, span),
            Operator::SetOperation { operator, inputs } => {
                self.set_operation(*operator, inputs, &relation.columns)
            }
            // The order tells nothing but what LIMIT then keeps.
            Operator::Sort { input, by } => {
                let mut facts = self.relation(*input).clone();
                for key in by {
                    self.subqueries(key, &mut facts);
                }
                facts
            }
            Operator::Limit { input } => self.relation(*input).clone(),
            Operator::Reader { of, columns } => self.reader(*of, columns),
            Operator::Recursion {
                anchor,
                step,
                columns,
            } => self.recursion(id, *anchor, *step, columns),
            Operator::Loop { columns, anchor } => self.of_the_round_before(columns, *anchor),
            Operator::Model { function, inputs } => {
                self.model(function, inputs, &relation.columns, span)
            }
            Operator::Opaque { inputs, reads, why } => {
                self.opaque(inputs, reads, why, &relation.columns, span)
            }
        }
    }

    fn rows(&mut self, rows: &[Vec<crate::plan::Expr>], columns: &[ColId]) -> RelationFacts {
        let mut facts = RelationFacts::impersonal();
        for (at, column) in columns.iter().enumerate() {
            let mut all: Option<ColumnFacts> = None;
            for value in rows.iter().filter_map(|row| row.get(at)) {
                self.subqueries(value, &mut facts);
                let value = self.value(value);
                all = Some(match all {
                    Some(known) => known.or(&value),
                    None => value,
                });
            }
            let mut value = all.unwrap_or_default();
            value.constant &= rows.len() == 1;
            self.set(*column, value);
        }
        facts
    }

    fn project(&mut self, input: RelId, columns: &[(ColId, crate::plan::Expr)]) -> RelationFacts {
        let mut facts = self.relation(input).clone();
        for (column, expr) in columns {
            self.attempts(expr, "CASE", &mut facts);
            self.subqueries(expr, &mut facts);
            let value = self.value(expr);
            self.set(*column, value);
        }
        facts
    }

    /// A second reader of a relation reads people of its own: rows of two
    /// readers need not be about the same ones.
    fn reader(&mut self, of: RelId, columns: &[(ColId, ColId)]) -> RelationFacts {
        let mut facts = self.relation(of).clone();
        let fresh: BTreeMap<Pop, Pop> = facts
            .populations
            .keys()
            .map(|pop| (self.populations.find(*pop), self.populations.add()))
            .collect();
        facts.populations = std::mem::take(&mut facts.populations)
            .into_iter()
            .map(|(pop, people)| (fresh[&self.populations.find(pop)], people))
            .collect();
        let renamed: BTreeMap<ColId, ColId> = columns
            .iter()
            .map(|(new, original)| (*original, *new))
            .collect();
        for key in facts.keys.iter_mut().flatten() {
            if let Some(new) = renamed.get(&key.column) {
                key.column = *new;
            }
        }
        for (new, original) in columns {
            let mut value = self.column(*original).clone();
            self.move_people(&mut value, &fresh);
            self.set(*new, value);
        }
        facts
    }

    /// Rewrites which people a value speaks of.
    fn move_people(&self, value: &mut ColumnFacts, fresh: &BTreeMap<Pop, Pop>) {
        value.each_pop(&mut |pop| {
            if let Some(new) = fresh.get(&self.populations.find(*pop)) {
                *pop = *new;
            }
        });
    }

    fn of_the_round_before(&mut self, columns: &[(ColId, ColId)], anchor: RelId) -> RelationFacts {
        if let Some((facts, values)) = self.previous.get(&anchor).cloned() {
            for ((new, _), value) in columns.iter().zip(values) {
                self.set(*new, value);
            }
            return facts;
        }
        for (new, original) in columns {
            let value = self.column(*original).clone();
            self.set(*new, value);
        }
        self.relation(anchor).clone()
    }

    /// From the anchor to a fixed point; where that is not reached in a few
    /// rounds, nothing is proven of people.
    fn recursion(
        &mut self,
        id: RelId,
        anchor: RelId,
        step: RelId,
        columns: &[(ColId, ColId, ColId)],
    ) -> RelationFacts {
        let mut facts = RelationFacts::impersonal();
        for _ in 0..ROUNDS {
            facts = self.alternatives(&[anchor, step]);
            let values: Vec<ColumnFacts> = columns
                .iter()
                .map(|(_, first, next)| {
                    let mut value = self.column(*first).clone().or(self.column(*next));
                    value.constant = false;
                    value
                })
                .collect();
            let settled = self
                .previous
                .get(&anchor)
                .is_some_and(|(known, before)| known.rows == facts.rows && *before == values);
            for ((out, _, _), value) in columns.iter().zip(&values) {
                self.set(*out, value.clone());
            }
            self.previous.insert(anchor, (facts.clone(), values));
            if settled {
                break;
            }
            // The step's own relations stand between the anchor and here.
            for again in anchor.0 + 1..id.0 {
                let evaluated = self.evaluate(RelId(again));
                self.relations[again as usize] = evaluated;
            }
        }
        self.previous.remove(&anchor);
        for people in facts.populations.values_mut() {
            people.k = 0;
        }
        for (out, _, _) in columns {
            let mut value = self.column(*out).clone();
            value.unit = None;
            value.count = None;
            self.set(*out, value);
        }
        facts
    }

    /// Rows of which nothing is known.
    fn opaque(
        &mut self,
        inputs: &[RelId],
        reads: &[crate::plan::Expr],
        why: &str,
        columns: &[ColId],
        span: Span,
    ) -> RelationFacts {
        let mut facts = RelationFacts::impersonal();
        let mut value = ColumnFacts::unknown();
        value.personal = true;
        for input in inputs {
            facts.beside(self.relation(*input));
            for column in &self.plan.relation(*input).columns {
                value.absorb(self.column(*column));
            }
        }
        for expr in reads {
            self.subqueries(expr, &mut facts);
            value.absorb(&self.value(expr));
        }
        value.constant = false;
        facts.rows = Rows::Individual;
        facts.individually = Some(Individually {
            why: format!("{why}, so its rows are taken to be single people"),
            span,
        });
        facts.opaque.push((why.to_owned(), span));
        facts.populations.insert(
            self.populations.add(),
            Population {
                k: 0,
                table: why.to_owned(),
                unit: None,
            },
        );
        for column in columns {
            let mut value = value.clone();
            value.rest = self.plan.column(*column).rest.as_ref().map(|_| span);
            self.set(*column, value);
        }
        facts
    }
}
