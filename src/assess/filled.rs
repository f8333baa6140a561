//! The facts of a dataset, where tables that it reads may be filled by what reads them.

use crate::catalog::TableName;
use crate::facts::{Facts, analyze_filled, own_reads};
use crate::plan::RelId;
use crate::plan::bind::Dataset;
use crate::registry::Registry;

/// What is known of a dataset; `target` names the table that a query makes, where
/// something beside it says so.
pub(super) fn facts<'r>(
    dataset: &Dataset,
    target: Option<&str>,
    registry: &'r Registry,
) -> Facts<'r> {
    let plan = &dataset.plan;
    let beside = target.map(|target| TableName::new([target]));
    let own = dataset.target.as_ref().or(beside.as_ref());
    let filled: Vec<(&TableName, RelId)> = own
        .zip(plan.root())
        .into_iter()
        .chain(
            dataset
                .grafted
                .tables
                .iter()
                .map(|(definition, rows)| (&definition.table, *rows)),
        )
        .collect();
    let project = own.and_then(TableName::project);
    let own = own_reads(plan, filled, project, registry);
    analyze_filled(plan, registry, own)
}
