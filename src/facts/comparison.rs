//! Conditions that compare measured values: what two of them disclose together, and
//! what they disclose through labels (`design/proof.md`, laws 2 and 4).

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::conjuncts;
use super::coverage::{Combination, Coverage, Measure};
use super::lattice::Rows;
use super::relation::RelationFacts;
use super::renaming::Renaming;
use crate::budget;
use crate::plan::functions::AggregateClass;
use crate::plan::{AggregateCall, ColId, Expr, ExprKind, RelId};
use crate::source::Span;

/// Measured values that conditions compared, so that they decide which rows are
/// present.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MeasureComparisons {
    /// Values that were compared otherwise than by a lower bound. Two are kept:
    /// they disclose as much together as many.
    otherwise: Vec<Measure>,
    /// Values with a lower bound: one of each whole grouping, and those of parts.
    bounded: Vec<Measure>,
    /// Whether more values have a bound than are kept.
    many: bool,
}

impl MeasureComparisons {
    const MOST: usize = 2;
    const BOUNDED: usize = 8;

    pub(super) fn compare(&mut self, measures: &[Measure]) {
        for measure in measures {
            let known = self.otherwise.iter().any(|known| known.id == measure.id);
            if !known && self.otherwise.len() < Self::MOST {
                self.otherwise.push(*measure);
            }
        }
    }

    pub(super) fn bound(&mut self, measures: &[Measure]) {
        for measure in measures {
            let known = |known: &Measure| {
                let covers = known.is_of_whole(measure) && measure.whole && !measure.is_rank();
                known.id == measure.id && known.is_rank() == measure.is_rank() || covers
            };
            if self.bounded.iter().any(known) {
                continue;
            }
            if self.bounded.len() < Self::BOUNDED {
                self.bounded.push(*measure);
            } else {
                self.many = true;
            }
        }
    }

    /// Adds the comparisons of other rows' conditions.
    pub(super) fn extend(&mut self, other: &Self) {
        self.compare(&other.otherwise);
        self.bound(&other.bounded);
        self.many |= other.many;
    }

    /// Adds the comparisons of alternative rows' conditions. A threshold of whole
    /// groups applies only to its own rows, and is left out.
    pub(super) fn or(&mut self, other: &Self) {
        let mut other = other.clone();
        other.bounded.retain(|bound| !bound.whole);
        self.extend(&other);
    }

    /// Whether nothing was compared or bounded.
    pub(super) fn compares_nothing(&self) -> bool {
        self.otherwise.is_empty() && self.bounded.is_empty() && !self.many
    }

    /// Whether these comparisons together with further ones disclose a difference.
    pub(super) fn discloses_difference_with(&self, measures: &[Measure]) -> bool {
        let mut all = self.clone();
        all.compare(measures);
        all.discloses_difference()
    }

    /// Whether the rows are selected by bounds of several groupings or parts, and
    /// so by different people.
    pub(super) fn has_several_bounds(&self) -> bool {
        let apart = |one: &Measure, other: &Measure| {
            one.id != other.id && !one.is_of_whole(other) && !other.is_of_whole(one)
        };
        let mut bounded = self.bounded.iter().enumerate();
        self.many
            || bounded.any(|(at, one)| self.bounded[..at].iter().any(|known| apart(known, one)))
    }

    /// Whether the difference of two values is disclosed once groups with such
    /// values are merged. If groups share people, one person may decide which of
    /// them has a value.
    pub(super) fn discloses_difference_of_groups(&self, measures: &[Measure]) -> bool {
        measures.iter().any(|one| one.shared) || self.discloses_difference_with(measures)
    }

    /// Whether the rows are selected only by lower bounds of groups' values.
    ///
    /// A place among other groups is no such bound.
    fn has_only_group_bounds(&self) -> bool {
        self.otherwise.is_empty() && !self.bounded.iter().any(Measure::is_rank)
    }

    /// The values that were compared otherwise than by a lower bound.
    pub(super) fn otherwise(&self) -> &[Measure] {
        &self.otherwise
    }

    /// Whether the difference of two values may be disclosed: of two that were
    /// compared otherwise than by a lower bound, or of one such and one with a
    /// lower bound that is measured over other rows than all of its group.
    pub(super) fn discloses_difference(&self) -> bool {
        let apart = |one: &Measure, bound: &Measure| bound.id != one.id && !bound.is_of_whole(one);
        self.otherwise.len() == Self::MOST
            || self
                .otherwise
                .iter()
                .any(|one| self.many || self.bounded.iter().any(|bound| apart(one, bound)))
    }

    pub(super) fn rename(&mut self, to: &mut Renaming<'_>) {
        for measure in self.otherwise.iter_mut().chain(&mut self.bounded) {
            measure.rename(to);
        }
    }
}

