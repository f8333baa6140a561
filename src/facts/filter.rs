//! Transfer functions of filters: WHERE, HAVING, QUALIFY, ON.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::analysis::Analyzer;
use super::cell::{BoundedMeasure, ConditionalBound, PeopleSubset};
use super::column::{ColumnFacts, UnitValue};
use super::constant::{EXACT, number};
use super::coverage::{Combination, Coverage};
use super::dependency::{Dependencies, Equation};
use super::history::FilterUse;
use super::lattice::{Flow, PrivateInput, Rows};
use super::least::BoundTarget;
use super::members::Members;
use super::numbering::{ConditionId, Number};
use super::ordered::OrderedSet;
use super::relation::RelationFacts;
use super::source::{BaseColumnId, is_identifier};
use super::value::predicate;
use crate::budget::{self, spend};
use crate::plan::{Comparison, Expr, ExprKind, Literal, RelId};
use crate::source::Span;

impl Analyzer<'_, '_> {
    pub(super) fn filter(
        &mut self,
        input: RelId,
        predicate: &Expr,
        word: &'static str,
    ) -> RelationFacts {
        let source = input;
        let input = self.relation(input);
        let mut facts = RelationFacts {
            rows: input.rows,
            individual_reason: input.individual_reason.clone(),
            registered_level: input.registered_level,
            populations: input.populations.clone(),
            keys: input.keys.clone(),
            dependencies: Rc::clone(&input.dependencies),
            members: Members::some_of([input.members]),
            // `restrict` removes those that the predicate may split.
            partitions: input.partitions.clone(),
            folds: input.folds.clone(),
            proven: input.proven.clone(),
            bounded: input.bounded.clone(),
            decided: input.decided.clone(),
            whole_table: None,
            whole_groups: input.whole_groups.clone(),
            losses: input.losses.clone(),
            history: Rc::clone(&input.history),
            records: input.records.clone(),
            compared: input.compared.clone(),
            trained_on: input.trained_on.clone(),
            inside: input.inside.clone(),
            repeated: input.repeated,
        };
        self.chosen_by(predicate, word, &mut facts);
        self.restrict(predicate, word, &mut facts);
        self.restore_identifiers(source, &facts);
        let plan = self.plan;
        self.narrow(predicate, &plan.relation(source).columns);
        facts
    }

    /// Marks identifiers as complete again if a filter requires them to be present.
    ///
    /// A condition had made them NULL; they identify a person in all remaining
    /// rows.
    fn restore_identifiers(&mut self, input: RelId, facts: &RelationFacts) {
        let plan = self.plan;
        for column in &plan.relation(input).columns {
            let value = self.column(*column);
            let number = self.numbering.column(*column);
            if value.unit.is_some() && !value.total && facts.dependencies.not_null.contains(&number)
            {
                let mut value = value.clone();
                value.total = true;
                self.set(*column, value);
            }
        }
    }

    /// Applies a predicate that must be TRUE to the rows.
    pub(super) fn restrict(
        &mut self,
        predicate: &Expr,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        facts.members = Members::some_of([facts.members]);
        self.attempts(predicate, word, facts);
        self.bound_people(predicate, facts);
        self.filter_partitions(predicate, word, facts);
        self.drop_residual(predicate, facts);
        self.depend(predicate, facts);
        self.lower_to_compared_values(predicate, word, facts);
        self.compares(predicate, word, facts);
    }

    /// Notes the base columns that a condition on the rows compares.
    pub(super) fn compares(
        &mut self,
        condition: &Expr,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let mut sources = OrderedSet::new();
        let unknown = self.compared(condition, &mut sources).unknown;
        facts.filtered_by(FilterUse {
            sources,
            unknown,
            span: condition.span,
            word,
        });
    }

    /// Notes the base columns of two values whose equality decides which rows are
    /// present; the equality of two identifiers discloses nothing about anybody.
    pub(super) fn compares_pair(
        &mut self,
        values: [&ColumnFacts; 2],
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let mut sources = OrderedSet::new();
        let both = values.iter().all(|value| !value.identities.is_empty());
        for value in values {
            if both {
                self.compared_beside_identity(value, &mut sources);
            } else {
                self.compared_values(value, &mut sources);
            }
        }
        if values.iter().all(|value| self.may_identify(value)) {
            self.note_equal(values);
        }
        let unknown = values.iter().any(|value| value.unknown);
        facts.filtered_by(FilterUse {
            sources,
            unknown,
            span,
            word,
        });
    }

