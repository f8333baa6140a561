//! Workflow commands, which GitHub shows as annotations of a pull request.
//!
//! GitHub shows at most ten annotations of each kind in one step, so the
//! gravest come first and the rest are told in the log.

use super::{Run, words};
use crate::assessment::FileAssessment;
use crate::rules::{Finding, Severity};

/// Annotations of one kind that GitHub shows.
const SHOWN: usize = 10;

pub(super) fn render(run: &Run) -> String {
    let mut text = String::new();
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
            text.push_str(&annotation(command, file, finding));
        }
        for (file, finding) in rest {
            let at = file.source.position(finding.span.start);
            text.push_str(&format!(
                "{}:{}:{}: {command}: {} [{} {}]\n",
                file.source.path(),
                at.line,
                at.column,
                finding.message.replace('\n', " "),
                finding.rule.code,
                finding.rule.name
            ));
        }
    }
    text.push_str(&words::summary(run));
    text.push('\n');
    text
}

fn annotation(command: &str, file: &FileAssessment, finding: &Finding) -> String {
    let start = file.source.position(finding.span.start);
    let end = file.source.position(finding.span.end);
    // Columns mean something to GitHub only within one line.
    let columns = if start.line == end.line && end.column > start.column {
        format!(",col={},endColumn={}", start.column, end.column)
    } else {
        String::new()
    };
    format!(
        "::{command} file={},line={},endLine={}{columns},title={}::{}\n",
        property(file.source.path()),
        start.line,
        end.line,
        property(&format!("{} {}", finding.rule.code, finding.rule.name)),
        data(&format!("{}\n{}", finding.message, finding.help))
    )
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
