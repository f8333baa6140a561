//! A text whose assessment was given up, or failed: a dataset about which nothing is
//! known.

use super::derivations::TextContext;
use super::{Surroundings, analyze_dataset};
use crate::assessment::{Assessment, FileAssessment};
use crate::budget::Stop;
use crate::plan::bind::{Dataset, Problem, ProblemKind};
use crate::registry::Registry;
use crate::rules::{Finding, syntax_error};
use crate::source::{SourceMap, SourceText, Span};

/// The maximum length of the excerpt that stands for the whole text, in characters.
const SHOWN: usize = 120;

/// Returns the assessment of a text whose analysis was given up or failed.
pub fn stopped(source: SourceText, stop: &Stop, around: &Surroundings<'_>) -> FileAssessment {
    let problem = Problem::stopped(stop, beginning(source.text()), "file");
    let fault = stop.is_fault().then(|| stop.message());
    of_problem(source, problem, fault, around)
}

/// Returns the assessment of a file that could not be read as text.
pub fn unread(
    source: SourceText,
    message: String,
    help: String,
    registry: &Registry,
) -> FileAssessment {
    let problem = Problem {
        kind: ProblemKind::Fault,
        span: beginning(source.text()),
        message,
        help,
    };
    of_problem(source, problem, None, &Surroundings::alone(registry))
}

fn of_problem(
    source: SourceText,
    problem: Problem,
    fault: Option<String>,
    around: &Surroundings<'_>,
) -> FileAssessment {
    let span = problem.span;
    let problems = vec![problem];
    let dataset = Dataset::unassessed(span, "query", None, problems);
    let map = SourceMap::identity(source.text().len());
    let own = TextContext::plain(&source, &map);
    let assessed = analyze_dataset(&own, &dataset, 0, around, around.target(&None));
    FileAssessment {
        source,
        datasets: vec![assessed],
        findings: Vec::new(),
        fault,
    }
}

/// Assesses a dataset whose analysis was given up: nothing is known about it.
pub(super) fn assess_given_up(
    own: &TextContext<'_>,
    dataset: &Dataset,
    at: usize,
    around: &Surroundings<'_>,
    target: Option<&str>,
    stop: &Stop,
) -> Assessment {
    let mut problems = dataset.problems.clone();
    problems.insert(0, Problem::stopped(stop, dataset.span, "statement"));
    let writes = dataset.target.clone();
    let unknown = Dataset {
        named: dataset.named,
        grafted: dataset.grafted.clone(),
        ..Dataset::unassessed(dataset.span, dataset.statement, writes, problems)
    };
    analyze_dataset(own, &unknown, at, around, target)
}

/// Returns the finding for an internal error beside a valid assessment.
pub fn fault(source: &SourceText, stop: &Stop) -> Finding {
    let problem = Problem::stopped(stop, beginning(source.text()), "file");
    syntax_error::fault(problem.span, problem.message, problem.help)
}

/// Returns the span of the first nonblank line, up to [`SHOWN`] characters.
fn beginning(text: &str) -> Span {
    let start = text.len() - text.trim_start().len();
    let line = text[start..].lines().next().unwrap_or_default();
    let length = line
        .char_indices()
        .nth(SHOWN)
        .map_or(line.len(), |(end, _)| end);
    Span::new(start, start + length)
}
