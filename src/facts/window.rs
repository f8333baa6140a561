//! Analytic functions: rows stay, columns are added.

use super::aggregate::metric;
use super::analysis::Analyzer;
use super::column::{ColumnFacts, OpaqueCall};
use super::lattice::{Form, Rows};
use super::relation::RelationFacts;
use crate::plan::functions::{AnalyticClass, FunctionClass};
use crate::plan::{ColId, RelId, Window};

impl Analyzer<'_, '_> {
    pub(super) fn window(&mut self, input: RelId, windows: &[(ColId, Window)]) -> RelationFacts {
        let before = self.relation(input).clone();
        let mut facts = before.clone();
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
            let value = self.window_value(window, &before, &mut facts);
            self.set(*column, value);
        }
        facts
    }

    fn window_value(
        &mut self,
        window: &Window,
        before: &RelationFacts,
        facts: &mut RelationFacts,
    ) -> ColumnFacts {
        let call = &window.call;
        let around: Vec<ColumnFacts> = window
            .partition_by
            .iter()
            .chain(&window.order_by)
            .map(|expr| self.value(expr))
            .collect();
        let around = ColumnFacts::computed(&around);
        let mut value = match call.info.map(|info| info.class) {
            Some(FunctionClass::Aggregate(_)) => {
                let mut value = self.aggregate_value(call, before, facts);
                // It counts the people of a partition, not of the row.
                if let Some(count) = &mut value.count {
                    count.people = None;
                }
                value
            }
            Some(FunctionClass::Analytic(class)) => {
                let values: Vec<ColumnFacts> =
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
                let values: Vec<ColumnFacts> =
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
        value
    }
}