impl Analyzer<'_, '_> {
    /// Lowers the people of rows that are selected by two measured values together.
    ///
    /// If each is compared otherwise than by a lower bound, the rows disclose the
    /// difference of both: `WHERE n = 3 AND c = 3`, in one filter or in several.
    pub(super) fn lower_if_compared_together(
        &mut self,
        condition: &Expr,
        value: &ColumnFacts,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let mut asked = Vec::new();
        condition.walk(&mut |part| {
            if let ExprKind::Subquery(subquery) = &part.kind {
                asked.push(subquery.relation);
            }
        });
        for relation in asked {
            let compared = self.relation(relation).compared.clone();
            self.lower_if_compared_apart(
                &[&facts.compared.clone(), &compared],
                condition.span,
                word,
                facts,
            );
        }
        if let Some(rows) = &value.presence_comparisons {
            let rows = Rc::clone(rows);
            self.lower_if_compared_apart(
                &[&facts.compared.clone(), &rows],
                condition.span,
                word,
                facts,
            );
        }
        let measures = value.coverage.measures();
        // What drops the residual of a fold keeps what its threshold has kept.
        if measures.is_empty()
            || self.drops_residual(condition, facts)
            || self.asks_for_sums(condition)
        {
            return;
        }
        if self.is_lower_bound(condition) {
            facts.compared.bound(measures);
        } else {
            facts.compared.compare(measures);
        }
        if facts.compared.discloses_difference() {
            self.lower(0, condition.span, word, facts);
        }
    }

