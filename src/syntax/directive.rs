//! Comments that speak to the program: `-- headcount: allow(HC101) reason`.

use sqlparser::tokenizer::{Token, TokenWithSpan, Whitespace};

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
}

/// All directives among the comments of a text.
pub(super) fn directives(source: &SourceText, tokens: &[TokenWithSpan]) -> Vec<Directive> {
    tokens
        .iter()
        .filter_map(|token| {
            let comment = match &token.token {
                Token::Whitespace(
                    Whitespace::SingleLineComment { comment, .. }
                    | Whitespace::MultiLineComment(comment),
                ) => comment,
                _ => return None,
            };
            let kind = kind(comment)?;
            let span = bytes(source, token.span);
            let line = source.position(span.start).column - 1;
            let before = source
                .text()
                .get(..span.start as usize)
                .map_or("", |text| text.rsplit('\n').next().unwrap_or(""));
            debug_assert!(before.chars().count() <= line || line == 0);
            Some(Directive {
                span,
                kind,
                own_line: before.trim().is_empty(),
            })
        })
        .collect()
}

fn kind(comment: &str) -> Option<DirectiveKind> {
    let said = comment.trim().strip_prefix("headcount:")?.trim();
    if let Some(rest) = said.strip_prefix("internal") {
        return Some(DirectiveKind::Internal {
            reason: rest.trim().to_owned(),
        });
    }
    let (codes, reason) = said
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
        reason: reason.trim().to_owned(),
    })
}
