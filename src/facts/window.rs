//! The transfer function of analytic functions: rows stay, columns are added.

use std::rc::Rc;

use super::aggregate::metric;
use super::analysis::{Analyzer, same_rows};
use super::cell::{Cell, PeopleSubset};
use super::column::{ColumnFacts, Contribution, OpaqueCall, SharedFacts};
use super::count::Grouping;
use super::coverage::{Combination, Coverage, CoverageGap, GapReason, Measure};
use super::lattice::{IdentityForm, Rows};
use super::measured::picks;
use super::mistake::Mutation;
use super::numbering::Number;
use super::ordered::OrderedSet;
use super::partition::PartitionCount;
use super::relation::RelationFacts;
use super::source::BaseColumnId;
use crate::plan::functions::{AggregateClass, AnalyticClass, FunctionClass};
use crate::plan::{ColId, Expr, RelId, Window, WindowFrame};

impl Analyzer<'_, '_> {
    pub(super) fn window(&mut self, input: RelId, windows: &[(ColId, Window)]) -> RelationFacts {
        let before = self.relation(input).clone();
        let mut facts = same_rows(&before);
        for (column, window) in windows {
            for part in window
                .call
                .expressions()
                .into_iter()
                .chain(&window.partition_by)
                .chain(&window.order_by)
            {
                self.subqueries(part, &mut facts);
            }
            let grain = self.window_grain(window);
            let value = self.window_value(window, grain.as_ref(), &before, &mut facts);
            if window.frame == WindowFrame::Partition
                && is_of_partition(window)
                && let Some(grain) = grain
            {
                let number = self.numbering.column(*column);
                self.numbering
                    .set_parts(number, grain.into_iter().collect());
                if matches!(window.call.name.as_str(), "COUNT" | "COUNTIF") {
                    Rc::make_mut(&mut facts.dependencies)
                        .not_null
                        .insert(number);
                }
            }
            if window.call.name == "ROW_NUMBER"
                && let Some(mut key) = self.window_grain(window)
            {
                // No two rows of a partition have the same number.
                let number = self.numbering.column(*column);
                self.numbering.mark_as_ordinal(number);
                key.insert(number);
                let rows = Rc::make_mut(&mut facts.dependencies);
                rows.not_null.insert(number);
                rows.add_key(key, 1);
            }
            self.set(*column, value);
        }
        facts
    }

    /// The base columns that decide which rows a window reads, and their order.
    ///
    /// A partition by an identifier is left out: whose rows they are discloses
    /// nothing.
    fn divided_by(&mut self, window: &Window) -> OrderedSet<BaseColumnId> {
        let mut sources = OrderedSet::new();
        for expr in &window.order_by {
            let value = self.value(expr);
            self.compared_values(&value, &mut sources);
        }
        for expr in &window.partition_by {
            let value = self.value(expr);
            self.compared_beside_identity(&value, &mut sources);
        }
        sources
    }

    /// The values in which the rows of a partition agree.
    fn window_grain(&mut self, window: &Window) -> Option<OrderedSet<Number>> {
        window
            .partition_by
            .iter()
            .map(|expr| self.numbering.expression(expr))
            .collect()
    }

