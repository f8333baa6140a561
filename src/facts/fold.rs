//! Folding of small groups into "Other" (`design/proof.md`, "Folding into
//! 'Other'").

use rustc_hash::FxHashSet;

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use super::lattice::{PrivateInput, Rows};
use super::least::BoundTarget;
use super::mistake::Mutation;
use super::numbering::Number;
use super::ordered::OrderedSet;
use super::partition::PartitionId;
use super::relation::RelationFacts;
use crate::budget;
use crate::plan::{Expr, ExprKind, Literal};
use crate::source::Span;

/// A lower bound on the people of each row whose label is not the residual's.
#[derive(Debug, Clone, PartialEq)]
pub struct Fold {
    /// The label.
    pub label: Number,
    /// The value that small groups get: `'Other'`, or NULL.
    pub residual: Literal,
    /// The population of the people.
    pub pop: PrivateInput,
    /// Lower bound on the people.
    pub k: u64,
    /// Set if the bound is for the rows of a partition together, not yet for one
    /// row.
    pub(super) partition: Option<PartitionId>,
    /// The values that the residual hides: if they are output beside the label, the
    /// small groups can still be distinguished.
    pub(super) hides: OrderedSet<Number>,
    /// The other values by which the count's groups were made: everything that is
    /// output beside the label must be a function of these.
    pub(super) shows: OrderedSet<Number>,
    /// The condition that alone decides whether the label is the residual; `None`
    /// if several conditions do. Labels that one condition folds show nothing of
    /// the small groups beside each other: all of them are residuals there.
    pub(super) decided: Option<FoldCondition>,
    /// Whether rows were grouped by the label since: before that, the small groups
    /// are still separate rows with the same label.
    pub pooled: bool,
    /// The expression that makes the label.
    pub span: Span,
}

/// The condition of a choice between a value and a residual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoldCondition {
    /// The condition.
    pub(super) condition: Number,
    /// Whether the residual is chosen if the condition is true; otherwise it is
    /// chosen if the condition is false or NULL.
    residual_if_true: bool,
}

impl Fold {
    /// Whether a label is this fold's, or one that the same condition folds: if it
    /// makes this label the residual, it makes that label its residual.
    fn folds_with(&self, label: Number, folds: &[Self]) -> bool {
        label == self.label
            || self.decided.is_some()
                && folds.iter().any(|other| {
                    other.label == label && !other.pooled && other.decided == self.decided
                })
    }

    /// The residual's label in words, for messages.
    pub fn residual_words(&self) -> String {
        match &self.residual {
            Literal::String(text) => format!("“{text}”"),
            Literal::Null => "NULL".to_owned(),
            Literal::Bool(value) => value.to_string(),
            Literal::Int(value) => value.to_string(),
            Literal::Float(value) => value.to_string(),
            Literal::Other(_, text) => text.clone(),
        }
    }
}

impl Analyzer<'_, '_> {
    /// Adds the folds of an expression that makes a label.
    pub(super) fn folds(&mut self, label: Number, expr: &Expr, facts: &mut RelationFacts) {
        if !chooses(expr) {
            return;
        }
        let pops: Vec<PrivateInput> = facts.populations.keys().copied().collect();
        let partitions: Vec<PartitionId> = facts.partitions.keys().copied().collect();
        let mut targets: Vec<(PrivateInput, Option<PartitionId>)> = Vec::new();
        for pop in pops {
            targets.push((pop, None));
            targets.extend(partitions.iter().map(|partition| (pop, Some(*partition))));
        }
        let mut residuals = Vec::new();
        constants(expr, &mut residuals);
        let Some(hides) = self.hidden(expr, facts) else {
            return;
        };
        for (pop, partition) in targets {
            // Each constant may be the residual, and for each one all branches are
            // visited.
            budget::spend(residuals.len() * (1 + residuals.len() / 8));
            let shows = self.shown(&hides, partition, facts);
            let target = match partition {
                Some(partition) => BoundTarget::Partition(partition, pop),
                None => BoundTarget::Row(pop),
            };
            let best = residuals
                .iter()
                .map(|residual| {
                    (
                        self.lower_bound_unless(expr, residual, target, facts),
                        residual,
                    )
                })
                .filter(|(k, _)| *k >= 2 && *k < u64::MAX)
                .max_by_key(|(k, _)| *k);
            if let Some((k, residual)) = best {
                let decided = self.decided(expr, residual);
                facts.folds.push(Fold {
                    label,
                    residual: residual.clone(),
                    pop,
                    k,
                    partition,
                    hides: hides.clone(),
                    shows,
                    decided,
                    pooled: false,
                    span: made_at(expr),
                });
            }
        }
    }

