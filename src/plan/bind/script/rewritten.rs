//! The effect of a later DELETE, UPDATE or MERGE on rows of a stored table.
//!
//! Which rows remain and what they contain depends on their earlier content. It
//! proves nothing: the statement may not run, so a value may also be the old one,
//! and a row that may be deleted may still exist.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

use super::chosen::always_true_reading;
use super::environment::Environment;
use super::graph::NodeId;
use super::names::named;
use super::rewriting::Rewrite;
use super::state::{OUTSIDE, TableKey, Versions};
use super::table::{TableContent, last_name};
use crate::catalog::TableName;
use crate::plan::bind::scope::{RangeVariable, Scope};
use crate::plan::bind::written::{assigned_column, negated};
use crate::plan::bind::{Binder, ColId, Expansion, Expr, RelId};
use crate::plan::{Case, ExprKind, Literal};
use crate::source::Span;

/// The message for an effect that is not followed.
const REWRITTEN: &str =
    "what a later statement leaves in the table, and which rows, is not understood";

impl<'a> Binder<'a> {
    /// Returns the rows of a table as a later node's statement may leave them.
    ///
    /// Values that it assigns to other columns are added if such statements read
    /// them.
    pub(super) fn rewritten_by(
        &mut self,
        rows: RelId,
        id: NodeId,
        read: &FxHashSet<String>,
    ) -> RelId {
        let graph = Rc::clone(&self.environment.graph);
        let Some(rewrite) = graph.rewrite(id) else {
            return rows;
        };
        let span = graph.node(id).span;
        let environment = Environment::at(&graph, id, self.environment.round);
        let places = Rc::clone(&graph.node(id).places);
        let problems = self.problems.len();
        let done = self.elsewhere(&environment, &places, |binder| match rewrite {
            Rewrite::Deleted(query) => binder.perhaps_deleted(rows, query, span),
            Rewrite::Updated(update) => binder.perhaps_updated(rows, update, read, span),
            Rewrite::Merged(merge) => binder.perhaps_merged(rows, merge, read, span),
        });
        self.problems.truncate(problems);
        done.unwrap_or_else(|| self.filter_by_unknown(rows, REWRITTEN, span))
    }

    /// Makes rows depend on an effect of later statements that is not followed.
    pub(super) fn not_rewritten(&mut self, rows: RelId, span: Span) -> RelId {
        self.filter_by_unknown(rows, REWRITTEN, span)
    }

    fn perhaps_deleted(&mut self, rows: RelId, query: &'a ast::Query, span: Span) -> Option<RelId> {
        let ast::SetExpr::Select(select) = &*query.body else {
            return None;
        };
        let [from] = select.from.as_slice() else {
            return None;
        };
        let Some(condition) = &select.selection else {
            return Some(rows);
        };
        let mut held = self.held(rows, &from.relation, &[], span);
        let condition = self.of_held(&mut held, condition, span)?;
        Some(self.filtered(rows, always_true_reading(condition), "DELETE"))
    }

