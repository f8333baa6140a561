//! Writes one line per finding: `path:line:col: warning: message [HC101 name]`.

use super::{InertText, Run, notes, words};

pub(super) fn render(run: &Run) -> InertText {
    let mut text = InertText::new();
    for (file, finding) in run.findings() {
        let (path, at) = match &finding.elsewhere {
            Some(place) => (place.path.as_str(), place.start),
            None => (file.source.path(), file.source.position(finding.span.start)),
        };
        text.line(format_args!(
            "{}:{}:{}: {}: {} [{} {}]",
            path,
            at.line,
            at.column,
            words::severity(finding.severity),
            finding.message,
            finding.rule.code,
            finding.rule.name
        ));
    }
    for note in notes(run) {
        text.line(format_args!("note: {note}"));
    }
    text
}