    /// The condition of an expression that yields a value or else the residual.
    fn decided(&mut self, expr: &Expr, residual: &Literal) -> Option<FoldCondition> {
        let ExprKind::Case(case) = &expr.kind else {
            return None;
        };
        let [(condition, then)] = case.branches.as_slice() else {
            return None;
        };
        let is_residual =
            |value: &Expr| matches!(&value.kind, ExprKind::Literal(literal) if literal == residual);
        let otherwise = match &case.otherwise {
            Some(value) => is_residual(value),
            None => *residual == Literal::Null,
        };
        let residual_if_true = match (is_residual(then), otherwise) {
            (true, false) => true,
            (false, true) => false,
            _ => return None,
        };
        Some(FoldCondition {
            condition: self.numbering.expression(condition)?,
            residual_if_true,
        })
    }

    /// The values that a fold hides: all keys of its rows if it yields only
    /// constants. `None` if they are unknown.
    fn hidden(&mut self, expr: &Expr, facts: &RelationFacts) -> Option<OrderedSet<Number>> {
        let mut values = Vec::new();
        leaves(expr, &mut values);
        let mut hides = OrderedSet::new();
        for value in values {
            hides.insert(self.numbering.expression(value)?);
        }
        if hides.is_empty() {
            let grain: Vec<Number> = match &facts.keys {
                Some(keys) => keys
                    .iter()
                    .map(|key| self.numbering.column(key.column))
                    .collect(),
                None => facts
                    .partitions
                    .values()
                    .flat_map(|partition| partition.grain.iter().copied())
                    .collect(),
            };
            let together = self.numbering.fresh();
            self.numbering.set_parts(together, grain);
            hides.insert(together);
        }
        Some(hides)
    }

    /// The values by which the count's groups were made, except those that the fold
    /// hides.
    fn shown(
        &self,
        hides: &OrderedSet<Number>,
        partition: Option<PartitionId>,
        facts: &RelationFacts,
    ) -> OrderedSet<Number> {
        let grain: Vec<Number> = match partition {
            Some(partition) => facts
                .partitions
                .get(&partition)
                .map(|partition| partition.grain.iter().copied().collect())
                .unwrap_or_default(),
            None => facts
                .keys
                .iter()
                .flatten()
                .map(|key| self.numbering.column(key.column))
                .collect(),
        };
        // Hiding a value is in vain if a part of it is shown.
        let hidden = hides.iter().map(|number| self.numbering.made_from(*number));
        // Nothing may be shown beside a value with too many parts to visit.
        let Some(hidden) = hidden.collect::<Option<Vec<_>>>() else {
            return OrderedSet::new();
        };
        let hidden: FxHashSet<Number> = hidden.into_iter().flatten().collect();
        grain
            .into_iter()
            .filter(|number| {
                let parts = self.numbering.made_from(*number);
                parts.is_some_and(|parts| parts.iter().all(|part| !hidden.contains(part)))
            })
            .collect()
    }

    /// Whether values output beside a label are functions of values that its fold
    /// shows.
    ///
    /// A value that would determine a hidden one is not allowed either.
    pub(super) fn only_shown(
        &self,
        fold: &Fold,
        others: impl IntoIterator<Item = Number>,
        rows: &RelationFacts,
    ) -> bool {
        if self.mistake == Some(Mutation::FoldBesideAnything) {
            return true;
        }
        let closure = rows
            .dependencies
            .closure(&self.numbering, fold.shows.iter().copied());
        others.into_iter().all(|other| closure.has(other))
            && !fold.hides.iter().any(|hidden| closure.has(*hidden))
    }

