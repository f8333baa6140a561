//! Analytic functions: rows stay, columns are added.

use std::rc::Rc;

use vecset::VecSet;

use super::aggregate::metric;
use super::analysis::{Analyzer, same_rows};
use super::cell::{Among, Cell};
use super::column::{ColumnFacts, OpaqueCall, SharedFacts};
use super::count::Grouping;
use super::coverage::{Coverage, Gap, GapReason, Mix};
use super::lattice::{Form, Rows};
use super::measured::picks;
use super::numbering::Number;
use super::partition::PartitionCount;
use super::relation::RelationFacts;
use crate::plan::functions::{AggregateClass, AnalyticClass, FunctionClass};
use crate::plan::{ColId, RelId, Window, WindowFrame};

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
                self.numbering.count_from_one(number);
                key.insert(number);
                let rows = Rc::make_mut(&mut facts.dependencies);
                rows.not_null.insert(number);
                rows.add_key(key, 1);
            }
            self.set(*column, value);
        }
        facts
    }

    /// The values that the rows of a partition agree in.
    fn window_grain(&mut self, window: &Window) -> Option<VecSet<Number>> {
        window
            .partition_by
            .iter()
            .map(|expr| self.numbering.expression(expr))
            .collect()
    }

    fn window_value(
        &mut self,
        window: &Window,
        grain: Option<&VecSet<Number>>,
        before: &RelationFacts,
        facts: &mut RelationFacts,
    ) -> ColumnFacts {
        let call = &window.call;
        let around: Vec<SharedFacts> = window
            .partition_by
            .iter()
            .chain(&window.order_by)
            .map(|expr| self.value(expr))
            .collect();
        let around = ColumnFacts::computed(&around);
        let mut value = match call.info.map(|info| info.class) {
            Some(FunctionClass::Aggregate(_)) => {
                let sets = [grain.into_iter().flatten().copied().collect()];
                let grouping = Grouping {
                    sets: &sets,
                    made: None,
                    group: None,
                };
                let mut value = self.aggregate_value(call, before, facts, &grouping);
                value.feeds = false;
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
                            let ranked = around.clone().replaced(Form::Pseudonym, call.span);
                            value.identities = ranked.identities;
                        }
                    }
                    AnalyticClass::Navigation | AnalyticClass::Positional => {
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
        value.conditions.extend(around.compared());
        value.influences.extend(around.influences.iter().cloned());
        self.cover_window(window, grain, &around, before, &mut value);
        self.cover_wrongly(&mut value);
        value
    }

    /// A window reads rows of other groups, and prints in one row what is
    /// another's: its value stands for as few people as any of them, where these
    /// rows are groups. Of single people's rows it is a label where they are one
    /// person's.
    fn cover_window(
        &mut self,
        window: &Window,
        grain: Option<&VecSet<Number>>,
        around: &ColumnFacts,
        before: &RelationFacts,
        value: &mut ColumnFacts,
    ) {
        let gap = Coverage::gap(GapReason::Window, window.call.span);
        if before.populations.is_empty() {
            let both = [&value.coverage, &around.coverage];
            value.coverage = Coverage::mixed(both, Mix::Any, 0, window.call.span);
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
                .chain([before.behind(around)])
                .fold(before.k().unwrap_or(0), u64::min);
            // The extreme of groups is one that several may share.
            let extreme = matches!(
                window.call.info.map(|info| info.class),
                Some(FunctionClass::Aggregate(class)) if picks(class)
            );
            if floor < 2 || extreme || value.coverage.is_uncovered() {
                value.coverage = gap;
                return;
            }
            // Each row that it reads stands for so many.
            value.coverage = self.measure(None, false, false);
            value.single = None;
            value.cells = vec![Cell {
                among: Among::OneRow,
                floor,
                span: window.call.span,
                measure: None,
            }];
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
            found.get_or_insert(Gap {
                reason: GapReason::Window,
                span: window.call.span,
            });
        }
    }
}

/// Whether an analytic call gives all rows of a partition the same value.
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
