//! `headcount registry coverage`: lists the columns that queries publish and the
//! registry lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use super::args::{Coverage, Format};
use crate::assess::Reads;
use crate::catalog::Unnamed;
use crate::cli::configurations::{Configurations, STDIN};
use crate::cli::session::group_by_config;
use crate::cli::{CLEAN, FAILED, Failure, output, run};
use crate::policy::UseKind;
use crate::registry::import::{stub, stub_entry};
use crate::report::{InertText, escape_line};
use crate::source::files::GitIgnoreMode;
use crate::workspace::Registries;

/// A column that is not registered, identified by its dotted path.
#[derive(Debug, Default)]
struct Missing {
    /// The dotted path as spelled in the first query.
    name: String,
    tables: BTreeSet<String>,
    datasets: BTreeSet<String>,
    /// Whether the column is published only in metrics.
    measured: bool,
}

/// The result of the search.
struct CoverageResult {
    /// Columns that most datasets need come first.
    missing: Vec<Missing>,
    datasets: usize,
    covered: usize,
    columns: usize,
    resolved: usize,
    unknown: usize,
}

pub(super) fn run(coverage: &Coverage) -> Result<u8, Failure> {
    let mut configs = Configurations::new(&coverage.common.configured)?;
    let gathered = run::gather(&coverage.paths, &mut configs, STDIN, GitIgnoreMode::Skipped)?;
    let failed = gathered.failed;
    let given = coverage.common.registry.as_ref();
    let mut reads = Vec::new();
    for (config, texts) in group_by_config(gathered.inputs) {
        let mut registries = match given.or(config.registry.as_ref()) {
            Some(path) => Registries::given(path, None)?,
            None => Registries::default(),
        };
        reads.extend(registries.reads(texts, &config.template, coverage.jobs)?);
    }
    let found = found(&reads);
    if let Some(path) = &coverage.stubs {
        let text = stubs(&found.missing);
        if path == Path::new("-") {
            output::print_data(&text)?;
        } else {
            crate::storage::replace(path, &text)
                .map_err(|error| Failure::Write(path.clone(), error))?;
        }
    }
    let shown = match coverage.common.format {
        Format::Human => human(&found),
        Format::Json => render_json(&found),
    };
    if coverage.stubs.as_deref() == Some(Path::new("-")) {
        output::write_stderr(&shown);
    } else {
        output::print(&shown)?;
    }
    Ok(if failed { FAILED } else { CLEAN })
}

fn found(reads: &[Reads]) -> CoverageResult {
    let mut missing: BTreeMap<String, Missing> = BTreeMap::new();
    let mut known = BTreeSet::new();
    let mut lacking = BTreeSet::new();
    let (mut covered, mut unknown) = (0, 0);
    for dataset in reads {
        let mut whole = !dataset.unknown;
        unknown += usize::from(dataset.unknown);
        for column in &dataset.columns {
            let Some(part) = column.part else {
                continue;
            };
            let name = column.path.join(".");
            let of_table = (column.table.short().to_lowercase(), name.to_lowercase());
            // A column of an unknown schema (`*`) has no name to register.
            if column.path.last().is_some_and(|last| last == "*") {
                continue;
            }
            // Nor has a table that a template names.
            if matches!(column.table.unnamed(), Some((Unnamed::Table, _))) {
                continue;
            }
            if column.registered {
                known.insert(of_table);
                continue;
            }
            whole = false;
            lacking.insert(of_table);
            let entry = missing
                .entry(name.to_lowercase())
                .or_insert_with(|| Missing {
                    name,
                    measured: true,
                    ..Missing::default()
                });
            entry.tables.insert(column.table.short());
            entry.datasets.insert(dataset.dataset.clone());
            entry.measured &= part == UseKind::Metric;
        }
        covered += usize::from(whole);
    }
    let mut missing: Vec<Missing> = missing.into_values().collect();
    missing.sort_by_key(|entry| {
        (
            std::cmp::Reverse(entry.datasets.len()),
            entry.name.to_lowercase(),
        )
    });
    CoverageResult {
        missing,
        datasets: reads.len(),
        covered,
        columns: known.len() + lacking.len(),
        resolved: known.len(),
        unknown,
    }
}

/// Number of tables that a line names; the rest is counted.
const NAMED: usize = 3;

fn human(found: &CoverageResult) -> InertText {
    let mut text = InertText::new();
    if !found.missing.is_empty() {
        text.line("datasets  column");
    }
    for entry in &found.missing {
        let tables: Vec<&str> = entry
            .tables
            .iter()
            .take(NAMED)
            .map(String::as_str)
            .collect();
        let rest = match entry.tables.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text.line(format_args!(
            "{:>5}  {}  of {}{rest}",
            entry.datasets.len(),
            entry.name,
            tables.join(", ")
        ));
    }
    let unknown = match found.unknown {
        0 => String::new(),
        count => format!("; for {count}, some published columns are unknown"),
    };
    text.line(format_args!(
        "{} of {} columns are registered, {} of {} datasets need no other{unknown}",
        found.resolved, found.columns, found.covered, found.datasets
    ));
    text
}

fn render_json(found: &CoverageResult) -> InertText {
    let missing: Vec<serde_json::Value> = found
        .missing
        .iter()
        .map(|entry| {
            json!({
                "name": entry.name,
                "tables": entry.tables,
                "datasets": entry.datasets,
            })
        })
        .collect();
    InertText::json(&json!({
        "schema_version": 1,
        "columns": found.columns,
        "registered": found.resolved,
        "datasets": found.datasets,
        "covered": found.covered,
        "unknown_datasets": found.unknown,
        "missing": missing,
    }))
}

/// Returns a stub entry for each column, those that most datasets need first.
fn stubs(missing: &[Missing]) -> String {
    let mut text = String::from("schema_version = 1\n");
    for entry in missing {
        let tables: Vec<&str> = entry.tables.iter().map(String::as_str).collect();
        // A line break would end the comment.
        let tables = escape_line(&tables.join(", "));
        text.push_str(&format!(
            "\n# needed by {}, from {tables}\n{}",
            match entry.datasets.len() {
                1 => "1 dataset".to_owned(),
                more => format!("{more} datasets"),
            },
            stub(&stub_entry(&entry.name, entry.measured))
        ));
    }
    text
}
