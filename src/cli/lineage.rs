//! `headcount lineage`: shows the sources of the columns of a query's datasets.

use super::args::{Lineage, LineageFormat};
use super::{CLEAN, Failure, output, run};
use crate::report;

pub(super) fn run(wanted: &Lineage) -> Result<u8, Failure> {
    let config = run::config(&wanted.file, &wanted.stdin_filename, &wanted.configured)?;
    if wanted.file.is_dir() {
        return Err(Failure::Usage(format!(
            "{}: `lineage` takes a single file, but this is a directory",
            wanted.file.display()
        )));
    }
    let text = run::text(&wanted.file, &wanted.stdin_filename)?;
    let shown = text.path().to_owned();
    let mut registries = run::registries_of(&config, wanted.registry.as_deref())?;
    let mut datasets =
        registries.lineages(text, &config.template, wanted.format == LineageFormat::Plan)?;
    if datasets.is_empty() {
        output::warn(&format!("{shown}: no SELECT found"));
    }
    if let Some(name) = &wanted.column {
        let mut known: Vec<String> = Vec::new();
        for dataset in &mut datasets {
            let columns = &mut dataset.lineage.columns;
            known.extend(columns.iter().map(|column| column.name.clone()));
            columns.retain(|column| column.name.eq_ignore_ascii_case(name));
        }
        datasets.retain(|dataset| !dataset.lineage.columns.is_empty());
        if datasets.is_empty() {
            known.dedup();
            return Err(Failure::Usage(format!(
                "{shown}: no published column `{name}`; found: {}",
                known.join(", ")
            )));
        }
    }
    output::print(&report::lineage(&datasets, wanted.format.into()))?;
    Ok(CLEAN)
}
