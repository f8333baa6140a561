//! MERGE and UPDATE: the values that they write, as rows.

use sqlparser::ast;

use super::scope::{Frame, Scope};
use super::script::{DELETED, subquery};
use super::select::Item;
use super::written::{negated, together};
use super::{Binder, ColId, Expr, Operator, RelId};
use crate::plan::{ExprKind, JoinKind, Literal, SetOperator, SubqueryKind};
use crate::source::Span;

impl Binder<'_> {
    /// Names the columns of a dataset's relation as its target lists them.
    pub(super) fn output(&mut self, root: RelId, names: &[String]) -> RelId {
        let columns = self.columns_of(root);
        if names.len() == columns.len() {
            for (column, name) in columns.into_iter().zip(names) {
                self.plan.column_mut(column).name.clone_from(name);
            }
        }
        root
    }

    /// Returns the rows that a MERGE writes: one arm for each of its clauses.
    pub(super) fn merge(&mut self, merge: &ast::Merge) -> Option<RelId> {
        let ast::Merge {
            merge_token: _,
            optimizer_hints: _,
            into: _,
            table,
            source,
            on,
            clauses,
            output,
        } = merge;
        let (target, into) = self.factor(table);
        let (source, from) = self.factor(source);
        if output.is_some() {
            let span = self.plan.relation(target).origin.span;
            self.unsupported("OUTPUT of a MERGE", span);
        }
        let ours = self.is_filled_here(table);
        let both = together(&into, &from);
        let by_source = ast::MergeClauseKind::NotMatchedBySource;
        let mut arms = Vec::new();
        let mut inserted = Vec::new();
        let mut deleted = None;
        // The rows of the source that decide which rows it deletes.
        let mut taken = Vec::new();
        for (at, clause) in clauses.iter().enumerate() {
            let ast::MergeClause {
                when_token: _,
                clause_kind,
                predicate,
                action,
            } = clause;
            let span = predicate
                .as_ref()
                .map_or(Span::default(), |predicate| self.places.expr(predicate));
            match action {
                ast::MergeAction::Insert(insert) => {
                    let matched = self.over(&both, on);
                    let rows = self.unmatched((source, &from), target, ours, matched, span);
                    let rows = self.chosen(rows, &from, clauses, at);
                    if let Some(arm) = self.merge_insert(rows, &from, insert) {
                        inserted.push(arms.len());
                        arms.push(arm);
                    }
                }
                ast::MergeAction::Update(ast::MergeUpdateExpr {
                    update_token: _,
                    kind,
                    update_predicate,
                    delete_predicate,
                }) => {
                    if update_predicate.is_some() || delete_predicate.is_some() {
                        self.unsupported("WHERE after UPDATE in a MERGE", span);
                    }
                    match kind {
                        ast::MergeUpdateKind::Set(assignments) => {
                            arms.push(if *clause_kind == by_source {
                                let matched = self.over(&both, on);
                                let rows = self.without_matches(target, source, matched, span);
                                let rows = self.chosen(rows, &into, clauses, at);
                                let items = self.assigned(&into, assignments);
                                self.project_assigned(rows, items)
                            } else {
                                let mut conditions = vec![self.over(&both, on)];
                                conditions.extend(self.choices(&both, clauses, at));
                                let items = self.assigned(&both, assignments);
                                self.changed((target, ours), (source, &from), conditions, items)
                            });
                        }
                        ast::MergeUpdateKind::Wildcard => {
                            self.unsupported("UPDATE SET *", span);
                            arms.push(source);
                        }
                    }
                }
                ast::MergeAction::Delete { delete_token: _ } => {
                    let choices = self.choices(&both, clauses, at);
                    let own = self.own_columns((target, &into));
                    if choices.iter().any(contains_subquery) {
                        deleted = Some(span);
                    } else if !choices.iter().all(|choice| reads_only(choice, &own)) {
                        let mut conditions = vec![self.over(&both, on)];
                        conditions.extend(choices);
                        let rows =
                            self.changed((target, ours), (source, &from), conditions, Vec::new());
                        taken.push((rows, span));
                    }
                }
                ast::MergeAction::DoNothing {
                    do_token: _,
                    nothing_token: _,
                } => {}
            }
        }
        let mut names: Vec<String> = Vec::new();
        for column in arms.iter().flat_map(|arm| self.columns_of(*arm)) {
            let name = &self.plan.column(column).name;
            if !self.is_rest(column) && !names.contains(name) {
                names.push(name.clone());
            }
        }
        for at in inserted {
            arms[at] = self.with_defaults_of(arms[at], &names, table);
        }
        let mut rows = match arms.as_slice() {
            [] => return None,
            [only] => *only,
            _ => self.by_name_of(&arms),
        };
        for (taken, span) in taken {
            rows = self.left_beside(rows, taken, span);
        }
        Some(match deleted {
            Some(span) => self.filter_by_unknown(rows, DELETED, span),
            None => rows,
        })
    }

    /// Filters rows by an unknown condition, because other data decide which remain.
    ///
    /// `what` names the statement that decides.
    pub(super) fn filter_by_unknown(&mut self, rows: RelId, what: &str, span: Span) -> RelId {
        self.undecided(what, span);
        let predicate = Expr::unknown("which rows are deleted", span);
        self.filtered(rows, predicate, "DELETE")
    }

    /// Makes rows depend on whether others are deleted; keeps all of them.
    fn left_beside(&mut self, rows: RelId, taken: RelId, span: Span) -> RelId {
        let any = subquery(SubqueryKind::Exists, taken, span);
        let none = Expr::new(ExprKind::Not(Box::new(any.clone())), span);
        let either = Expr::new(ExprKind::Or(vec![any, none]), span);
        self.filtered(rows, either, "DELETE")
    }

    /// Returns the rows of the source that match no row of the target.
    fn unmatched(
        &mut self,
        source: (RelId, &Scope),
        target: RelId,
        ours: bool,
        matched: Expr,
        span: Span,
    ) -> RelId {
        match self.alone(source, &matched).filter(|_| !ours) {
            Some(matched) => self.filtered(source.0, negated(matched), "ON"),
            None => self.without_matches(source.0, target, matched, span),
        }
    }

    /// Returns the values that assignments write, for rows that satisfy the
    /// conditions.
    ///
    /// The rows are those of the source. They are joined with the target's if the
    /// assigned values read the target, if a condition contains a subquery, or if
    /// this script has filled the target. Otherwise the conditions read only
    /// published values of the target, as constants.
    fn changed(
        &mut self,
        (target, ours): (RelId, bool),
        source: (RelId, &Scope),
        conditions: Vec<Expr>,
        items: Vec<Item>,
    ) -> RelId {
        let own = self.own_columns(source);
        let reads_own = items.iter().all(|item| reads_only(&item.expr, &own));
        let alone: Option<Vec<Expr>> = conditions
            .iter()
            .map(|condition| self.alone(source, condition))
            .collect();
        let (mut rows, conditions) = match alone {
            Some(alone) if reads_own && !ours => (source.0, alone),
            Some(_) | None => {
                let mut columns = self.columns_of(target);
                columns.extend(self.columns_of(source.0));
                let span = self.plan.relation(source.0).origin.span;
                let join = Operator::Join {
                    kind: JoinKind::Cross,
                    left: target,
                    right: source.0,
                    condition: None,
                    correlated: false,
                    merged: Vec::new(),
                };
                (self.add(join, columns, "FROM", span), conditions)
            }
        };
        for condition in conditions {
            rows = self.filtered(rows, condition, "WHERE");
        }
        self.project_assigned(rows, items)
    }

    /// Rewrites a condition to one on a row of the source alone.
    ///
    /// Columns of the target become constants, because the target was published
    /// before. `None` if the condition contains a subquery.
    fn alone(&self, source: (RelId, &Scope), condition: &Expr) -> Option<Expr> {
        let mut plain = true;
        condition.walk(&mut |part| {
            plain &= !matches!(part.kind, ExprKind::Subquery(_));
        });
        if !plain {
            return None;
        }
        let own = self.own_columns(source);
        let mut condition = condition.clone();
        let mut waiting = vec![&mut condition];
        while let Some(part) = waiting.pop() {
            if let Some(column) = part.as_column()
                && !own.contains(&column)
            {
                let name = &self.plan.column(column).name;
                part.kind = ExprKind::Variable(format!("{name} of the target"));
            }
            waiting.extend(part.children_mut());
        }
        Some(condition)
    }

    /// Returns the columns of a FROM clause, including those that no schema
    /// declares.
    fn own_columns(&self, (source, scope): (RelId, &Scope)) -> Vec<ColId> {
        scope
            .ranges
            .iter()
            .flat_map(|range| self.listed(&range.columns))
            .chain(self.columns_of(source))
            .collect()
    }

    /// Filters the rows that a clause of MERGE receives.
    pub(super) fn chosen(
        &mut self,
        mut rows: RelId,
        scope: &Scope,
        clauses: &[ast::MergeClause],
        at: usize,
    ) -> RelId {
        for predicate in self.choices(scope, clauses, at) {
            rows = self.filtered(rows, predicate, "WHEN");
        }
        rows
    }

    /// Returns the conditions under which a clause of MERGE receives a row.
    ///
    /// They are its predicate, and that no earlier clause for the same kind of rows
    /// has taken the row.
    pub(super) fn choices(
        &mut self,
        scope: &Scope,
        clauses: &[ast::MergeClause],
        at: usize,
    ) -> Vec<Expr> {
        let Some(clause) = clauses.get(at) else {
            return Vec::new();
        };
        let mut choices = Vec::new();
        for earlier in clauses.iter().take(at) {
            if !is_same_kind(earlier.clause_kind, clause.clause_kind) {
                continue;
            }
            let taken = match &earlier.predicate {
                Some(predicate) => self.over(scope, predicate),
                None => Expr::new(ExprKind::Literal(Literal::Bool(true)), Span::default()),
            };
            choices.push(negated(taken));
        }
        if let Some(predicate) = &clause.predicate {
            choices.push(self.over(scope, predicate));
        }
        choices
    }

    fn by_name_of(&mut self, arms: &[RelId]) -> RelId {
        let relation = self.combine(
            ast::SetOperator::Union,
            ast::SetQuantifier::AllByName,
            arms.to_vec(),
        );
        debug_assert!(matches!(
            self.plan.relation(relation).operator,
            Operator::SetOperation {
                operator: SetOperator::Union,
                inputs: _,
            }
        ));
        relation
    }

    pub(super) fn matched(
        &mut self,
        (left, into): (RelId, &Scope),
        (right, from): (RelId, &Scope),
        on: Option<&ast::Expr>,
    ) -> (RelId, Scope) {
        let mut scope = into.clone();
        scope.ranges.extend(from.ranges.iter().cloned());
        self.frames.push(Frame::of(scope.clone()));
        let condition = on.map(|on| self.without_hoist(|binder| binder.expr(on)));
        self.frames.pop();
        let span = condition
            .as_ref()
            .map_or(Span::default(), |condition| condition.span);
        let mut columns = self.columns_of(left);
        columns.extend(self.columns_of(right));
        let relation = self.add(
            Operator::Join {
                kind: JoinKind::Inner,
                left,
                right,
                condition,
                correlated: false,
                merged: Vec::new(),
            },
            columns,
            "ON",
            span,
        );
        (relation, scope)
    }

    pub(super) fn merge_insert(
        &mut self,
        source: RelId,
        from: &Scope,
        insert: &ast::MergeInsertExpr,
    ) -> Option<RelId> {
        let ast::MergeInsertExpr {
            insert_token: _,
            columns,
            kind_token: _,
            kind,
            insert_predicate,
        } = insert;
        if insert_predicate.is_some() {
            let span = self.plan.relation(source).origin.span;
            self.unsupported("WHERE after INSERT in a MERGE", span);
        }
        let names: Vec<String> = columns
            .iter()
            .filter_map(|name| name.0.last()?.as_ident())
            .map(|ident| ident.value.clone())
            .collect();
        match kind {
            ast::MergeInsertKind::Row => {
                let span = self.plan.relation(source).origin.span;
                let items = self.star_items(from, span);
                Some(self.project_items(source, items, span))
            }
            ast::MergeInsertKind::Values(values) => {
                let row = values.rows.first()?;
                self.frames.push(Frame::of(from.clone()));
                let mut items = Vec::new();
                for (at, value) in row.content.iter().enumerate() {
                    let bound = self.without_hoist(|binder| binder.expr(value));
                    let name = names
                        .get(at)
                        .cloned()
                        .or_else(|| super::expr::inferred_name(value))
                        .unwrap_or_default();
                    items.push(Item::named(name, bound, self.places.expr(value)));
                }
                self.frames.pop();
                let span = items
                    .iter()
                    .fold(Span::default(), |span, item| span.join(item.span));
                Some(self.project_items(source, items, span))
            }
            ast::MergeInsertKind::Wildcard => {
                let span = self.plan.relation(source).origin.span;
                self.unsupported("INSERT *", span);
                Some(source)
            }
        }
    }

    /// Returns the values that assignments write.
    fn assigned(&mut self, scope: &Scope, assignments: &[ast::Assignment]) -> Vec<Item> {
        self.frames.push(Frame::of(scope.clone()));
        let mut items = Vec::new();
        for ast::Assignment { target, value } in assignments {
            let bound = self.without_hoist(|binder| binder.expr(value));
            let span = self.places.expr(value);
            let name = match target {
                ast::AssignmentTarget::ColumnName(name) => name
                    .0
                    .last()
                    .and_then(|part| part.as_ident())
                    .map(|ident| ident.value.clone()),
                ast::AssignmentTarget::Tuple(_) => {
                    self.unsupported("SET of several columns", span);
                    None
                }
            };
            items.push(Item::named(name.unwrap_or_default(), bound, span));
        }
        self.frames.pop();
        items
    }

    fn project_assigned(&mut self, rows: RelId, items: Vec<Item>) -> RelId {
        let span = items
            .iter()
            .fold(Span::default(), |span, item| span.join(item.span));
        self.project_items(rows, items, span)
    }

    /// Returns the values that an UPDATE writes, if rows of another table affect
    /// them.
    pub(super) fn update(&mut self, update: &ast::Update) -> Option<RelId> {
        let (target, into) = self.factor(&update.table.relation);
        let Some(
            ast::UpdateTableFromKind::AfterSet(from) | ast::UpdateTableFromKind::BeforeSet(from),
        ) = &update.from
        else {
            let mut rows = target;
            if let Some(selection) = &update.selection {
                self.frames.push(Frame::of(into.clone()));
                let predicate = self.without_hoist(|binder| binder.expr(selection));
                self.frames.pop();
                // The table's later content shows which rows get a value.
                if contains_subquery(&predicate) {
                    let (columns, span) = (self.columns_of(target), predicate.span);
                    let input = target;
                    let filter = Operator::Filter { input, predicate };
                    rows = self.add(filter, columns, "WHERE", span);
                }
            }
            let items = self.assigned(&into, &update.assignments);
            let written = self.project_assigned(rows, items);
            let brings = self
                .plan
                .relation(written)
                .operator
                .expressions()
                .into_iter()
                .any(contains_subquery);
            return (brings || rows != target).then_some(written);
        };
        let (source, scope) = self.factors(from, Span::default());
        // The assigned values show which rows the condition selects.
        let both = together(&into, &scope);
        let condition = update
            .selection
            .as_ref()
            .map(|selection| self.over(&both, selection));
        let items = self.assigned(&both, &update.assignments);
        let conditions = condition.into_iter().collect();
        let ours = self.is_filled_here(&update.table.relation);
        Some(self.changed((target, ours), (source, &scope), conditions, items))
    }
}