    fn window_value(
        &mut self,
        window: &Window,
        grain: Option<&OrderedSet<Number>>,
        before: &RelationFacts,
        facts: &mut RelationFacts,
    ) -> ColumnFacts {
        let call = &window.call;
        let around: Vec<SharedFacts> = window
            .partition_by
            .iter()
            .chain(&window.order_by)
            .map(|expr| self.value(expr.ordered()))
            .collect();
        let around = ColumnFacts::computed(&around);
        let mut value = match call.info.map(|info| info.class) {
            Some(FunctionClass::Aggregate(_)) => {
                let sets = [grain.into_iter().flatten().copied().collect()];
                let grouping = Grouping {
                    sets: &sets,
                    made: None,
                    group: None,
                    shared: false,
                };
                let mut value = self.aggregate_value(call, before, facts, &grouping);
                value.feeds = Contribution::No;
                value.each = false;
                if before.rows == Rows::Individual && window.frame != WindowFrame::Partition {
                    value.coverage = Coverage::Uncovered(None);
                }
                // It counts the people of a partition, not of the row.
                if let Some(count) = &mut value.count {
                    let count = Rc::make_mut(count);
                    let people = std::mem::take(&mut count.people);
                    if let Some(grain) = grain.filter(|_| window.frame == WindowFrame::Partition) {
                        let partition = self.partition(grain.clone(), call.span, facts);
                        if let Some(known) = facts.partitions.get_mut(&partition) {
                            known.counted.extend(people.iter().map(|fact| fact.counted));
                        }
                        count.partitions = people
                            .into_iter()
                            .map(|fact| PartitionCount {
                                partition,
                                pop: fact.pop,
                                slack: fact.slack,
                            })
                            .collect();
                    }
                }
                value
            }
            Some(FunctionClass::Analytic(class)) => {
                let values: Vec<SharedFacts> =
                    call.args.iter().map(|arg| self.value(arg)).collect();
                let mut value = ColumnFacts::computed(&values);
                value.constant = false;
                value.personal |= !before.populations.is_empty();
                match class {
                    AnalyticClass::RowNumber | AnalyticClass::Rank => {
                        value = metric(value);
                        if before.rows == Rows::Individual {
                            value.surrogate = Some(call.span);
                        }
                        // A dense rank over an identifier replaces it.
                        if call.name == "DENSE_RANK" || call.name == "RANK" {
                            let ranked =
                                around.clone().replaced(IdentityForm::Pseudonym, call.span);
                            value.identities = ranked.identities;
                        }
                    }
                    AnalyticClass::Navigation
                    | AnalyticClass::Positional
                    | AnalyticClass::Fitted => {
                        if before.rows == Rows::Individual {
                            value.single = Some(call.span);
                        }
                    }
                }
                value
            }
            Some(FunctionClass::Scalar(_) | FunctionClass::Table(_)) | None => {
                let values: Vec<SharedFacts> =
                    call.args.iter().map(|arg| self.value(arg)).collect();
                let mut value = ColumnFacts::computed(&values);
                value.opaque.insert(OpaqueCall {
                    name: call.name.clone(),
                    span: call.span,
                });
                value.constant = false;
                value
            }
        };
        value.conditions.extend(self.divided_by(window));
        value.influences.extend(around.influences.iter().cloned());
        self.cover_window(window, grain, &around, before, &mut value);
        let of_people = before.rows == Rows::Individual && !before.populations.is_empty();
        let own = self.mistake == Some(Mutation::WindowsAreOwn);
        if of_people && value.coverage != Coverage::Label && !own {
            let whole = window.frame == WindowFrame::Partition && is_of_partition(window);
            let grain = grain.filter(|_| whole);
            let over = grain.map(|grain| self.partition(grain.clone(), call.span, facts));
            value.windows.insert(over);
        }
        self.cover_by_mutation(&mut value);
        value
    }