    /// Notes the base columns of values that decide which rows are present.
    pub(super) fn compares_values<'v>(
        &self,
        values: impl IntoIterator<Item = &'v ColumnFacts>,
        span: Span,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        let mut sources = OrderedSet::new();
        let mut unknown = false;
        for value in values {
            unknown |= value.unknown;
            self.compared_values(value, &mut sources);
        }
        facts.filtered_by(FilterUse {
            sources,
            unknown,
            span,
            word,
        });
    }

    /// Lowers the people of groups to those behind each value that a predicate
    /// reads.
    ///
    /// If such a value stands for fewer people than the group, so does the answer
    /// whether the group is present.
    fn lower_to_compared_values(
        &mut self,
        predicate: &Expr,
        word: &'static str,
        facts: &mut RelationFacts,
    ) {
        for conjunct in super::conjuncts(predicate) {
            let mut value = self.value(conjunct);
            if !value.windows.is_empty() && facts.rows == Rows::Individual {
                // All rows of a partition that is bounded here depend on its
                // people.
                let floor = self.behind_bounded_windows(&value, predicate, facts);
                self.lower(floor, conjunct.span, word, facts);
                Rc::make_mut(&mut value).windows.clear();
            }
            let rest = self.folds_read_by(conjunct, &value, facts);
            let known: Vec<PrivateInput> = facts.populations.keys().copied().collect();
            self.lower_to_value(&value, conjunct.span, word, facts);
            facts.extend_folds(&known, rest);
            self.lower_if_compared_together(conjunct, &value, word, facts);
            self.mark_labels_as_measures(conjunct, word, facts);
            if value.moved && self.reads_surrounding_row(conjunct, facts) {
                self.lower(0, conjunct.span, word, facts);
            }
        }
    }

    /// Whether a condition on rows of groups reads an individual row around them.
    fn reads_surrounding_row(&mut self, conjunct: &Expr, facts: &RelationFacts) -> bool {
        if facts.rows == Rows::Individual {
            return false;
        }
        let mut own = false;
        conjunct.walk(&mut |part| {
            if let ExprKind::Column(column) = part.kind {
                let value = self.column(column);
                own |= value.personal
                    && !value.aggregated
                    && value.coverage == Coverage::Label
                    && !facts.keys.iter().flatten().any(|key| {
                        self.numbering.column(key.column) == self.numbering.column(column)
                    });
            }
        });
        own
    }

    /// Raises the lower bounds on the people of rows.
    fn bound_people(&mut self, predicate: &Expr, facts: &mut RelationFacts) {
        let pops: Vec<_> = facts.populations.keys().copied().collect();
        if pops.is_empty() {
            return;
        }
        for conjunct in super::conjuncts(predicate) {
            self.bound_picked(conjunct, facts);
        }
        let mut among: Vec<OrderedSet<ConditionId>> = Vec::new();
        self.conditions_counted(predicate, &mut among);
        let conjuncts = super::conjuncts(predicate).len();
        for pop in pops {
            let least = self.least(predicate, BoundTarget::Row(pop));
            if let Some(people) = facts.populations.get_mut(&pop) {
                people.k = people.k.max(least);
            }
            for conditions in &among {
                budget::spend(1 + conjuncts / 8);
                let k = self.least(predicate, BoundTarget::PeopleSubset(pop, conditions));
                if k >= 2 {
                    facts.proven.push(ConditionalBound {
                        conditions: conditions.clone(),
                        pop,
                        k,
                    });
                }
            }
        }
    }

    /// Notes that a filter bounds a count that was selected from groups: a MIN or
    /// MAX of counts is the number of people of that group.
    fn bound_picked(&mut self, conjunct: &Expr, facts: &mut RelationFacts) {
        let [column] = conjunct.columns()[..] else {
            return;
        };
        let value = self.column(column);
        let picked = value
            .cells
            .iter()
            .any(|cell| matches!(cell.among, PeopleSubset::OneRow));
        let Coverage::Measured(measures) = &value.coverage else {
            return;
        };
        let ([measure], Some(count), true) = (measures.as_slice(), &value.count, picked) else {
            return;
        };
        let measure = measure.id;
        let pops: Vec<PrivateInput> = count.people.iter().map(|fact| fact.pop).collect();
        let k = pops
            .into_iter()
            .map(|pop| self.least(conjunct, BoundTarget::Row(pop)))
            .min()
            .unwrap_or(0);
        if k >= 2 {
            facts.bounded.push(BoundedMeasure { measure, k });
        }
    }

    /// Collects the conditions of a predicate's counts that count only some people.
    fn conditions_counted(&mut self, predicate: &Expr, into: &mut Vec<OrderedSet<ConditionId>>) {
        let mut columns = predicate.columns();
        let mut seen = FxHashSet::default();
        while let Some(column) = columns.pop() {
            if !seen.insert(column) {
                continue;
            }
            spend(1);
            if let Some(count) = &self.column(column).count {
                for fact in &count.people {
                    if !fact.conditions.is_empty() && !into.contains(&fact.conditions) {
                        into.push(fact.conditions.clone());
                    }
                }
            } else if let Some(definition) = self.definitions.get(&column) {
                // A named truth value.
                columns.extend(definition.columns());
            }
        }
    }

    /// Notes the values that cannot be NULL if a predicate is TRUE.
    pub(super) fn add_not_nulls(&mut self, predicate: &Expr, facts: &mut RelationFacts) {
        let rejected = self.rejects_null(predicate);
        if !rejected.is_empty() {
            let rows = Rc::make_mut(&mut facts.dependencies);
            rows.not_null.extend(rejected);
        }
    }

    /// Adds the dependencies between values that a predicate implies if it is TRUE.
    fn depend(&mut self, predicate: &Expr, facts: &mut RelationFacts) {
        self.add_not_nulls(predicate, facts);
        let mut fixed = OrderedSet::new();
        let mut equal = Vec::new();
        for conjunct in super::conjuncts(predicate) {
            match &conjunct.kind {
                ExprKind::Compare(comparison, left, right) => {
                    let collated =
                        self.numbering.is_collated(left) || self.numbering.is_collated(right);
                    if matches!(comparison, Comparison::Eq | Comparison::Same) && !collated {
                        let numbers = (
                            self.numbering.expression(left),
                            self.numbering.expression(right),
                        );
                        let exact = is_exact_number(left) && is_exact_number(right);
                        match (left.is_fixed(), right.is_fixed(), numbers) {
                            (true, false, _) | (false, true, _) if !exact => {}
                            (false, true, (Some(number), Some(_)))
                            | (true, false, (Some(_), Some(number))) => {
                                fixed.insert(number);
                            }
                            (false, false, (Some(left), Some(right))) => equal.push(Equation {
                                left,
                                right,
                                null_safe: *comparison == Comparison::Same,
                            }),
                            (false, false, (Some(number), None))
                                if self.is_clock_expression(right) =>
                            {
                                fixed.insert(number);
                            }
                            (false, false, (None, Some(number)))
                                if self.is_clock_expression(left) =>
                            {
                                fixed.insert(number);
                            }
                            _ => {}
                        }
                        let nobody = *comparison == Comparison::Eq
                            || self.null_is_nobody([left, right], [&*facts.dependencies]);
                        let values = (self.unit_of(left), self.unit_of(right));
                        if let (Some(left), Some(right), true) = (values.0, values.1, nobody) {
                            self.same_person(&left, &right, facts, true);
                        }
                    }
                    fixed.extend(self.first_row_number(*comparison, left, right));
                    fixed.extend(self.first_row_number(comparison.flipped(), right, left));
                }
                // `RAND()` is not a constant.
                ExprKind::InList {
                    value,
                    list,
                    unnest: false,
                } if list.len() == 1
                    && list[0].is_fixed()
                    && is_exact_number(&list[0])
                    && self.numbering.expression(&list[0]).is_some() =>
                {
                    fixed.extend(self.numbering.expression(value));
                }
                _ => {}
            }
        }
        if fixed.is_empty() && equal.is_empty() {
            return;
        }
        let rows = Rc::make_mut(&mut facts.dependencies);
        rows.fixed.extend(fixed);
        rows.equal.extend(equal);
    }

    /// Whether two values are NULL together only for nobody, given facts of the
    /// rows. Then `IS NOT DISTINCT FROM` compares people.
    pub(super) fn null_is_nobody<'d>(
        &mut self,
        [left, right]: [&Expr; 2],
        rows: impl IntoIterator<Item = &'d Dependencies>,
    ) -> bool {
        let total = self.value(left).total && self.value(right).total;
        let mut rows = rows.into_iter();
        total || rows.any(|rows| self.never_null(left, rows) || self.never_null(right, rows))
    }

    /// The number of a row, if a condition admits only 1: one row of each partition
    /// remains.
    fn first_row_number(
        &self,
        comparison: Comparison,
        left: &Expr,
        right: &Expr,
    ) -> Option<Number> {
        let numbered = self.numbering.column(left.as_column()?);
        let bound = number(right)?;
        let first = match comparison {
            Comparison::LtEq => bound < 2.0,
            Comparison::Lt => bound <= 2.0,
            Comparison::Eq
            | Comparison::Same
            | Comparison::NotEq
            | Comparison::Gt
            | Comparison::GtEq => false,
        };
        (first && self.numbering.is_ordinal(numbered)).then_some(numbered)
    }

    /// The person that an expression identifies.
    pub(super) fn unit_of(&mut self, expr: &Expr) -> Option<Rc<UnitValue>> {
        match expr.kind {
            ExprKind::Column(column) => self.column(column).unit.clone(),
            ExprKind::Literal(_) | ExprKind::Parameter(_) | ExprKind::Variable(_) => None,
            _ => self.value(expr).unit.clone(),
        }
    }

    /// Collects the base columns that a condition compares, and returns its value's
    /// facts.
    ///
    /// Whether an identifier is present, how many distinct identifiers there are,
    /// and whether two are equal discloses nothing about a person.
    pub(super) fn compared(
        &mut self,
        condition: &Expr,
        into: &mut OrderedSet<BaseColumnId>,
    ) -> ColumnFacts {
        match &condition.kind {
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                let values: Vec<_> = parts.iter().map(|part| self.compared(part, into)).collect();
                let coverages = || values.iter().map(|value| &value.coverage);
                let mut coverage =
                    Coverage::mixed(coverages(), Combination::Any, 0, condition.span);
                // Lower bounds of several values tell no difference of them, nor does whether
                // they are there.
                let tells_none = |binder: &mut Self, part: &Expr| {
                    binder.is_lower_bound(part) || binder.asks_for_sums(part)
                };
                if coverage.is_uncovered() && parts.iter().all(|part| tells_none(self, part)) {
                    let fresh = self.next_measure();
                    coverage =
                        Coverage::mixed(coverages(), Combination::Choice, fresh, condition.span);
                }
                ColumnFacts {
                    coverage,
                    ..predicate(ColumnFacts::computed(&values))
                }
            }
            ExprKind::Not(inner) => {
                let mut marks = OrderedSet::new();
                let marked = self.compares_with_sentinels(inner);
                let value = self.compared(inner, if marked { &mut marks } else { into });
                predicate(ColumnFacts::computed([&value]))
            }
            ExprKind::IsNull(inner) => {
                let value = self.value(inner);
                self.compared_beside_identity(&value, into);
                predicate(ColumnFacts::computed([&value]))
            }
            ExprKind::Compare(comparison, left, right) => {
                let values = [self.value(left), self.value(right)];
                let unlike = *comparison == Comparison::NotEq && self.is_sentinel_of(left, right);
                let both = values.iter().all(|value| !value.identities.is_empty());
                // An identifier that is looked up in another column joins rows.
                let joins = matches!(comparison, Comparison::Eq | Comparison::Same)
                    && values.iter().all(|value| self.may_identify(value));
                if joins {
                    self.note_equal([&values[0], &values[1]]);
                }
                for value in &values {
                    if unlike || both || joins {
                        self.compared_beside_identity(value, into);
                    } else {
                        self.compared_values(value, into);
                    }
                }
                let coverages = values.iter().map(|value| &value.coverage);
                let coverage = Coverage::mixed(coverages, Combination::Any, 0, condition.span);
                let mut facts = ColumnFacts::computed(&values);
                // The equality of two identifiers discloses nothing about anybody.
                if values.iter().any(|value| value.identities.is_empty()) {
                    facts = facts.replace_by_buckets(2, condition.span);
                }
                ColumnFacts {
                    coverage,
                    ..predicate(facts)
                }
            }
            _ => {
                let value = self.value(condition);
                self.compared_values(&value, into);
                Rc::unwrap_or_clone(value)
            }
        }
    }

    /// Notes that an unregistered column holds an identifier, if it equals one.
    fn note_equal(&mut self, values: [&ColumnFacts; 2]) {
        for (one, other) in [(values[0], values[1]), (values[1], values[0])] {
            if one.is_identifier_alone()
                && other.identities.is_empty()
                && let [path] = other.paths.as_slice()
            {
                self.renamed.insert(path.source);
            }
        }
    }

    /// Whether a value is an identifier, or a column of people that the registry does
    /// not know: it may hold the identifier under another name.
    fn may_identify(&self, value: &ColumnFacts) -> bool {
        let mut paths = value.paths.iter();
        !value.paths.is_empty()
            && paths.all(|path| {
                let source = self.sources.get(path.source);
                !value.identities.is_empty() || source.personal && source.entry.is_none()
            })
    }

    /// Whether a condition compares an identifier with constants that, like NULL,
    /// mark rows of nobody.
    fn compares_with_sentinels(&mut self, condition: &Expr) -> bool {
        match &condition.kind {
            ExprKind::Compare(Comparison::Eq, left, right) => self.is_sentinel_of(left, right),
            ExprKind::InList { value, list, .. } => list
                .iter()
                .all(|constant| self.is_sentinel_of(value, constant)),
            _ => false,
        }
    }

    fn is_sentinel_of(&mut self, left: &Expr, right: &Expr) -> bool {
        let (identifier, constant) = match right.kind {
            ExprKind::Literal(_) => (left, right),
            _ => (right, left),
        };
        let is_constant = matches!(constant.kind, ExprKind::Literal(_)) && !constant.is_null();
        is_constant && self.value(identifier).is_identifier_alone()
    }

    /// The base columns on which a value depends if it decides about others.
    pub(super) fn deciding(&self, value: &ColumnFacts) -> OrderedSet<BaseColumnId> {
        let mut sources = OrderedSet::new();
        self.compared_values(value, &mut sources);
        sources
    }

    /// Adds the base columns on which a value depends, without its own identifiers:
    /// whether an identifier is present or equals another is no data about anybody.
    pub(super) fn compared_beside_identity(
        &self,
        value: &ColumnFacts,
        into: &mut OrderedSet<BaseColumnId>,
    ) {
        let mut sources = OrderedSet::new();
        self.compared_values(value, &mut sources);
        into.extend(sources.iter().filter(|id| !value.has_identifier(**id)));
    }

    /// Adds the base columns on which a value depends if it decides about rows.
    pub(super) fn compared_values(&self, value: &ColumnFacts, into: &mut OrderedSet<BaseColumnId>) {
        into.extend(&value.conditions);
        into.extend(value.sources.iter().filter_map(|(source, flow)| {
            let counted = *flow == Flow::Aggregated
                && self.sources.get(*source).entry.is_some_and(is_identifier);
            (!counted).then_some(*source)
        }));
    }
}

/// Whether a constant is exact: not a FLOAT64 that several whole numbers equal.
fn is_exact_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(Literal::Float(value)) => value.abs() < EXACT,
        ExprKind::Cast { value, to, .. } => {
            to != "FLOAT64" || number(value).is_some_and(|value| value.abs() < EXACT)
        }
        ExprKind::Call { args, .. } => args.iter().all(is_exact_number),
        _ => true,
    }
}
