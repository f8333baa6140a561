//! Performs one rendering. MiniJinja runs the template, tags that fail are replaced,
//! and the output becomes SQL with a map.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::Arc;

use minijinja::{Error, ErrorKind, OutputSpan, OutputSpanKind, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::beside;
use super::environment::{Root, environment, reason};
use super::loader::{self, Loader, MAIN, locked};
use super::map::{MapPiece, SourceMap};
use super::metric_hub::MetricHub;
use super::place::{Replacement, replacements};
use super::problem;
use super::rewrite::Rewritten;
use super::run::{Mark, Notes, Run, condition_text};
use super::unknown::is_name;
use super::{Rendering, TemplateProblem, TemplateSettings};
use crate::budget;
use crate::source::Span;

/// The maximum number of attempts at a rendering, each after a tag that failed.
const ATTEMPTS: usize = 60;
/// The fuel that takes about as long as one step of the analysis.
const FUEL_OF_A_STEP: u64 = 16;
/// The fuel of a template after all files have used up the shared budget. Most
/// templates run to their end with it, so that the exhausted budget is reported for
/// them ([`budget::charge_included`]).
const LEAST_FUEL: u64 = 1_000;
/// The number of texts that are compared in one step.
pub(super) const COMPARED: usize = 64;
/// The maximum length of a rendering in bytes.
const LONGEST: usize = 20 << 20;

/// A template that can be rendered several times.
pub(super) struct Template<'a> {
    pub(super) text: &'a str,
    pub(super) settings: Arc<TemplateSettings>,
    pub(super) hub: Arc<MetricHub>,
    pub(super) loader: Arc<Loader>,
    pub(super) this: Option<Vec<String>>,
    /// The path of the file, as messages show it.
    pub(super) path: &'a str,
    /// Rewrites the template for MiniJinja, given the tags that fail.
    pub(super) rewrite: &'a dyn Fn(&super::rewrite::Broken) -> Rewritten,
}

/// A rendering, and the conditions that it met undecided.
pub(super) struct Rendered {
    pub(super) rendering: Rendering,
    pub(super) discovered: Vec<String>,
}

/// The reason why a template cannot be rendered at all.
pub(super) struct Failure {
    pub(super) place: Span,
    pub(super) message: String,
    /// Whether the text is not a template by its syntax.
    pub(super) syntax: bool,
    /// The notes of the run, with the conditions that were decided before it failed.
    pub(super) notes: Notes,
}

