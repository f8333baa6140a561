//! A text whose assessment was given up, or failed: a dataset of which nothing is
//! known.

use super::derivations::Own;
use super::{Surroundings, analyzed};
use crate::assessment::{Assessment, FileAssessment};
use crate::budget::Stop;
use crate::plan::bind::{Dataset, Problem, ProblemKind};
use crate::registry::Registry;
use crate::rules::{Finding, syntax_error};
use crate::source::{SourceMap, SourceText, Span};

/// The longest piece of a text that is shown for all of it.
const SHOWN: usize = 120;

/// The assessment of a text that could not be assessed.
pub fn stopped(source: SourceText, stop: &Stop, around: &Surroundings<'_>) -> FileAssessment {
    let problem = Problem::stopped(stop, beginning(source.text()), "file");
    let fault = stop.is_fault().then(|| stop.message());
    of_problem(source, problem, fault, around)
}

/// The assessment of what could not even be read as a text.
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
    let own = Own::plain(&source, &map);
    let assessed = analyzed(&own, &dataset, 0, around, around.target(&None));
    FileAssessment {
        source,
        datasets: vec![assessed],
        findings: Vec::new(),
        fault,
    }
}

/// The assessment of a dataset whose analysis was given up.
pub(super) fn given_up(
    own: &Own<'_>,
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
    analyzed(own, &unknown, at, around, target)
}

/// The finding for an error of the program beside an assessment that stands.
pub fn fault(source: &SourceText, stop: &Stop) -> Finding {
    let problem = Problem::stopped(stop, beginning(source.text()), "file");
    syntax_error::fault(problem.span, problem.message, problem.help)
}

/// The first line that says something, or the beginning of it.
fn beginning(text: &str) -> Span {
    let start = text.len() - text.trim_start().len();
    let line = text[start..].lines().next().unwrap_or_default();
    let length = line
        .char_indices()
        .nth(SHOWN)
        .map_or(line.len(), |(end, _)| end);
    Span::new(start, start + length)
}
