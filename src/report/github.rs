//! Writes workflow commands, which GitHub shows as annotations of a pull request.
//!
//! GitHub shows at most ten annotations of each kind per step. Therefore the
//! decisive findings come first, and the rest are lines of the log. No content of a
//! path or a message can end or begin a command.

use super::{InertText, Run, causes, escape_line, notes, words};
use crate::assessment::FileAssessment;
use crate::rules::{Finding, Severity};

/// Number of annotations of one kind that GitHub shows.
const SHOWN: usize = 10;
/// Number of characters of a message that GitHub keeps.
const MAX_MESSAGE_LENGTH: usize = 4_000;

pub(super) fn render(run: &Run) -> InertText {
    let mut text = InertText::new();
    for (severity, command) in [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "notice"),
    ] {
        let mut of_kind: Vec<_> = ranked(run)
            .into_iter()
            .filter(|(_, _, finding)| finding.severity == severity)
            .collect();
        of_kind.sort_by_key(|(rank, _, _)| *rank);
        let (shown, rest) = of_kind.split_at(of_kind.len().min(SHOWN));
        for (_, file, finding) in shown {
            text.workflow_command(&annotation(
                command,
                &run.annotated_path(file),
                file,
                finding,
            ));
        }
        for (_, file, finding) in rest {
            text.line(logged(command, file, finding));
        }
    }
    for note in notes(run) {
        text.workflow_command(&format!("::notice title=headcount::{}", data(&cut(&note))));
    }
    text.line(words::summary(run));
    text
}

/// Returns all findings with their ranks. Findings of blocked datasets come before
/// those of other datasets, and each cause before its consequences.
fn ranked(run: &Run) -> Vec<((bool, u8), &FileAssessment, &Finding)> {
    let mut ranked = Vec::new();
    for file in &run.files {
        for dataset in &file.datasets {
            let passes = !dataset.stops();
            let of = dataset.shown();
            ranked.extend(of.map(|finding| {
                let rank = causes::rank(finding, dataset.assessed);
                ((passes, rank), file, finding)
            }));
        }
        ranked.extend(file.shown().map(|finding| ((false, 0), file, finding)));
    }
    ranked
}

fn annotation(command: &str, path: &str, file: &FileAssessment, finding: &Finding) -> String {
    let start = file.source.position(finding.span.start);
    let end = file.source.position(finding.span.end);
    let (line, last) = super::lines(&file.source, finding.span);
    // GitHub uses columns only within one line.
    let columns = if start.line == end.line && end.column > start.column {
        format!(",col={},endColumn={}", start.column, end.column)
    } else {
        String::new()
    };
    let message = format!("{}\n{}", escape_line(&finding.message), finding.help);
    format!(
        "::{command} file={},line={line},endLine={last}{columns},title={}::{}",
        property(path),
        property(&format!("{} {}", finding.rule.code, finding.rule.name)),
        data(&cut(message.trim_end()))
    )
}

/// Formats a finding as a line of the log.
fn logged(command: &str, file: &FileAssessment, finding: &Finding) -> String {
    let at = file.source.position(finding.span.start);
    format!(
        "{command} {}:{}:{}: {} [{} {}]",
        file.source.path(),
        at.line,
        at.column,
        finding.message,
        finding.rule.code,
        finding.rule.name
    )
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE_LENGTH) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Escapes the message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_ends_a_command_is_escaped() {
        assert_eq!(data("50% of\r\nrows"), "50%25 of%0D%0Arows");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