    fn perhaps_updated(
        &mut self,
        rows: RelId,
        update: &'a ast::Update,
        read: &FxHashSet<String>,
        span: Span,
    ) -> Option<RelId> {
        let others: Vec<&ast::TableFactor> = match &update.from {
            None => Vec::new(),
            Some(
                ast::UpdateTableFromKind::AfterSet(from)
                | ast::UpdateTableFromKind::BeforeSet(from),
            ) => {
                let joined = |item: &'a ast::TableWithJoins| {
                    let joins = item.joins.iter().map(|join| &join.relation);
                    std::iter::once(&item.relation).chain(joins)
                };
                from.iter().flat_map(joined).collect()
            }
        };
        let mut held = self.held(rows, &update.table.relation, &others, span);
        let mut conditions = Vec::new();
        if let Some(selection) = &update.selection {
            conditions.push(self.of_held(&mut held, selection, span)?);
        }
        let parts = (update.assignments.as_slice(), conditions);
        self.perhaps_assigned(rows, &mut held, parts, read, span)
    }

    fn perhaps_merged(
        &mut self,
        mut rows: RelId,
        merge: &'a ast::Merge,
        read: &FxHashSet<String>,
        span: Span,
    ) -> Option<RelId> {
        for (at, clause) in merge.clauses.iter().enumerate() {
            let ast::MergeAction::Update(update) = &clause.action else {
                continue;
            };
            let ast::MergeUpdateKind::Set(assignments) = &update.kind else {
                return None;
            };
            let mut held = self.held(rows, &merge.table, &[&merge.source], span);
            let mut conditions = vec![self.of_held(&mut held, &merge.on, span)?];
            // Rows that an earlier clause has taken are not available to this one.
            for earlier in merge.clauses.iter().take(at) {
                if let Some(predicate) = &earlier.predicate {
                    conditions.push(negated(self.of_held(&mut held, predicate, span)?));
                }
            }
            if let Some(predicate) = &clause.predicate {
                conditions.push(self.of_held(&mut held, predicate, span)?);
            }
            if clause.clause_kind == ast::MergeClauseKind::NotMatchedBySource {
                conditions[0] = negated(conditions[0].clone());
            }
            rows = self.perhaps_assigned(rows, &mut held, (assignments, conditions), read, span)?;
        }
        Some(rows)
    }

    /// Returns rows whose columns may have the values that are assigned to them.
    fn perhaps_assigned(
        &mut self,
        rows: RelId,
        held: &mut WrittenRows,
        (assignments, mut conditions): (&'a [ast::Assignment], Vec<Expr>),
        read: &FxHashSet<String>,
        span: Span,
    ) -> Option<RelId> {
        let mut values: Vec<(String, Expr)> = Vec::new();
        for ast::Assignment { target, value } in assignments {
            let name = assigned_column(target, held.alias.as_deref())?;
            let value = if is_default(value) {
                Expr::new(ExprKind::Literal(Literal::Null), span)
            } else {
                self.of_held(held, value, span)?
            };
            values.push((name.to_owned(), value));
        }
        let whether = ExprKind::Variable(format!("a row is changed at {}", span.start));
        conditions.insert(0, Expr::new(whether, span));
        let condition = if conditions.len() == 1 {
            conditions.remove(0)
        } else {
            Expr::new(ExprKind::And(conditions), span)
        };
        if self
            .columns_of(rows)
            .iter()
            .any(|column| self.is_rest(*column))
            && let Some(range) = held.scope.ranges.first()
        {
            // The columns exist, even if no schema declares them.
            for (name, _) in &values {
                self.column_of(range, name, span);
            }
        }
        let columns = self.columns_of(rows);
        let nameless = |binder: &Self, column: ColId| binder.plan.column(column).name.is_empty();
        let mut outputs = Vec::new();
        let mut changed = false;
        for column in columns {
            let known = self.plan.column(column).clone();
            // A column without a name may be any of them.
            let of_it = values.iter().filter(|(name, _)| {
                known.rest.is_none()
                    && (known.name.eq_ignore_ascii_case(name) || nameless(self, column))
            });
            let mut new: Vec<Expr> = of_it.map(|(_, value)| value.clone()).collect();
            let new = match new.len() {
                0 => {
                    outputs.push(self.pass(column, known.span));
                    continue;
                }
                1 => new.remove(0),
                _ => Expr::new(ExprKind::Either(new), span),
            };
            changed = true;
            let case = Case {
                branches: vec![(condition.clone(), new)],
                otherwise: Some(Expr::column(column, known.span)),
            };
            let value = Expr::new(ExprKind::Case(Box::new(case)), span);
            outputs.push((self.column(known.name, known.span), value));
        }
        // Another statement may read a column that the first statement did not
        // write.
        if held.nameless.is_empty() {
            let known: Vec<String> = outputs
                .iter()
                .map(|(column, _)| self.plan.column(*column).name.to_lowercase())
                .collect();
            for (name, value) in values {
                let lower = name.to_lowercase();
                if known.contains(&lower) || !read.contains(&lower) {
                    continue;
                }
                changed = true;
                let before = ExprKind::Variable(format!("{name} of the table at {}", span.start));
                let case = Case {
                    branches: vec![(condition.clone(), value)],
                    otherwise: Some(Expr::new(before, span)),
                };
                let value = Expr::new(ExprKind::Case(Box::new(case)), span);
                outputs.push((self.column(name, span), value));
            }
        }
        Some(if changed {
            self.project(rows, outputs, "UPDATE", span)
        } else {
            rows
        })
    }

    /// Returns the scope of rows as a later statement names them.
    fn held(
        &mut self,
        rows: RelId,
        target: &ast::TableFactor,
        sources: &[&ast::TableFactor],
        span: Span,
    ) -> WrittenRows {
        let mut own = self.columns_of(rows);
        let nameless: Vec<ColId> = own
            .iter()
            .copied()
            .filter(|column| {
                let column = self.plan.column(*column);
                column.rest.is_none() && column.name.is_empty()
            })
            .collect();
        own.retain(|column| !nameless.contains(column));
        let mut rests = Vec::new();
        if !own.iter().any(|column| self.is_rest(*column)) {
            let known = own
                .iter()
                .map(|column| self.plan.column(*column).name.clone());
            let known: Vec<String> = known.collect();
            let rest = self.rest(Expansion::Unknown, known, span);
            own.push(rest);
            rests.push((rest, true));
        }
        let alias = alias_of(target);
        let range = |alias: Option<String>, columns: Vec<ColId>| RangeVariable {
            alias,
            columns,
            element: None,
            behind: false,
            scan: None,
        };
        let mut scope = Scope::default();
        scope.ranges.push(range(alias.clone(), own));
        for source in sources {
            let rest = self.rest(Expansion::Unknown, Vec::new(), span);
            rests.push((rest, false));
            scope.ranges.push(range(alias_of(source), vec![rest]));
        }
        WrittenRows {
            scope,
            alias,
            nameless,
            rests,
        }
    }

    /// Binds an expression of a later statement over the rows that are written.
    ///
    /// Columns that the rows do not have become constants, and so do those of other
    /// tables, which are handled elsewhere. `None` if the expression is not
    /// understood.
    fn of_held(&mut self, held: &mut WrittenRows, expr: &'a ast::Expr, span: Span) -> Option<Expr> {
        let mut bound = self.over(&held.scope, expr);
        let mut made: FxHashMap<ColId, Expr> = FxHashMap::default();
        for (rest, own) in &held.rests {
            for (name, column) in self.expanded.get(rest).into_iter().flatten() {
                let constant = ExprKind::Variable(format!("{name} of the table at {}", span.start));
                let kind = if *own && !held.nameless.is_empty() {
                    let columns = held.nameless.iter();
                    ExprKind::Either(columns.map(|column| Expr::column(*column, span)).collect())
                } else {
                    constant
                };
                made.insert(*column, Expr::new(kind, span));
            }
        }
        let mut understood = true;
        replace(&mut bound, &made, &mut understood);
        understood.then_some(bound)
    }

    /// Keeps the first `count` columns of rows and drops those added after them.
    pub(super) fn first_columns(&mut self, rows: RelId, count: usize) -> RelId {
        let columns = self.columns_of(rows);
        if columns.len() <= count || columns.iter().any(|column| self.is_rest(*column)) {
            return rows;
        }
        let span = self.plan.relation(rows).origin.span;
        let first = columns.into_iter().take(count);
        let outputs = first.map(|column| self.pass(column, span)).collect();
        self.project(rows, outputs, "UPDATE", span)
    }

    /// Returns the column names of a table into which a node inserts by position.
    ///
    /// `None` if the script does not determine them.
    pub(super) fn names_of_target(
        &mut self,
        id: NodeId,
        target: &TableName,
    ) -> Option<Vec<String>> {
        let graph = Rc::clone(&self.environment.graph);
        let named = named(&graph, graph.state(id), target);
        let mut found: Option<Vec<String>> = None;
        for maker in graph.makers(id, &named) {
            if maker == OUTSIDE {
                continue;
            }
            let names = self.names_made(maker)?;
            if found.as_ref().is_some_and(|known| *known != names) {
                return None;
            }
            found = Some(names);
        }
        found
    }

    /// Returns whether a FROM item is a table that the script has filled.
    pub(in crate::plan::bind) fn is_filled_here(&self, factor: &ast::TableFactor) -> bool {
        let Some(name) = super::factor_name(factor) else {
            return false;
        };
        let graph = &self.environment.graph;
        let mut seen: FxHashSet<(TableKey, NodeId)> = FxHashSet::default();
        let mut waiting: Vec<(TableKey, Versions)> = self.environment.table(&name).sources;
        while let Some((key, versions)) = waiting.pop() {
            for id in versions.iter().copied().filter(|id| *id != OUTSIDE) {
                if !seen.insert((key.clone(), id)) {
                    continue;
                }
                match graph.content(id) {
                    TableContent::Merged(merge) if inserts(merge) => return true,
                    TableContent::Kept(_) | TableContent::Updated(_) | TableContent::Merged(_) => {
                        waiting.push((key.clone(), graph.state(id).versions(&key)));
                    }
                    TableContent::Empty(_) | TableContent::Bare => {}
                    TableContent::Query(..)
                    | TableContent::View(_)
                    | TableContent::Inserted(..)
                    | TableContent::Copied(_)
                    | TableContent::Renamed(_)
                    | TableContent::Trained(_)
                    | TableContent::Unknown(_) => return true,
                }
            }
        }
        false
    }
}

