//! Decides whether a text is a template.
//!
//! SQL has braces, too: in JSON, in format strings, in JavaScript. A text is a
//! template if a delimiter opens a tag that Jinja understands, or if it is where SQL
//! has no braces.

use super::expression::Expression;
use super::rewrite::{is_keyword, keyword};
use super::scan::tag;

/// The three answers to whether a text is a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// SQL, with any braces.
    Plain,
    /// A template judged by its strings and comments. If it proves not to be one, it
    /// is SQL; if it may be either, and the readings differ, both are rendered.
    Undecided,
    /// A template.
    Template,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LexicalState {
    Code,
    Name,
    Line,
    Block,
    Text { quote: u8, triple: bool },
}

/// Decides whether a text is a template.
pub(super) fn kind(text: &str) -> TextKind {
    let bytes = text.as_bytes();
    let mut within = LexicalState::Code;
    let mut perhaps = false;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'{' && matches!(bytes.get(at + 1), Some(b'{' | b'%' | b'#')) {
            let (means, end) = opens(text, at);
            let code = matches!(within, LexicalState::Code | LexicalState::Name);
            match (code, means) {
                (true, DelimiterMeaning::Nothing) if bytes[at + 1] == b'{' => {
                    // `NEW message {{…}}` is not SQL either.
                    return TextKind::Template;
                }
                (true, _) => return TextKind::Template,
                (
                    false,
                    DelimiterMeaning::Block
                    | DelimiterMeaning::Expression
                    | DelimiterMeaning::Comment,
                ) => perhaps = true,
                (false, DelimiterMeaning::Nothing) => {}
            }
            at = end.max(at + 2);
            continue;
        }
        at = step(bytes, at, &mut within);
    }
    if perhaps {
        TextKind::Undecided
    } else {
        TextKind::Plain
    }
}

fn step(bytes: &[u8], at: usize, within: &mut LexicalState) -> usize {
    let rest = &bytes[at..];
    match *within {
        LexicalState::Code => match rest[0] {
            b'`' => *within = LexicalState::Name,
            b'#' => *within = LexicalState::Line,
            b'-' if rest.get(1) == Some(&b'-') => *within = LexicalState::Line,
            b'/' if rest.get(1) == Some(&b'*') => {
                *within = LexicalState::Block;
                return at + 2;
            }
            quote @ (b'\'' | b'"') => {
                let triple = rest.starts_with(&[quote; 3]);
                *within = LexicalState::Text { quote, triple };
                return at + if triple { 3 } else { 1 };
            }
            _ => {}
        },
        LexicalState::Name if rest[0] == b'\\' => return at + 2,
        LexicalState::Name if rest[0] == b'`' => *within = LexicalState::Code,
        LexicalState::Line if matches!(rest[0], b'\n' | b'\r') => *within = LexicalState::Code,
        LexicalState::Block if rest.starts_with(b"*/") => {
            *within = LexicalState::Code;
            return at + 2;
        }
        LexicalState::Text { quote, triple } => {
            if rest[0] == b'\\' {
                return at + 2;
            }
            if triple && rest.starts_with(&[quote; 3]) {
                *within = LexicalState::Code;
                return at + 3;
            }
            if !triple && rest[0] == quote {
                *within = LexicalState::Code;
            }
        }
        LexicalState::Name | LexicalState::Line | LexicalState::Block => {}
    }
    at + 1
}

enum DelimiterMeaning {
    Expression,
    Block,
    Comment,
    Nothing,
}

/// Returns what a delimiter opens, and where that ends.
fn opens(text: &str, at: usize) -> (DelimiterMeaning, usize) {
    let kind = text.as_bytes()[at + 1];
    if kind == b'#' {
        return match text[at + 2..].find("#}") {
            Some(end) => (DelimiterMeaning::Comment, at + 2 + end + 2),
            None => (DelimiterMeaning::Nothing, at),
        };
    }
    let Some(tag) = tag(text, at, kind, text.len()) else {
        return (DelimiterMeaning::Nothing, at);
    };
    let inside = &text[tag.inner.clone()];
    if kind == b'%' {
        return if is_keyword(keyword(inside).0) {
            (DelimiterMeaning::Block, tag.outer.end)
        } else {
            (DelimiterMeaning::Nothing, at)
        };
    }
    let expression = Expression::new(inside)
        .and_then(|mut expression| expression.tuple().map(|_| expression.done()));
    // `\d{{2,3}}` is a repetition; a tag that trims white space is Jinja's.
    let count = inside
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b',' || byte.is_ascii_whitespace());
    let trims = tag.inner.start > at + 2 || tag.outer.end > tag.inner.end + 2;
    if expression == Ok(true) && (!count || trims) && !is_identifier(inside) {
        (DelimiterMeaning::Expression, tag.outer.end)
    } else {
        (DelimiterMeaning::Nothing, at)
    }
}

/// Whether it is an identifier such as `{{d10d0bf8-f5b5-…}}`, not a subtraction.
fn is_identifier(inside: &str) -> bool {
    let bytes = inside.as_bytes();
    bytes.windows(3).any(|three| {
        three[1] == b'-' && three[0].is_ascii_alphanumeric() && three[2].is_ascii_alphanumeric()
    }) && !inside.contains(['(', '\'', '"', '|'])
}