    /// Lower bound on the people behind a row for which an expression is not
    /// `residual`.
    fn lower_bound_unless(
        &mut self,
        expr: &Expr,
        residual: &Literal,
        target: BoundTarget<'_>,
        facts: &RelationFacts,
    ) -> u64 {
        match &expr.kind {
            ExprKind::Literal(literal)
                if literal == residual || self.mistake == Some(Mutation::SecondConstantFolds) =>
            {
                u64::MAX
            }
            ExprKind::Case(case) => {
                let mut least = u64::MAX;
                // A condition that cannot be NULL is FALSE if it is not TRUE.
                let mut before = 0;
                for (condition, value) in &case.branches {
                    let chosen = self.least(condition, target);
                    let value = self.lower_bound_unless(value, residual, target, facts);
                    least = least.min(chosen.max(value).max(before));
                    if self.mistake == Some(Mutation::ElseIgnoresNull)
                        || self.never_null(condition, &facts.dependencies)
                    {
                        before = before.max(self.lower_bound_if_false(condition, target));
                    }
                }
                let otherwise = match &case.otherwise {
                    Some(value) => self.lower_bound_unless(value, residual, target, facts),
                    None if *residual == Literal::Null => u64::MAX,
                    None => 0,
                };
                least.min(otherwise.max(before))
            }
            ExprKind::Call { name, args, .. } => match (name.as_str(), args.as_slice()) {
                ("COALESCE" | "IFNULL", [first, second]) => {
                    // The second argument replaces NULL, so it is the residual.
                    match &second.kind {
                        ExprKind::Literal(literal) if literal == residual => {
                            let null =
                                self.lower_bound_unless(first, &Literal::Null, target, facts);
                            null.max(self.lower_bound_unless(first, residual, target, facts))
                        }
                        _ => self
                            .lower_bound_unless(first, residual, target, facts)
                            .min(self.lower_bound_unless(second, residual, target, facts)),
                    }
                }
                _ => 0,
            },
            _ => 0,
        }
    }

    /// Returns the folds after rows are grouped.
    ///
    /// A fold holds for the groups if its label is one of their keys. The
    /// residual's rows are pooled if the other keys do not disclose what was
    /// hidden.
    pub(super) fn group_folds(&self, keys: &[Number], input: &RelationFacts) -> Vec<Fold> {
        let mut kept: Vec<Fold> = Vec::new();
        for fold in &input.folds {
            if !keys.contains(&fold.label) {
                continue;
            }
            if let Some(partition) = fold.partition {
                let Some(partition) = input.partitions.get(&partition) else {
                    continue;
                };
                let closure = input
                    .dependencies
                    .closure(&self.numbering, partition.grain.iter().copied());
                if !keys.iter().all(|key| closure.has(*key)) {
                    continue;
                }
            }
            if !fold.pooled {
                let others: Vec<Number> = keys
                    .iter()
                    .copied()
                    .filter(|key| !fold.folds_with(*key, &input.folds))
                    .collect();
                let closure = input
                    .dependencies
                    .closure(&self.numbering, others.iter().copied());
                if fold.hides.iter().any(|hidden| closure.has(*hidden))
                    || !self.only_shown(fold, others, input)
                {
                    continue;
                }
            }
            kept.push(Fold {
                partition: None,
                hides: OrderedSet::new(),
                shows: OrderedSet::new(),
                decided: None,
                pooled: true,
                ..fold.clone()
            });
        }
        kept
    }

    /// The folds that a condition reads, with the people behind the rows that are
    /// not residual.
    ///
    /// Only the residual's rows may then depend on fewer people. A condition reads
    /// a fold if it compares the folded label, or a value that stands for its whole
    /// row.
    pub(super) fn folds_read_by(
        &mut self,
        conjunct: &Expr,
        value: &ColumnFacts,
        facts: &RelationFacts,
    ) -> Vec<Fold> {
        let pooled = facts.folds.iter().filter(|fold| fold.pooled);
        let mut folds: Vec<Fold> = pooled.cloned().collect();
        if folds.is_empty() || facts.rows != Rows::Aggregated {
            return Vec::new();
        }
        let asked = self.numbering.leaves(conjunct);
        let bucket = facts.bucket().unwrap_or(0);
        let whole = facts.behind(value) == u64::MAX && !value.coverage.measures().is_empty();
        folds.retain_mut(|fold| {
            let label = |parts: &Vec<Number>| parts.iter().all(|part| *part == fold.label);
            if whole {
                fold.k = bucket;
            }
            whole || asked.as_ref().is_some_and(label)
        });
        folds
    }

    /// Whether a condition drops the residual's rows of a fold.
    pub(super) fn drops_residual(&mut self, conjunct: &Expr, facts: &RelationFacts) -> bool {
        !self.dropped_by(conjunct, facts).is_empty()
    }

    /// The folds whose residual's rows a condition drops.
    fn dropped_by(&mut self, conjunct: &Expr, facts: &RelationFacts) -> Vec<Fold> {
        let Some((expr, residual)) = dropped(conjunct) else {
            return Vec::new();
        };
        let Some(label) = self.numbering.expression(expr) else {
            return Vec::new();
        };
        let folds = facts.folds.iter().filter(|fold| fold.label == label);
        let folds = folds.filter(|fold| residual.contains(&&fold.residual));
        folds.cloned().collect()
    }

