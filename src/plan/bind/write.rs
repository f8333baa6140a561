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
        let matched = self.matched((target, &into), (source, &from), Some(on));
        let mut arms = Vec::new();
        for clause in clauses {
            // Every clause may write all rows that its predicate lets through, whether
            // they are matched or not.
            let ast::MergeClause {
                when_token: _,
                clause_kind: _,
                predicate,
                action,
            } = clause;
            let span = predicate
                .as_ref()
                .map_or(Span::default(), |predicate| self.places.expr(predicate));
            match action {
                ast::MergeAction::Insert(insert) => {
                    let rows = self.kept(source, &from, predicate.as_ref());
                    if let Some(arm) = self.merge_insert(rows, &from, insert) {
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
                            let both = self.kept(matched.0, &matched.1, predicate.as_ref());
                            // A predicate may read the target.
                            let alone = predicate.is_none().then_some(source);
                            arms.push(self.assigned(alone, &from, both, &matched.1, assignments));
                        }
                        ast::MergeUpdateKind::Wildcard => {
                            self.unsupported("UPDATE SET *", span);
                            arms.push(source);
                        }
                    }
                }
                ast::MergeAction::Delete { delete_token: _ }
                | ast::MergeAction::DoNothing {
                    do_token: _,
                    nothing_token: _,
                } => {}
            }
        }
        match arms.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.by_name_of(&arms)),
        }
    }

    /// The rows that the predicate of a clause lets through.
    fn kept(&mut self, rows: RelId, scope: &Scope, predicate: Option<&ast::Expr>) -> RelId {
        let Some(predicate) = predicate else {
            return rows;
        };
        self.frames.push(Frame::of(scope.clone()));
        let kept = self.without_hoist(|binder| binder.filter_by(rows, predicate, "WHEN"));
        self.frames.pop();
        kept
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

    /// The values that assignments write: over the source's rows alone, where these
    /// are given and the values read nothing of the target.
    fn assigned(
        &mut self,
        source: Option<RelId>,
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
        let own = source.map_or_else(Vec::new, |source| self.columns_of(source));
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
        let rows = source.filter(|_| alone).unwrap_or(matched);
        self.project_items(rows, items, span)
    }

    /// The values that an UPDATE writes, where rows of another table are in them.
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
                // Which rows get a value is told by what they hold after.
                if brings_rows(&predicate) {
                    let (columns, span) = (self.columns_of(target), predicate.span);
                    let input = target;
                    let filter = Operator::Filter { input, predicate };
                    rows = self.add(filter, columns, "WHERE", span);
                }
            }
            let written = self.assigned(Some(rows), &into, rows, &into, &update.assignments);
            let brings = self
                .plan
                .relation(written)
                .operator
                .expressions()
                .into_iter()
                .any(brings_rows);
            return (brings || rows != target).then_some(written);
        };
        let (source, scope) = self.factors(from, Span::default());
        let matched = self.matched((target, &into), (source, &scope), update.selection.as_ref());
        Some(self.assigned(
            Some(source),
            &scope,
            matched.0,
            &matched.1,
            &update.assignments,
        ))
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