    /// Determines the coverage of a window's value.
    ///
    /// A window reads rows of other groups, and prints in one row a value of
    /// another. Over rows of groups, the value stands for as few people as any of
    /// these rows. Over rows of single people, it is a label if all of them belong
    /// to one person.
    fn cover_window(
        &mut self,
        window: &Window,
        grain: Option<&OrderedSet<Number>>,
        around: &ColumnFacts,
        before: &RelationFacts,
        value: &mut ColumnFacts,
    ) {
        let gap = Coverage::gap(GapReason::Window, window.call.span);
        if before.populations.is_empty() && before.members.is_none() {
            value.everywhere(&mut |part| {
                let both = [&part.coverage, &around.coverage];
                part.coverage = Coverage::mixed(both, Combination::Any, 0, window.call.span);
            });
            return;
        }
        if before.rows != Rows::Individual {
            let args: Vec<SharedFacts> = window
                .call
                .expressions()
                .into_iter()
                .map(|arg| self.value(arg))
                .collect();
            let floor = args
                .iter()
                .map(|arg| before.behind(arg))
                .fold(behind_rows(before), u64::min);
            let class = window.call.info.map(|info| info.class);
            // Several groups may have the same extreme value.
            let extreme = matches!(class, Some(FunctionClass::Aggregate(class)) if picks(class));
            // One person may decide which groups have the same measured value, or
            // nearly the same: if they form a partition, or a frame that depends on
            // their order.
            let measured = |analyzer: &mut Self, by: &Expr, ranks: bool| {
                let value = analyzer.value(by);
                let any = !value.coverage.measures().is_empty();
                value.coverage.orders_by_more() || any && !ranks
            };
            // A rank discloses only their order; a dense rank, how many distinct
            // values there are.
            let ranks = matches!(
                class,
                Some(FunctionClass::Analytic(
                    AnalyticClass::RowNumber | AnalyticClass::Rank
                ))
            ) && window.call.name != "DENSE_RANK";
            // A place by a ratio discloses only which ratio is larger.
            let floor = if ranks {
                let parts = window.partition_by.iter().chain(&window.order_by);
                let parts: Vec<SharedFacts> =
                    parts.map(|part| self.value(part.ordered())).collect();
                parts
                    .iter()
                    .map(|part| before.behind(part))
                    .fold(floor, u64::min)
            } else {
                floor.min(before.behind(around))
            };
            let same = window
                .partition_by
                .iter()
                .any(|by| measured(self, by, false))
                || window
                    .order_by
                    .iter()
                    .any(|by| measured(self, by.ordered(), ranks));
            // A value that is fitted to all rows' values discloses their
            // differences, and so does their median.
            let fitted = matches!(
                class,
                Some(FunctionClass::Analytic(
                    AnalyticClass::Fitted | AnalyticClass::Positional
                ))
            ) && args.iter().any(|arg| !arg.coverage.measures().is_empty());
            // The conditions that selected the rows decide which rows can be read.
            let parts = call_measures(&args);
            let told = !ranks && before.compared.discloses_difference_of_groups(&parts);
            if floor < 2 || extreme || same || fitted || told || value.coverage.is_uncovered() {
                value.everywhere(&mut |part| part.coverage = gap.clone());
                return;
            }
            // Each row that it reads stands for at least `floor` people.
            let again = self.select_measures(args.iter().map(|arg| &arg.coverage));
            let again = if ranks {
                let shared = window.order_by.iter().any(|by| {
                    let value = self.value(by.ordered());
                    value.coverage.measures().iter().any(|one| one.shared)
                });
                let down = self.is_largest_first(&window.order_by);
                again.ranked(down).shared(shared)
            } else {
                again
            };
            let collects = matches!(
                class,
                Some(FunctionClass::Aggregate(AggregateClass::Collecting))
            );
            value.everywhere(&mut |part| {
                part.coverage = match &part.coverage {
                    known if known.is_uncovered() => known.clone(),
                    // An array of values of several rows stays one.
                    Coverage::Collected(_) if collects => {
                        Coverage::Collected(again.measures().to_vec())
                    }
                    _ => again.clone(),
                };
                part.single = None;
                part.cells = vec![Cell {
                    among: PeopleSubset::OneRow,
                    floor,
                    span: window.call.span,
                    measure: None,
                }];
            });
            if collects {
                value.elements = Some(floor);
            }
            return;
        }
        let one = grain.is_some_and(|grain| self.is_one_person(before, grain.iter().copied()));
        let mut parts = window
            .call
            .expressions()
            .into_iter()
            .chain(&window.partition_by)
            .chain(&window.order_by);
        if one && parts.all(|part| self.value(part).is_own()) {
            value.coverage = Coverage::Label;
            return;
        }
        let whole = window.frame == WindowFrame::Partition
            && is_of_partition(window)
            && value.single.is_none();
        if !whole && !value.coverage.is_uncovered() {
            value.coverage = gap;
        } else if let Coverage::Uncovered(found) = &mut value.coverage {
            found.get_or_insert(CoverageGap {
                reason: GapReason::Window,
                span: window.call.span,
            });
        }
    }
}

/// The measured values among the arguments of a call.
fn call_measures(args: &[SharedFacts]) -> Vec<Measure> {
    let measures = args.iter().flat_map(|arg| arg.coverage.measures());
    measures.copied().collect()
}

/// Lower bound on the people behind each row, or behind the array member that it
/// is.
fn behind_rows(rows: &RelationFacts) -> u64 {
    let members = rows.members.map(|members| members.floor);
    match (rows.k(), members) {
        (Some(k), Some(floor)) => k.min(floor),
        (known, floor) => known.or(floor).unwrap_or(0),
    }
}

/// Whether an analytic call returns the same value for all rows of a partition.
fn is_of_partition(window: &Window) -> bool {
    match window.call.info.map(|info| info.class) {
        Some(FunctionClass::Aggregate(class)) => matches!(
            class,
            AggregateClass::Count
                | AggregateClass::CountIf
                | AggregateClass::Sum
                | AggregateClass::Mean
                | AggregateClass::Extreme
                | AggregateClass::Bitwise
        ),
        Some(FunctionClass::Analytic(_) | FunctionClass::Scalar(_) | FunctionClass::Table(_))
        | None => false,
    }
}
