//! Describes parts of a template that could not be rendered.

use super::place::Replacement;
use super::run::Mark;
use super::unknown::is_name;
use crate::source::Span;

/// A part of a template that could not be rendered: HC002.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TemplateProblem {
    /// The place in the written text.
    pub span: Span,
    /// What could not be rendered, and why.
    pub message: String,
    /// An edit that resolves it.
    pub help: Option<String>,
    /// Whether it may be a whole clause, join or query. If so, nothing is known
    /// about the rows of the rest of the statement.
    pub open: bool,
    /// Whether whole statements may be missing. That is so if a statement begins
    /// with it, or if it is the whole text or the template that the text extends.
    pub absent: bool,
}

/// Describes an unknown value of the output.
pub(super) fn unknown(
    span: Span,
    shown: &str,
    mark: &Mark,
    replacement: &Replacement,
) -> Option<TemplateProblem> {
    let Mark::Unknown { text, why, .. } = mark else {
        return None;
    };
    let text = if text.is_empty() { shown } else { text };
    let message = match why {
        Some(why) => format!("`{}` cannot be rendered: {why}", short(text)),
        None => format!("`{}` cannot be rendered: {}", short(text), missing(text)),
    };
    Some(TemplateProblem {
        span,
        message,
        help: help(text, why.as_deref()),
        open: replacement.open,
        absent: replacement.begins,
    })
}

/// Describes a loop over an unknown value.
pub(super) fn iterated(span: Span, mark: &Mark) -> TemplateProblem {
    let (text, why) = match mark {
        Mark::Unknown { text, why, .. } => (text.as_str(), why.as_deref()),
        Mark::Table(_) => ("", None),
    };
    let why = why.unwrap_or_else(|| missing(text));
    TemplateProblem {
        span,
        message: format!(
            "the loop over `{}` cannot be rendered: {why}; its body is read once",
            short(text)
        ),
        help: help(
            text,
            Some(why).filter(|_| matches!(mark, Mark::Unknown { why: Some(_), .. })),
        ),
        open: false,
        absent: false,
    }
}

/// Describes a tag that is dropped.
pub(super) fn lost(span: Span, why: &str) -> TemplateProblem {
    TemplateProblem {
        span,
        message: format!("this tag cannot be rendered: {why}"),
        help: None,
        open: true,
        absent: true,
    }
}

fn missing(text: &str) -> &'static str {
    if text.ends_with(')') {
        "unknown function"
    } else {
        "unknown value"
    }
}

fn help(text: &str, why: Option<&str>) -> Option<String> {
    // If `why` is set, more than a value is missing, and the reason explains it.
    if why.is_some() || text.is_empty() || text.contains(['\n', '…']) {
        return None;
    }
    let root = text.trim_end_matches("[]");
    // A value for a function applies to all of its calls.
    let root = match root.split_once('(') {
        Some((function, _)) if root.ends_with(')') && !function.contains([' ', '|', '[']) => {
            format!("{function}()")
        }
        Some(_) | None => root.to_owned(),
    };
    let root = root.as_str();
    let key = if is_name(root) {
        root.to_owned()
    } else {
        format!("\"{}\"", root.replace('\\', "\\\\").replace('"', "\\\""))
    };
    Some(format!(
        "set its value in headcount.toml under [template.variables]: {key} = …"
    ))
}

pub(super) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 80 {
        return line;
    }
    let cut: String = line.chars().take(79).collect();
    format!("{cut}…")
}
