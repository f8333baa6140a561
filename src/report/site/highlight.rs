//! Splits a query into pieces with the remarks about each.

use serde::Serialize;

use crate::assessment::{Assessment, FileAssessment};
use crate::report::words;
use crate::source::{SourceText, Span};

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    /// The text.
    pub(super) text: String,
    /// The kind of mark: `error`, `warning`, `note`, `step`, `column`; empty for
    /// unmarked text.
    pub(super) class: &'static str,
    /// The remark about the piece.
    pub(super) title: String,
}

/// A remark about a place, for the list below the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Remark {
    /// The line number, from 1.
    pub(super) line: usize,
    /// The kind of mark, as in [`Piece`].
    pub(super) class: &'static str,
    /// The message.
    pub(super) text: String,
}

struct Mark {
    span: Span,
    class: &'static str,
    title: String,
}

/// Returns the marks of a dataset: findings before steps before columns.
fn marks(dataset: &Assessment) -> Vec<Mark> {
    let findings = dataset.findings.iter().map(|finding| Mark {
        span: finding.span,
        class: words::severity(finding.severity),
        title: format!(
            "{} {}: {}",
            finding.rule.code, finding.rule.name, finding.message
        ),
    });
    let steps = dataset.decision.level_because.iter().filter_map(|step| {
        Some(Mark {
            span: step.span?,
            class: "step",
            title: format!("{}{}", step.message, words::people_after(step)),
        })
    });
    let columns = dataset.decision.columns.iter().map(|column| Mark {
        span: column.span,
        class: "column",
        title: format!("{} `{}`", words::role(column.role), column.name),
    });
    findings
        .chain(steps)
        .chain(columns)
        .filter(|mark| !mark.span.is_empty())
        .collect()
}

/// Largest number of datasets in a file whose pages each show the whole file. If
/// there are more, each page shows only its own statement.
const WHOLE: usize = 20;

/// Returns the part of a file that a page shows: all of it, or the lines of the
/// dataset's statement.
pub(super) fn shown(file: &FileAssessment, dataset: &Assessment) -> Span {
    let text = file.source.text();
    if file.datasets.len() <= WHOLE {
        return Span::new(0, text.len());
    }
    let range = dataset.span.range();
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n');
    Span::new(start, end.map_or(text.len(), |at| range.end + at + 1))
}

/// Splits a part of the text into pieces. Of nested marks, the smallest is shown; of
/// marks of equal size, the most severe.
pub(super) fn pieces(source: &SourceText, dataset: &Assessment, shown: Span) -> Vec<Piece> {
    let marks = marks(dataset);
    let text = source.text();
    let shown = shown.range();
    let mut bounds: Vec<usize> = vec![shown.start, shown.end];
    for mark in &marks {
        bounds.extend([mark.span.start as usize, mark.span.end as usize]);
    }
    bounds.retain(|at| shown.start <= *at && *at <= shown.end && text.is_char_boundary(*at));
    bounds.sort_unstable();
    bounds.dedup();
    bounds
        .windows(2)
        .map(|pair| {
            let here = Span::new(pair[0], pair[1]);
            let mark = marks
                .iter()
                .filter(|mark| mark.span.contains(here))
                .min_by_key(|mark| (mark.span.len(), rank(mark.class)));
            Piece {
                text: source.slice(here).to_owned(),
                class: mark.map_or("", |mark| mark.class),
                title: mark.map_or_else(String::new, |mark| mark.title.clone()),
            }
        })
        .collect()
}

/// Returns the rank of a kind of mark, the most severe first.
fn rank(class: &str) -> usize {
    ["error", "warning", "note", "step", "column"]
        .iter()
        .position(|known| *known == class)
        .unwrap_or(usize::MAX)
}

/// Returns the remarks in the order of their lines.
pub(super) fn remarks(source: &SourceText, dataset: &Assessment) -> Vec<Remark> {
    let mut all: Vec<Remark> = marks(dataset)
        .into_iter()
        .filter(|mark| mark.class != "column")
        .map(|mark| Remark {
            line: source.position(mark.span.start).line,
            class: mark.class,
            text: mark.title,
        })
        .collect();
    all.sort_by_key(|remark| remark.line);
    all.dedup();
    all
}
