//! Conditions that compare measured values: what they say of two of them together,
//! and of labels beside them (`design/proof.md`, laws 2 and 4).

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::conjuncts;
use super::coverage::{Coverage, Mix};
use super::lattice::Rows;
use super::ordered::OrderedSet;
use super::relation::RelationFacts;
use super::renaming::Renaming;
use crate::plan::functions::AggregateClass;
use crate::plan::{AggregateCall, ColId, Expr, ExprKind, Operator, RelId};
use crate::source::Span;

/// Measured values that conditions have compared otherwise than by a bound from below.
/// Two are remembered: they tell as much together as many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Compared(OrderedSet<u32>);

impl Compared {
    const MOST: usize = 2;

    pub(super) fn extend<'i>(&mut self, ids: impl IntoIterator<Item = &'i u32>) {
        for id in ids {
            if self.0.len() == Self::MOST {
                return;
            }
            self.0.insert(*id);
        }
    }

    pub(super) fn ids(&self) -> &OrderedSet<u32> {
        &self.0
    }

    fn are_several(&self) -> bool {
        self.0.len() == Self::MOST
    }

    pub(super) fn rename(&mut self, to: &mut Renaming<'_>) {
        self.0 = self.0.iter().map(|id| to.measure(*id)).collect();
    }
}

impl Analyzer<'_, '_> {
    /// Rows that are there by two measured values, each compared otherwise than by a
    /// bound from below, tell the difference of both: `WHERE n = 3 AND c = 3`, in one
    /// filter or in several.
    pub(super) fn compared_together(
        &mut self,
        condition: &Expr,
        value: &ColumnFacts,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let measures = value.coverage.measures();
        if measures.is_empty() || self.is_lower_bound(condition) {
            return;
        }
        facts
            .compared
            .extend(measures.iter().map(|measure| &measure.id));
        if facts.compared.are_several() && facts.rows != Rows::Individual {
            self.lower(0, condition.span, word, facts);
        }
    }

    /// Rows that are there by conditions of several relations, each of which compares a
    /// measured value, tell the difference of these.
    pub(super) fn compared_apart(
        &mut self,
        sides: &[&Compared],
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let mut all: OrderedSet<u32> = OrderedSet::new();
        for side in sides {
            all.extend(side.ids());
            facts.compared.extend(side.ids());
        }
        // Those of one relation were told there.
        let known = sides.iter().map(|side| side.ids().len()).max();
        let more = all.len() > known.unwrap_or(0).max(1);
        if more && facts.rows != Rows::Individual {
            self.lower(0, span, word, facts);
        }
    }

    /// Whether an aggregate chooses groups by one measured value of those that conditions
    /// on another have left: how many there are tells of both together.
    pub(super) fn chooses_beside(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        input: &RelationFacts,
    ) -> bool {
        if input.compared.ids().is_empty() {
            return false;
        }
        let mut all = input.compared.clone();
        for (arg, value) in call.args.iter().zip(values) {
            let chooses = match class {
                AggregateClass::CountIf => !self.is_lower_bound(arg),
                _ => !value.when.is_empty(),
            };
            if chooses {
                all.extend(value.coverage.measures().iter().map(|measure| &measure.id));
            }
        }
        if let Some(filter) = &call.filter
            && !self.is_lower_bound(filter)
        {
            let value = self.value(filter);
            all.extend(value.coverage.measures().iter().map(|measure| &measure.id));
        }
        all != input.compared
    }

    /// A label that is compared with a measured value tells it, in the rows that are
    /// left: `WHERE x = c` makes `x` another name of `c`.
    pub(super) fn label_by_measures(&mut self, condition: &Expr, facts: &RelationFacts) {
        if let ExprKind::And(parts) | ExprKind::Or(parts) = &condition.kind {
            for part in parts {
                self.label_by_measures(part, facts);
            }
            return;
        }
        if let ExprKind::Not(inner) = &condition.kind {
            self.label_by_measures(inner, facts);
            return;
        }
        let told = self.value(condition);
        if !is_measured(&told) && !told.coverage.is_uncovered() {
            return;
        }
        for column in condition.columns() {
            let value = self.shared_column(column);
            let label = matches!(value.coverage, Coverage::Label | Coverage::NoData);
            if !label || value.constant || is_measured(&value) || self.is_persons(&value, facts) {
                continue;
            }
            let mut value = (*value).clone();
            value.everywhere(&mut |part| {
                let both = [&told.coverage, &part.coverage];
                part.coverage = Coverage::mixed(both, Mix::Any, 0, condition.span);
                part.depends_as(&told);
                part.single = part.single.or(told.single);
            });
            self.set(column, value);
        }
    }

    /// Whether the rows of a subquery are found by what is said of the rows around them
    /// and of a measured value together: which groups have such a value may hang on one
    /// person.
    pub(super) fn is_found_by_measure(&mut self, rows: RelId) -> bool {
        let mut at = rows;
        loop {
            match &self.plan.relation(at).operator {
                Operator::Project { input, .. }
                | Operator::Sort { input, .. }
                | Operator::Limit { input, .. }
                | Operator::Reader { of: input, .. } => at = *input,
                Operator::Filter { input, predicate } => {
                    let own = self.plan.columns_under(*input);
                    let conjuncts = conjuncts(predicate).into_iter();
                    let around = |column: &ColId| !own.contains(column);
                    let mut found =
                        conjuncts.filter(|conjunct| conjunct.columns().iter().any(around));
                    if found.any(|conjunct| is_measured(&self.value(conjunct))) {
                        return true;
                    }
                    at = *input;
                }
                _ => return false,
            }
        }
    }

    /// Whether a value is one person's, of these rows or of those around them.
    fn is_persons(&self, value: &ColumnFacts, facts: &RelationFacts) -> bool {
        let around = || {
            let mut pops = value.paths.iter().filter_map(|path| path.pop);
            pops.any(|pop| self.present(pop, facts).is_none())
        };
        value.personal && (facts.rows == Rows::Individual || around())
    }
}

/// Whether a value was measured, or others have moved it.
fn is_measured(value: &ColumnFacts) -> bool {
    value.moved || !value.coverage.measures().is_empty()
}
