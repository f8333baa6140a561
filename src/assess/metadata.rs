//! What a `metadata.yaml` says of publication by itself: a label of a table that no SQL
//! makes, and what is wrong with it.

use std::path::Path;

use super::derivations::TextContext;
use crate::assessment::{Assessment, FileAssessment};
use crate::catalog::CatalogError;
use crate::catalog::layout::{self, Metadata, MisspeltLabel};
use crate::plan::bind::{Dataset, Problem, ProblemKind};
use crate::registry::Registry;
use crate::rules::{Finding, syntax_error, unsupported_construct};
use crate::source::{SourceMap, SourceText, Span, files};

/// The assessment of a `metadata.yaml`. Where it publishes the table of a folder without
/// SQL, that is a dataset of which nothing is known.
pub fn metadata(text: SourceText) -> FileAssessment {
    let path = text.path().to_owned();
    let read = Metadata::parse(&path, without_mark(&text));
    let findings: Vec<Finding> = match &read {
        Err(error) => vec![unreadable(&text, error)],
        Ok(read) => read
            .misspelt
            .iter()
            .map(|label| misspelt(&text, label))
            .collect(),
    };
    // What can't be read publishes if a label may stand in it.
    let is_public = match &read {
        Ok(read) => read.is_public(),
        Err(_) => Metadata::may_publish(text.text()),
    };
    let datasets = if is_public && layout::is_without_sql(Path::new(&path)) {
        vec![unmade(&text, read.as_ref().ok())]
    } else {
        Vec::new()
    };
    FileAssessment {
        source: text,
        datasets,
        findings,
        fault: None,
    }
}

/// The text without the mark with which some editors begin a file.
fn without_mark(text: &SourceText) -> &str {
    let text = text.text();
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The dataset of a label in a folder without SQL.
fn unmade(text: &SourceText, read: Option<&Metadata>) -> Assessment {
    let place = layout::place(&files::absolute(Path::new(text.path())));
    let label = ["public_json", "public_bigquery"]
        .iter()
        .find_map(|label| Some((text.text().find(label)?, label.len())));
    let misspelt = read.and_then(|read| read.misspelt.first());
    let span = match (label, misspelt) {
        (Some((start, length)), _) => Span::new(start, start + length),
        (None, Some(label)) => span_of(text, label.at),
        (None, None) => Span::new(0, text.text().len()),
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
    let map = SourceMap::identity(text.text().len());
    let own = TextContext::plain(text, &map);
    super::assess_dataset(&own, &dataset, 0, &around, None)
}

fn unreadable(text: &SourceText, error: &CatalogError) -> Finding {
    let help = error.help.clone().unwrap_or_else(|| {
        "correct the file: until then its publishing labels are unknown".to_owned()
    });
    syntax_error::of_metadata(span_of(text, error.at), error.message.clone(), help)
}

fn misspelt(text: &SourceText, label: &MisspeltLabel) -> Finding {
    let MisspeltLabel {
        written,
        meant,
        outside,
        at,
    } = label;
    let (message, help) = if *outside {
        (
            format!("`{written}` is outside `labels`, so it does not publish the table"),
            format!(
                "write `{meant}: true` below `labels:`, or remove it; until then the dataset is checked as a public one"
            ),
        )
    } else {
        (
            format!("`{written}` is not a publishing label; did you mean `{meant}`?"),
            format!(
                "write `{meant}: true`, or remove the label; until then the dataset is checked as a public one"
            ),
        )
    };
    unsupported_construct::label(span_of(text, *at), message, help)
}

/// The word at a line and column, both from 1; the first line where they are not known.
fn span_of(text: &SourceText, at: Option<(usize, usize)>) -> Span {
    let (line, column) = at.unwrap_or((1, 1));
    let last = text.lines().len().max(1);
    let filled = |line: &usize| !text.slice(text.line(*line)).trim().is_empty();
    // What ends too early is seen on the last line that has something.
    let shown = (1..=line.min(last)).rev().find(filled).unwrap_or(1);
    let whole = text.line(shown);
    let written = text.slice(whole);
    let before = if shown == line { column - 1 } else { 0 };
    let skipped: usize = written.chars().take(before).map(char::len_utf8).sum();
    let behind = written[skipped..].trim().is_empty();
    let skipped = if behind { 0 } else { skipped };
    let rest = &written[skipped..];
    let bare = rest.trim_end();
    let length = match bare.find(':') {
        Some(end) if at.is_some() => end,
        Some(_) | None => bare.len(),
    };
    let start = whole.range().start + skipped;
    Span::new(start, start + length)
}
