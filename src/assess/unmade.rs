//! A table that its owners publish although no SQL creates it.

use super::derivations::Own;
use crate::assessment::FileAssessment;
use crate::catalog::layout;
use crate::plan::bind::{Dataset, Problem, ProblemKind};
use crate::registry::Registry;
use crate::source::{SourceMap, SourceText, Span, files};

/// Assesses a `metadata.yaml` that publishes the table of a folder without SQL.
///
/// The result is a dataset about which nothing is known.
pub fn unmade(metadata: SourceText) -> FileAssessment {
    let place = layout::place(&files::absolute(std::path::Path::new(metadata.path())));
    let label = ["public_json", "public_bigquery"]
        .iter()
        .find_map(|label| Some((metadata.text().find(label)?, label.len())));
    let span = match label {
        Some((start, length)) => Span::new(start, start + length),
        None => Span::new(0, metadata.text().len()),
    };
    let problem = Problem {
        kind: ProblemKind::Unsupported,
        span,
        message: "this label publishes a table that no SQL in its folder creates".to_owned(),
        help: "remove the label, or add the query that creates the table to the folder".to_owned(),
    };
    let target = place.map(|place| place.table);
    let dataset = Dataset::unassessed(span, "query", target, vec![problem]);
    let around = super::Surroundings::alone(Registry::builtin());
    let map = SourceMap::identity(metadata.text().len());
    let own = Own::plain(&metadata, &map);
    let assessed = super::one(&own, &dataset, 0, &around, None);
    FileAssessment {
        source: metadata,
        datasets: vec![assessed],
        findings: Vec::new(),
        fault: None,
    }
}
