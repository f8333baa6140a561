//! Reads comments for the program: `-- headcount: allow(HC101) reason`.

use super::index::bytes;
use crate::source::{SourceText, Span};

/// A comment for the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The place of the comment.
    pub span: Span,
    /// The content of the comment.
    pub kind: DirectiveKind,
    /// Whether nothing precedes it on its line.
    pub own_line: bool,
}

/// Returns the statement after each comment, for comments on lines of their own.
/// Only comments may be between the two. `statements` must be in order of the text,
/// a block before its content. Linear time: each part of the text is examined once,
/// from the end.
pub fn statements_after(
    source: &SourceText,
    directives: &[Directive],
    statements: &[Span],
) -> Vec<Option<Span>> {
    let comments_only = |from: u32, to: u32| {
        let between = source.text().get(from as usize..to as usize);
        between.is_some_and(only_comments)
    };
    let mut behind = Vec::with_capacity(directives.len());
    // The next comment, and the statement that only comments separate from it.
    let mut after: Option<(Span, Option<Span>)> = None;
    for directive in directives.iter().rev() {
        let span = directive.span;
        let at = statements.partition_point(|statement| statement.start < span.end);
        let next = statements.get(at).copied();
        let over = after.filter(|(other, _)| {
            span.end <= other.start && next.is_some_and(|next| other.end <= next.start)
        });
        let led_to = match over {
            Some((other, led_to)) => led_to.filter(|_| comments_only(span.end, other.start)),
            None => next.filter(|next| comments_only(span.end, next.start)),
        };
        behind.push(led_to.filter(|_| directive.own_line));
        after = Some((span, led_to));
    }
    behind.reverse();
    behind
}

/// Whether a text contains only comments and white space.
fn only_comments(text: &str) -> bool {
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let after = if rest.starts_with("--") || rest.starts_with('#') {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return false;
        };
        rest = after.trim_start();
    }
    true
}

/// The content of a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectiveKind {
    /// Suppresses findings.
    Allow {
        /// Codes or names of rules, as written.
        codes: Vec<String>,
        /// The reason; required, and empty if it is missing.
        reason: String,
    },
    /// Declares that the statement is not published.
    Internal {
        /// The reason; required, and empty if it is missing.
        reason: String,
    },
    /// A malformed directive.
    Unknown,
}

/// The text of a comment, and its place as the tokenizer gives it.
pub(super) type Comment = (String, sqlparser::tokenizer::Span);

/// Returns all directives among the comments of a text.
pub(super) fn directives(source: &SourceText, comments: &[Comment]) -> Vec<Directive> {
    comments
        .iter()
        .filter_map(|(comment, place)| {
            let kind = kind(comment)?;
            let span = trimmed(source, bytes(*place));
            let before = source.text().get(..span.start as usize).unwrap_or("");
            let before = before.trim_end_matches(|c: char| c != '\n' && c.is_whitespace());
            Some(Directive {
                span,
                kind,
                own_line: before.is_empty() || before.ends_with('\n'),
            })
        })
        .collect()
}

/// Removes a line end that the tokenizer may include in a comment.
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

/// Returns the reason; a colon or dash before it is not part of it.
fn reason(rest: &str) -> String {
    rest.trim_start_matches(|c: char| c.is_whitespace() || ":–—-".contains(c))
        .trim_end()
        .to_owned()
}
