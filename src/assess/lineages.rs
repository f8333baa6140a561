//! Where the datasets of a text come from, with the places as they are written.

use super::Surroundings;
use super::localize::Texts;
use crate::facts::analyze;
use crate::lineage::{Lineage, lineage};
use crate::plan::bind::bind_with;
use crate::plan::{Plan, render};
use crate::source::template::{Rendered, SourceMap};
use crate::source::{SourceText, Span};
use crate::syntax;

/// A place as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// `path:line:column`.
    pub place: String,
    /// What stands there, its white space made one blank each; empty where nobody
    /// wrote it.
    pub text: String,
}

/// A dataset and where it comes from, in one way that its template goes.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetLineage {
    /// The target's name, else `path#ordinal`.
    pub dataset: String,
    /// Which way of the template this is.
    pub variant: Option<String>,
    /// Why a part of it is not known, where it is not.
    pub problems: Vec<String>,
    /// Where it comes from.
    pub lineage: Lineage<Written>,
    /// The plan with what is proven of its rows, where that was asked for.
    pub plan: Option<String>,
}

/// Where the datasets of a text come from, each way that it may go; ways that
/// differ in nothing are told once. `plans` asks for the plans too.
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
            // These have places in the text as it is written already.
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

/// A plan with what is proven of its rows.
fn plan(plan: &Plan, around: &Surroundings<'_>) -> String {
    let facts = analyze(plan, around.registry);
    render(plan, &|id| {
        let rows = facts.relation(id);
        let people = rows.bucket().map_or(String::new(), |k| format!(", k {k}"));
        format!("{:?}{people}", rows.rows)
    })
}

/// `path:line:column` of a place.
fn at(text: &SourceText, span: Span) -> String {
    let at = text.position(span.start);
    format!("{}:{}:{}", text.path(), at.line, at.column)
}

/// The way back to what is written.
struct Places<'d> {
    source: &'d SourceText,
    map: &'d SourceMap,
    texts: Texts<'d>,
}

impl Places<'_> {
    fn written(&self, span: Span) -> Written {
        let (text, span) = match self.texts.written(span) {
            Some((text, span)) => (text, span),
            None => (self.source, self.map.written(span)),
        };
        Written {
            place: at(text, span),
            text: text
                .slice(span)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}
