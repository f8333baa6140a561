//! One line a finding: `path:line:col: warning: message [HC101 name]`.

use super::{Run, words};

pub(super) fn render(run: &Run) -> String {
    let mut text = String::new();
    for (file, finding) in run.findings() {
        let (path, at) = match &finding.elsewhere {
            Some(place) => (place.path.as_str(), place.start),
            None => (file.source.path(), file.source.position(finding.span.start)),
        };
        text.push_str(&format!(
            "{}:{}:{}: {}: {} [{} {}]\n",
            path,
            at.line,
            at.column,
            words::severity(finding.severity),
            finding.message.replace('\n', " "),
            finding.rule.code,
            finding.rule.name
        ));
    }
    text
}
