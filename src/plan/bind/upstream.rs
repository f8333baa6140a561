//! Tables that other files make: their plans become part of the reader's plan.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::problem::ProblemKind;
use super::{Binder, ColId, Column, Expr, Origin, RelId};
use crate::catalog::TableName;
use crate::plan::{Definition, Doubt, Segment, TableMaker};
use crate::source::Span;

/// The maximal number of relations of a plan; larger ones are not followed.
const SIZE_LIMIT: usize = 4_000;

impl Binder<'_> {
    /// Returns the rows of a table that another file makes.
    ///
    /// `None` if nothing known makes it, or if it cannot be followed.
    pub(super) fn upstream(&mut self, name: &TableName, span: Span) -> Option<RelId> {
        let key = name.to_string().to_lowercase();
        if let Some(known) = self.read_upstream.get(&key) {
            let known = *known;
            return known.map(|relation| self.reader(relation, span));
        }
        let relation = match self.definitions.made(name)? {
            TableMaker::Statements(definition) => {
                let relation = self.made_upstream(name, &definition, span);
                if relation.is_none() {
                    self.not_followed(
                        &format!("the table `{name}` is made of too many others"),
                        span,
                    );
                }
                relation
            }
            TableMaker::Cyclic(through) => {
                self.problem(
                    ProblemKind::Unsupported,
                    span,
                    format!(
                        "the table `{name}` is created from itself, through {}, so nothing is proven about its rows",
                        through.join(", ")
                    ),
                    "declare its rows in a [[table]] entry of the registry, or break the cycle",
                );
                None
            }
            TableMaker::NotFollowed(doubts) => {
                for doubt in &doubts {
                    self.doubted(doubt, span);
                }
                None
            }
        };
        self.read_upstream.insert(key, relation);
        relation.map(|relation| self.reader(relation, span))
    }

    /// Returns the rows of a table; `None` if the plan would become too large.
    fn made_upstream(
        &mut self,
        name: &TableName,
        definition: &Arc<Definition>,
        span: Span,
    ) -> Option<RelId> {
        for doubt in &definition.doubts {
            self.doubted(doubt, span);
        }
        // Something that it reads may have included it, under the same or another
        // name.
        if let Some(relation) = self.grafted.table(definition) {
            return Some(relation);
        }
        let (relations, columns) = (self.plan.relation_count(), self.plan.column_count());
        let before = self.grafted.length();
        let mut arms = Vec::new();
        for writer in &definition.writers {
            let arm = self.plan.graft(writer, span, &mut self.grafted);
            match arm.filter(|_| self.plan.relation_count() <= SIZE_LIMIT) {
                Some(relation) => arms.push((relation, writer.named)),
                None => {
                    self.plan.truncate(relations, columns);
                    self.grafted.truncate(before);
                    return None;
                }
            }
        }
        let (mut arms, quantifier) = self.aligned(arms);
        if definition.repeated {
            // Two runs of one statement: what holds in each need not hold in both.
            let once = arms;
            arms = Vec::new();
            for arm in once.iter().chain(&once) {
                // The place where it is written, not where it is read.
                let at = self.plan.relation(*arm).origin.span;
                arms.push(self.reader(*arm, at));
            }
            let places = once.iter().map(|arm| self.plan.relation(*arm).origin.span);
            self.grafted.runs.extend(places);
        }
        let all = match arms.as_slice() {
            [] => return None,
            [only] => *only,
            _ => {
                let all = self.combine(ast::SetOperator::Union, quantifier, arms);
                // This union is not written in any text; it is what reading the
                // table means.
                self.plan.relation_mut(all).origin = Origin { word: "FROM", span };
                all
            }
        };
        let all = self.as_declared(all, name, span);
        let all = self.filter_by_other_files(all, &definition.deleted, span);
        self.grafted.tables.push((Arc::clone(definition), all));
        Some(all)
    }

    /// Gives the rows of statements the names of the table's columns.
    ///
    /// Also returns how they correspond: by name if a statement lists its columns.
    fn aligned(&mut self, arms: Vec<(RelId, bool)>) -> (Vec<RelId>, ast::SetQuantifier) {
        let names = arms
            .iter()
            .find(|(_, named)| !named)
            .and_then(|(arm, _)| self.all_names(*arm));
        let by_name = arms.iter().any(|(_, named)| *named) && arms.len() > 1;
        let all_named = arms.iter().all(|(_, named)| *named);
        let names = names.or_else(|| all_named.then(Vec::new));
        let Some(names) = names.filter(|_| by_name) else {
            let arms = arms.into_iter().map(|(arm, _)| arm).collect();
            return (arms, ast::SetQuantifier::All);
        };
        let arms: Vec<RelId> = arms
            .into_iter()
            .map(
                |(arm, named)| {
                    if named { arm } else { self.named(arm, &names) }
                },
            )
            .collect();
        let known: Option<Vec<Vec<String>>> = arms.iter().map(|arm| self.all_names(*arm)).collect();
        let Some(known) = known else {
            return (arms, ast::SetQuantifier::All);
        };
        // A column that a statement omits has the table's default, which is not
        // visible.
        let mut all: Vec<String> = known.into_iter().flatten().collect();
        let mut seen = FxHashSet::default();
        all.retain(|name| seen.insert(name.clone()));
        let arms = arms.into_iter();
        let arms = arms.map(|arm| self.with_unseen_defaults(arm, &all));
        (arms.collect(), ast::SetQuantifier::AllByName)
    }

    /// Reports what other texts may write into a table of the current text.
    pub(super) fn doubt_other_writers(&mut self, table: &TableName, span: Span) {
        for doubt in self.definitions.written_elsewhere(table) {
            self.doubted(&doubt, span);
        }
    }

    /// Reports what other texts may make of a function of the current text.
    ///
    /// They may redefine it before a view that calls it is read.
    pub(super) fn doubt_other_routines(&mut self, name: &str, span: Span) {
        // A temporary function has no dataset.
        if self.environment.is_lasting() && name.contains('.') {
            for doubt in self.definitions.defined_elsewhere(name) {
                self.doubted(&doubt, span);
            }
        }
    }

    /// Reports a doubt once, at its place in its own text.
    pub(super) fn doubted(&mut self, doubt: &Doubt, read_at: Span) {
        let place = (
            doubt.text.written.path().to_owned(),
            doubt.span,
            doubt.message.clone(),
        );
        if !self.doubts.insert(place) {
            return;
        }
        let base = self.grafted.extent;
        let length = Span::new(0, doubt.text.length() + 1).end;
        self.grafted.extent = base.saturating_add(length);
        self.grafted.segments.push(Segment {
            start: base,
            end: self.grafted.extent,
            text: Arc::clone(&doubt.text),
            read_at,
        });
        let kind = if doubt.dynamic {
            ProblemKind::DynamicSql
        } else {
            ProblemKind::Unsupported
        };
        let span = Span {
            start: base.saturating_add(doubt.span.start),
            end: base.saturating_add(doubt.span.end),
        };
        self.problem(kind, span, doubt.message.clone(), &doubt.help);
    }

    /// Gives rows the columns of the table's schema, in the order of the schema.
    ///
    /// Only if the query has unknown columns behind a `*` and the schema is
    /// complete.
    fn as_declared(&mut self, rows: RelId, name: &TableName, span: Span) -> RelId {
        let columns = self.columns_of(rows);
        let mut rests = columns.iter().filter(|column| self.is_rest(**column));
        let (Some(rest), None) = (rests.next(), rests.next()) else {
            return rows;
        };
        let Some(shape) = self.catalog.shape(name).filter(|shape| shape.complete) else {
            return rows;
        };
        let mut named = self.listed(&columns);
        named.retain(|column| column != rest);
        let mut outputs: Vec<ColId> = Vec::new();
        for declared in &shape.columns {
            let same = |known: &ColId| {
                let known = self.plan.column(*known);
                known.name.eq_ignore_ascii_case(declared)
            };
            let made = match named.iter().position(same) {
                Some(at) => Some(named.remove(at)),
                None => self.expand(*rest, declared, span),
            };
            match made {
                Some(made) => outputs.push(made),
                // The query and the schema contradict each other.
                None => return rows,
            }
        }
        outputs.append(&mut named);
        let outputs = outputs
            .into_iter()
            .map(|made| {
                let Column { name, span, .. } = self.plan.column(made).clone();
                (self.column(name, span), Expr::column(made, span))
            })
            .collect();
        self.project(rows, outputs, "FROM", span)
    }
}
