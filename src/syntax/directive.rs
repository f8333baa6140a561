//! Comments that speak to the program: `-- headcount: allow(HC101) reason`.

use super::index::bytes;
use crate::source::{SourceText, Span};

/// A comment that speaks to the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The comment.
    pub span: Span,
    /// What it says.
    pub kind: DirectiveKind,
    /// Whether nothing else stands on its line.
    pub own_line: bool,
}

/// What a directive says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectiveKind {
    /// Silences findings.
    Allow {
        /// Codes or names of rules, as written.
        codes: Vec<String>,
        /// Why; required, and empty where it was left out.
        reason: String,
    },
    /// The statement is not published.
    Internal {
        /// Why; required, and empty where it was left out.
        reason: String,
    },
    /// Neither: a slip of the pen.
    Unknown,
}

/// What a comment says, and its place as the tokenizer has it.
pub(super) type Comment = (String, sqlparser::tokenizer::Span);

/// All directives among the comments of a text.
pub(super) fn directives(source: &SourceText, comments: &[Comment]) -> Vec<Directive> {
    comments
        .iter()
        .filter_map(|(comment, place)| {
            let kind = kind(comment)?;
            let span = trimmed(source, bytes(*place));
            let before = source
                .text()
                .get(..span.start as usize)
                .map_or("", |text| text.rsplit('\n').next().unwrap_or(""));
            Some(Directive {
                span,
                kind,
                own_line: before.trim().is_empty(),
            })
        })
        .collect()
}

/// A comment without the line's end, which the tokenizer takes to be a part of it.
fn trimmed(source: &SourceText, span: Span) -> Span {
    let text = source.slice(span);
    Span::new(
        span.start as usize,
        span.start as usize + text.trim_end().len(),
    )
}

fn kind(comment: &str) -> Option<DirectiveKind> {
    let said = comment.trim().strip_prefix("headcount:")?.trim();
    Some(
        internal(said)
            .or_else(|| allow(said))
            .unwrap_or(DirectiveKind::Unknown),
    )
}

fn internal(said: &str) -> Option<DirectiveKind> {
    let rest = said.strip_prefix("internal")?;
    let apart = !rest.starts_with(|c: char| c.is_alphanumeric() || "_-(".contains(c));
    apart.then(|| DirectiveKind::Internal {
        reason: reason(rest),
    })
}

fn allow(said: &str) -> Option<DirectiveKind> {
    let (codes, rest) = said
        .strip_prefix("allow")?
        .trim_start()
        .strip_prefix('(')?
        .split_once(')')?;
    Some(DirectiveKind::Allow {
        codes: codes
            .split(',')
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty())
            .collect(),
        reason: reason(rest),
    })
}

/// What is said after it; a colon or a dash between is no part of that.
fn reason(rest: &str) -> String {
    rest.trim_start_matches(|c: char| c.is_whitespace() || ":–—-".contains(c))
        .trim_end()
        .to_owned()
}
