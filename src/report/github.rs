//! Workflow commands, which GitHub shows as annotations of a pull request.
//!
//! GitHub shows at most ten annotations of each kind in one step, so the
//! gravest come first and the rest are told in the log. Whatever a path or a
//! message holds, it ends no command and begins none.

use super::{InertText, Run, escape_line, notes, uri, words};
use crate::assessment::FileAssessment;
use crate::rules::{Finding, Severity};

/// Annotations of one kind that GitHub shows.
const SHOWN: usize = 10;
/// Characters of a message that GitHub keeps.
const LONGEST: usize = 4_000;

pub(super) fn render(run: &Run) -> InertText {
    let mut text = InertText::new();
    for (severity, command) in [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "notice"),
    ] {
        let of_kind: Vec<_> = run
            .findings()
            .filter(|(_, finding)| finding.severity == severity)
            .collect();
        let (shown, rest) = of_kind.split_at(of_kind.len().min(SHOWN));
        for (file, finding) in shown {
            text.workflow_command(&annotation(command, file, finding));
        }
        for (file, finding) in rest {
            text.line(logged(command, file, finding));
        }
    }
    for note in notes(run) {
        text.workflow_command(&format!("::notice title=headcount::{}", data(&cut(&note))));
    }
    text.line(words::summary(run));
    text
}

fn annotation(command: &str, file: &FileAssessment, finding: &Finding) -> String {
    let start = file.source.position(finding.span.start);
    let end = file.source.position(finding.span.end);
    let (line, last) = super::lines(&file.source, finding.span);
    // Columns mean something to GitHub only within one line.
    let columns = if start.line == end.line && end.column > start.column {
        format!(",col={},endColumn={}", start.column, end.column)
    } else {
        String::new()
    };
    let message = format!("{}\n{}", escape_line(&finding.message), finding.help);
    format!(
        "::{command} file={},line={line},endLine={last}{columns},title={}::{}",
        property(&uri::slashes(file.source.path())),
        property(&format!("{} {}", finding.rule.code, finding.rule.name)),
        data(&cut(message.trim_end()))
    )
}

/// A line of the log.
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
    match text.char_indices().nth(LONGEST) {
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