/// The rows of a table, as a later statement names them.
struct WrittenRows {
    scope: Scope,
    /// The alias of the table in the statement.
    alias: Option<String>,
    /// Its columns without names.
    nameless: Vec<ColId>,
    /// The rest columns, and whether each belongs to the table itself.
    rests: Vec<(ColId, bool)>,
}

fn inserts(merge: &ast::Merge) -> bool {
    let mut clauses = merge.clauses.iter();
    clauses.any(|clause| matches!(clause.action, ast::MergeAction::Insert(_)))
}

fn alias_of(factor: &ast::TableFactor) -> Option<String> {
    if let ast::TableFactor::Table { name, alias, .. } = factor {
        return match alias {
            Some(alias) => Some(alias.name.value.clone()),
            None => last_name(name),
        };
    }
    if let ast::TableFactor::Derived { alias, .. } = factor {
        return alias.as_ref().map(|alias| alias.name.value.clone());
    }
    None
}

fn is_default(value: &ast::Expr) -> bool {
    matches!(value, ast::Expr::Identifier(word) if word.quote_style.is_none()
        && word.value.eq_ignore_ascii_case("DEFAULT"))
}

/// Replaces columns by their meanings.
///
/// Clears `understood` if the expression has an unknown part, or if a subquery reads
/// such a column.
fn replace(expr: &mut Expr, made: &FxHashMap<ColId, Expr>, understood: &mut bool) {
    if let Some(column) = expr.as_column() {
        if let Some(meant) = made.get(&column) {
            *expr = meant.clone();
        }
        return;
    }
    if let ExprKind::Unknown(_) = &expr.kind {
        *understood = false;
    }
    if let ExprKind::Subquery(subquery) = &expr.kind {
        let mut outer = subquery.outer.iter();
        *understood &= !outer.any(|column| made.contains_key(column));
    }
    for child in expr.children_mut() {
        replace(child, made, understood);
    }
}