impl Template<'_> {
    /// Renders the template with some conditions decided.
    pub(super) fn render(
        &self,
        decided: &BTreeMap<String, bool>,
    ) -> Result<Rendered, Box<Failure>> {
        let mut attempts = 0;
        let mut used = 0;
        loop {
            let run = Run::new(
                Arc::clone(&self.settings),
                Arc::clone(&self.hub),
                self.this.clone(),
                self.path.to_owned(),
                decided.clone(),
            );
            let broken = locked(&self.loader.broken)
                .get(MAIN)
                .cloned()
                .unwrap_or_default();
            let rewritten = (self.rewrite)(&broken);
            locked(&self.loader.given).clear();
            let given = self.settings.variables.keys();
            let mut names = rewritten.assigned.clone();
            names.extend(given.filter(|name| is_name(name)).cloned());
            *locked(&self.loader.names) = names;
            let done = self.run(&run, &rewritten);
            // An attempt that fails early pays as much as the longest one. A run
            // reports its fuel only at its end, so it may have gone as far before it
            // failed.
            used = run.used().max(used);
            budget::charge_included(usize::try_from(used / FUEL_OF_A_STEP).unwrap_or(usize::MAX));
            budget::spend(1 + rewritten.text.len() / 256);
            let error = match done {
                Ok((output, spans)) if output.len() <= LONGEST => {
                    return Ok(self.finish(&rewritten, &output, &spans, run.notes()));
                }
                Ok(_) => Error::new(ErrorKind::OutOfFuel, "the rendering is too long"),
                Err(error) => error,
            };
            attempts += 1;
            if attempts < ATTEMPTS && self.blame(&rewritten, &error) {
                continue;
            }
            return Err(self.failure(&rewritten, &error, run.notes()));
        }
    }

    fn run(
        &self,
        run: &Arc<Run>,
        rewritten: &Rewritten,
    ) -> Result<(String, Vec<OutputSpan>), Error> {
        // Many small files might each use the maximum of one file.
        let left = budget::remaining_shared_steps().saturating_mul(FUEL_OF_A_STEP);
        let environment = environment(run, &self.loader, left.max(LEAST_FUEL));
        // The text's last expression reports the fuel that was used.
        let text = format!("{}{{{{ __used() }}}}", rewritten.text);
        let template = environment.template_from_named_str(MAIN, &text)?;
        template.render_with_spans(Value::from_object(Root(Arc::clone(run))))
    }

    /// Finds the tag that caused an error, the innermost first, and marks it as
    /// failing.
    fn blame(&self, rewritten: &Rewritten, error: &Error) -> bool {
        if errors(error).any(|error| error.kind() == ErrorKind::OutOfFuel) {
            return false;
        }
        let mut chain: Vec<&Error> = errors(error).collect();
        chain.reverse();
        let why = chain.first().map(|first| words(first)).unwrap_or_default();
        let given = locked(&self.loader.given);
        let mut broken = locked(&self.loader.broken);
        for error in chain {
            let (Some(name), Some(range)) = (error.name(), error.range()) else {
                continue;
            };
            let template = if name == MAIN {
                Some(rewritten)
            } else {
                given.get(name)
            };
            let Some(tag) = template.and_then(|template| template.tag_at(&range)) else {
                continue;
            };
            let of_template = broken.entry(name.to_owned()).or_default();
            if let Entry::Vacant(entry) = of_template.entry(tag) {
                entry.insert(why);
                return true;
            }
        }
        false
    }

    fn failure(&self, rewritten: &Rewritten, error: &Error, notes: Notes) -> Box<Failure> {
        let fuel = errors(error).any(|error| error.kind() == ErrorKind::OutOfFuel);
        let place = errors(error)
            .filter(|error| error.name() == Some(MAIN))
            .find_map(Error::range)
            .map(|range| rewritten.written(range).0)
            .unwrap_or(0..self.text.len());
        let message = if fuel {
            "the template takes more steps or produces more text than the limits allow".to_owned()
        } else {
            let inner = errors(error).last().unwrap_or(error);
            format!("the template cannot be rendered: {}", words(inner))
        };
        Box::new(Failure {
            place: clamp(self.text, place),
            message,
            syntax: error.kind() == ErrorKind::SyntaxError,
            notes,
        })
    }

    fn finish(
        &self,
        rewritten: &Rewritten,
        output: &str,
        spans: &[OutputSpan],
        notes: Notes,
    ) -> Rendered {
        let pieces = self.pieces(rewritten, output, spans);
        let map = SourceMap::new(self.text.len(), pieces);
        let replaced = replacements(output, &notes.marks);
        let mut problems: Vec<TemplateProblem> = Vec::new();
        let mut known: FxHashSet<TemplateProblem> = FxHashSet::default();
        let mut add = |problem: TemplateProblem| {
            if known.insert(problem.clone()) {
                problems.push(problem);
            }
        };
        for (name, lost) in self.lost(rewritten) {
            add(problem::lost(name, &lost));
        }
        for ((name, tag), mark) in &notes.iterated {
            add(problem::iterated(
                self.tag_place(rewritten, name, *tag),
                mark,
            ));
        }
        let open = |replacement: &&Replacement| !replacement.comment && !replacement.assumed;
        for replacement in replaced.iter().filter(open) {
            let place = map.written(Span::new(replacement.range.start, replacement.range.end));
            let unknown = Mark::Unknown {
                text: String::new(),
                why: None,
                made: None,
                default: None,
            };
            let mark = notes.marks.get(replacement.number).unwrap_or(&unknown);
            let shown = self.text.get(place.range()).unwrap_or("");
            if let Some(problem) = problem::unknown(place, shown, mark, replacement) {
                add(problem);
            }
        }
        problems.sort_by_key(|problem| problem.span);
        let mut assumptions = notes.assumed;
        for replacement in replaced.iter().filter(|replacement| replacement.comment) {
            if let Some(Mark::Unknown { text, .. }) = notes.marks.get(replacement.number) {
                let text = problem::short(text);
                let assumption = format!("`{text}`, which is in a comment, has no line end");
                budget::spend(assumptions.len() / COMPARED);
                if !assumptions.contains(&assumption) {
                    assumptions.push(assumption);
                }
            }
        }
        let beside = notes
            .beside
            .into_iter()
            .map(|noted| {
                let place = self.executed_at(rewritten, &noted.kind);
                beside::noted(noted, place, self.path, &self.settings)
            })
            .collect();
        let (text, map, placeholders) = put(output, map, &replaced, &notes.marks, self.text.len());
        Rendered {
            rendering: Rendering {
                text,
                map,
                variant: variant(&notes.asked),
                problems,
                placeholders,
                assumptions,
                parameters: replaced.iter().any(|replacement| replacement.assumed),
                given: notes.given || !notes.asked.is_empty(),
                target: None,
                makes: None,
                beside,
                configured: notes.configured,
            },
            discovered: notes.discovered,
        }
    }

    /// Returns the first tag that names a statement's kind, otherwise the whole
    /// text.
    fn executed_at(&self, rewritten: &Rewritten, kind: &str) -> Span {
        let word = kind.split(['-', '_', ' ', '.']).next_back().unwrap_or(kind);
        let tag = rewritten
            .tags
            .iter()
            .find(|tag| self.text[tag.written.clone()].contains(word));
        let place = tag.map_or(0..self.text.len(), |tag| tag.written.clone());
        clamp(self.text, place)
    }

    fn lost(&self, rewritten: &Rewritten) -> Vec<(Span, String)> {
        let mut lost: Vec<(Span, String)> = rewritten
            .lost
            .iter()
            .map(|lost| (clamp(self.text, lost.written.clone()), lost.why.clone()))
            .collect();
        for (name, template) in locked(&self.loader.given).iter() {
            for inner in &template.lost {
                lost.push((self.tag_place(rewritten, name, 0), inner.why.clone()));
            }
        }
        lost
    }

    /// Returns the written place of a tag. A tag of another template is shown at the
    /// tag that brought that template in.
    fn tag_place(&self, rewritten: &Rewritten, name: &str, tag: usize) -> Span {
        let tag = if name == MAIN {
            Some(tag)
        } else {
            loader::tag(name)
        };
        let place = tag
            .and_then(|tag| rewritten.tags.get(tag))
            .map_or(0..self.text.len(), |tag| tag.written.clone());
        clamp(self.text, place)
    }

    fn pieces(&self, rewritten: &Rewritten, output: &str, spans: &[OutputSpan]) -> Vec<MapPiece> {
        let mut pieces: Vec<MapPiece> = Vec::with_capacity(spans.len());
        let mut at = 0;
        let mut last = Span::default();
        let fill = |pieces: &mut Vec<MapPiece>, at: usize, to: usize, last: Span| {
            if at < to {
                pieces.push(MapPiece {
                    start: at,
                    end: to,
                    written: Span::new(last.end as usize, last.end as usize),
                    exact: false,
                });
            }
        };
        for span in spans {
            let range = span.output_range();
            if range.start < at || range.end > output.len() {
                continue;
            }
            fill(&mut pieces, at, range.start, last);
            if span.name() == MAIN && span.kind() == OutputSpanKind::Raw {
                // Text that MiniJinja emits in one piece may come from several
                // places.
                let source = span.source_range();
                for (run, written, exact) in rewritten.runs(source.clone()) {
                    let start = range.start + (run.start - source.start);
                    let end = (range.start + (run.end - source.start)).min(range.end);
                    let literal = exact && self.text.get(written.clone()) == output.get(start..end);
                    last = clamp(self.text, written);
                    pieces.push(MapPiece {
                        start,
                        end,
                        written: last,
                        exact: literal,
                    });
                    at = end;
                }
                continue;
            }
            last = if span.name() == MAIN {
                clamp(self.text, rewritten.written(span.source_range()).0)
            } else {
                self.tag_place(rewritten, span.name(), 0)
            };
            pieces.push(MapPiece {
                start: range.start,
                end: range.end,
                written: last,
                exact: false,
            });
            at = range.end;
        }
        fill(&mut pieces, at, output.len(), last);
        pieces
    }
}