    /// Whether a condition asks no more than whether sums over whole groups are there. All
    /// rows of a group are taken to be in its sum (`docs/proof.md`, "NULL"), so that the
    /// answer is the same whatever the sum is: no difference of two is told.
    pub(super) fn asks_for_sums(&mut self, condition: &Expr) -> bool {
        match &condition.kind {
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter().all(|part| self.asks_for_sums(part))
            }
            ExprKind::Not(inner) => self.asks_for_sums(inner),
            ExprKind::IsNull(value) => match &self.value(value).coverage {
                Coverage::Measured(measures) => measures.iter().all(Measure::is_of_all),
                Coverage::Label | Coverage::NoData => true,
                Coverage::Uncovered(_) | Coverage::Collected(_) | Coverage::Listed(_) => false,
            },
            _ => false,
        }
    }

    /// Lowers the people of rows that comparisons in several relations select
    /// together.
    ///
    /// If each relation compares a measured value, the rows disclose their
    /// difference.
    pub(super) fn lower_if_compared_apart(
        &mut self,
        sides: &[&MeasureComparisons],
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let told = sides.iter().any(|side| side.discloses_difference());
        for side in sides {
            facts.compared.extend(side);
        }
        // A difference within one relation was already handled there.
        if facts.compared.discloses_difference() && !told {
            self.lower(0, span, word, facts);
        }
    }

    /// Whether an aggregate discloses two measured values together: it reads or
    /// selects groups by one after conditions on another have selected them, or
    /// selects by both.
    pub(super) fn discloses_two_measures(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        input: &RelationFacts,
    ) -> bool {
        let mut all = input.compared.clone();
        for part in call.expressions() {
            if let Some(rows) = &self.value(part).presence_comparisons {
                all.extend(rows);
            }
        }
        let before = all.clone();
        for by in call.ordered_by() {
            let value = self.value(by);
            if value.coverage.orders_by_more() {
                return true;
            }
            if call.limit.is_some() || call.chooses_rows() {
                all.compare(value.coverage.measures());
            }
        }
        if let Some(filter) = &call.filter
            && !self.is_lower_bound(filter)
        {
            let value = self.value(filter);
            if value.coverage.measures().iter().any(Measure::is_of_unknown) {
                return true;
            }
            all.compare(value.coverage.measures());
        }
        let lower = |analyzer: &Self, arg: &Expr| {
            class == AggregateClass::CountIf && analyzer.is_lower_bound(arg)
        };
        for (arg, value) in call.args.iter().zip(values) {
            let measures = value.coverage.measures();
            let conditional = match class {
                AggregateClass::CountIf => !self.is_lower_bound(arg),
                _ => !value.when.is_empty(),
            };
            let function = measures.iter().any(|measure| !measure.plain);
            if conditional && measures.iter().any(Measure::is_of_unknown) {
                return true;
            }
            let weighs = function || !adds(class) && class != AggregateClass::Mean;
            if weighs && measures.iter().any(|one| one.shared) && !lower(self, arg) {
                return true;
            }
            if conditional || function && class != AggregateClass::CountIf {
                all.compare(measures);
            }
        }
        // Selecting or weighing the groups that conditions left is as good as a
        // comparison; a sum or a list of them changes with each of its people.
        let asks = !adds(class) || all != before || call.limit.is_some();
        if asks && !all.compares_nothing() {
            for (arg, value) in call.args.iter().zip(values) {
                let mean = class == AggregateClass::Mean;
                if all.has_only_group_bounds() && (lower(self, arg) || mean) {
                    continue;
                }
                all.compare(value.coverage.measures());
            }
        }
        all.discloses_difference()
    }

    /// Covers a label as the measured value with which it is compared.
    ///
    /// In the remaining rows the label discloses that value: `WHERE x = c` makes
    /// `x` another name of `c`.
    pub(super) fn mark_labels_as_measures(
        &mut self,
        condition: &Expr,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        if let ExprKind::And(parts) | ExprKind::Or(parts) = &condition.kind {
            for part in parts {
                self.mark_labels_as_measures(part, word, facts);
            }
            return;
        }
        if let ExprKind::Not(inner) = &condition.kind {
            self.mark_labels_as_measures(inner, word, facts);
            return;
        }
        let told = self.value(condition);
        if !is_measured(&told) && !told.coverage.is_uncovered() {
            return;
        }
        let mut columns = Vec::new();
        condition.walk(&mut |part| match &part.kind {
            ExprKind::Column(column) => columns.push(*column),
            ExprKind::Subquery(subquery) => columns.extend(&subquery.outer),
            _ => {}
        });
        for column in columns {
            let value = self.shared_column(column);
            if !is_label(&value) || self.belongs_to_one_person(&value, facts) {
                continue;
            }
            let mut value = (*value).clone();
            value.everywhere(&mut |part| {
                let both = [&told.coverage, &part.coverage];
                part.coverage = Coverage::mixed(both, Combination::Any, 0, condition.span);
                part.add_dependencies_of(&told);
                part.single = part.single.or(told.single);
            });
            self.set(column, value);
            // Other columns of the row from the same list disclose it, too.
            self.lower(0, condition.span, word, facts);
        }
    }

    /// Lowers the people of rows in which a label equals another relation's
    /// measured value.
    ///
    /// The label becomes another name of the value.
    pub(super) fn equated(
        &mut self,
        columns: [&ColumnFacts; 2],
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let [left, right] = columns;
        let named = |one: &ColumnFacts, other: &ColumnFacts| is_measured(one) && is_label(other);
        if named(left, right) || named(right, left) {
            self.lower(0, span, word, facts);
        }
    }

    /// Whether the rows of a subquery are found by a measured value and the rows
    /// around them.
    ///
    /// One person may decide which groups have such a value.
    pub(super) fn is_found_by_measure(&mut self, rows: RelId) -> bool {
        let plan = self.plan;
        let mut own: FxHashSet<ColId> = FxHashSet::default();
        let mut found = FxHashSet::from_iter([rows]);
        let mut seen = vec![rows];
        let mut at = 0;
        while let Some(id) = seen.get(at).copied() {
            budget::spend(1);
            let relation = plan.relation(id);
            own.extend(&relation.columns);
            for input in relation.operator.inputs() {
                if found.insert(input) {
                    seen.push(input);
                }
            }
            at += 1;
        }
        for id in seen {
            for condition in plan.relation(id).operator.expressions() {
                for conjunct in conjuncts(condition) {
                    let mut columns = conjunct.columns().into_iter();
                    if columns.any(|column| !own.contains(&column))
                        && is_measured(&self.value(conjunct))
                    {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Whether a value belongs to one person, of these rows or of the surrounding
    /// ones.
    fn belongs_to_one_person(&self, value: &ColumnFacts, facts: &RelationFacts) -> bool {
        let around = || {
            let mut pops = value.paths.iter().filter_map(|path| path.pop);
            pops.any(|pop| self.present(pop, facts).is_none())
        };
        value.personal && (facts.rows == Rows::Individual || around())
    }
}

/// Whether a value is one of its row that is not measured.
fn is_label(value: &ColumnFacts) -> bool {
    let label = matches!(value.coverage, Coverage::Label | Coverage::NoData);
    label && !value.constant && !is_measured(value)
}

/// Whether a value was measured, or was combined with a measured one.
fn is_measured(value: &ColumnFacts) -> bool {
    value.moved || !value.coverage.measures().is_empty()
}

/// Whether an aggregate changes with each row that it reads, whatever the others
/// are.
fn adds(class: AggregateClass) -> bool {
    matches!(
        class,
        AggregateClass::Sum | AggregateClass::Count | AggregateClass::Collecting
    )
}
