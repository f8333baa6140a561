//! The lineage of the datasets of a text, with positions as written.

use super::Surroundings;
use super::localize::Texts;
use crate::facts::analyze;
use crate::lineage::{Lineage, lineage};
use crate::plan::bind::bind_with;
use crate::plan::{Plan, render};
use crate::source::template::{Rendered, SourceMap};
use crate::source::{SourceText, Span};
use crate::syntax;

/// A position as written.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedText {
    /// `path:line:column`.
    pub place: String,
    /// The text at the position, with runs of white space as one blank; empty if not
    /// written.
    pub text: String,
}

/// A dataset and its lineage, in one rendering of its template.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetLineage {
    /// The target's name, otherwise `path#ordinal`.
    pub dataset: String,
    /// The rendering of the template.
    pub variant: Option<String>,
    /// Why parts of the lineage are unknown; empty if it is complete.
    pub problems: Vec<String>,
    /// The lineage.
    pub lineage: Lineage<PlacedText>,
    /// The plan with the facts that are proven of its rows, if it was requested.
    pub plan: Option<String>,
}

/// Computes the lineage of the datasets of a text, in each rendering.
///
/// Renderings with the same lineage are reported once. `plans` requests the plans,
/// too.
pub fn lineages(
    source: &SourceText,
    rendered: &Rendered,
    around: &Surroundings<'_>,
    plans: bool,
) -> Vec<DatasetLineage> {
    let mut found: Vec<DatasetLineage> = Vec::new();
    for rendering in &rendered.renderings {
        let text = SourceText::new(source.path(), rendering.text.as_str());
        let script = syntax::parse(&text);
        let bound = bind_with(&text, &script, around, around);
        let errors = super::syntax_errors(&script);
        for (nth, dataset) in bound.iter().enumerate() {
            let name = super::identity(&text, dataset, nth, around.target(&rendering.target));
            let place = Places {
                source,
                map: &rendering.map,
                texts: Texts {
                    segments: &dataset.grafted.segments,
                },
            };
            let told = lineage(&dataset.plan, &dataset.grafted, &name);
            let unread = errors
                .iter()
                .filter(|error| dataset.span.contains(error.span))
                .map(|error| (error.span, &error.message));
            let unresolved = dataset
                .problems
                .iter()
                .map(|problem| (problem.span, &problem.message));
            let mut problems: Vec<String> = unread
                .chain(unresolved)
                .map(|(span, message)| format!("{}: {message}", place.written(span).place))
                .collect();
            // The positions of these problems are already those of the written text.
            problems.extend(
                rendering
                    .problems
                    .iter()
                    .map(|problem| format!("{}: {}", at(source, problem.span), problem.message)),
            );
            let next = DatasetLineage {
                problems,
                lineage: told.at(&mut |span| place.written(span)),
                plan: plans.then(|| plan(&dataset.plan, around)),
                dataset: name,
                variant: rendering.variant.clone(),
            };
            let same = |known: &DatasetLineage| {
                known.dataset == next.dataset && known.lineage == next.lineage
            };
            if !found.iter().any(same) {
                found.push(next);
            }
        }
    }
    found
}

/// Renders a plan with the facts that are proven of its rows.
fn plan(plan: &Plan, around: &Surroundings<'_>) -> String {
    let facts = analyze(plan, around.registry);
    render(plan, &|id| {
        let rows = facts.relation(id);
        let people = rows.bucket().map_or(String::new(), |k| format!(", k {k}"));
        format!("{:?}{people}", rows.rows)
    })
}

/// Returns a position as `path:line:column`.
fn at(text: &SourceText, span: Span) -> String {
    let at = text.position(span.start);
    format!("{}:{}:{}", text.path(), at.line, at.column)
}

/// Maps positions back to the written texts.
struct Places<'d> {
    source: &'d SourceText,
    map: &'d SourceMap,
    texts: Texts<'d>,
}

impl Places<'_> {
    fn written(&self, span: Span) -> PlacedText {
        let (text, span) = match self.texts.written(span) {
            Some((text, span)) => (text, span),
            None => (self.source, self.map.written(span)),
        };
        PlacedText {
            place: at(text, span),
            text: text
                .slice(span)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}