fn errors(error: &Error) -> impl Iterator<Item = &Error> {
    let mut next: Option<&Error> = Some(error);
    std::iter::from_fn(move || {
        let current = next?;
        next = std::error::Error::source(current).and_then(|source| source.downcast_ref::<Error>());
        Some(current)
    })
}

/// Returns the message of an error, reworded if it describes Jinja's internals.
fn words(error: &Error) -> String {
    let said = loader::clean(&reason(error));
    match error.kind() {
        ErrorKind::TemplateNotFound => {
            let wanted = said.split(['"', '\'']).nth(1).unwrap_or("");
            format!("no template `{wanted}` beside the file or on the search path")
        }
        _ => said.replace("__filter_", "").replace("__test_", ""),
    }
}

/// Converts a range to a span inside the text.
pub(super) fn clamp(text: &str, range: Range<usize>) -> Span {
    Span::new(range.start.min(text.len()), range.end.min(text.len()))
}

pub(super) fn variant(asked: &[(String, bool)]) -> Option<String> {
    let mut ways: Vec<String> = Vec::new();
    let mut before: FxHashMap<&str, usize> = FxHashMap::default();
    for (key, way) in asked {
        let text = condition_text(key);
        let times = before.entry(text).or_default();
        *times += 1;
        ways.push(match *times {
            1 => format!("{text} is {way}"),
            times => format!("{text} ({times}) is {way}"),
        });
    }
    (!ways.is_empty()).then(|| ways.join(", "))
}

/// Replaces the marks of an output by their stand-ins.
fn put(
    output: &str,
    map: SourceMap,
    replaced: &[Replacement],
    marks: &[Mark],
    written: usize,
) -> (String, SourceMap, Vec<Span>) {
    if replaced.is_empty() {
        return (output.to_owned(), map, Vec::new());
    }
    let mut text = String::with_capacity(output.len());
    let mut pieces = Vec::new();
    let mut placeholders = Vec::new();
    let mut at = 0;
    for replacement in replaced {
        map.copy(at..replacement.range.start, text.len(), &mut pieces);
        text.push_str(&output[at..replacement.range.start]);
        let start = text.len();
        text.push_str(&replacement.with);
        let range = &replacement.range;
        pieces.push(MapPiece {
            start,
            end: text.len(),
            written: map.written(Span::new(range.start, range.end)),
            exact: false,
        });
        if !replacement.assumed && !matches!(marks.get(replacement.number), Some(Mark::Table(_))) {
            placeholders.push(Span::new(start, text.len()));
        }
        at = range.end;
    }
    map.copy(at..output.len(), text.len(), &mut pieces);
    text.push_str(&output[at..]);
    (text, SourceMap::new(written, pieces), placeholders)
}