/// Returns whether an expression reads only these columns.
fn reads_only(expr: &Expr, own: &[ColId]) -> bool {
    let mut only = true;
    expr.walk(&mut |part| {
        only &= !matches!(part.kind, ExprKind::Subquery(_))
            && part.as_column().is_none_or(|column| own.contains(&column));
    });
    only
}

/// Returns whether two clauses of MERGE apply to the same kind of rows.
fn is_same_kind(one: ast::MergeClauseKind, other: ast::MergeClauseKind) -> bool {
    let by_target = |kind| {
        matches!(
            kind,
            ast::MergeClauseKind::NotMatched | ast::MergeClauseKind::NotMatchedByTarget
        )
    };
    one == other || by_target(one) && by_target(other)
}

/// Returns whether the value of an expression may depend on rows of other tables.
///
/// It may if it contains a subquery, an unknown part, or a function whose body is
/// not visible.
pub(super) fn reads_other_tables(expr: &Expr) -> bool {
    let mut asks = contains_subquery(expr);
    expr.walk(&mut |part| {
        asks |= matches!(part.kind, ExprKind::Call { info: None, .. });
    });
    asks
}

/// Returns whether an expression contains a subquery or an unknown part.
pub(super) fn contains_subquery(expr: &Expr) -> bool {
    let mut brings = false;
    expr.walk(&mut |part| {
        brings |= matches!(part.kind, ExprKind::Subquery(_) | ExprKind::Unknown(_));
    });
    brings
}