    /// Raises the people of rows from which a filter drops the residual's rows.
    pub(super) fn drop_residual(&mut self, predicate: &Expr, facts: &mut RelationFacts) {
        for conjunct in super::conjuncts(predicate) {
            for fold in self.dropped_by(conjunct, facts) {
                // The filter keeps all rows of a partition, or none.
                let k = match fold.partition {
                    Some(partition) => facts
                        .partitions
                        .get_mut(&partition)
                        .map(|partition| partition.k.entry(fold.pop).or_insert(0)),
                    None => facts
                        .populations
                        .get_mut(&fold.pop)
                        .map(|people| &mut people.k),
                };
                if let Some(k) = k {
                    *k = (*k).max(fold.k);
                }
            }
        }
    }
}

impl RelationFacts {
    /// Extends folds to the populations that a condition has added.
    pub(super) fn extend_folds(&mut self, known: &[PrivateInput], rest: Vec<Fold>) {
        if rest.is_empty() {
            return;
        }
        let added = self.populations.keys().filter(|pop| !known.contains(pop));
        for pop in added {
            let folds = rest.iter().cloned();
            self.folds
                .extend(folds.map(|fold| Fold { pop: *pop, ..fold }));
        }
    }
}

/// The place where a choice was written: an ordinal or an alias may refer to it.
fn made_at(expr: &Expr) -> Span {
    expr.children()
        .into_iter()
        .map(|part| part.span)
        .reduce(Span::join)
        .unwrap_or(expr.span)
}

/// Whether conditions select a value.
fn chooses(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Case(_) => true,
        ExprKind::Call { name, args, .. } => {
            matches!(name.as_str(), "COALESCE" | "IFNULL") && args.first().is_some_and(chooses)
        }
        _ => false,
    }
}

/// Collects the constants that an expression may yield.
fn constants(expr: &Expr, into: &mut Vec<Literal>) {
    let mut add = |literal: &Literal| {
        if !into.contains(literal) {
            into.push(literal.clone());
        }
    };
    match &expr.kind {
        ExprKind::Literal(literal) => add(literal),
        ExprKind::Case(case) => {
            if case.otherwise.is_none() {
                add(&Literal::Null);
            }
            for (_, value) in &case.branches {
                constants(value, into);
            }
            if let Some(value) = &case.otherwise {
                constants(value, into);
            }
        }
        ExprKind::Call { args, .. } if chooses(expr) => {
            for arg in args {
                constants(arg, into);
            }
        }
        _ => {}
    }
}

/// Collects the values that an expression may yield and that are not constants.
fn leaves<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Literal(_) => {}
        ExprKind::Case(case) => {
            for (_, value) in &case.branches {
                leaves(value, into);
            }
            if let Some(value) = &case.otherwise {
                leaves(value, into);
            }
        }
        ExprKind::Call { args, .. } if chooses(expr) => {
            for arg in args {
                leaves(arg, into);
            }
        }
        _ => into.push(expr),
    }
}

/// The constants whose rows a conjunct drops, and the value it compares:
/// `label != 'Other'`, `label IS NOT NULL`, `label NOT IN ('Other', '?')`. A
/// comparison also drops NULL.
fn dropped(conjunct: &Expr) -> Option<(&Expr, Vec<&Literal>)> {
    use crate::plan::Comparison;
    match &conjunct.kind {
        ExprKind::Not(inner) => match &inner.kind {
            ExprKind::IsNull(value) => Some((value, vec![&Literal::Null])),
            ExprKind::Compare(Comparison::Eq, left, right) => unequal(left, right),
            ExprKind::InList {
                value,
                list,
                unnest: false,
            } => {
                let mut literals = vec![&Literal::Null];
                for member in list {
                    if let ExprKind::Literal(literal) = &member.kind {
                        literals.push(literal);
                    }
                }
                Some((value, literals))
            }
            _ => None,
        },
        ExprKind::Compare(Comparison::NotEq, left, right) => unequal(left, right),
        _ => None,
    }
}

fn unequal<'e>(left: &'e Expr, right: &'e Expr) -> Option<(&'e Expr, Vec<&'e Literal>)> {
    match (&left.kind, &right.kind) {
        (ExprKind::Literal(literal), _) => Some((right, vec![literal, &Literal::Null])),
        (_, ExprKind::Literal(literal)) => Some((left, vec![literal, &Literal::Null])),
        _ => None,
    }
}
