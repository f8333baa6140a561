//! MERGE and UPDATE: the values that they write, as rows.

use sqlparser::ast;

use super::scope::{Frame, Scope};
use super::select::Item;
use super::{Binder, Expr, Operator, RelId};
use crate::plan::{ExprKind, JoinKind, SetOperator};
use crate::source::Span;

impl Binder<'_> {
    /// The relation that a dataset publishes, its columns named as the target
    /// lists them.
    pub(super) fn output(&mut self, root: RelId, names: &[String]) -> RelId {
        let columns = self.columns_of(root);
        if names.len() == columns.len() {
            for (column, name) in columns.into_iter().zip(names) {
                self.plan.column_mut(column).name.clone_from(name);
            }
        }
        root
    }

    /// The rows that a MERGE writes: one arm for each of its clauses.
    pub(super) fn merge(&mut self, merge: &ast::Merge) -> Option<RelId> {
        let (target, into) = self.factor(&merge.table);
        let (source, from) = self.factor(&merge.source);
        let matched = self.matched((target, &into), (source, &from), Some(&merge.on));
        let mut arms = Vec::new();
        for clause in &merge.clauses {
            let span = clause
                .predicate
                .as_ref()
                .map_or(Span::default(), |predicate| self.places.expr(predicate));
            match &clause.action {
                ast::MergeAction::Insert(insert) => {
                    let mut rows = source;
                    if let Some(predicate) = &clause.predicate {
                        self.frames.push(Frame::of(from.clone()));
                        rows =
                            self.without_hoist(|binder| binder.filter_by(rows, predicate, "WHEN"));
                        self.frames.pop();
                    }
                    if let Some(arm) = self.merge_insert(rows, &from, insert) {
                        arms.push(arm);
                    }
                }
                ast::MergeAction::Update(update) => match &update.kind {
                    ast::MergeUpdateKind::Set(assignments) => {
                        arms.push(self.assigned(source, &from, matched.0, &matched.1, assignments));
                    }
                    ast::MergeUpdateKind::Wildcard => {
                        self.unsupported("UPDATE SET *", span);
                        arms.push(source);
                    }
                },
                ast::MergeAction::Delete { delete_token: _ }
                | ast::MergeAction::DoNothing { .. } => {}
            }
        }
        match arms.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.by_name_of(&arms)),
        }
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
                ..
            }
        ));
        relation
    }

    fn matched(
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

    fn merge_insert(
        &mut self,
        source: RelId,
        from: &Scope,
        insert: &ast::MergeInsertExpr,
    ) -> Option<RelId> {
        let names: Vec<String> = insert
            .columns
            .iter()
            .filter_map(|name| name.0.last()?.as_ident())
            .map(|ident| ident.value.clone())
            .collect();
        match &insert.kind {
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

    /// The values that assignments write: over the source's rows alone where
    /// they read nothing of the target.
    fn assigned(
        &mut self,
        source: RelId,
        from: &Scope,
        matched: RelId,
        both: &Scope,
        assignments: &[ast::Assignment],
    ) -> RelId {
        self.frames.push(Frame::of(both.clone()));
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
        let own = self.columns_of(source);
        let own: Vec<_> = from
            .ranges
            .iter()
            .flat_map(|range| self.listed(&range.columns))
            .chain(own)
            .collect();
        let mut alone = true;
        for item in &items {
            item.expr.walk(&mut |part| {
                alone &= !matches!(part.kind, ExprKind::Subquery(_))
                    && part.as_column().is_none_or(|column| own.contains(&column));
            });
        }
        let span = items
            .iter()
            .fold(Span::default(), |span, item| span.join(item.span));
        self.project_items(if alone { source } else { matched }, items, span)
    }

    /// The values that an UPDATE writes, where rows of another table are in them.
    pub(super) fn update(&mut self, update: &ast::Update) -> Option<RelId> {
        let (target, into) = self.factor(&update.table.relation);
        let Some(
            ast::UpdateTableFromKind::AfterSet(from) | ast::UpdateTableFromKind::BeforeSet(from),
        ) = &update.from
        else {
            let written = self.assigned(target, &into, target, &into, &update.assignments);
            let brings = self
                .plan
                .relation(written)
                .operator
                .expressions()
                .into_iter()
                .any(brings_rows);
            return brings.then_some(written);
        };
        let (source, scope) = self.factors(from, Span::default());
        let matched = self.matched((target, &into), (source, &scope), update.selection.as_ref());
        Some(self.assigned(source, &scope, matched.0, &matched.1, &update.assignments))
    }
}

/// Whether a subquery brings rows into an expression, or something that is not
/// known may.
fn brings_rows(expr: &Expr) -> bool {
    let mut brings = false;
    expr.walk(&mut |part| {
        brings |= matches!(part.kind, ExprKind::Subquery(_) | ExprKind::Unknown(_));
    });
    brings
}
